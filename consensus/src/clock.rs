//! When the timer of a view starts: R-0 for view 0, the gate of T-3 above it.

use crate::input::{Now, TimerId, TimerKind};
use crate::state::State;
use crate::step::{Action, Step};
use crate::timers::resend_after_ms;
use quorate_crypto::museum;
use quorate_types::View;

/// What has happened that timers wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Clock {
    /// There is a reason for a block.
    pub(crate) due: bool,
    /// The target interval since the parent has passed.
    pub(crate) interval_passed: bool,
    /// When the timer of the current view started, in milliseconds.
    pub(crate) view_started_ms: Option<u64>,
    /// When the latest pre-prepare was accepted, in milliseconds; the next height counts from it.
    pub(crate) accepted_ms: Option<u64>,
    /// The timer of a held pre-prepare of the current view is running (T-1).
    pub(crate) holding: bool,
    /// Rounds of sending own messages again.
    resends: u64,
}

impl State {
    /// starts the timers of the height. Intervals count from `origin_ms`, when the parent's
    /// pre-prepare was accepted, or from now.
    pub(crate) fn start_clock(&mut self, now: Now, origin_ms: Option<u64>, out: &mut Step) {
        let passed = now.monotonic_ms.saturating_sub(origin_ms.unwrap_or(now.monotonic_ms));
        self.clock.due |= self.start.work_waiting || self.start.parent_has_content;
        match self.start.min_interval_ms.checked_sub(passed) {
            None | Some(0) => self.clock.interval_passed = true,
            Some(left) => self.set_timer(TimerKind::Interval, left, out),
        }
        match self.start.idle_interval_ms.checked_sub(passed) {
            None | Some(0) => self.clock.due = true,
            Some(left) => self.set_timer(TimerKind::Idle, left, out),
        }
        self.start_resend_timer(out);
    }

    /// the next round.
    pub(crate) fn start_resend_timer(&mut self, out: &mut Step) {
        let after_ms = resend_after_ms(self.me.as_ref(), self.height(), self.clock.resends);
        self.clock.resends = self.clock.resends.saturating_add(1);
        self.set_timer(TimerKind::Resend, after_ms, out);
    }

    /// R-0 and T-3: starts the timer of the view, once, when its time has come.
    pub(crate) fn try_start_timer(&mut self, now: Now, out: &mut Step) -> bool {
        if self.clock.view_started_ms.is_some() || !self.is_timer_due() {
            return false;
        }
        self.clock.view_started_ms = Some(now.monotonic_ms);
        let after_ms = self.pace.timeout_ms(self.view());
        self.set_timer(TimerKind::View, after_ms, out);
        true
    }

    fn is_timer_due(&self) -> bool {
        let set = &self.start.set;
        if self.view() == View::ZERO {
            let due = self.clock.due || self.presence.is_weak(set);
            return due && self.clock.interval_passed;
        }
        if museum!(GateOpen) {
            return true;
        }
        let view = if museum!(GateShut) { View(u64::MAX) } else { self.view() };
        self.record.accepted.is_some() || self.presence.is_quorum_at(view, set)
    }

    /// Asks for a timer of this height; those of the whole height have view 0.
    pub(crate) fn set_timer(&self, kind: TimerKind, after_ms: u64, out: &mut Step) {
        let view = match kind {
            TimerKind::View | TimerKind::Hold => self.view(),
            TimerKind::Interval | TimerKind::Idle | TimerKind::Resend => View::ZERO,
        };
        let timer = TimerId { height: self.height(), view, kind };
        out.now.push(Action::SetTimer { timer, after_ms });
    }

    /// A timer of this height fired; those of views that were left are late and change nothing.
    pub(crate) fn on_timer(&mut self, timer: TimerId, out: &mut Step) {
        match timer.kind {
            TimerKind::Interval => self.clock.interval_passed = true,
            TimerKind::Idle => self.clock.due = true,
            TimerKind::Resend => self.on_resend(out),
            TimerKind::Hold => self.clock.holding &= timer.view != self.view(),
            TimerKind::View => {
                let started = self.clock.view_started_ms.is_some();
                if timer.view == self.view() && started && self.decision.is_none() {
                    self.enter(self.view().next());
                }
            }
        }
    }
}
