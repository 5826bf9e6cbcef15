//! Delay, around the time at which the others give up: just before it for everything (BZ7), just
//! after it for one phase (BZ8).

use quorate_types::Step;

use super::Behaviour;
use super::hand::{Hand, Letter};
use super::silent::{draw_phase, step_of};
use crate::plan::MS;
use crate::random::Random;

/// What views last at their shortest, at the start and at their longest base, in milliseconds (T-2).
const BASES_MS: [u64; 4] = [300, 600, 1_000, 4_000];
/// How far from it, in milliseconds.
const MARGIN_MS: u64 = 40;

/// Holds messages back.
#[derive(Debug)]
pub(super) struct Delayed {
    /// Which step; everything where there is none.
    step: Option<Step>,
    after_us: u64,
}

impl Delayed {
    pub(super) fn all(random: &mut Random) -> Delayed {
        let base = random.pick(&BASES_MS).unwrap_or(0);
        Delayed { step: None, after_us: base.saturating_sub(MARGIN_MS).saturating_mul(MS) }
    }

    pub(super) fn one_phase(random: &mut Random) -> Delayed {
        let base = random.pick(&BASES_MS).unwrap_or(0);
        let after_us = base.saturating_add(MARGIN_MS).saturating_mul(MS);
        Delayed { step: Some(draw_phase(random)), after_us }
    }
}

impl Behaviour for Delayed {
    fn on_send(&mut self, hand: &mut Hand<'_>, mut letter: Letter) {
        let is_meant = match self.step {
            None => true,
            Some(step) => letter.message().and_then(step_of) == Some(step),
        };
        if is_meant {
            hand.deviate();
            letter.after_us = letter.after_us.saturating_add(self.after_us);
        }
        hand.pass(letter);
    }

    fn is_filter(&self) -> bool {
        true
    }
}
