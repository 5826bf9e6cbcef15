//! Shares and their value, what is owed for them, delegating, leaving and being paid: the section
//! *Stake* of docs/economics.md.

use quorate_types::{Address, FailureCode};

use super::{Model, Redelegation, Stake, Validator, WHOLE};

const MAX_PAYMENTS: usize = 100;
const MAX_REDELEGATIONS: usize = 256;
const MAX_LOCKS: usize = 8;

impl Model {
    /// S: the shares of everybody.
    pub fn shares(&self, validator: Address) -> u128 {
        let with = |((_, with), stake): (&(Address, Address), &Stake)| {
            if *with == validator { stake.shares } else { 0 }
        };
        self.stakes.iter().map(with).sum()
    }

    pub fn stake(&self, delegator: Address, validator: Address) -> Stake {
        self.stakes.get(&(delegator, validator)).copied().unwrap_or_default()
    }

    /// What a delegation is worth: s * T / S.
    pub fn worth(&self, delegator: Address, validator: Address) -> u128 {
        let shares = self.stake(delegator, validator).shares;
        if shares == 0 {
            return 0;
        }
        shares * self.validators[&validator].bonded / self.shares(validator)
    }

    pub fn self_bond(&self, validator: Address) -> u128 {
        self.worth(validator, validator)
    }

    /// What a delegation is owed, in base units.
    pub fn owed(&self, delegator: Address, validator: Address) -> u128 {
        self.stake(delegator, validator).accrued >> 64
    }

    /// Pays the rewards of a delegation that is about to change.
    pub fn settle(&mut self, delegator: Address, validator: Address) -> u128 {
        let owed = self.owed(delegator, validator);
        if let Some(stake) = self.stakes.get_mut(&(delegator, validator)) {
            stake.accrued = 0;
        }
        self.validator(validator).rewards -= owed;
        self.pay(delegator, owed);
        owed
    }

    pub fn pay(&mut self, to: Address, amount: u128) {
        if amount > 0 {
            self.accounts.entry(to).or_default().balance += amount;
        }
    }

    /// Bonds what has been taken from elsewhere; or why it cannot be.
    pub fn bond(
        &mut self,
        delegator: Address,
        validator: Address,
        amount: u128,
    ) -> Vec<FailureCode> {
        let (whole, shares) = (self.validators[&validator].bonded, self.shares(validator));
        let minted = if shares == 0 { amount } else { amount * shares / whole };
        let reasons = unfit(minted, shares);
        if reasons.is_empty() {
            self.stakes.entry((delegator, validator)).or_default().shares += minted;
            self.validator(validator).bonded += amount;
        }
        reasons
    }

    /// Why so much cannot leave a delegation.
    pub fn held_back(
        &self,
        delegator: Address,
        validator: Address,
        amount: u128,
    ) -> Vec<FailureCode> {
        let mut reasons = Vec::new();
        let worth = self.worth(delegator, validator);
        let least = u128::from(self.params.staking.min_delegation.0);
        if amount > worth || worth == 0 {
            reasons.push(FailureCode::InsufficientStake);
        }
        if amount == 0 || (amount < least && amount != worth) {
            reasons.push(FailureCode::AmountTooSmall);
        }
        if amount > worth.saturating_sub(self.locked(delegator, validator)) {
            reasons.push(FailureCode::StakeLocked);
        }
        reasons
    }

    /// Burns the shares of what leaves, and those whose rest is worth nothing.
    pub fn burn(&mut self, delegator: Address, validator: Address, amount: u128) {
        let (whole, shares) = (self.validators[&validator].bonded, self.shares(validator));
        let burnt = (amount * shares).div_ceil(whole);
        self.validator(validator).bonded -= amount;
        self.stakes.get_mut(&(delegator, validator)).expect("it has stake").shares -= burnt;
        if self.worth(delegator, validator) == 0 {
            if self.stake(delegator, validator).shares > 0 {
                self.count("a rest of shares is burnt");
            }
            self.stakes.get_mut(&(delegator, validator)).expect("it has stake").shares = 0;
        }
        if self.shares(validator) == 0 {
            self.fee_pool += std::mem::take(&mut self.validator(validator).bonded);
        }
    }

