//! How long a view may last (T-2), and how far apart own messages are sent again. Integers
//! only; safety never depends on any of it.

use quorate_crypto::museum;
use quorate_crypto::{Domain, ValidatorPublicKey};
use quorate_types::{Height, View};

/// Milliseconds between two rounds of sending own messages again.
const RESEND_MS: u64 = 2_000;
/// How far a round may lie from its time, either way, in milliseconds: 20 %.
const RESEND_JITTER_MS: u64 = 400;
/// Milliseconds that each view beyond the first at the cap lasts longer (T-2).
const TAIL_MS: u64 = 100;
/// Old rounds of the moving mean that a new one weighs as much as, less one.
const MEAN_WEIGHT: u64 = 8;
/// The same of the moving mean deviation.
const DEVIATION_WEIGHT: u64 = 4;

/// The bounds of the view timeout, in milliseconds (T-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timeouts {
    /// The base never falls below.
    pub min_ms: u64,
    /// The base before anything was decided.
    pub initial_ms: u64,
    /// The base never rises above.
    pub max_ms: u64,
    /// Doubling from view to view ends here.
    pub cap_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { min_ms: 300, initial_ms: 1_000, max_ms: 4_000, cap_ms: 10_000 }
    }
}

/// The adaptive base: two mean rounds and four mean deviations, within the bounds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pace {
    timeouts: Timeouts,
    /// The moving mean of the rounds' milliseconds, times its weight.
    scaled_mean: u64,
    /// The moving mean of the distances from the mean, times its weight.
    scaled_deviation: u64,
}

impl Pace {
    /// Before any round: mean and deviation that make the initial base.
    pub(crate) fn new(timeouts: Timeouts) -> Pace {
        let initial = timeouts.initial_ms.min(timeouts.cap_ms);
        Pace {
            timeouts,
            scaled_mean: (initial / 4).saturating_mul(MEAN_WEIGHT),
            scaled_deviation: (initial / 8).saturating_mul(DEVIATION_WEIGHT),
        }
    }

    /// Learns how long a view took from the start of its timer to the decision in it.
    pub(crate) fn learn(&mut self, elapsed_ms: u64) {
        let round = elapsed_ms.min(self.timeouts.cap_ms);
        let distance = round.abs_diff(self.mean());
        self.scaled_mean = self.scaled_mean.saturating_add(round) - self.mean();
        self.scaled_deviation = self.scaled_deviation.saturating_add(distance) - self.deviation();
    }

    /// Timeout(view) in milliseconds (T-2).
    pub(crate) fn timeout_ms(&self, view: View) -> u64 {
        let cap = if museum!(NoCap) { u64::MAX / 4 } else { self.timeouts.cap_ms };
        let mut doubled = self.base_ms();
        let mut beyond = view.0;
        while beyond > 0 && doubled < cap {
            doubled = doubled.saturating_mul(if museum!(NoBackOff) { 1 } else { 2 });
            beyond -= 1;
        }
        let tail = beyond.saturating_mul(TAIL_MS);
        doubled.min(cap).saturating_add(tail).min(cap.saturating_mul(2))
    }

    /// The longest that any view can last, in milliseconds.
    pub(crate) fn longest_ms(&self) -> u64 {
        self.timeouts.cap_ms.saturating_mul(2)
    }

    fn base_ms(&self) -> u64 {
        let deviations = self.deviation().saturating_mul(4);
        let estimate = self.mean().saturating_mul(2).saturating_add(deviations);
        estimate.min(self.timeouts.max_ms).max(self.timeouts.min_ms).max(1)
    }

    fn mean(&self) -> u64 {
        self.scaled_mean / MEAN_WEIGHT
    }

    fn deviation(&self) -> u64 {
        self.scaled_deviation / DEVIATION_WEIGHT
    }
}

/// Milliseconds to the next round of R-9. The jitter is a hash of (own key, height, round), so
/// that nodes spread without a source of randomness; nodes without a key share one.
pub(crate) fn resend_after_ms(me: Option<&ValidatorPublicKey>, height: Height, round: u64) -> u64 {
    const JITTER: Domain = Domain::new("quorate v1 resend jitter");
    let key = me.map_or(&[0; 32], ValidatorPublicKey::as_bytes);
    let seed = [&key[..], &height.0.to_be_bytes(), &round.to_be_bytes()].concat();
    let jitter = JITTER.xof(&seed).next_u64() % (2 * RESEND_JITTER_MS + 1);
    RESEND_MS - RESEND_JITTER_MS + jitter
}
