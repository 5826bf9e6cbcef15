//! Stake that comes and goes: delegate, unbond, redelegate (docs/economics.md, Stake).

use quorate_types::limits::{MAX_LOCKS, MAX_REDELEGATIONS};
use quorate_types::{
    Address, Amount, Epoch, Event, FailureCode, Lock, Payment, Redelegation, StakeMove, Standing,
    StateKey, Unbonding,
};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::holding::Holding;
use crate::stop::Applied;

impl Draft<'_> {
    pub(crate) fn delegate(&mut self, sender: Address, stake: StakeMove) -> Applied<Event> {
        let StakeMove { validator, amount } = stake;
        let mut holding = self.open(sender, validator)?;
        if holding.validator.standing == Standing::Tombstoned {
            return Err(FailureCode::Tombstoned.into());
        }
        if amount < self.params().min_delegation {
            return Err(FailureCode::AmountTooSmall.into());
        }
        self.take(sender, amount)?;
        holding.add(amount)?;
        self.close(&holding, holding.cause())?;
        let rewards = holding.rewards;
        Ok(Event::Delegated { delegator: sender, validator, amount, rewards })
    }

    pub(crate) fn unbond(&mut self, sender: Address, stake: StakeMove) -> Applied<Event> {
        let StakeMove { validator, amount } = stake;
        let mut holding = self.open(sender, validator)?;
        self.take_out(&mut holding, amount)?;
        let last = self.last_epoch();
        self.let_go(&mut holding, last, amount)?;
        self.close(&holding, holding.cause())?;
        let rewards = holding.rewards;
        Ok(Event::Unbonded { delegator: sender, validator, amount, rewards, last })
    }

    pub(crate) fn redelegate(
        &mut self,
        sender: Address,
        from: Address,
        to: Address,
        amount: Amount,
    ) -> Applied<Event> {
        if from == to {
            return Err(FailureCode::SameValidator.into());
        }
        let mut former = self.open(sender, from)?;
        let mut next = self.open(sender, to)?;
        if next.validator.standing == Standing::Tombstoned {
            return Err(FailureCode::Tombstoned.into());
        }
        self.take_out(&mut former, amount)?;
        next.add(amount)?;
        self.lock(&mut former, &mut next, amount)?;
        self.close(&former, former.cause())?;
        self.close(&next, next.cause())?;
        let rewards = former.rewards.checked_add(next.rewards);
        let rewards = rewards.ok_or(FailureCode::BalanceOverflow)?;
        Ok(Event::Redelegated { delegator: sender, from, to, amount, rewards })
    }

    /// Takes bonded units that are free to go.
    fn take_out(&mut self, holding: &mut Holding, amount: Amount) -> Applied<()> {
        let value = holding.value();
        if amount > value || value == Amount::ZERO {
            return Err(FailureCode::InsufficientStake.into());
        }
        let is_small = amount < self.params().min_delegation && amount != value;
        if amount == Amount::ZERO || is_small {
            return Err(FailureCode::AmountTooSmall.into());
        }
        if amount.0 > value.0.saturating_sub(holding.locked().0) {
            return Err(FailureCode::StakeLocked.into());
        }
        let unowned = holding.remove(amount)?;
        Ok(self.give_to_fee_pool(unowned)?)
    }

    /// Puts units that left into the pool of an epoch, to be paid out when it is over.
    fn let_go(&mut self, holding: &mut Holding, last: Epoch, amount: Amount) -> Applied<()> {
        let mut pool = self.unbonding_pool(&holding.operator, last)?;
        let shares = pool.mint(amount)?;
        self.put_unbonding_pool(&holding.operator, last, pool)?;
        let unbonding = &mut holding.delegation.unbonding;
        match unbonding.last_mut().filter(|entry| entry.last == last) {
            // At most the shares of the pool, which fit.
            Some(entry) => entry.shares = entry.shares.saturating_add(shares),
            None => {
                unbonding.push(Unbonding { last, shares });
                self.ask_for_payment(holding, last)?;
            }
        }
        Ok(())
    }

    fn ask_for_payment(&mut self, holding: &Holding, last: Epoch) -> Result<(), LedgerError> {
        let key = StateKey::payments(last);
        let number: u64 = self.get(&key, "payments")?.unwrap_or_default();
        let payment = Payment { delegator: holding.delegator, validator: holding.operator };
        self.put(StateKey::payment(last, number), &payment)?;
        self.put(key, &number.saturating_add(1))
    }

    /// Keeps redelegated units liable for their former validator.
    fn lock(&mut self, former: &mut Holding, next: &mut Holding, amount: Amount) -> Applied<()> {
        self.forget_redelegations(former)?;
        let from = &mut former.validator;
        let count = from.next_redelegation.saturating_sub(from.first_redelegation);
        if count >= MAX_REDELEGATIONS || next.delegation.locks.len() >= MAX_LOCKS {
            return Err(FailureCode::TooManyRedelegations.into());
        }
        let last = self.last_epoch();
        let key = StateKey::redelegation(&former.operator, from.next_redelegation);
        from.next_redelegation = from.next_redelegation.saturating_add(1);
        next.delegation.locks.push(Lock { last, amount });
        let (delegator, to) = (former.delegator, next.operator);
        Ok(self.put(key, &Redelegation { delegator, to, amount, last })?)
    }

    /// Drops those that are no longer liable: the oldest come first.
    fn forget_redelegations(&mut self, former: &mut Holding) -> Result<(), LedgerError> {
        let liable = self.first_liable()?;
        let entry = &mut former.validator;
        while entry.first_redelegation < entry.next_redelegation {
            let key = StateKey::redelegation(&former.operator, entry.first_redelegation);
            let oldest: Option<Redelegation> = self.get(&key, "redelegation")?;
            if oldest.is_some_and(|oldest| oldest.last >= liable) {
                break;
            }
            self.set(key, None)?;
            entry.first_redelegation = entry.first_redelegation.saturating_add(1);
        }
        Ok(())
    }
}
