//! The clocks of a node: a wall clock that may be wrong, run fast or slow and be set in mid-view, and
//! a monotonic clock that never goes back, but runs at the same wrong rate and stands still while the
//! machine is suspended. True time is that of the run. Timers go by the monotonic clock.

use quorate_replica::Now;
use quorate_types::Timestamp;

use crate::event::{Event, NodeId};
use crate::plan::{MS, SECOND, Span};
use crate::setup::GENESIS_MS;
use crate::world::World;

/// The rate of a clock that is right, in thousandths of true time.
pub(crate) const TRUE_RATE: u64 = 1_000;
/// The rates of clocks that drift, by a tenth at most.
pub(crate) const DRIFT: Span = Span::new(900, 1_100);
/// How far validators' clocks may differ, in milliseconds (M-2).
const TOLERANCE_MS: u64 = 500;
const DAY_MS: u64 = 24 * 3_600 * 1_000;
const YEAR_MS: u64 = 365 * DAY_MS;
/// The first moments that do not fit 31 and 32 bits of seconds, in Unix milliseconds.
const ROLLOVERS_MS: [u64; 2] = [(1 << 31) * 1_000, (1 << 32) * 1_000];
/// How long a machine is suspended, in microseconds: briefly, or until its clock is far behind.
const SUSPENDED: [Span; 2] = [Span::new(10 * MS, 5 * SECOND), Span::new(SECOND, 600 * SECOND)];

/// What the clocks of a node show, from a moment of true time on.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// That moment, in microseconds.
    since_us: u64,
    /// What they showed then, in microseconds.
    monotonic_us: u64,
    wall_us: u64,
    /// The latest that the wall clock showed before it was set.
    latest_us: u64,
    /// How fast they run, in thousandths.
    rate: u64,
    /// The monotonic clock stands still.
    stands: bool,
}

impl Clock {
    /// The clocks at the start of a run, ahead by so many milliseconds.
    pub(crate) fn new(ahead_ms: u64, rate: u64) -> Clock {
        let wall_us = true_wall_ms(0).saturating_add(ahead_ms).saturating_mul(MS);
        Clock { since_us: 0, monotonic_us: 0, wall_us, latest_us: 0, rate, stands: false }
    }

    /// What a core is told.
    pub(crate) fn now(&self, now_us: u64) -> Now {
        let wall_us = self.wall_us.saturating_add(self.passed_us(now_us));
        Now { monotonic_ms: self.monotonic_us(now_us) / MS, wall: Timestamp(wall_us / MS) }
    }

    /// The latest that the wall clock has ever shown.
    pub(crate) fn latest_wall(&self, now_us: u64) -> Timestamp {
        self.now(now_us).wall.max(Timestamp(self.latest_us / MS))
    }

    /// The monotonic clock, in microseconds.
    pub(crate) fn monotonic_us(&self, now_us: u64) -> u64 {
        let passed_us = if self.stands { 0 } else { self.passed_us(now_us) };
        self.monotonic_us.saturating_add(passed_us)
    }

    /// How long it takes, in true microseconds, until the monotonic clock shows a moment; none
    /// while it stands still.
    pub(crate) fn until(&self, now_us: u64, due_us: u64) -> Option<u64> {
        let left_us = due_us.saturating_sub(self.monotonic_us(now_us));
        (!self.stands).then(|| left_us.saturating_mul(TRUE_RATE).div_ceil(self.rate))
    }

    fn passed_us(&self, now_us: u64) -> u64 {
        now_us.saturating_sub(self.since_us).saturating_mul(self.rate) / TRUE_RATE
    }

    /// What changes next changes from now on.
    fn change(&mut self, now_us: u64) -> &mut Clock {
        (self.monotonic_us, self.wall_us) =
            (self.monotonic_us(now_us), self.wall_us.saturating_add(self.passed_us(now_us)));
        self.since_us = now_us;
        self
    }

    /// The machine starts: the monotonic clock starts anywhere.
    pub(crate) fn boot(&mut self, now_us: u64, origin_ms: u64) {
        let clock = self.change(now_us);
        clock.stands = false;
        clock.monotonic_us = origin_ms.saturating_mul(MS);
    }
}

/// What a wall clock shows that is right, in Unix milliseconds.
fn true_wall_ms(now_us: u64) -> u64 {
    GENESIS_MS.saturating_add(1).saturating_add(now_us / MS)
}

impl World {
    /// Sets a node's wall clock, to so many milliseconds beside the right time.
    pub fn set_clock(&mut self, id: NodeId, beside_ms: i64) {
        let wall_ms = true_wall_ms(self.now_us).saturating_add_signed(beside_ms);
        self.set_wall(id, wall_ms);
    }

    /// Sets a node's wall clock, in Unix milliseconds.
    pub fn set_wall(&mut self, id: NodeId, wall_ms: u64) {
        self.note(id, "set clock", &wall_ms.to_be_bytes());
        let now_us = self.now_us;
        let clock = self.node_mut(id).clock.change(now_us);
        clock.latest_us = clock.latest_us.max(clock.wall_us);
        clock.wall_us = wall_ms.saturating_mul(MS);
    }

