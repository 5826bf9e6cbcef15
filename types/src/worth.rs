//! What shares are worth and what is owed for them: the formulas of docs/economics.md, each once.
//! A *whole* is what is held in shares: a validator's bonded base units, or a pool's.

use crate::numbers::Amount;
use crate::stake::{Delegation, UnbondingPool, ValidatorEntry};

/// Base units held in shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Whole {
    /// Base units, T.
    pub amount: Amount,
    /// The shares that they are held in, S.
    pub shares: u64,
}

impl From<&ValidatorEntry> for Whole {
    fn from(entry: &ValidatorEntry) -> Self {
        Whole { amount: entry.bonded, shares: entry.shares }
    }
}

impl From<&UnbondingPool> for Whole {
    fn from(pool: &UnbondingPool) -> Self {
        Whole { amount: pool.amount, shares: pool.shares }
    }
}

impl Whole {
    /// What some of the shares are worth, rounded down: s * T / S. Nothing where there are none;
    /// never more than the whole.
    #[must_use]
    pub fn worth(&self, shares: u64) -> Amount {
        let shares = shares.min(self.shares);
        Amount(divided(shares, self.amount.0, self.shares).unwrap_or(0))
    }

    /// The shares that an amount buys, rounded down: a at S = 0, else a * S / T. None where they
    /// do not fit, or where shares are worth nothing.
    #[must_use]
    pub fn bought(&self, amount: Amount) -> Option<u64> {
        if self.shares == 0 {
            Some(amount.0)
        } else {
            divided(amount.0, self.shares, self.amount.0)
        }
    }

    /// The shares that an amount costs who takes it out, rounded up: a * S / T. None where they do
    /// not fit, or where shares are worth nothing.
    #[must_use]
    pub fn burnt(&self, amount: Amount) -> Option<u64> {
        let product = u128::from(amount.0) * u128::from(self.shares);
        let whole = (self.amount.0 != 0).then_some(u128::from(self.amount.0))?;
        u64::try_from(product.div_ceil(whole)).ok()
    }
}

/// a * b / c, rounded down; none at c = 0 or beyond u64.
fn divided(one: u64, other: u64, by: u64) -> Option<u64> {
    let quotient = (u128::from(one) * u128::from(other)).checked_div(u128::from(by))?;
    u64::try_from(quotient).ok()
}

/// How much the index rises by rewards for shares, in 2^-64 base units for each share, rounded
/// down; none without shares.
#[must_use]
pub fn index_rise(rewards: Amount, shares: u64) -> Option<u128> {
    (u128::from(rewards.0) << 64).checked_div(u128::from(shares))
}

/// What a validator owes for a delegation's shares since it was last settled, in base units,
/// rounded down: (index - its index) * shares / 2^64, the difference modulo 2^128. It is never more
/// than was shared out, since the shares were part of all that the index rose for.
#[must_use]
pub fn rewards_owed(validator: &ValidatorEntry, delegation: &Delegation) -> Amount {
    let risen = validator.index.wrapping_sub(delegation.index);
    let shares = u128::from(delegation.shares);
    // In two parts, since the product takes 192 bits.
    let (units, part) = (risen >> 64, risen & u128::from(u64::MAX));
    let owed = units.saturating_mul(shares).saturating_add((part * shares) >> 64);
    Amount(u64::try_from(owed).unwrap_or(u64::MAX))
}
