//! An epoch as the state keeps it: the heights that have one validator set and one set of
//! parameters (EP-1).

use std::sync::Arc;

use crate::address::Address;
use crate::canonical::{Canonical, canonical_struct};
use crate::numbers::{Epoch, Height};
use crate::params::ChainParams;
use crate::read::{ReadError, StateReader};
use crate::reader::Reader;
use crate::state_key::StateKey;
use crate::validator_set::ValidatorSet;

/// Which heights, which validators, which parameters. Made before its first height, never changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EpochEntry {
    /// Which epoch.
    pub number: Epoch,
    /// Its first height.
    pub first: Height,
    /// The parameters of its heights.
    pub params: ChainParams,
    /// V of its heights.
    pub validators: ValidatorSet,
}

canonical_struct!(EpochEntry { number, first, params, validators });

impl EpochEntry {
    /// Its last height.
    #[must_use]
    pub fn last(&self) -> Height {
        self.first.plus(self.params.epoch_length.saturating_sub(1))
    }

    /// Whether a height is one of its.
    #[must_use]
    pub fn contains(&self, height: Height) -> bool {
        (self.first..=self.last()).contains(&height)
    }

    /// The epoch of a height up to the last one of `current`, by the entries that a state keeps.
    /// None where the entry is not kept any more, or the height is above. Only one is decoded whole.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn find(
        state: &dyn StateReader,
        current: &Arc<EpochEntry>,
        height: Height,
    ) -> Result<Option<Arc<EpochEntry>>, ReadError> {
        if height >= current.first {
            return Ok(current.contains(height).then(|| Arc::clone(current)));
        }
        for number in (0..current.number.0).rev().map(Epoch) {
            let Some(bytes) = state.get(&StateKey::epoch(number))? else {
                return Ok(None);
            };
            let corrupt = |error| ReadError(format!("entry of epoch {number}: {error}"));
            let mut reader = Reader::new(&bytes);
            let first = Epoch::decode(&mut reader).and_then(|_| Height::decode(&mut reader));
            if first.map_err(corrupt)? <= height {
                let entry = EpochEntry::from_bytes(&bytes).map_err(corrupt)?;
                return Ok(Some(Arc::new(entry)));
            }
        }
        Ok(None)
    }
}

/// The epochs of three heights in a row: of h, of h + 1 and of h + 2, as executing h leaves them.
/// Header h + 1 names the sets of the last two.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Epochs {
    /// Of h; at genesis that of height 1.
    pub executed: Arc<EpochEntry>,
    /// Of h + 1.
    pub next: Arc<EpochEntry>,
    /// Of h + 2.
    pub after: Arc<EpochEntry>,
}

impl Epochs {
    /// A single epoch, as at genesis.
    #[must_use]
    pub fn single(entry: Arc<EpochEntry>) -> Epochs {
        Epochs { executed: Arc::clone(&entry), next: Arc::clone(&entry), after: entry }
    }

    /// The epoch of a height, if it is one of these.
    #[must_use]
    pub fn of(&self, height: Height) -> Option<&Arc<EpochEntry>> {
        [&self.after, &self.next, &self.executed].into_iter().find(|entry| entry.contains(height))
    }
}

/// The epochs that the state knows: single value, brought up to date with each epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EpochClock {
    /// The epoch of the next height.
    pub current: Epoch,
    /// The oldest one whose entry is kept.
    pub oldest: Epoch,
}

canonical_struct!(EpochClock { current, oldest });

/// The epochs by which a node judges what it hears: up to three in a row, of which one is that of
/// the height being decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KnownEpochs {
    /// Ascending, without a gap, never empty.
    entries: Vec<Arc<EpochEntry>>,
    current: Arc<EpochEntry>,
}

impl KnownEpochs {
    /// What executing a height leaves; the one above it is decided next.
    #[must_use]
    pub fn new(epochs: &Epochs) -> KnownEpochs {
        let entries = vec![Arc::clone(&epochs.executed)];
        let mut known = KnownEpochs { entries, current: Arc::clone(&epochs.next) };
        known.learn(epochs);
        known
    }

    /// Takes in what executing another height leaves. Whether there is a new epoch.
    pub fn learn(&mut self, epochs: &Epochs) -> bool {
        let newest = |known: &KnownEpochs| known.entries.last().map(|entry| entry.number);
        let before = newest(self);
        for entry in [&epochs.next, &epochs.after] {
            if newest(self) < Some(entry.number) {
                self.entries.push(Arc::clone(entry));
            }
        }
        self.entries.drain(..self.entries.len().saturating_sub(3));
        newest(self) != before
    }

    /// A height is decided next. Whether that begins another epoch than before; none if its epoch
    /// is not known.
    pub fn enter(&mut self, height: Height) -> Option<bool> {
        let entry = Arc::clone(self.of(height)?);
        let is_new = entry.number != self.current.number;
        self.current = entry;
        Some(is_new)
    }

    /// The epoch of the height being decided.
    #[must_use]
    pub fn current(&self) -> &Arc<EpochEntry> {
        &self.current
    }

    /// All of them, ascending.
    #[must_use]
    pub fn entries(&self) -> &[Arc<EpochEntry>] {
        &self.entries
    }

    /// The epoch of a height, if it is known.
    #[must_use]
    pub fn of(&self, height: Height) -> Option<&Arc<EpochEntry>> {
        self.entries.iter().find(|entry| entry.contains(height))
    }

    /// Which epochs are known, from the first to the last, and which is the current one: the same
    /// three judge alike.
    #[must_use]
    pub fn span(&self) -> [Epoch; 3] {
        let number = |entry: Option<&Arc<EpochEntry>>| entry.map_or(Epoch::FIRST, |e| e.number);
        [number(self.entries.first()), number(self.entries.last()), self.current.number]
    }

    /// Whether an operator has a validator in any of the known epochs.
    #[must_use]
    pub fn has_validator(&self, operator: &Address) -> bool {
        self.entries.iter().any(|entry| entry.validators.index_of_address(operator).is_some())
    }

    /// V of a height, if it is known.
    #[must_use]
    pub fn set_of(&self, height: Height) -> Option<&ValidatorSet> {
        self.of(height).map(|entry| &entry.validators)
    }
}
