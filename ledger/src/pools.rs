//! Shares of an amount: what is minted for base units, burnt for them, and worth. The same for a
//! validator's bonded units and for an unbonding pool (docs/economics.md, Stake). Every division
//! favours those whose shares stay.

use quorate_types::worth::Whole;
use quorate_types::{Amount, FailureCode, UnbondingPool, ValidatorEntry};

/// Base units and the shares that they are held in. Without shares there are no units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pool {
    pub(crate) amount: u64,
    pub(crate) shares: u64,
}

impl Pool {
    pub(crate) fn of(validator: &ValidatorEntry) -> Pool {
        Pool { amount: validator.bonded.0, shares: validator.shares }
    }

    /// What shares are worth, rounded down.
    pub(crate) fn value(&self, shares: u64) -> Amount {
        self.whole().worth(shares)
    }

    fn whole(&self) -> Whole {
        Whole { amount: Amount(self.amount), shares: self.shares }
    }

    /// Adds units; returns the shares that they are held in.
    pub(crate) fn mint(&mut self, amount: Amount) -> Result<u64, FailureCode> {
        let minted = self.whole().bought(amount).ok_or(FailureCode::ShareOverflow)?;
        if minted == 0 {
            return Err(FailureCode::AmountTooSmall);
        }
        self.shares = self.shares.checked_add(minted).ok_or(FailureCode::ShareOverflow)?;
        self.amount = self.amount.checked_add(amount.0).ok_or(FailureCode::ShareOverflow)?;
        Ok(minted)
    }

    /// Takes units that a holder of `held` shares has; returns the shares left to it. What is worth
    /// less than a base unit is burnt too. Units may be left without shares.
    pub(crate) fn burn(&mut self, amount: Amount, held: u64) -> Result<u64, FailureCode> {
        if amount > self.value(held) {
            return Err(FailureCode::InsufficientStake);
        }
        let burnt = self.whole().burnt(amount).unwrap_or(held).min(held);
        self.amount -= amount.0;
        self.shares -= burnt;
        let left = held - burnt;
        if self.value(left) == Amount::ZERO {
            self.shares -= left;
            return Ok(0);
        }
        Ok(left)
    }

    /// Takes up to an amount from all holders alike, but the last base unit; returns how much.
    pub(crate) fn slash(&mut self, amount: u64) -> u64 {
        let taken = amount.min(self.amount.saturating_sub(1));
        self.amount -= taken;
        taken
    }
}

impl From<UnbondingPool> for Pool {
    fn from(pool: UnbondingPool) -> Pool {
        Pool { amount: pool.amount.0, shares: pool.shares }
    }
}

impl From<Pool> for UnbondingPool {
    fn from(pool: Pool) -> UnbondingPool {
        UnbondingPool { amount: Amount(pool.amount), shares: pool.shares }
    }
}

/// a * b / c, rounded down; nothing of nothing. At most `u64::MAX`, which no sound figure reaches.
pub(crate) fn quotient(a: u64, b: u64, c: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product.checked_div(c.into()).map_or(0, |value| u64::try_from(value).unwrap_or(u64::MAX))
}

/// Basis points of an amount, rounded down.
pub(crate) fn portion(amount: u64, bps: u16) -> u64 {
    quotient(amount, bps.into(), quorate_types::WHOLE_BPS.into())
}
