//! V(h) of every height that anybody may speak of, as the oracles compute it: of genesis first, then
//! of each epoch when the last height but one of the one before is executed (EP-1).

use quorate_types::Height;

use super::stakes::Stakes;

/// The validators of each epoch, oldest first.
#[derive(Debug)]
pub(crate) struct Sets {
    /// With the first height of each.
    epochs: Vec<(Height, Stakes)>,
}

impl Sets {
    pub(crate) fn new(genesis: Stakes) -> Sets {
        Sets { epochs: vec![(Height(1), genesis)] }
    }

    /// V(h). Of a height whose epoch is not yet known, which only the Byzantine speak of, the newest.
    pub(crate) fn at(&self, height: Height) -> &Stakes {
        let of = self.epochs.iter().rev().find(|(first, _)| *first <= height);
        let (_, stakes) = of.or(self.epochs.first()).expect("genesis has validators");
        stakes
    }

    /// The newest that are known.
    pub(crate) fn newest(&self) -> &Stakes {
        self.at(Height(u64::MAX))
    }

    /// The validators of the epoch that begins at a height.
    pub(crate) fn learn(&mut self, first: Height, stakes: Stakes) {
        self.epochs.push((first, stakes));
    }
}
