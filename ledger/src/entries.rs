//! What a block touches of the state beside accounts, as bytes, as it was and as it is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;

use quorate_types::{StateKey, StateReader};

use crate::error::LedgerError;
use crate::state::StateView;

/// Loaded on first use.
pub(crate) struct Entries<'a> {
    state: &'a StateView<'a>,
    touched: BTreeMap<StateKey, Entry>,
    /// What the transaction at work has replaced, oldest first.
    replaced: Vec<(StateKey, Option<Vec<u8>>)>,
}

/// None: nothing stands there.
pub(crate) struct Entry {
    pub(crate) before: Option<Vec<u8>>,
    pub(crate) now: Option<Vec<u8>>,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(state: &'a StateView<'a>) -> Entries<'a> {
        Entries { state, touched: BTreeMap::new(), replaced: Vec::new() }
    }

    /// Whether something stands under the key now.
    pub(crate) fn has(&mut self, key: &StateKey) -> Result<bool, LedgerError> {
        Ok(self.touch(key)?.now.is_some())
    }

    /// Puts a value under a key, or nothing.
    pub(crate) fn set(&mut self, key: StateKey, value: Option<Vec<u8>>) -> Result<(), LedgerError> {
        let before = std::mem::replace(&mut self.touch(&key)?.now, value);
        self.replaced.push((key, before));
        Ok(())
    }

    /// Every touched entry, ascending by key.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (&StateKey, &Entry)> {
        self.touched.iter()
    }

    /// What was set stays: the next transaction begins.
    pub(crate) fn keep(&mut self) {
        self.replaced.clear();
    }

    /// Takes back what was set since [`Entries::keep`].
    pub(crate) fn undo(&mut self) {
        while let Some((key, before)) = self.replaced.pop() {
            if let Some(entry) = self.touched.get_mut(&key) {
                entry.now = before;
            }
        }
    }

    fn touch(&mut self, key: &StateKey) -> Result<&mut Entry, LedgerError> {
        match self.touched.entry(key.clone()) {
            MapEntry::Occupied(entry) => Ok(entry.into_mut()),
            MapEntry::Vacant(place) => {
                let before = self.state.get(key)?;
                Ok(place.insert(Entry { before: before.clone(), now: before }))
            }
        }
    }
}
