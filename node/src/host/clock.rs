//! The two clocks that the core is told.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quorate_replica::Now;
use quorate_types::Timestamp;

/// Time since the process started, and the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Now {
            monotonic_ms: milliseconds(self.start.elapsed()),
            wall: Timestamp(milliseconds(since_epoch)),
        }
    }

    /// The moment that the monotonic clock shows `monotonic_ms`.
    pub(crate) fn instant(&self, monotonic_ms: u64) -> Instant {
        self.start + Duration::from_millis(monotonic_ms)
    }
}

/// Whole milliseconds, saturating.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
