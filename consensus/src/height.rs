//! The start of a height, afresh or where the record stands (S-4), and what it inherits from
//! the height below.

use quorate_crypto::museum;
use quorate_types::{BlockPayload, Certificate, SignRecord};

use crate::asking::Asking;
use crate::consensus::{Consensus, Parent};
use crate::input::{HeightStart, Now};
use crate::presence::HeightPresence;
use crate::record;
use crate::state::{Heritage, State};
use crate::step::{Action, Step};
use crate::timers::Pace;

impl Consensus {
    /// starts a height above the current one; after a restart, the record's own (S-4).
    pub(crate) fn on_start(&mut self, now: Now, start: HeightStart, out: &mut Step) {
        let height = start.height;
        let last = self.state.take_if(|state| state.height() < height);
        if self.state.is_some() {
            return;
        }
        let mut last = last;
        let origin_ms = self.keep_of(last.as_mut(), &start);
        let (heritage, records) = self.inherit(last, &start);
        let mut state = State::new(start, heritage, records);
        let last = self.last_signed.take_if(|last| last.statement.height <= height);
        let last = last.filter(|_| !museum!(LastSignedIgnored));
        if !last.is_some_and(|last| state.take_over(last)) {
            state.restore(out);
        }
        state.start_clock(now, origin_ms, out);
        let id = state.start.set.id();
        if let Some(certificate) = self.certificate_above.take_if(|c| c.value().height <= height)
            && certificate.value().height == height
            && certificate.set() == id
        {
            state.on_certificate(certificate);
        }
        state.outrun = self.certificate_above.is_some();
        let (messages, conflicts) = self.buffer.take(height);
        state.conflicts = conflicts;
        for (message, arrived) in messages {
            if message.set() == id {
                state.on_message(arrived, &message, out);
            }
        }
        self.state = Some(state);
        self.judge_met(); // S-5
    }

    /// Keeps the certificate of the height below, to which late Commits are added (M-5), and says
    /// when its pre-prepare was accepted, in milliseconds, if its block was decided.
    fn keep_of(&mut self, last: Option<&mut State>, start: &HeightStart) -> Option<u64> {
        self.parent = None;
        let last = last?;
        if last.start.set.id() != start.set.id() {
            self.above = HeightPresence::default(); // indices of another set
            self.buffer.forget_conflicts();
        }
        let certificate = last.decision.as_ref()?.certificate.clone();
        if last.height().next() != start.height {
            return None;
        }
        let was_accepted = last.record.accepted == Some(certificate.value().digest);
        let conflicts = std::mem::take(&mut last.conflicts);
        self.parent = Some(Parent { start: last.start.clone(), certificate, conflicts });
        last.clock.accepted_ms.filter(|_| was_accepted)
    }

    /// What the height starts with, and whether its record is written: not while the key's record
    /// is of a height above, which the chain database has lost (S-4), nor by an observer (S-5).
    fn inherit(&mut self, last: Option<State>, start: &HeightStart) -> (Heritage, bool) {
        let height = start.height;
        let resumed = self.resume.take_if(|record| record.height <= height);
        let past = resumed.or_else(|| self.resume.clone());
        let (left, asking, pace) = match last {
            Some(last) => (last.record, last.asking.for_next_height(), last.pace),
            None => {
                let asking = Asking::of(self.signer_keeps_guard);
                (SignRecord::default(), asking, Pace::new(self.timeouts))
            }
        };
        let mut record = match past.unwrap_or(left) {
            record if record.height == height => record,
            past => record::following(&past, height, self.parent_certificate()),
        };
        let stored = self.stored;
        let carried = &mut record.parent_certificate;
        carried.take_if(|certificate| certificate.height <= stored);
        let me = self.me;
        let records = self.resume.is_none() && !self.observer.is_observing();
        (Heritage { me, record, asking, pace }, records)
    }

    /// The certificate of the height below, which records carry until it is stored (S-2).
    fn parent_certificate(&self) -> Option<Certificate> {
        self.parent.as_ref().map(|parent| parent.certificate.value().clone())
    }
}

impl State {
    /// S-4: own messages of the record count, and are sent again. Blocks come back through fetching,
    /// the durable ones from the store: it may have been lost apart from the record.
    pub(crate) fn restore(&mut self, out: &mut Step) {
        for message in self.record.messages.clone() {
            self.count_own(message);
        }
        self.clock.due |= self.record.accepted.is_some();
        if let Some(prepared) = &self.record.prepared {
            self.asking.prepared_recorded(Some(prepared.view));
        }
        let messages = self.own_messages();
        if !messages.is_empty() {
            out.now.push(Action::Resend(messages));
        }
    }

    /// A block is in the replica's hands. One that was accepted or prepared here before a restart
    /// was judged then; the own pre-prepare of it can be sent again (S-4).
    pub(crate) fn on_fetched(&mut self, payload: BlockPayload, out: &mut Step) {
        let digest = payload.header().digest();
        let accepted = self.record.accepted == Some(digest);
        let prepared = self.record.prepared.as_ref().is_some_and(|p| p.digest == digest);
        let was_at_hand = self.blocks.payload(digest).is_some();
        self.blocks.fetched(digest, &payload, accepted || prepared);
        if accepted && self.blocks.is_valid(digest) {
            self.store(digest, out);
        }
        if self.candidates.values().any(|candidate| candidate.digest == digest) {
            self.validate(digest, out);
        }
        if let Some(message) = self.own_pre_prepare()
            && accepted
            && !was_at_hand
        {
            out.now.push(Action::Resend(vec![message]));
        }
    }
}
