//! How far a primary stretches its interval under load: so far that executing takes at most
//! half of the time, and blocks become larger instead of more.

/// Old executions that a new one weighs as much as, less one.
const WEIGHT: u64 = 8;
/// The longest stretch, in milliseconds.
const MAX_STRETCH_MS: u64 = 200;

/// The moving mean of how long a block takes from being handed to execution to its result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Pace {
    /// The mean in milliseconds, times its weight.
    scaled_mean: u64,
    since_ms: u64,
}

impl Pace {
    /// A block is handed to execution.
    pub(crate) fn begin(&mut self, now_ms: u64) {
        self.since_ms = now_ms;
    }

    /// The result of the block that was handed over last is here.
    pub(crate) fn end(&mut self, now_ms: u64) {
        let took_ms = now_ms.saturating_sub(self.since_ms).min(MAX_STRETCH_MS);
        let mean = self.scaled_mean / WEIGHT;
        self.scaled_mean = self.scaled_mean.saturating_add(took_ms).saturating_sub(mean);
    }

    /// The least interval between blocks, in milliseconds, given the chain's own.
    pub(crate) fn interval_ms(&self, chain_ms: u64) -> u64 {
        let twice = self.scaled_mean.saturating_mul(2) / WEIGHT;
        chain_ms.max(twice.min(MAX_STRETCH_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(took_ms: u64, blocks: u64) -> Pace {
        let mut pace = Pace::default();
        for block in 0..blocks {
            pace.begin(block * 1_000);
            pace.end(block * 1_000 + took_ms);
        }
        pace
    }

    #[test]
    fn quick_execution_stretches_nothing_and_slow_one_to_its_double() {
        assert_eq!(after(0, 100).interval_ms(5), 5);
        assert_eq!(after(2, 100).interval_ms(5), 5);
        assert!((56..=60).contains(&after(30, 100).interval_ms(5)));
        assert_eq!(after(10_000, 100).interval_ms(5), MAX_STRETCH_MS);
        assert_eq!(after(10_000, 100).interval_ms(1_000), 1_000, "never below the chain's own");
    }
}
