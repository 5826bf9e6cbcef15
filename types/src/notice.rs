//! What executing a block tells those who run the chain: for the log and for metrics, and for a node to
//! know which evidence it need keep no longer. Under no root.

use std::fmt;

use crate::address::Address;
use crate::numbers::{Amount, Epoch};

/// Something that no transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// Stake was taken and burnt.
    Slashed {
        /// Whose validator.
        validator: Address,
        /// The epoch that it is for.
        epoch: Epoch,
        /// How much, in base units.
        amount: Amount,
    },
    /// A validator is out for the time being.
    Jailed {
        /// Whose.
        validator: Address,
        /// The first epoch in which it may ask to be released.
        until: Epoch,
    },
    /// A validator is out for ever.
    Tombstoned {
        /// Whose.
        validator: Address,
    },
    /// The set of an epoch has fewer than four validators: it tolerates no fault (EP-2).
    FewValidators {
        /// Of which epoch.
        epoch: Epoch,
        /// How many.
        count: usize,
    },
    /// A validator of an epoch has a third of the power or more (EP-2).
    LargePower {
        /// Of which epoch.
        epoch: Epoch,
        /// Whose.
        validator: Address,
    },
    /// Nobody could be chosen for an epoch: the former set stays (EP-2).
    NobodyChosen {
        /// For which epoch.
        epoch: Epoch,
    },
    /// An epoch has other parameters than the one before, by vote.
    NewParams {
        /// Which epoch.
        epoch: Epoch,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Slashed { validator, epoch, amount } => {
                write!(formatter, "{validator} loses {amount} base units for epoch {epoch}")
            }
            Notice::Jailed { validator, until } => {
                write!(formatter, "{validator} is jailed until epoch {until}")
            }
            Notice::Tombstoned { validator } => {
                write!(formatter, "{validator} is tombstoned: its stake was used for two votes")
            }
            Notice::FewValidators { epoch, count } => {
                write!(formatter, "epoch {epoch} has {count} validators: none may fail")
            }
            Notice::LargePower { epoch, validator } => {
                write!(formatter, "{validator} has a third of the power in epoch {epoch}")
            }
            Notice::NobodyChosen { epoch } => {
                write!(formatter, "nobody can be chosen for epoch {epoch}: the former set stays")
            }
            Notice::NewParams { epoch } => {
                write!(formatter, "epoch {epoch} has the parameters that a quorum has voted for")
            }
        }
    }
}
