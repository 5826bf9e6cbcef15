//! The core's timers: one deadline per identity.

use std::collections::{BTreeMap, BTreeSet};

use quorate_replica::Timer;

/// Running timers by identity and by deadline, in milliseconds of the monotonic clock.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    deadlines: BTreeMap<Timer, u64>,
    order: BTreeSet<(u64, Timer)>,
}

impl Timers {
    /// Starts a timer; an earlier one of the same identity is replaced.
    pub(crate) fn set(&mut self, timer: Timer, deadline_ms: u64) {
        if let Some(earlier) = self.deadlines.insert(timer, deadline_ms) {
            self.order.remove(&(earlier, timer));
        }
        self.order.insert((deadline_ms, timer));
    }

    /// The next deadline.
    pub(crate) fn next(&self) -> Option<u64> {
        self.order.first().map(|(deadline_ms, _)| *deadline_ms)
    }

    /// Takes one timer whose time has come.
    pub(crate) fn take_due(&mut self, now_ms: u64) -> Option<Timer> {
        let (deadline_ms, timer) = *self.order.first()?;
        if deadline_ms > now_ms {
            return None;
        }
        self.order.pop_first();
        self.deadlines.remove(&timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use quorate_replica::RequestId;

    use super::*;

    #[test]
    fn fires_in_order_and_replaces_by_identity() {
        let (first, second) = (Timer::Request(RequestId(1)), Timer::Request(RequestId(2)));
        let mut timers = Timers::default();
        timers.set(first, 10);
        timers.set(second, 20);
        timers.set(first, 30);
        assert_eq!(timers.next(), Some(20));
        assert_eq!(timers.take_due(19), None);
        assert_eq!(timers.take_due(40), Some(second));
        assert_eq!(timers.take_due(40), Some(first));
        assert_eq!(timers.next(), None);
    }
}
