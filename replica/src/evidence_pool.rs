//! What convicts validators and waits for a block: found here, judged, and not yet carried by a decided
//! block. Bounded: one piece for each offender and height, and a number of them.

use std::collections::BTreeMap;

use quorate_types::{Evidence, Height, ValidatorIndex};

/// Pieces that wait at most; of more, the newest are passed over: the store keeps them all.
const MAX_WAITING: usize = 256;

/// By height and offender, so the oldest come first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct EvidencePool(BTreeMap<(Height, ValidatorIndex), Evidence>);

impl EvidencePool {
    /// Keeps a piece; the first of an offender and height stays.
    pub(crate) fn insert(&mut self, evidence: Evidence) {
        if self.0.len() < MAX_WAITING {
            self.0.entry(place(&evidence)).or_insert(evidence);
        }
    }

    /// What waits, oldest first.
    pub(crate) fn waiting(&self) -> Vec<Evidence> {
        self.0.values().cloned().collect()
    }

    /// A decided block carries these.
    pub(crate) fn include(&mut self, carried: &[Evidence]) {
        for evidence in carried {
            self.0.remove(&place(evidence));
        }
    }

    /// Nothing below this height can be brought any more.
    pub(crate) fn forget_below(&mut self, height: Height) {
        self.0.retain(|(of, _), _| *of >= height);
    }
}

fn place(evidence: &Evidence) -> (Height, ValidatorIndex) {
    (evidence.height(), evidence.accused())
}
