//! Accepting the primary's pre-prepare. All checks come first: what fails one has no effect
//! but presence, and at view 0 a reason for the timer.

use quorate_crypto::museum;
use quorate_types::{Digest, PrePrepare, Timestamp, View};

use crate::input::{Now, TimerKind};
use crate::justification::{Proposal, Value, justify};
use crate::state::{Candidate, State};
use crate::step::{Action, Step};

/// How far a fresh block's time may lie from the local clock, in milliseconds (T-1).
const CLOCK_TOLERANCE_MS: u64 = 500;
/// Justified pre-prepares that wait for their checks, one per view; the lowest views go first.
const MAX_CANDIDATES: usize = 4;

impl State {
    /// Judges what needs no answer from outside, and asks the application for the rest. `arrived`
    /// is when the message first came, which may be before this height started (T-1).
    pub(crate) fn on_pre_prepare(
        &mut self,
        arrived: Timestamp,
        message: &PrePrepare,
        out: &mut Step,
    ) {
        let statement = &message.signed.statement;
        let view = statement.view;
        if self.primary(view) != Some(message.signed.signer) && !museum!(AnyPrimary) {
            return;
        }
        self.clock.due |= view == View::ZERO;
        let taken = view == self.view() && self.record.accepted.is_some();
        if view < self.view() || taken || self.candidates.contains_key(&view) {
            return;
        }
        let Some(digest) = statement.digest() else {
            return;
        };
        let Some(candidate) = self.judge_candidate(arrived, digest, message) else {
            return;
        };
        let stale = candidate.stale;
        self.candidates.insert(view, candidate);
        while self.candidates.len() > MAX_CANDIDATES {
            self.candidates.pop_first();
        }
        if !stale {
            self.blocks.learn(digest, &message.payload);
            self.validate(digest, out);
            let named = self.named_blocks();
            self.blocks.forget_all_but(&named);
        }
    }

    /// Section 6, the header, and how old it is; none when it is refused for good (I-7).
    fn judge_candidate(
        &self,
        arrived: Timestamp,
        digest: Digest,
        message: &PrePrepare,
    ) -> Option<Candidate> {
        let view = message.signed.statement.view;
        let justification = &message.justification;
        let proposal = Proposal { height: self.height(), view, digest, justification };
        let any = museum!(AnyJustification).then_some(Value::CarriedOver);
        let value = justify(proposal, &self.start.set).or(any)?;
        let header = message.payload.header();
        let value = if museum!(CarriedOverRechecked) { Value::Free } else { value };
        let (proposer, stale) = match value {
            Value::CarriedOver => (None, false),
            Value::Free => {
                let oldest = arrived.minus(CLOCK_TOLERANCE_MS).minus(self.pace.timeout_ms(view));
                let earliest = header.time == self.start.parent_time.plus(1);
                (Some(message.signed.signer), header.time < oldest && !earliest)
            }
        };
        let (signed, justification) = (message.signed, justification.clone());
        let candidate =
            Candidate { signed, justification, digest, value, time: header.time, stale };
        self.fits(header, proposer).then_some(candidate)
    }

    /// Asks the application to judge a block, once.
    pub(crate) fn validate(&mut self, digest: Digest, out: &mut Step) {
        if let Some(payload) = self.blocks.ask_verdict(digest) {
            out.now.push(Action::Validate { digest, payload });
        }
    }

    /// accepts the candidate of the highest view that has passed every check.
    pub(crate) fn try_accept(&mut self, now: Now, out: &mut Step) -> bool {
        let first = match self.record.accepted {
            None => self.view(),
            Some(_) => self.view().next(),
        };
        let passed = self.candidates.range(first..).rev().find(|(_, candidate)| {
            self.blocks.is_valid(candidate.digest) && self.wait_ms(now, candidate) == Some(0)
        });
        let Some((view, candidate)) = passed.map(|(view, candidate)| (*view, candidate.clone()))
        else {
            self.hold(now, out);
            return false;
        };
        self.enter(view);
        self.keep_proposal(view, candidate.signed, candidate.justification);
        self.accept(now, candidate.digest, out);
        true
    }

    /// accepted := digest; its write starts (S-2), the vote is asked for when the rules rest.
    pub(crate) fn accept(&mut self, now: Now, digest: Digest, out: &mut Step) {
        assert!(self.record.accepted.is_none(), "one block is accepted per view (I-2)");
        assert!(self.blocks.is_valid(digest), "only a valid block is accepted (I-6)");
        self.record.accepted = Some(digest);
        self.asking.is_dirty = true;
        self.clock.accepted_ms = Some(now.monotonic_ms);
        self.store(digest, out);
    }

    /// Starts the write of a block, once.
    pub(crate) fn store(&mut self, digest: Digest, out: &mut Step) {
        if self.blocks.ask_store(digest) {
            out.now.push(Action::StoreBlock(digest));
        }
    }

    /// T-1: how long a candidate is held, in milliseconds; none for one that came too late.
    fn wait_ms(&self, now: Now, candidate: &Candidate) -> Option<u64> {
        if candidate.stale {
            return None;
        }
        let earliest = candidate.time == self.start.parent_time.plus(1);
        if candidate.value == Value::CarriedOver || earliest || museum!(NoTimeWindow) {
            return Some(0);
        }
        Some(candidate.time.0.saturating_sub(now.wall.plus(CLOCK_TOLERANCE_MS).0))
    }

    /// Sets a timer for a valid candidate of this view that only its time holds back. No longer
    /// than any view lasts: a peer chooses the time.
    fn hold(&mut self, now: Now, out: &mut Step) {
        let view = self.view();
        let held = self.candidates.get(&view).filter(|c| self.blocks.is_valid(c.digest));
        let Some(wait) = held.and_then(|candidate| self.wait_ms(now, candidate)) else {
            return;
        };
        if self.record.accepted.is_none() && wait > 0 && !self.clock.holding {
            self.clock.holding = true;
            let after_ms = wait.min(self.pace.longest_ms());
            self.set_timer(TimerKind::Hold, after_ms, out);
        }
    }
}