    /// Puts what leaves into the pool of its last epoch; or why it cannot be.
    pub fn unbonding(
        &mut self,
        delegator: Address,
        validator: Address,
        amount: u128,
    ) -> Vec<FailureCode> {
        let last = self.last();
        let pool = self.pools.entry((validator, last)).or_default();
        let shares: u128 = pool.shares.values().sum();
        let minted = if shares == 0 { amount } else { amount * shares / pool.amount };
        let reasons = unfit(minted, shares);
        if reasons.is_empty() {
            pool.amount += amount;
            *pool.shares.entry(delegator).or_default() += minted;
            if !self.queue.contains(&(last, delegator, validator)) {
                self.queue.push_back((last, delegator, validator));
            }
        }
        reasons
    }

    /// Pays what is due, in the order in which it was asked for.
    pub fn pay_out(&mut self) {
        let (period, epoch) = (self.params.staking.unbonding_epochs, self.epoch());
        let mut paid = 0;
        while paid < MAX_PAYMENTS
            && self.queue.front().is_some_and(|(last, ..)| last + period < epoch)
        {
            let (last, delegator, validator) = self.queue.pop_front().expect("a front");
            self.settle(delegator, validator);
            let pool = self.pools.get_mut(&(validator, last)).expect("a pool");
            let all: u128 = pool.shares.values().sum();
            let shares = pool.shares.remove(&delegator).expect("its shares");
            let amount = shares * pool.amount / all;
            pool.amount -= amount;
            if pool.shares.is_empty() {
                self.fee_pool += self.pools.remove(&(validator, last)).expect("a pool").amount;
            }
            self.pay(delegator, amount);
            self.count("a payment");
            paid += 1;
        }
        if paid == MAX_PAYMENTS {
            self.count("a block of payments");
        }
    }

    /// Whether stake of a last epoch is liable still.
    pub fn is_liable(&self, last: u64) -> bool {
        last + self.params.staking.unbonding_epochs >= self.epoch()
    }

    pub fn liable(&self) -> impl Iterator<Item = &Redelegation> {
        self.redelegations.iter().filter(|one| self.is_liable(one.last))
    }

    /// What of a delegation is liable for former validators.
    pub fn locked(&self, delegator: Address, to: Address) -> u128 {
        let mine = |one: &&Redelegation| (one.delegator, one.to) == (delegator, to);
        self.liable().filter(mine).map(|one| one.amount).sum()
    }

    /// Notes a redelegation; or why there cannot be another.
    pub fn lock(&mut self, wanted: Redelegation) -> Vec<FailureCode> {
        let (delegator, from, to) = (wanted.delegator, wanted.from, wanted.to);
        let away = self.liable().filter(|one| one.from == from).count();
        let mine = self.liable().filter(|one| (one.delegator, one.to) == (delegator, to)).count();
        if away >= MAX_REDELEGATIONS || mine >= MAX_LOCKS {
            return vec![FailureCode::TooManyRedelegations];
        }
        self.redelegations.push(wanted);
        Vec::new()
    }

    /// Who is a candidate now. There are never as many here as there may be.
    pub fn review(&mut self) {
        let least = u128::from(self.params.staking.min_self_bond.0);
        let is = |(operator, validator): (&Address, &Validator)| {
            let is_in = !validator.is_tombstoned && self.self_bond(*operator) >= least;
            is_in.then_some(*operator)
        };
        self.candidates = self.validators.iter().filter_map(is).collect();
    }
}

/// Why shares cannot be added to so many.
fn unfit(minted: u128, shares: u128) -> Vec<FailureCode> {
    let mut reasons = Vec::new();
    if minted == 0 {
        reasons.push(FailureCode::AmountTooSmall);
    }
    if minted + shares > u128::from(u64::MAX) {
        reasons.push(FailureCode::ShareOverflow);
    }
    reasons
}

/// So many basis points of an amount, rounded down.
pub fn part(amount: u128, bps: u16) -> u128 {
    amount * u128::from(bps) / WHOLE
}
