//! The chain of a run: keys, genesis and context, all drawn from the seed.

use std::sync::Arc;

use quorate_crypto::{AccountSecretKey, Hash, ValidatorSecretKey};
use quorate_genesis::{Draft, Genesis, GenesisValidator, Initial};
use quorate_types::sign_log::Owner;
use quorate_types::{Address, Amount, ChainContext, StakingParams, Timestamp, WHOLE_BPS};

use crate::event::NodeId;
use crate::plan::Plan;
use crate::random::Random;

/// The genesis time, in Unix milliseconds.
pub(crate) const GENESIS_MS: u64 = 1_750_000_000_000;
/// Accounts with money; the clients send from them.
const ACCOUNTS: usize = 8;
/// What each of them has, in base units.
const BALANCE: Amount = Amount(1_000_000_000);
/// Batches of the clients that fill a block.
const BATCHES: u64 = 2;
/// The largest power of a validator where it is not equal.
const MAX_POWER: u64 = 12;

/// What every node knows, and the keys that each has to itself.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) genesis: Genesis,
    pub(crate) initial: Initial,
    pub(crate) context: ChainContext,
    /// The seed of each validator's key, by node.
    pub(crate) validator_seeds: Vec<[u8; 32]>,
    /// The funded accounts, which clients send from.
    pub(crate) accounts: Vec<Sender>,
}

/// An account with its key.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) address: Address,
    pub(crate) key: Arc<AccountSecretKey>,
}

impl Sender {
    fn of_seed(seed: [u8; 32]) -> Sender {
        let key = AccountSecretKey::from_seed(seed);
        Sender { address: Address::of(&key.public()), key: Arc::new(key) }
    }
}

/// Powers are what the plan draws and stay so: no cap, and no absence is too long.
fn staking(plan: &Plan) -> StakingParams {
    StakingParams {
        max_power_bps: WHOLE_BPS,
        max_missed_bps: WHOLE_BPS,
        presence_window: plan.epoch_length.min(3),
        issuance_per_epoch: Amount(1_000),
        ..StakingParams::default()
    }
}

impl Setup {
    /// Whose sign-state a validator has; none for a full node.
    pub(crate) fn log_owner(&self, id: NodeId) -> Option<Owner> {
        let key = ValidatorSecretKey::from_seed(*self.validator_seeds.get(id.position())?).public();
        Some(Owner {
            chain_id: self.context.chain_id.clone(),
            genesis_hash: self.context.genesis_hash,
            key: Hash::from_bytes(*key.as_bytes()),
        })
    }

    pub(crate) fn draw(plan: &Plan, random: &mut Random) -> Setup {
        let chain_id = "local-sim".parse().expect("a valid chain id");
        let mut draft = Draft::new(chain_id, Timestamp(GENESIS_MS));
        draft.params.epoch_length = plan.epoch_length;
        draft.params.min_block_interval_ms = plan.min_interval_ms;
        draft.params.staking = staking(plan);
        // What waits after a delay fills blocks.
        draft.params.max_block_transactions =
            u32::try_from(plan.batch.saturating_mul(BATCHES)).unwrap_or(u32::MAX);
        let mut validator_seeds = Vec::new();
        for number in 0..plan.validators {
            let seed = random.bytes();
            let power = if plan.equal_power { 1 } else { random.between(1, MAX_POWER) };
            draft.add_validator(GenesisValidator {
                operator: Sender::of_seed(random.bytes()).address,
                consensus_key: ValidatorSecretKey::from_seed(seed).public(),
                bonded: Amount(power),
                moniker: format!("v{number}"),
                commission_bps: 0,
            });
            validator_seeds.push(seed);
        }
        let accounts: Vec<Sender> =
            (0..ACCOUNTS).map(|_| Sender::of_seed(random.bytes())).collect();
        for account in &accounts {
            draft.add_account(account.address, BALANCE);
        }
        let genesis = draft.finish().expect("a complete document within the limits");
        let (initial, context) = (genesis.initial(), genesis.context());
        Setup { genesis, initial, context, validator_seeds, accounts }
    }
}