    /// Lets a node's clocks run at another rate, in thousandths of true time; 0 is no rate.
    pub fn set_rate(&mut self, id: NodeId, rate: u64) {
        let now_us = self.now_us;
        self.node_mut(id).clock.change(now_us).rate = rate.max(1);
        self.wind_timers(id);
    }

    /// Suspends a node's machine for a while: the process stands still, and with it the monotonic
    /// clock, but not the wall clock. Nothing happens if it does not run.
    pub fn suspend(&mut self, id: NodeId, lasts_us: u64) {
        let now_us = self.now_us;
        let node = self.node_mut(id);
        let boot = node.boot;
        let Some(process) = &mut node.process else { return };
        process.paused = true;
        node.clock.change(now_us).stands = true;
        self.after(lasts_us, Event::Resume { node: id, boot });
    }

    /// The machine goes on, if it was suspended.
    pub(crate) fn thaw(&mut self, id: NodeId) {
        let now_us = self.now_us;
        let clock = &mut self.node_mut(id).clock;
        if clock.stands {
            clock.change(now_us).stands = false;
            self.wind_timers(id);
        }
    }

    /// Running timers fire at their time by the clock as it runs now.
    fn wind_timers(&mut self, id: NodeId) {
        let now_us = self.now_us;
        let World { nodes, schedule, .. } = self;
        let Some(node) = nodes.get_mut(id.position()) else { return };
        let Some(process) = &node.process else { return };
        for (timer, running) in &process.timers {
            if let Some(left_us) = node.clock.until(now_us, running.due_us) {
                let (boot, generation) = (node.boot, running.generation);
                let event = Event::Timer { node: id, boot, timer: *timer, generation };
                schedule.at(now_us.saturating_add(left_us), event);
            }
        }
    }

    /// One clock jumps, or those of a group together; or a machine is suspended.
    pub(crate) fn jump_clocks(&mut self) {
        let nodes = self.nodes();
        if self.random.chance(200) {
            let running = self.running();
            let span = self.random.pick(&SUSPENDED);
            if let (Some(id), Some(span)) = (self.random.pick(&running), span) {
                let lasts_us = span.draw(&mut self.random);
                self.suspend(id, lasts_us);
            }
            return;
        }
        let group: Vec<NodeId> = if self.random.chance(300) {
            nodes.into_iter().filter(|_| self.random.chance(500)).collect()
        } else {
            self.random.pick(&nodes).into_iter().collect()
        };
        let wall_ms = self.draw_wall_ms();
        for id in group {
            self.set_wall(id, wall_ms);
        }
    }

    fn draw_wall_ms(&mut self) -> u64 {
        let right_ms = true_wall_ms(self.now_us);
        let by_ms = match self.random.below(6) {
            0 => self.random.below(TOLERANCE_MS),
            1 => self.random.between(TOLERANCE_MS, 4 * TOLERANCE_MS),
            2 => self.random.below(DAY_MS),
            3 => YEAR_MS,
            // A clock that has lost its battery, and one that is about to overflow.
            4 => return self.random.below(SECOND),
            _ => {
                let rollover_ms = self.random.pick(&ROLLOVERS_MS).unwrap_or(right_ms);
                return rollover_ms.saturating_sub(self.random.below(5_000));
            }
        };
        if self.random.chance(500) {
            right_ms.saturating_add(by_ms)
        } else {
            right_ms.saturating_sub(by_ms)
        }
    }

    /// A clock is right again, as far as those of a run are.
    pub(crate) fn mend_clock(&mut self, id: NodeId) {
        let ahead_ms = self.random.between(0, self.plan.clock_ms);
        let wall_ms = true_wall_ms(self.now_us).saturating_add(ahead_ms);
        self.set_wall(id, wall_ms);
        self.set_rate(id, TRUE_RATE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_drifts_jumps_and_stands_still() {
        let mut clock = Clock::new(0, 1_100);
        clock.boot(0, 7);
        let start = Timestamp(GENESIS_MS + 1);
        assert_eq!(clock.now(SECOND), Now { monotonic_ms: 1_107, wall: start.plus(1_100) });
        assert_eq!(clock.until(SECOND, 1_107 * MS), Some(0));
        assert_eq!(clock.until(SECOND, 2_207 * MS), Some(SECOND));
        clock.change(SECOND).stands = true;
        assert_eq!(clock.until(2 * SECOND, 2_207 * MS), None);
        clock.change(3 * SECOND).stands = false;
        let slept = Now { monotonic_ms: 1_107, wall: start.plus(3_300) };
        assert_eq!(clock.now(3 * SECOND), slept);
        assert_eq!(clock.until(3 * SECOND, 2_207 * MS), Some(SECOND));
    }
}
