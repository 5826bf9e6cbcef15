//! The chain of a run: keys, genesis and context, all drawn from the seed.

use std::sync::Arc;

use quorate_crypto::{AccountSecretKey, Hash, ValidatorSecretKey};
use quorate_genesis::{Draft, Genesis, GenesisValidator, Initial};
use quorate_types::sign_log::Owner;
use quorate_types::{
    Address, Amount, ChainContext, ChainParams, StakingParams, Timestamp, WHOLE_BPS,
};

use crate::churn::Churn;
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
pub(crate) const BATCHES: u64 = 2;
/// The largest power of a validator where it is not equal.
const MAX_POWER: u64 = 12;
/// The cap that keeps everybody below a third, in basis points.
const BELOW_A_THIRD: u16 = 3_333;
/// Validators that a set has room for at least.
const FEWEST: u16 = 4;
/// Epochs for which stake stays liable where sets change: few, so that it is paid out in a run.
const LIABLE: u64 = 2;

/// What a scenario settles of its chain beforehand; the seed draws the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The bonds of the first validators in base units, by node; drawn where there is none.
    pub bonds: Vec<u64>,
    /// All parameters of the chain; drawn when none.
    pub params: Option<ChainParams>,
}

/// What every node knows, and the keys that each has to itself.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) genesis: Genesis,
    pub(crate) initial: Initial,
    pub(crate) context: ChainContext,
    /// The seed of each validator's key, by node; of those too that may become one.
    pub(crate) validator_seeds: Vec<[u8; 32]>,
    /// The operators of these. They have money where sets change.
    pub(crate) operators: Vec<Sender>,
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

/// No cap, and no absence is too long, unless sets change: then a whole epoch is.
fn staking(plan: &Plan) -> StakingParams {
    let fixed = StakingParams {
        max_power_bps: WHOLE_BPS,
        max_missed_bps: WHOLE_BPS,
        presence_window: plan.epoch_length.min(3),
        issuance_per_epoch: Amount(1_000),
        ..StakingParams::default()
    };
    match plan.churn {
        Churn::None | Churn::Power => fixed,
        Churn::Sets => StakingParams {
            max_power_bps: if plan.is_capped { BELOW_A_THIRD } else { WHOLE_BPS },
            max_missed_bps: WHOLE_BPS - 1,
            max_validators: plan.validators.saturating_add(plan.room).max(FEWEST),
            min_self_bond: Amount((plan.unit() / 2).max(1)),
            unbonding_epochs: LIABLE,
            evidence_epochs: LIABLE,
            ..fixed
        },
    }
}

/// The parameters that the plan draws.
fn params(plan: &Plan) -> ChainParams {
    ChainParams {
        epoch_length: plan.epoch_length,
        min_block_interval_ms: plan.min_interval_ms,
        staking: staking(plan),
        // What waits after a delay fills blocks.
        max_block_transactions: u32::try_from(plan.batch.saturating_mul(BATCHES))
            .unwrap_or(u32::MAX),
        ..ChainParams::default()
    }
}

/// Those who validate from the start, with their bonds, their keys' seeds and operators.
fn draw_first(
    draft: &mut Draft,
    (plan, terms): (&Plan, &Terms),
    random: &mut Random,
) -> (Vec<[u8; 32]>, Vec<Sender>) {
    let (mut seeds, mut operators) = (Vec::new(), Vec::new());
    let shaped = plan.shape.powers(plan.validators.into());
    for number in 0..plan.validators {
        let seed = random.bytes();
        let drawn = if plan.equal_power { 1 } else { random.between(1, MAX_POWER) };
        let place = usize::from(number);
        let power = shaped.as_ref().and_then(|shaped| shaped.get(place)).copied().unwrap_or(drawn);
        let settled = terms.bonds.get(place).copied();
        let operator = Sender::of_seed(random.bytes());
        draft.add_validator(GenesisValidator {
            operator: operator.address,
            consensus_key: ValidatorSecretKey::from_seed(seed).public(),
            bonded: Amount(settled.unwrap_or(power.saturating_mul(plan.unit()))),
            moniker: format!("v{number}"),
            commission_bps: 0,
        });
        seeds.push(seed);
        operators.push(operator);
    }
    (seeds, operators)
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

    pub(crate) fn draw(plan: &Plan, terms: &Terms, random: &mut Random) -> Setup {
        let chain_id = "local-sim".parse().expect("a valid chain id");
        let mut draft = Draft::new(chain_id, Timestamp(GENESIS_MS));
        draft.params = terms.params.unwrap_or_else(|| params(plan));
        let (mut validator_seeds, mut operators) = draw_first(&mut draft, (plan, terms), random);
        let accounts: Vec<Sender> =
            (0..ACCOUNTS).map(|_| Sender::of_seed(random.bytes())).collect();
        for account in &accounts {
            draft.add_account(account.address, BALANCE);
        }
        if plan.churn == Churn::Sets {
            for _ in 0..plan.full_nodes {
                validator_seeds.push(random.bytes());
                operators.push(Sender::of_seed(random.bytes()));
            }
            operators.iter().for_each(|operator| draft.add_account(operator.address, BALANCE));
        }
        let genesis = draft.finish().expect("a complete document within the limits");
        let (initial, context) = (genesis.initial(), genesis.context());
        Setup { genesis, initial, context, validator_seeds, operators, accounts }
    }
}
