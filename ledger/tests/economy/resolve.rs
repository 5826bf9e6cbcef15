//! Turns what was drawn into transactions that fit the state that they meet: an amount becomes a part
//! of what the sender has, a number one of the validators that there are.

use std::collections::{BTreeMap, BTreeSet};

use quorate_crypto::{AccountPublicKey, Signature, ValidatorSecretKey};
use quorate_types::{
    Action, Address, Amount, ChainContext, Epoch, Moniker, RecordKey, RecordValue, Registration,
    StakeMove, Transfer, prove_possession,
};

use crate::model::{Key, Model};
use crate::plan::{ActPlan, Kind, Size, TransactionPlan};
use crate::support::{context, key};

/// Accounts that there are; the first of them act.
pub const PEOPLE: u8 = 24;
const ACTORS: usize = 12;
/// Bytes that are no key: the identity.
pub const NO_KEY: Key = {
    let mut key = [0; 32];
    key[0] = 1;
    key
};

/// Everybody, worked out once.
pub struct Cast {
    pub people: Vec<(AccountPublicKey, Address)>,
    places: BTreeMap<Address, usize>,
    context: ChainContext,
    /// How many keys were made.
    keys: u64,
    /// Proofs of possession that hold, by operator, key and proof.
    pub proofs: BTreeSet<(Address, Key, [u8; 64])>,
}

impl Cast {
    pub fn new() -> Cast {
        let person = |name| (key(name), Address::of(&key(name)));
        let people: Vec<_> = (1..=PEOPLE).map(person).collect();
        let places = people.iter().zip(0..).map(|((_, address), place)| (*address, place));
        Cast {
            places: places.collect(),
            people,
            context: context(),
            keys: 0,
            proofs: BTreeSet::new(),
        }
    }

    pub fn signer(&self, address: &Address) -> AccountPublicKey {
        self.people[self.places[address]].0
    }

    /// A key that nobody has.
    pub fn fresh_key(&mut self) -> ValidatorSecretKey {
        self.keys += 1;
        let mut seed = [0xa5; 32];
        seed[..8].copy_from_slice(&self.keys.to_be_bytes());
        ValidatorSecretKey::from_seed(seed)
    }
}

fn pick<T: Copy>(from: &[T], number: u8) -> Option<T> {
    from.get(usize::from(number).checked_rem(from.len())?).copied()
}

/// Delegations with shares.
fn staked(model: &Model) -> Vec<(Address, Address)> {
    model.stakes.iter().filter(|(_, stake)| stake.shares > 0).map(|(pair, _)| *pair).collect()
}

/// Whoever is likely to succeed, most of the time.
pub fn sender(cast: &Cast, model: &Model, plan: &TransactionPlan) -> Address {
    let first = plan.acts[0];
    let is_due = |one: &&Address| {
        let until = model.validators[*one].jailed_until;
        until.is_some_and(|until| until <= model.epoch() + u64::from(first.other % 2))
    };
    let likely: Vec<Address> = match first.kind {
        Kind::Edit | Kind::Rotate => model.validators.keys().copied().collect(),
        Kind::Unjail => model.validators.keys().filter(is_due).copied().collect(),
        Kind::Update | Kind::Delete => model.records.keys().map(|(owner, _)| *owner).collect(),
        Kind::Unbond | Kind::Redelegate | Kind::Withdraw => {
            staked(model).iter().map(|(delegator, _)| *delegator).collect()
        }
        Kind::Transfer | Kind::Put | Kind::Register | Kind::Delegate => Vec::new(),
    };
    let actor = cast.people[usize::from(plan.sender) % ACTORS].1;
    let is_any = first.twist >= 224;
    pick(&likely, plan.sender).filter(|_| !is_any).unwrap_or(actor)
}

