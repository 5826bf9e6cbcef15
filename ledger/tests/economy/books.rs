//! Everything that there is, in one form, out of the model and out of the ledger's state.

use std::collections::{BTreeMap, BTreeSet};

use quorate_types::worth::{Whole, rewards_owed};
use quorate_types::{
    Account, Address, AddressList, Amount, Canonical, Delegation, EpochEntry, Moniker, Payment,
    Redelegation, Standing, StateKind, UnbondingPool, ValidatorEntry, ValidatorSet,
};

use crate::model::{self, Key, Model, Set};
use crate::support::State;

#[derive(Debug, Default, PartialEq)]
pub struct ValidatorBook {
    pub key: Key,
    pub rotation: Option<(u64, Key)>,
    pub moniker: Moniker,
    /// In force, of those in the set, and from the next epoch on.
    pub commissions: (Option<u16>, u16),
    pub standing: Standing,
    pub bonded: u128,
    pub shares: u128,
    pub self_shares: u128,
    pub rewards: u128,
    pub commission_owed: u128,
}

/// What somebody has with a validator.
#[derive(Debug, Default, PartialEq)]
pub struct StakeBook {
    pub shares: u128,
    pub worth: u128,
    pub owed: u128,
    pub locked: u128,
}

/// Who has how many shares of a pool, and its base units.
type PoolBook = (u128, BTreeMap<Address, u128>);

#[derive(Debug, Default)]
pub struct Books {
    pub accounts: BTreeMap<Address, (u64, u128)>,
    pub records: BTreeMap<(Address, Vec<u8>), Vec<u8>>,
    pub validators: BTreeMap<Address, ValidatorBook>,
    pub stakes: BTreeMap<(Address, Address), StakeBook>,
    pub pools: BTreeMap<(Address, u64), PoolBook>,
    pub queue: Vec<model::Payment>,
    pub redelegations: Vec<model::Redelegation>,
    pub keys: BTreeSet<Key>,
    pub candidates: BTreeSet<Address>,
    pub sets: BTreeMap<u64, Set>,
    pub fee_pool: u128,
    pub supply: u128,
}

impl Books {
    pub fn of_model(model: &Model) -> Books {
        let mut books = Books {
            records: model.records.clone(),
            queue: model.queue.iter().copied().collect(),
            redelegations: model.liable().filter(|one| one.amount > 0).cloned().collect(),
            keys: model.keys.clone(),
            candidates: model.candidates.clone(),
            sets: (0..).zip(model.sets.iter().cloned()).collect(),
            fee_pool: model.fee_pool,
            supply: model.supply(),
            ..Books::default()
        };
        books.redelegations.sort_by_key(|one| one.from);
        for (address, account) in &model.accounts {
            books.accounts.insert(*address, (account.nonce, account.balance));
        }
        for operator in model.validators.keys() {
            books.validators.insert(*operator, validator_of(model, *operator));
        }
        for (delegator, with) in model.stakes.keys() {
            let stake = StakeBook {
                shares: model.stake(*delegator, *with).shares,
                worth: model.worth(*delegator, *with),
                owed: model.owed(*delegator, *with),
                locked: model.locked(*delegator, *with),
            };
            books.stakes.insert((*delegator, *with), stake);
        }
        for (place, pool) in &model.pools {
            books.pools.insert(*place, (pool.amount, pool.shares.clone()));
        }
        books.tidied()
    }

    /// What stands in the ledger's state after a block of `epoch`.
    pub fn of_state(state: &State, epoch: u64, unbonding_epochs: u64) -> Books {
        let mut books = Books::default();
        for (key, value) in &state.values {
            books.enter(key.kind(), &key.to_bytes()[1..], value);
        }
        let set = &books.sets[&epoch];
        for (operator, validator) in &mut books.validators {
            if !set.contains_key(operator) {
                validator.commissions.0 = None;
            }
            // Of those in no set, the state notes later what has taken place.
            if let Some((_, key)) = validator.rotation.take_if(|(from, _)| *from <= epoch) {
                validator.key = key;
            }
        }
        let is_liable = |last: u64| last + unbonding_epochs >= epoch;
        books.redelegations.retain(|one| is_liable(one.last) && one.amount > 0);
        check_lists(state);
        for (key, value) in &state.values {
            if key.kind() == StateKind::Delegation {
                let bytes = key.to_bytes();
                let (delegator, with) = (address(&bytes[1..21]), address(&bytes[21..]));
                let found = Delegation::from_bytes(value).unwrap();
                let entry = entry_of(state, with);
                let locks = found.locks.iter().filter(|lock| is_liable(lock.last.0));
                let stake = StakeBook {
                    shares: found.shares.into(),
                    worth: Whole::from(&entry).worth(found.shares).0.into(),
                    owed: rewards_owed(&entry, &found).0.into(),
                    locked: locks.map(|lock| u128::from(lock.amount.0)).sum(),
                };
                books.stakes.insert((delegator, with), stake);
                for unbonding in &found.unbonding {
                    let pool = books.pools.entry((with, unbonding.last.0)).or_default();
                    pool.1.insert(delegator, unbonding.shares.into());
                }
            }
        }
        books.tidied()
    }

