//! Taking stake for an offence: from what unbonds, from what was redelegated, then from what is
//! bonded (docs/economics.md, Punishment).

use quorate_types::{
    Address, Amount, Epoch, Notice, Power, Redelegation, StateKey, ValidatorEntry,
};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::holding::Cause;
use crate::pools::{Pool, portion};

/// What a validator is slashed for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offence {
    pub(crate) operator: Address,
    /// In which epoch.
    pub(crate) epoch: Epoch,
    /// Its power then.
    pub(crate) power: Power,
    /// How much of it is taken, in basis points.
    pub(crate) bps: u16,
}

impl Draft<'_> {
    /// Takes and burns at most the offence's part of the power.
    pub(crate) fn slash(&mut self, offence: Offence) -> Result<(), LedgerError> {
        let most = portion(offence.power.0, offence.bps);
        let mut left = self.slash_pools(offence, most)?;
        left = self.slash_redelegations(offence, left)?;
        left = self.slash_bonded(offence.operator, left)?;
        let taken = most.saturating_sub(left);
        self.burnt = self.burnt.saturating_add(taken);
        if taken > 0 {
            let Offence { operator: validator, epoch, .. } = offence;
            self.notices.push(Notice::Slashed { validator, epoch, amount: Amount(taken) });
        }
        Ok(())
    }

    /// The part of each unbonding pool of the epoch and later; returns what is left to take.
    fn slash_pools(&mut self, offence: Offence, left: u64) -> Result<u64, LedgerError> {
        let mut left = left;
        let mut last = offence.epoch;
        while last <= self.last_epoch() && left > 0 {
            let mut pool = self.unbonding_pool(&offence.operator, last)?;
            let taken = pool.slash(portion(pool.amount, offence.bps).min(left));
            if taken > 0 {
                self.put_unbonding_pool(&offence.operator, last, pool)?;
            }
            left = left.saturating_sub(taken);
            last = last.next();
        }
        Ok(left)
    }

    /// The part of each redelegation of the epoch and later, the oldest first.
    fn slash_redelegations(&mut self, offence: Offence, left: u64) -> Result<u64, LedgerError> {
        let validator = self.chosen_validator(&offence.operator)?;
        let mut left = left;
        for number in validator.first_redelegation..validator.next_redelegation {
            let key = StateKey::redelegation(&offence.operator, number);
            let moved: Option<Redelegation> = self.get(&key, "redelegation")?;
            let Some(mut moved) = moved.filter(|moved| moved.last >= offence.epoch) else {
                continue;
            };
            let wanted = portion(moved.amount.0, offence.bps).min(left);
            if wanted == 0 {
                continue;
            }
            let taken = self.slash_redelegation(&moved, wanted)?;
            moved.amount = Amount(moved.amount.0.saturating_sub(taken));
            self.put(key, &moved)?;
            left = left.saturating_sub(taken);
        }
        Ok(left)
    }

    /// Takes from where the stake is now, as far as there is any; it is no longer locked then.
    fn slash_redelegation(
        &mut self,
        moved: &Redelegation,
        wanted: u64,
    ) -> Result<u64, LedgerError> {
        let mut holding = self.open(moved.delegator, moved.to)?;
        let taken = Amount(wanted.min(holding.value().0));
        if taken > Amount::ZERO {
            let unowned =
                holding.remove(taken).map_err(|code| LedgerError::Unsound(code.name()))?;
            self.give_to_fee_pool(unowned)?;
        }
        let mut unlocked = taken.0;
        for lock in holding.delegation.locks.iter_mut().filter(|lock| lock.last == moved.last) {
            let part = unlocked.min(lock.amount.0);
            lock.amount = Amount(lock.amount.0 - part);
            unlocked -= part;
        }
        self.close(&holding, Cause::Other)?;
        Ok(taken.0)
    }

    fn slash_bonded(&mut self, operator: Address, left: u64) -> Result<u64, LedgerError> {
        let validator = self.chosen_validator(&operator)?;
        let mut pool = Pool::of(&validator);
        let taken = pool.slash(left);
        let validator = ValidatorEntry { bonded: Amount(pool.amount), ..validator };
        self.put_stake(&operator, &validator, Cause::Other)?;
        Ok(left.saturating_sub(taken))
    }
}
