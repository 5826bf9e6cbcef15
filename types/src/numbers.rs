//! Numbers with a meaning. Arithmetic is explicit: nothing converts silently, and each type offers
//! only the operations that make sense for it. Source: protocol section 1 and X-4.

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::reader::Reader;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl Canonical for $name {
            fn encode(&self, writer: &mut Writer) {
                writer.u64(self.0);
            }

            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                reader.u64().map($name)
            }
        }
    };
}

number!(
    /// A block's position; genesis is 0, the first block 1.
    Height
);
number!(
    /// An attempt at a height, counted from 0.
    View
);
number!(
    /// A run of heights with one validator set, counted from 0.
    Epoch
);
number!(
    /// Weight of a validator's vote: its bonded base units, held down by a cap (EP-2), at least 1.
    Power
);
number!(
    /// A sum of money in base units; the whole supply is at most 2^63 - 1.
    Amount
);
number!(
    /// How many transactions an account has had included: the nonce its next one must carry.
    Nonce
);
number!(
    /// Unix time in milliseconds.
    Timestamp
);

impl Height {
    /// The height of genesis.
    pub const GENESIS: Height = Height(0);

    /// The height above; saturates, so that no peer's number can overflow.
    #[must_use]
    pub fn next(self) -> Height {
        self.plus(1)
    }

    /// The height below, or none at genesis.
    #[must_use]
    pub fn previous(self) -> Option<Height> {
        self.0.checked_sub(1).map(Height)
    }

    /// `heights` further up; saturates.
    #[must_use]
    pub fn plus(self, heights: u64) -> Height {
        Height(self.0.saturating_add(heights))
    }

    /// How far this height lies above `other`; zero when it does not.
    #[must_use]
    pub fn above(self, other: Height) -> u64 {
        self.0.saturating_sub(other.0)
    }
}

impl Epoch {
    /// The epoch that height 1 begins.
    pub const FIRST: Epoch = Epoch(0);

    /// The epoch of a height: heights 1 to `length` are epoch 0, and so on. Of length 0, which no
    /// chain has, epoch 0 never ends.
    #[must_use]
    pub fn of(height: Height, length: u64) -> Epoch {
        let index = height.previous().unwrap_or(Height::GENESIS);
        Epoch(index.0.checked_div(length).unwrap_or(0))
    }

    /// Whether a height is the last of its epoch.
    #[must_use]
    pub fn ends_at(height: Height, length: u64) -> bool {
        Epoch::of(height, length) != Epoch::of(height.next(), length)
    }

    /// The epoch after; saturates.
    #[must_use]
    pub fn next(self) -> Epoch {
        self.plus(1)
    }

    /// `epochs` later; saturates.
    #[must_use]
    pub fn plus(self, epochs: u64) -> Epoch {
        Epoch(self.0.saturating_add(epochs))
    }
}

impl View {
    /// The first view of every height.
    pub const ZERO: View = View(0);

    /// The view above; saturates, so that no peer's number can overflow.
    #[must_use]
    pub fn next(self) -> View {
        View(self.0.saturating_add(1))
    }
}

impl Nonce {
    /// The nonce after this one; none past the end of the range.
    #[must_use]
    pub fn next(self) -> Option<Nonce> {
        self.0.checked_add(1).map(Nonce)
    }
}

impl Amount {
    /// The largest supply a chain can have: 2^63 - 1 base units.
    pub const MAX_SUPPLY: Amount = Amount(i64::MAX.unsigned_abs());

    /// Nothing.
    pub const ZERO: Amount = Amount(0);

    /// The sum, or none on overflow.
    #[must_use]
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// The difference, or none when it would be negative.
    #[must_use]
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.0.checked_sub(other.0).map(Amount)
    }
}

impl Timestamp {
    /// `milliseconds` later; saturates.
    #[must_use]
    pub fn plus(self, milliseconds: u64) -> Timestamp {
        Timestamp(self.0.saturating_add(milliseconds))
    }

    /// `milliseconds` earlier; saturates at the epoch.
    #[must_use]
    pub fn minus(self, milliseconds: u64) -> Timestamp {
        Timestamp(self.0.saturating_sub(milliseconds))
    }
}

/// A validator's position in V(h), which is its bit in a certificate (M-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValidatorIndex(pub u16);

impl ValidatorIndex {
    /// The index as a position in a slice.
    #[must_use]
    pub fn position(self) -> usize {
        usize::from(self.0)
    }
}

impl std::fmt::Display for ValidatorIndex {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Canonical for ValidatorIndex {
    fn encode(&self, writer: &mut Writer) {
        writer.u16(self.0);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u16().map(ValidatorIndex)
    }
}
