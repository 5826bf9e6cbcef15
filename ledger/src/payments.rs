//! Unbonding stake that is paid out, in the order in which it was asked for (docs/economics.md,
//! Stake).

use quorate_types::limits::MAX_PAYMENTS_PER_BLOCK;
use quorate_types::{Payment, PaymentCursor, StateKey, StateKind};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::holding::Cause;

impl Draft<'_> {
    /// Makes the payments that are due, as many as a block may make.
    pub(crate) fn pay_out(&mut self) -> Result<(), LedgerError> {
        let kind = StateKind::PaymentCursor;
        let before: PaymentCursor = self.single(kind, "payment cursor")?;
        let mut cursor = before;
        let mut left = MAX_PAYMENTS_PER_BLOCK;
        let liable = self.first_liable()?;
        while left > 0 && cursor.epoch < liable {
            let key = StateKey::payments(cursor.epoch);
            let count: u64 = self.get(&key, "payments")?.unwrap_or_default();
            if cursor.number >= count {
                self.set(key, None)?;
                cursor = PaymentCursor { epoch: cursor.epoch.next(), number: 0 };
                continue;
            }
            self.pay_one(cursor)?;
            cursor.number = cursor.number.saturating_add(1);
            left -= 1;
        }
        if cursor != before {
            self.put_single(kind, &cursor)?;
        }
        Ok(())
    }

    fn pay_one(&mut self, cursor: PaymentCursor) -> Result<(), LedgerError> {
        let (last, key) = (cursor.epoch, StateKey::payment(cursor.epoch, cursor.number));
        let payment: Option<Payment> = self.get(&key, "payment")?;
        let Payment { delegator, validator } = payment.ok_or(LedgerError::Missing("payment"))?;
        self.set(key, None)?;
        let mut holding = self.open(delegator, validator)?;
        let unbonding = &mut holding.delegation.unbonding;
        let place = unbonding.iter().position(|entry| entry.last == last);
        let shares = place.map_or(0, |place| unbonding.remove(place).shares);
        let mut pool = self.unbonding_pool(&validator, last)?;
        let amount = pool.value(shares);
        pool.amount = pool.amount.saturating_sub(amount.0);
        pool.shares = pool.shares.saturating_sub(shares);
        self.put_unbonding_pool(&validator, last, pool)?;
        self.close(&holding, Cause::Other)?;
        Ok(self.pay(delegator, amount)?)
    }
}
