//! Values by number: each is held once, equal values have one number.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Numbers for values.
pub struct Interner<T> {
    values: Vec<Arc<T>>,
    by_hash: BTreeMap<u64, Vec<u32>>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner { values: Vec::new(), by_hash: BTreeMap::new() }
    }
}

impl<T: Eq + Hash> Interner<T> {
    /// The number of a value, old or new.
    pub fn number(&mut self, value: T) -> u32 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        let numbers = self.by_hash.entry(hasher.finish()).or_default();
        let known = numbers.iter().find(|number| *self.values[position(**number)] == value);
        if let Some(number) = known {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap();
        numbers.push(number);
        self.values.push(Arc::new(value));
        number
    }

    pub fn value(&self, number: u32) -> Arc<T> {
        self.values[position(number)].clone()
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }
}

fn position(number: u32) -> usize {
    usize::try_from(number).unwrap()
}
