//! What one account has with one validator, both at hand: opened with its rewards paid, changed,
//! and closed, so that what hangs on it (lists, sums) is brought up to date in one place.

use quorate_types::limits::{MAX_CANDIDATES, MAX_DELEGATIONS};
use quorate_types::{
    Address, Amount, Canonical, Delegation, FailureCode, Standing, StateKey, StateKind,
    ValidatorEntry,
};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::pools::Pool;
use crate::stop::Applied;

/// Validators without which a chain bears no fault (EP-2).
pub(crate) const FEWEST_VALIDATORS: usize = 4;

/// Who changes a validator's stake.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Its operator, by an action.
    Operator,
    /// Somebody else, or a slash.
    Other,
}

/// An account's stake with a validator, and the validator.
pub(crate) struct Holding {
    pub(crate) delegator: Address,
    pub(crate) operator: Address,
    pub(crate) delegation: Delegation,
    pub(crate) validator: ValidatorEntry,
    /// The rewards that opening it paid.
    pub(crate) rewards: Amount,
}

impl Holding {
    /// What it is worth.
    pub(crate) fn value(&self) -> Amount {
        Pool::of(&self.validator).value(self.delegation.shares)
    }

    /// What of it came by redelegation and is still liable elsewhere.
    pub(crate) fn locked(&self) -> Amount {
        let locked =
            self.delegation.locks.iter().fold(0_u64, |sum, lock| sum.saturating_add(lock.amount.0));
        Amount(locked)
    }

    /// Bonds more.
    pub(crate) fn add(&mut self, amount: Amount) -> Result<(), FailureCode> {
        let mut pool = Pool::of(&self.validator);
        let minted = pool.mint(amount)?;
        self.set_pool(pool, self.delegation.shares.saturating_add(minted));
        Ok(())
    }

    /// Takes bonded units out; returns what is left without an owner.
    pub(crate) fn remove(&mut self, amount: Amount) -> Result<Amount, FailureCode> {
        let mut pool = Pool::of(&self.validator);
        let left = pool.burn(amount, self.delegation.shares)?;
        let unowned = if pool.shares == 0 { std::mem::take(&mut pool.amount) } else { 0 };
        self.set_pool(pool, left);
        Ok(Amount(unowned))
    }

    fn set_pool(&mut self, pool: Pool, shares: u64) {
        (self.validator.bonded, self.validator.shares) = (Amount(pool.amount), pool.shares);
        self.delegation.shares = shares;
        if self.is_own() {
            self.validator.self_shares = shares;
        }
    }

    fn is_own(&self) -> bool {
        self.delegator == self.operator
    }

    /// By whom an action of the delegator changes the validator.
    pub(crate) fn cause(&self) -> Cause {
        if self.is_own() { Cause::Operator } else { Cause::Other }
    }

    /// Whether nothing is left to note: a lock stays where its stake was slashed away, for as long
    /// as the redelegation is liable.
    fn is_empty(&self) -> bool {
        let Delegation { shares, locks, unbonding, .. } = &self.delegation;
        *shares == 0 && locks.is_empty() && unbonding.is_empty()
    }
}

impl Draft<'_> {
    /// Opens what an account has with a validator, pays its rewards, and forgets what is no longer
    /// locked.
    pub(crate) fn open(&mut self, delegator: Address, operator: Address) -> Applied<Holding> {
        let mut validator = self.known_validator(&operator)?;
        let mut delegation = self.delegation(&delegator, &operator)?;
        let rewards = self.settle(delegator, &mut validator, &mut delegation)?;
        let liable = self.first_liable()?;
        delegation.locks.retain(|lock| lock.last >= liable);
        Ok(Holding { delegator, operator, delegation, validator, rewards })
    }

    /// Writes an opened one back.
    pub(crate) fn close(&mut self, holding: &Holding, cause: Cause) -> Applied<()> {
        let Holding { delegator, operator, delegation, validator, .. } = holding;
        self.put_stake(operator, validator, cause)?;
        let value = (!holding.is_empty()).then(|| delegation.to_bytes());
        self.set(StateKey::delegation(delegator, operator), value)?;
        let key = StateKey::delegator(delegator);
        let mut validators = self.address_list(&key)?;
        if validators.contains(operator) != holding.is_empty() {
            return Ok(());
        }
        if holding.is_empty() {
            validators.remove(operator);
        } else if validators.as_slice().len() < MAX_DELEGATIONS {
            validators.insert(*operator);
        } else {
            return Err(FailureCode::TooManyDelegations.into());
        }
        let value = (!validators.as_slice().is_empty()).then(|| validators.to_bytes());
        Ok(self.set(key, value)?)
    }

    /// Writes a validator whose stake or standing has changed, and whether it is a candidate.
    pub(crate) fn put_stake(
        &mut self,
        operator: &Address,
        validator: &ValidatorEntry,
        cause: Cause,
    ) -> Applied<()> {
        let was = match self.validator(operator)? {
            Some(before) => self.is_candidate(&before),
            None => false,
        };
        let is = self.is_candidate(validator);
        self.put_validator(operator, validator)?;
        if was != is || cause == Cause::Operator {
            self.list_candidate(operator, is, cause)?;
        }
        Ok(())
    }

    fn list_candidate(&mut self, operator: &Address, is: bool, cause: Cause) -> Applied<()> {
        let key = StateKey::single(StateKind::Candidates);
        let mut candidates = self.address_list(&key)?;
        if candidates.contains(operator) == is {
            return Ok(());
        }
        let count = candidates.as_slice().len();
        match cause {
            Cause::Operator if is && count >= MAX_CANDIDATES => {
                return Err(FailureCode::TooManyValidators.into());
            }
            Cause::Operator if !is && self.params().keep_four && count <= FEWEST_VALIDATORS => {
                return Err(FailureCode::SetTooSmall.into());
            }
            // It stays out until its operator asks.
            Cause::Other if is && count >= MAX_CANDIDATES => return Ok(()),
            Cause::Operator | Cause::Other if is => candidates.insert(*operator),
            Cause::Operator | Cause::Other => candidates.remove(operator),
        }
        Ok(self.put(key, &candidates)?)
    }

    /// Whether a validator may be chosen, or could be if it were not jailed.
    fn is_candidate(&self, validator: &ValidatorEntry) -> bool {
        validator.standing != Standing::Tombstoned && self.has_self_bond(validator)
    }

    /// Whether the operator has bonded enough itself.
    pub(crate) fn has_self_bond(&self, validator: &ValidatorEntry) -> bool {
        self_bond(validator) >= self.params().min_self_bond
    }

    /// What nobody owns is shared out with the next epoch's rewards.
    pub(crate) fn give_to_fee_pool(&mut self, amount: Amount) -> Result<(), LedgerError> {
        let pool = self.fee_pool()?;
        let sum = pool.checked_add(amount).ok_or(LedgerError::Unsound("fee pool"))?;
        self.put_fee_pool(sum)
    }
}

/// What the operator has bonded itself.
pub(crate) fn self_bond(validator: &ValidatorEntry) -> Amount {
    Pool::of(validator).value(validator.self_shares)
}
