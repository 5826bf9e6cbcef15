//! What each action does, or every reason for which it cannot: docs/economics.md, with of
//! docs/protocol.md for money and records.

use std::collections::BTreeSet;

use quorate_crypto::Signature;
use quorate_types::{
    Action, Address, Amount, Epoch, Event, FailureCode, RecordKey, Registration, StakeMove,
    Transfer,
};

use super::{Key, Model, Redelegation, Validator, WHOLE};

/// The candidates that `keep_four` keeps.
const LAST_FOUR: usize = 4;

type Done = Result<Event, Vec<FailureCode>>;

fn unless(reasons: Vec<FailureCode>) -> Result<(), Vec<FailureCode>> {
    if reasons.is_empty() { Ok(()) } else { Err(reasons) }
}

fn amount(units: u128) -> Amount {
    Amount(u64::try_from(units).unwrap())
}

impl Model {
    pub fn act(&mut self, sender: Address, action: &Action) -> Done {
        match action {
            Action::Transfer(transfer) => self.transfer(sender, *transfer),
            Action::PutRecord { key, value } => Ok(self.put(sender, key, value.as_bytes())),
            Action::UpdateRecord { key, value } => {
                self.find(sender, key)?;
                Ok(self.put(sender, key, value.as_bytes()))
            }
            Action::DeleteRecord { key } => {
                self.find(sender, key)?;
                self.records.remove(&(sender, key.as_bytes().to_vec()));
                Ok(Event::RecordDeleted { owner: sender, key: key.clone() })
            }
            Action::RegisterValidator(wanted) => self.register(sender, wanted),
            Action::EditValidator { moniker, commission_bps } => {
                self.operates(sender)?;
                unless(too_high(*commission_bps))?;
                let from = self.epoch() + 1;
                let validator = self.validator(sender);
                validator.moniker = moniker.clone();
                validator.commissions.push((from, *commission_bps));
                Ok(Event::ValidatorEdited { operator: sender, commission_bps: *commission_bps })
            }
            Action::RotateKey { key, proof, from } => self.rotate(sender, *key, proof, from.0),
            Action::Delegate(stake) => self.delegate(sender, *stake),
            Action::Unbond(stake) => self.unbond(sender, *stake),
            Action::Redelegate { from, to, amount } => {
                self.redelegate(sender, (*from, *to), amount.0.into())
            }
            Action::WithdrawRewards { validator } => self.withdraw(sender, *validator),
            Action::Unjail => self.unjail(sender),
            Action::SetParams(_) => unreachable!("votes have tests of their own"),
        }
    }

    fn transfer(&mut self, sender: Address, Transfer { to, amount }: Transfer) -> Done {
        let units = u128::from(amount.0);
        if self.balance(sender) < units {
            return Err(vec![FailureCode::InsufficientFunds]);
        }
        self.accounts.entry(sender).or_default().balance -= units;
        self.accounts.entry(to).or_default().balance += units;
        Ok(Event::Transfer { from: sender, to, amount })
    }

    fn put(&mut self, owner: Address, key: &RecordKey, value: &[u8]) -> Event {
        self.records.insert((owner, key.as_bytes().to_vec()), value.to_vec());
        Event::RecordPut { owner, key: key.clone() }
    }

    fn find(&self, owner: Address, key: &RecordKey) -> Result<(), Vec<FailureCode>> {
        let is_there = self.records.contains_key(&(owner, key.as_bytes().to_vec()));
        if is_there { Ok(()) } else { Err(vec![FailureCode::RecordMissing]) }
    }

    fn operates(&self, operator: Address) -> Result<(), Vec<FailureCode>> {
        let is_there = self.validators.contains_key(&operator);
        if is_there { Ok(()) } else { Err(vec![FailureCode::NoValidator]) }
    }

    fn register(&mut self, operator: Address, wanted: &Registration) -> Done {
        let bond = u128::from(wanted.bond.0);
        let mut reasons = self.unfit_key(operator, wanted.key, &wanted.proof);
        if self.validators.contains_key(&operator) {
            reasons.push(FailureCode::AlreadyValidator);
        }
        reasons.extend(too_high(wanted.commission_bps));
        if wanted.bond < self.params.staking.min_self_bond {
            reasons.push(FailureCode::BondTooSmall);
        }
        if self.balance(operator) < bond {
            reasons.push(FailureCode::InsufficientFunds);
        }
        unless(reasons)?;
        let validator = Validator::new(wanted.key, wanted.moniker.clone(), wanted.commission_bps);
        self.validators.insert(operator, validator);
        self.keys.insert(wanted.key);
        self.accounts.entry(operator).or_default().balance -= bond;
        unless(self.bond(operator, operator, bond))?;
        self.review();
        Ok(Event::ValidatorRegistered { operator, key: wanted.key, bond: wanted.bond })
    }

    fn unfit_key(&self, operator: Address, key: Key, proof: &Signature) -> Vec<FailureCode> {
        let mut reasons = Vec::new();
        if self.no_keys.contains(&key) {
            reasons.push(FailureCode::BadKey);
        }
        if self.keys.contains(&key) {
            reasons.push(FailureCode::KeyInUse);
        }
        if !self.proofs.contains(&(operator, key, *proof.as_bytes())) {
            reasons.push(FailureCode::BadProof);
        }
        reasons
    }

