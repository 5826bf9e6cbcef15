//! The two orders of waiting transactions: which is taken into a block first, and which is given
//! up first when there is no room. Rates are compared by cross-multiplication: no rounding.

use std::cmp::{Ordering, Reverse};

use quorate_types::{Amount, Transaction};

/// The place in the queue for a block: the smaller rank goes first. Higher fee per byte first,
/// then earlier arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rank {
    pub(crate) fee: Amount,
    pub(crate) bytes: u32,
    /// Counts insertions, so no two waiting transactions share it.
    pub(crate) arrival: u64,
}

impl Rank {
    pub(crate) fn of(transaction: &Transaction, arrival: u64) -> Rank {
        let bytes = u32::try_from(transaction.bytes().len());
        Rank {
            fee: transaction.body().fee,
            bytes: bytes.expect("a transaction's lengths are bounded far below 4 GiB"),
            arrival,
        }
    }

    fn cmp_rate(&self, other: &Rank) -> Ordering {
        let own = u128::from(self.fee.0) * u128::from(other.bytes);
        own.cmp(&(u128::from(other.fee.0) * u128::from(self.bytes)))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        // Fee and bytes come last only to agree with equality; arrivals differ already.
        self.cmp_rate(other)
            .reverse()
            .then(self.arrival.cmp(&other.arrival))
            .then(self.fee.cmp(&other.fee))
            .then(self.bytes.cmp(&other.bytes))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What a transaction is worth keeping for: the smaller worth goes first. One behind a gap costs
/// its sender nothing while the gap stays, so it yields to any that a block could take; then the
/// lower fee per byte goes, then the later arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Worth {
    pub(crate) ready: bool,
    pub(crate) rank: Reverse<Rank>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(fee: u64, bytes: u32, arrival: u64) -> Rank {
        Rank { fee: Amount(fee), bytes, arrival }
    }

    #[test]
    fn a_higher_rate_then_an_earlier_arrival_goes_first() {
        assert!(rank(3, 200, 9) < rank(1, 100, 1), "1.5 % before 1 %");
        assert!(rank(2, 200, 1) < rank(1, 100, 2), "equal rates by arrival");
        assert!(rank(u64::MAX, u32::MAX - 1, 9) < rank(u64::MAX, u32::MAX, 1), "no rounding");
        assert!(rank(0, 1, 1) < rank(0, 900, 2), "no fee is the lowest rate at any length");
    }

    #[test]
    fn a_gap_then_a_lower_rate_then_a_later_arrival_is_worth_less() {
        let worth = |ready, rank| Worth { ready, rank: Reverse(rank) };
        assert!(worth(false, rank(9, 1, 1)) < worth(true, rank(1, 1, 2)));
        assert!(worth(true, rank(1, 1, 1)) < worth(true, rank(2, 1, 2)));
        assert!(worth(true, rank(1, 1, 2)) < worth(true, rank(1, 1, 1)));
    }
}
