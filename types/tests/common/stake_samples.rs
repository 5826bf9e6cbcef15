//! One value or more of every type that stake brings.

use quorate_crypto::ValidatorSecretKey;
use quorate_types::{
    Action, Address, AddressList, Amount, ChainParams, Delegation, Epoch, EpochClock, EpochEntry,
    Event, Height, KeyRotation, Lock, Moniker, ParamsChange, Participation, Payment, PaymentCursor,
    Redelegation, Registration, StakeMove, Standing, StateKey, StateKind, Unbonding, UnbondingPool,
    ValidatorEntry, prove_possession,
};

use super::every::{Sample, sample};
use super::{Validators, address, context};

fn key(seed: u8) -> [u8; 32] {
    *ValidatorSecretKey::from_seed([seed; 32]).public().as_bytes()
}

fn moniker() -> Moniker {
    Moniker::new("north".to_owned()).unwrap()
}

fn params_change() -> ParamsChange {
    let params = ChainParams { flat_fee: Amount(2_000), ..ChainParams::default() };
    ParamsChange { epoch: Epoch(12), params }
}

/// Every action of stake.
pub fn actions() -> Vec<Action> {
    let proof = |seed: u8| {
        prove_possession(&context(), &address(1), &ValidatorSecretKey::from_seed([seed; 32]))
    };
    let (validator, amount) = (address(2), Amount(5_000_000));
    vec![
        Action::RegisterValidator(Box::new(Registration {
            key: key(7),
            proof: proof(7),
            moniker: moniker(),
            commission_bps: 500,
            bond: Amount(1_000_000),
        })),
        Action::EditValidator { moniker: Moniker::default(), commission_bps: 10_000 },
        Action::RotateKey { key: key(8), proof: proof(8), from: Epoch(12) },
        Action::Delegate(StakeMove { validator, amount }),
        Action::Unbond(StakeMove { validator, amount }),
        Action::Redelegate { from: validator, to: address(3), amount },
        Action::WithdrawRewards { validator },
        Action::Unjail,
        Action::SetParams(Box::new(params_change())),
    ]
}

/// Every event of stake.
pub fn events() -> Vec<Event> {
    let (operator, delegator, validator) = (address(1), address(1), address(2));
    let (amount, rewards) = (Amount(5_000_000), Amount(17));
    vec![
        Event::ValidatorRegistered { operator, key: key(7), bond: amount },
        Event::ValidatorEdited { operator, commission_bps: 500 },
        Event::KeyRotated { operator, key: key(8), from: Epoch(12) },
        Event::Delegated { delegator, validator, amount, rewards },
        Event::Unbonded { delegator, validator, amount, rewards, last: Epoch(4) },
        Event::Redelegated { delegator, from: validator, to: address(3), amount, rewards },
        Event::RewardsWithdrawn { delegator, validator, rewards },
        Event::Unjailed { operator },
        Event::ParamsSet { epoch: Epoch(12) },
    ]
}

fn validator(standing: Standing) -> ValidatorEntry {
    ValidatorEntry {
        key: key(7),
        rotation: Some(KeyRotation { from: Epoch(12), key: key(8) }),
        moniker: moniker(),
        commission_bps: 500,
        next_commission_bps: 700,
        standing,
        bonded: Amount(9_500_000),
        shares: 10_000_000,
        self_shares: 1_000_000,
        index: 1 << 64,
        rewards: Amount(12),
        commission: Amount(3),
        first_redelegation: 1,
        next_redelegation: 2,
    }
}

fn list(names: &[u8]) -> AddressList {
    let mut list = AddressList::default();
    names.iter().for_each(|name| list.insert(address(*name)));
    list
}

/// Keys and values of the state, by name.
pub fn state() -> Vec<(StateKey, Sample)> {
    let single = StateKey::single;
    let (one, two): (Address, Address) = (address(1), address(2));
    let entry = EpochEntry {
        number: Epoch(3),
        first: Height(3_001),
        params: ChainParams { epoch_length: 1_000, ..ChainParams::default() },
        validators: Validators::four().set,
    };
    let delegation = Delegation {
        shares: 1_000_000,
        index: 5,
        locks: vec![Lock { last: Epoch(2), amount: Amount(7) }],
        unbonding: vec![Unbonding { last: Epoch(3), shares: 9 }],
    };
    let pool = UnbondingPool { amount: Amount(8), shares: 9 };
    let payment = Payment { delegator: one, validator: two };
    let cursor = PaymentCursor { epoch: Epoch(1), number: 4 };
    let redelegation = Redelegation { delegator: one, to: two, amount: Amount(7), last: Epoch(2) };
    let clock = EpochClock { current: Epoch(3), oldest: Epoch(1) };
    let mut participation = Participation::new(4);
    participation.count_height(1);
    let jailed = Standing::Jailed { until: Epoch(9) };
    vec![
        (StateKey::epoch(entry.number), sample("epoch", &entry)),
        (single(StateKind::EpochClock), sample("epoch clock", &clock)),
        (StateKey::validator(&one), sample("validator", &validator(Standing::Good))),
        (StateKey::validator(&one), sample("validator, jailed", &validator(jailed))),
        (StateKey::validator(&one), sample("validator, out", &validator(Standing::Tombstoned))),
        (StateKey::delegation(&one, &two), sample("delegation", &delegation)),
        (StateKey::delegator(&one), sample("delegator", &list(&[1, 2]))),
        (StateKey::unbonding_pool(&two, Epoch(3)), sample("unbonding pool", &pool)),
        (StateKey::payment(Epoch(3), 1), sample("payment", &payment)),
        (StateKey::payments(Epoch(3)), sample("payments", &2_u64)),
        (single(StateKind::PaymentCursor), sample("payment cursor", &cursor)),
        (StateKey::redelegation(&one, 6), sample("redelegation", &redelegation)),
        (StateKey::consensus_key(&key(7)), sample("consensus key", &one)),
        (single(StateKind::Candidates), sample("candidates", &list(&[1, 2, 3]))),
        (single(StateKind::Participation), sample("participation", &participation)),
        (single(StateKind::ParamsChange), sample("change of parameters", &params_change())),
    ]
}
