//! Who took part in an epoch so far, counted from the certificates that blocks carry (M-5) and from
//! the blocks' proposers, window by window (docs/economics.md).

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::limits::MAX_VALIDATORS;
use crate::numbers::ValidatorIndex;
use crate::reader::Reader;

/// The counts of one epoch, by index into its set: a single value of the state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Participation {
    /// Certificates counted: heights of the epoch.
    pub heights: u64,
    /// Windows that are over.
    pub windows: u32,
    /// Of each validator, whether it was seen in the window that is not over.
    pub seen: Vec<bool>,
    /// Of each validator, the windows that are over in which it was present.
    pub present: Vec<u32>,
}

impl Participation {
    /// Nothing counted of a set of `validators`.
    #[must_use]
    pub fn new(validators: usize) -> Participation {
        let (seen, present) = (vec![false; validators], vec![0; validators]);
        Participation { heights: 0, windows: 0, seen, present }
    }

    /// A validator signed, or proposed.
    pub fn see(&mut self, index: ValidatorIndex) {
        if let Some(seen) = self.seen.get_mut(index.position()) {
            *seen = true;
        }
    }

    /// A height is counted; the window ends with it where it is the last of `window` heights.
    pub fn count_height(&mut self, window: u64) {
        self.heights = self.heights.saturating_add(1);
        if self.heights.checked_rem(window).is_none_or(|left| left == 0) {
            self.end_window();
        }
    }

    /// The epoch is over: a window that has begun ends, however short.
    pub fn close(&mut self, window: u64) {
        if self.heights.checked_rem(window).is_some_and(|left| left != 0) {
            self.end_window();
        }
    }

    fn end_window(&mut self) {
        self.windows = self.windows.saturating_add(1);
        for (seen, present) in self.seen.iter_mut().zip(&mut self.present) {
            *present = present.saturating_add(u32::from(std::mem::take(seen)));
        }
    }
}

impl Canonical for Participation {
    fn encode(&self, writer: &mut Writer) {
        writer.u64(self.heights);
        writer.u32(self.windows);
        writer.list(&self.seen);
        writer.list(&self.present);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let participation = Participation {
            heights: reader.u64()?,
            windows: reader.u32()?,
            seen: reader.list("participation", MAX_VALIDATORS)?,
            present: reader.list("participation", MAX_VALIDATORS)?,
        };
        if participation.seen.len() != participation.present.len() {
            return Err(DecodeError::Invalid("participation: lengths"));
        }
        Ok(participation)
    }
}