    fn rotate(&mut self, operator: Address, key: Key, proof: &Signature, from: u64) -> Done {
        self.operates(operator)?;
        let mut reasons = self.unfit_key(operator, key, proof);
        let validator = &self.validators[&operator];
        if validator.is_tombstoned {
            reasons.push(FailureCode::Tombstoned);
        }
        if validator.rotation.is_some() {
            reasons.push(FailureCode::RotationPending);
        }
        // One set for each epoch that is chosen.
        let first = u64::try_from(self.sets.len()).unwrap();
        let from = if from == 0 { first } else { from };
        if from < first {
            reasons.push(FailureCode::EpochPassed);
        }
        if from > first + self.params.staking.unbonding_epochs {
            reasons.push(FailureCode::EpochTooFar);
        }
        unless(reasons)?;
        self.keys.insert(key);
        self.validator(operator).rotation = Some((from, key));
        Ok(Event::KeyRotated { operator, key, from: Epoch(from) })
    }

    fn delegate(
        &mut self,
        delegator: Address,
        StakeMove { validator, amount: asked }: StakeMove,
    ) -> Done {
        self.operates(validator)?;
        let units = u128::from(asked.0);
        let rewards = self.settle(delegator, validator);
        let mut reasons = Vec::new();
        if self.validators[&validator].is_tombstoned {
            reasons.push(FailureCode::Tombstoned);
        }
        if asked < self.params.staking.min_delegation {
            reasons.push(FailureCode::AmountTooSmall);
        }
        if self.balance(delegator) < units {
            reasons.push(FailureCode::InsufficientFunds);
        }
        reasons.extend(self.bond(delegator, validator, units));
        unless(reasons)?;
        self.accounts.entry(delegator).or_default().balance -= units;
        self.review();
        Ok(Event::Delegated { delegator, validator, amount: asked, rewards: amount(rewards) })
    }

    fn unbond(
        &mut self,
        delegator: Address,
        StakeMove { validator, amount: asked }: StakeMove,
    ) -> Done {
        self.operates(validator)?;
        let units = u128::from(asked.0);
        let rewards = self.settle(delegator, validator);
        unless(self.held_back(delegator, validator, units))?;
        let before = self.candidates.clone();
        self.burn(delegator, validator, units);
        let mut reasons = self.unbonding(delegator, validator, units);
        self.review();
        reasons.extend(self.shrunk(&before));
        unless(reasons)?;
        let (last, rewards) = (Epoch(self.last()), amount(rewards));
        Ok(Event::Unbonded { delegator, validator, amount: asked, rewards, last })
    }

    fn redelegate(
        &mut self,
        delegator: Address,
        (from, to): (Address, Address),
        units: u128,
    ) -> Done {
        let mut reasons = Vec::new();
        if from == to {
            reasons.push(FailureCode::SameValidator);
        }
        if !self.validators.contains_key(&from) || !self.validators.contains_key(&to) {
            reasons.push(FailureCode::NoValidator);
        }
        unless(reasons)?;
        let rewards = self.settle(delegator, from) + self.settle(delegator, to);
        let mut reasons = self.held_back(delegator, from, units);
        if self.validators[&to].is_tombstoned {
            reasons.push(FailureCode::Tombstoned);
        }
        unless(reasons)?;
        let before = self.candidates.clone();
        self.burn(delegator, from, units);
        let mut reasons = self.bond(delegator, to, units);
        let last = self.last();
        reasons.extend(self.lock(Redelegation { from, delegator, to, amount: units, last }));
        self.review();
        reasons.extend(self.shrunk(&before));
        unless(reasons)?;
        let (amount, rewards) = (amount(units), amount(rewards));
        Ok(Event::Redelegated { delegator, from, to, amount, rewards })
    }

    /// Whether one of the last four candidates is none any more.
    fn shrunk(&self, before: &BTreeSet<Address>) -> Vec<FailureCode> {
        let is_last = self.params.staking.keep_four && before.len() <= LAST_FOUR;
        if is_last && !before.is_subset(&self.candidates) {
            return vec![FailureCode::SetTooSmall];
        }
        Vec::new()
    }

    fn withdraw(&mut self, delegator: Address, validator: Address) -> Done {
        self.operates(validator)?;
        if delegator != validator && self.stake(delegator, validator).shares == 0 {
            return Err(vec![FailureCode::InsufficientStake]);
        }
        let mut rewards = self.settle(delegator, validator);
        if delegator == validator {
            let commission = std::mem::take(&mut self.validator(validator).commission_owed);
            self.pay(delegator, commission);
            rewards += commission;
        }
        Ok(Event::RewardsWithdrawn { delegator, validator, rewards: amount(rewards) })
    }

    fn unjail(&mut self, operator: Address) -> Done {
        self.operates(operator)?;
        let validator = &self.validators[&operator];
        let mut reasons = Vec::new();
        if validator.is_tombstoned {
            reasons.push(FailureCode::Tombstoned);
        }
        match validator.jailed_until {
            None => reasons.push(FailureCode::NotJailed),
            Some(until) if self.epoch() < until => reasons.push(FailureCode::StillJailed),
            Some(_) => {}
        }
        if self.self_bond(operator) < self.params.staking.min_self_bond.0.into() {
            reasons.push(FailureCode::BondTooSmall);
        }
        unless(reasons)?;
        self.validator(operator).jailed_until = None;
        Ok(Event::Unjailed { operator })
    }
}

fn too_high(commission_bps: u16) -> Vec<FailureCode> {
    let is_high = u128::from(commission_bps) > WHOLE;
    if is_high { vec![FailureCode::CommissionTooHigh] } else { Vec::new() }
}
