//! What validators owe: rewards by an index that rises for each share, and commission
//! (docs/economics.md, Rewards).

use quorate_types::worth::{index_rise, rewards_owed};
use quorate_types::{Address, Amount, Delegation, Event, FailureCode, ValidatorEntry};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::pools::portion;
use crate::stop::Applied;

impl Draft<'_> {
    /// Pays a delegator what its shares are owed, and moves its index on.
    pub(crate) fn settle(
        &mut self,
        delegator: Address,
        validator: &mut ValidatorEntry,
        delegation: &mut Delegation,
    ) -> Applied<Amount> {
        let owed = rewards_owed(validator, delegation);
        let rewards = validator.rewards.checked_sub(owed);
        validator.rewards = rewards.ok_or(LedgerError::Unsound("rewards"))?;
        delegation.index = validator.index;
        self.pay(delegator, owed)?;
        Ok(owed)
    }

    pub(crate) fn withdraw_rewards(
        &mut self,
        sender: Address,
        operator: Address,
    ) -> Applied<Event> {
        let mut holding = self.open(sender, operator)?;
        if sender != operator && holding.delegation.shares == 0 {
            return Err(FailureCode::InsufficientStake.into());
        }
        let mut rewards = holding.rewards;
        if sender == operator {
            let commission = std::mem::take(&mut holding.validator.commission);
            self.pay(operator, commission)?;
            rewards = rewards.checked_add(commission).ok_or(FailureCode::BalanceOverflow)?;
        }
        self.close(&holding, holding.cause())?;
        Ok(Event::RewardsWithdrawn { delegator: sender, validator: operator, rewards })
    }
}

/// Notes that a validator is owed a reward: the commission of its operator, the rest by shares.
pub(crate) fn reward(validator: &mut ValidatorEntry, reward: u64) -> Result<(), LedgerError> {
    let commission = portion(reward, validator.commission_bps);
    let rest = reward.saturating_sub(commission);
    let sum = |owed: Amount, more| owed.checked_add(Amount(more));
    let too_much = LedgerError::Unsound("rewards");
    validator.commission = sum(validator.commission, commission).ok_or(too_much.clone())?;
    validator.rewards = sum(validator.rewards, rest).ok_or(too_much)?;
    let rise = index_rise(Amount(rest), validator.shares).unwrap_or(0);
    // Only differences count, and none reaches 2^127: a share is never owed more than the supply.
    validator.index = validator.index.wrapping_add(rise);
    Ok(())
}