    fn enter(&mut self, kind: StateKind, key: &[u8], value: &[u8]) {
        match kind {
            StateKind::Account => {
                let found = Account::from_bytes(value).unwrap();
                self.accounts.insert(address(key), (found.nonce.0, found.balance.0.into()));
            }
            StateKind::Epoch => {
                let entry = EpochEntry::from_bytes(value).unwrap();
                self.sets.insert(entry.number.0, set_of(&entry.validators));
            }
            StateKind::FeePool => self.fee_pool = units(value),
            StateKind::Supply => self.supply = units(value),
            StateKind::Validator => {
                let found = ValidatorEntry::from_bytes(value).unwrap();
                self.validators.insert(address(key), book_of(found));
            }
            StateKind::Record => {
                let place = (address(&key[..20]), key[20..].to_vec());
                self.records.insert(place, value.to_vec());
            }
            StateKind::UnbondingPool => {
                let found = UnbondingPool::from_bytes(value).unwrap();
                let pool = self.pools.entry((address(&key[..20]), number(&key[20..])));
                pool.or_default().0 = found.amount.0.into();
            }
            StateKind::Payment => {
                let found = Payment::from_bytes(value).unwrap();
                self.queue.push((number(&key[..8]), found.delegator, found.validator));
            }
            StateKind::Redelegation => {
                let Redelegation { delegator, to, amount, last } =
                    Redelegation::from_bytes(value).unwrap();
                let (from, amount, last) = (address(&key[..20]), amount.0.into(), last.0);
                self.redelegations.push(model::Redelegation { from, delegator, to, amount, last });
            }
            StateKind::ConsensusKey => {
                self.keys.insert(key.try_into().unwrap());
            }
            StateKind::Candidates => self.candidates = listed(value),
            StateKind::Delegation
            | StateKind::Delegator
            | StateKind::EpochClock
            | StateKind::Payments
            | StateKind::PaymentCursor
            | StateKind::Participation
            | StateKind::ParamsChange => {}
        }
    }

    /// Both books say the same, one thing after the other.
    pub fn assert_equal(&self, expected: &Books, height: u64) {
        assert_eq!(self.accounts, expected.accounts, "accounts at {height}");
        assert_eq!(self.records, expected.records, "records at {height}");
        assert_eq!(self.validators, expected.validators, "validators at {height}");
        assert_eq!(self.stakes, expected.stakes, "stakes at {height}");
        assert_eq!(self.pools, expected.pools, "pools at {height}");
        assert_eq!(self.queue, expected.queue, "queue at {height}");
        assert_eq!(self.redelegations, expected.redelegations, "redelegations at {height}");
        assert_eq!(self.keys, expected.keys, "keys at {height}");
        assert_eq!(self.candidates, expected.candidates, "candidates at {height}");
        assert_eq!(self.sets, expected.sets, "sets at {height}");
        assert_eq!(self.fee_pool, expected.fee_pool, "fee pool at {height}");
        assert_eq!(self.supply, expected.supply, "supply at {height}");
    }

    /// Without what is nothing, which one side may note and the other not.
    fn tidied(mut self) -> Books {
        self.accounts.retain(|_, account| *account != (0, 0));
        self.stakes.retain(|_, stake| *stake != StakeBook::default());
        self.pools.retain(|_, pool| *pool != PoolBook::default());
        self
    }
}

fn validator_of(model: &Model, operator: Address) -> ValidatorBook {
    let found = &model.validators[&operator];
    let epoch = if model.height == 0 { 0 } else { model.epoch() };
    let is_in = model.sets[usize::try_from(epoch).unwrap()].contains_key(&operator);
    let in_force = |epoch| {
        let commission = found.commissions.iter().rfind(|(from, _)| *from <= epoch);
        commission.expect("the first").1
    };
    let standing = match (found.is_tombstoned, found.jailed_until) {
        (true, _) => Standing::Tombstoned,
        (false, Some(until)) => Standing::Jailed { until: quorate_types::Epoch(until) },
        (false, None) => Standing::Good,
    };
    ValidatorBook {
        key: found.key,
        rotation: found.rotation,
        moniker: found.moniker.clone(),
        commissions: (is_in.then(|| in_force(epoch)), in_force(epoch + 1)),
        standing,
        bonded: found.bonded,
        shares: model.shares(operator),
        self_shares: model.stake(operator, operator).shares,
        rewards: found.rewards,
        commission_owed: found.commission_owed,
    }
}

fn book_of(found: ValidatorEntry) -> ValidatorBook {
    ValidatorBook {
        key: found.key,
        rotation: found.rotation.map(|rotation| (rotation.from.0, rotation.key)),
        moniker: found.moniker,
        commissions: (Some(found.commission_bps), found.next_commission_bps),
        standing: found.standing,
        bonded: found.bonded.0.into(),
        shares: found.shares.into(),
        self_shares: found.self_shares.into(),
        rewards: found.rewards.0.into(),
        commission_owed: found.commission.0.into(),
    }
}

/// Each account's list of validators is the one of its delegations.
fn check_lists(state: &State) {
    let (mut lists, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (key, value) in &state.values {
        let bytes = key.to_bytes();
        if key.kind() == StateKind::Delegator {
            lists.extend(listed(value).iter().map(|with| (address(&bytes[1..]), *with)));
        } else if key.kind() == StateKind::Delegation {
            found.insert((address(&bytes[1..21]), address(&bytes[21..])));
        }
    }
    assert_eq!(found, lists);
}

/// A set as the model has it.
pub fn set_of(validators: &ValidatorSet) -> Set {
    let member = |v: &quorate_types::Validator| (v.address, (v.power.0.into(), *v.key.as_bytes()));
    validators.validators().iter().map(member).collect()
}

fn entry_of(state: &State, operator: Address) -> ValidatorEntry {
    state.view().validator(&operator).unwrap().expect("a validator that somebody has stake with")
}

fn address(bytes: &[u8]) -> Address {
    Address(bytes.try_into().unwrap())
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().unwrap())
}

fn units(value: &[u8]) -> u128 {
    Amount::from_bytes(value).unwrap().0.into()
}

fn listed(value: &[u8]) -> BTreeSet<Address> {
    AddressList::from_bytes(value).unwrap().as_slice().iter().copied().collect()
}
