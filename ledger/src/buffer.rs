//! What a block touches of one kind of thing, as it was and as it is, with undo for the
//! transaction at work.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::error::LedgerError;

/// Values by key, loaded on first use.
pub(crate) struct Buffer<K, V> {
    touched: BTreeMap<K, Touched<V>>,
    /// What the transaction at work has replaced, oldest first.
    replaced: Vec<(K, Option<V>)>,
}

/// None: nothing stands there.
#[derive(Clone, Debug)]
pub(crate) struct Touched<V> {
    pub(crate) before: Option<V>,
    pub(crate) now: Option<V>,
}

impl<K: Ord + Clone, V: Clone + PartialEq> Buffer<K, V> {
    pub(crate) fn new() -> Buffer<K, V> {
        Buffer { touched: BTreeMap::new(), replaced: Vec::new() }
    }

    /// What stands under a key; `load` reads it where this is the first use.
    pub(crate) fn touch(
        &mut self,
        key: &K,
        load: impl FnOnce() -> Result<Option<V>, LedgerError>,
    ) -> Result<&mut Touched<V>, LedgerError> {
        match self.touched.entry(key.clone()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(place) => {
                let before = load()?;
                Ok(place.insert(Touched { before: before.clone(), now: before }))
            }
        }
    }

    /// Puts a value under a key, or nothing.
    pub(crate) fn set(
        &mut self,
        key: K,
        value: Option<V>,
        load: impl FnOnce() -> Result<Option<V>, LedgerError>,
    ) -> Result<(), LedgerError> {
        let before = std::mem::replace(&mut self.touch(&key, load)?.now, value);
        self.replaced.push((key, before));
        Ok(())
    }

    /// What was set stays: the next transaction begins.
    pub(crate) fn keep(&mut self) {
        self.replaced.clear();
    }

    /// Takes back what was set since [`Buffer::keep`].
    pub(crate) fn undo(&mut self) {
        while let Some((key, before)) = self.replaced.pop() {
            if let Some(touched) = self.touched.get_mut(&key) {
                touched.now = before;
            }
        }
    }

    /// Everything that was touched, ascending by key.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (&K, &Touched<V>)> {
        self.touched.iter()
    }

    /// What is other than before, ascending by key.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (&K, &Touched<V>)> {
        self.touched().filter(|(_, touched)| touched.before != touched.now)
    }
}