pub fn action(cast: &mut Cast, model: &Model, sender: Address, plan: ActPlan) -> Action {
    let mine: Vec<Address> =
        staked(model).iter().filter(|(who, _)| *who == sender).map(|(_, with)| *with).collect();
    let nobody = Address([0xee; 20]);
    let any = |number| others(model, nobody, plan, number).unwrap_or(nobody);
    let own = pick(&mine, plan.target).filter(|_| plan.twist < 232).unwrap_or(any(plan.target));
    let next = others(model, own, plan, plan.other).unwrap_or(own);
    let balance = model.balance(sender);
    let least = model.params.staking.min_delegation.0;
    let stake = |validator, amount| StakeMove { validator, amount };
    let bonded = |model: &Model| {
        let is_there = model.validators.contains_key(&own);
        let worth = if is_there { model.worth(sender, own) } else { 0 };
        sized(plan.size, worth, worth.saturating_sub(model.locked(sender, own)), least)
    };
    match plan.kind {
        Kind::Transfer => {
            let to = cast.people[usize::from(plan.target) % cast.people.len()].1;
            Action::Transfer(Transfer { to, amount: sized(plan.size, balance, balance / 3, 0) })
        }
        Kind::Put => Action::PutRecord { key: record_key(plan), value: record_value(plan) },
        Kind::Update => Action::UpdateRecord { key: record_key(plan), value: record_value(plan) },
        Kind::Delete => Action::DeleteRecord { key: record_key(plan) },
        Kind::Register => {
            Action::RegisterValidator(Box::new(registration(cast, model, sender, plan)))
        }
        Kind::Edit => Action::EditValidator { moniker: moniker(plan), commission_bps: bps(plan) },
        Kind::Rotate => {
            let (key, proof) = possession(cast, model, sender, plan);
            Action::RotateKey { key, proof, from: from(model, plan) }
        }
        Kind::Delegate => {
            let amount = sized(plan.size, balance, balance / 3, least);
            Action::Delegate(stake(any(plan.target), amount))
        }
        Kind::Unbond => Action::Unbond(stake(own, bonded(model))),
        Kind::Redelegate => Action::Redelegate { from: own, to: next, amount: bonded(model) },
        Kind::Withdraw => Action::WithdrawRewards { validator: own },
        Kind::Unjail => Action::Unjail,
    }
}

/// One of the validators but one; seldom one that is tombstoned, and none at all now and then.
fn others(model: &Model, but: Address, plan: ActPlan, number: u8) -> Option<Address> {
    let is_any = plan.twist >= 216;
    let fits = |one: &&Address| is_any || (**one != but && !model.validators[*one].is_tombstoned);
    let validators: Vec<Address> = model.validators.keys().filter(fits).copied().collect();
    pick(&validators, number).filter(|_| plan.twist < 248)
}

/// The last epochs whose set is chosen, the first whose set is not, and later ones.
fn from(model: &Model, plan: ActPlan) -> Epoch {
    let chosen = u64::try_from(model.sets.len()).unwrap();
    let ahead = u64::from(plan.other % 5);
    if ahead == 4 { Epoch(0) } else { Epoch((chosen + ahead).saturating_sub(1)) }
}

fn registration(cast: &mut Cast, model: &Model, operator: Address, plan: ActPlan) -> Registration {
    let (key, proof) = possession(cast, model, operator, plan);
    let balance = model.balance(operator);
    let least = model.params.staking.min_self_bond.0;
    let bond = sized(plan.size, balance, balance / 3, least);
    Registration { key, proof, moniker: moniker(plan), commission_bps: bps(plan), bond }
}

/// A key with its proof: a good one of a new key, or what the plan makes of it.
fn possession(
    cast: &mut Cast,
    model: &Model,
    operator: Address,
    plan: ActPlan,
) -> (Key, Signature) {
    let secret = cast.fresh_key();
    let key = *secret.public().as_bytes();
    let proof = prove_possession(&cast.context, &operator, &secret);
    cast.proofs.insert((operator, key, *proof.as_bytes()));
    match plan.twist % 32 {
        0 => (NO_KEY, proof),
        1 => {
            let other = ChainContext { chain_id: "local-other".parse().unwrap(), ..context() };
            (key, prove_possession(&other, &operator, &secret))
        }
        2 => {
            let used: Vec<Key> = model.keys.iter().copied().collect();
            (pick(&used, plan.other).unwrap(), proof)
        }
        _ => (key, proof),
    }
}

fn moniker(plan: ActPlan) -> Moniker {
    Moniker::new(format!("name {}", plan.other)).unwrap()
}

fn bps(plan: ActPlan) -> u16 {
    let high = plan.twist % 32 == 3;
    if high { 10_001 + u16::from(plan.other) * 100 } else { u16::from(plan.other) * 39 }
}

fn record_key(plan: ActPlan) -> RecordKey {
    RecordKey::new(vec![plan.target % 2]).unwrap()
}

fn record_value(plan: ActPlan) -> RecordValue {
    RecordValue::new(vec![plan.other; usize::from(plan.other % 4)]).unwrap()
}

fn sized(size: Size, all: u128, free: u128, least: u64) -> Amount {
    let units = match size {
        Size::Zero => 0,
        Size::One => 1,
        Size::Under => u128::from(least.saturating_sub(1)),
        Size::Few(more) => u128::from(least) + u128::from(more % 32),
        Size::Part(parts) => all * u128::from(parts) / 256,
        Size::Free => free,
        Size::All => all,
        Size::More => all + 1,
        Size::Max => u128::from(u64::MAX),
    };
    Amount(u64::try_from(units).unwrap())
}
