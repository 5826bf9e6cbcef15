//! What the state calls for and is not signed yet, asked of the signer, one vote at a time (S-2).
//! There is no other way to a signature: after a restart, and after the signer failed, the same
//! question is asked again, which is S-4.

use quorate_crypto::museum;
use quorate_types::{
    Height, OwnMessage, SignedStatement, Statement, StatementBody, Step as Phase, Verified, View,
    verify,
};

use crate::record;
use crate::signing::permit;
use crate::state::State;
use crate::step::{Step, Vote};
use crate::vote::UnsignedMessage;

/// The vote on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Asking {
    /// Statements that the signer has not answered yet.
    in_flight: Vec<Statement>,
    /// The signer did not sign; it is asked again with the next tick or height (S-4).
    has_failed: bool,
    /// The record has changed since it was last handed out.
    pub(crate) is_dirty: bool,
    /// The signer keeps a guard of its own.
    signer_keeps_guard: bool,
    /// The prepared view whose certificate is durable in the record, as far as is known.
    recorded: Option<View>,
    /// The record has a message of the signer's that was never written here, nor sent (S-4).
    pub(crate) has_taken_over: bool,
}

impl Asking {
    /// Nothing on its way yet.
    pub(crate) fn of(signer_keeps_guard: bool) -> Asking {
        Asking { signer_keeps_guard, ..Asking::default() }
    }

    /// What is on its way stays so; a change of the last height's record is of no use any more. A
    /// signer that failed is asked again: heights may pass faster than ticks come (S-4).
    pub(crate) fn for_next_height(self) -> Asking {
        let Asking { in_flight, signer_keeps_guard, .. } = self;
        Asking { in_flight, signer_keeps_guard, ..Asking::default() }
    }

    /// The certificate of a prepared view is durable in the record.
    pub(crate) fn prepared_recorded(&mut self, prepared: Option<View>) {
        if self.signer_keeps_guard {
            self.recorded = prepared;
        }
    }

    /// Whether the signer was asked for this and has not answered.
    pub(crate) fn is_asked(&self, statement: &Statement) -> bool {
        self.in_flight.contains(statement)
    }

    /// Whether the signer has answered everything.
    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// The signer has answered.
    pub(crate) fn answered(&mut self, statement: &Statement, signed: bool) {
        self.in_flight.retain(|asked| asked != statement);
        self.has_failed |= !signed;
    }

    /// A tick has passed since the signer failed.
    pub(crate) fn try_again(&mut self) {
        self.has_failed = false;
    }
}

impl State {
    /// Whether this node signs at this height now: it is a validator that does not observe (S-5), its
    /// record is not of a height above, and no commit certificate for this height or one above is known.
    pub(crate) fn may_sign(&self) -> bool {
        self.index.is_some() && self.records && !self.outrun && self.decision.is_none()
    }

    /// Asks for what is called for, or only for the record to be written.
    pub(crate) fn ask(&mut self, out: &mut Step) {
        let Some(signer) = self.index else { return };
        let closed = !self.records || self.decision.is_some();
        if closed || !self.asking.in_flight.is_empty() {
            return;
        }
        let mut statements = Vec::new();
        if self.may_sign() && !self.asking.has_failed && !self.awaits_record() {
            statements = self.called_for();
        }
        if statements.is_empty() && !self.asking.is_dirty {
            return;
        }
        self.asking.is_dirty = false;
        self.asking.in_flight = statements.iter().map(|asked| *asked.statement()).collect();
        let (record, context) = (self.record.clone(), self.start.context.clone());
        out.vote = Some(Vote { record, statements, signer, context });
    }

    /// S-2: a signer that keeps a guard of its own is asked for nothing while a certificate, or
    /// what was taken over from it, is not durable here: its guard may outlive this record.
    fn awaits_record(&self) -> bool {
        let prepared = self.record.prepared.as_ref().map(|prepared| prepared.view);
        let asking = &self.asking;
        let keeps_guard = asking.signer_keeps_guard && !museum!(CertificateNotAwaited);
        asking.has_taken_over || (keeps_guard && prepared > asking.recorded)
    }

    /// A record without statements is durable, with the certificate of its prepared view.
    pub(crate) fn on_record_written(
        &mut self,
        height: Height,
        prepared: Option<View>,
        out: &mut Step,
    ) {
        if height != self.height() {
            return;
        }
        self.asking.prepared_recorded(prepared);
        if std::mem::take(&mut self.asking.has_taken_over) {
            self.restore(out); // what was taken over counts, and is sent
        }
    }

    /// What the durable state calls for and the guard allows (S-4), in order of step.
    fn called_for(&self) -> Vec<UnsignedMessage> {
        let wanted = [self.pre_prepare(), self.prepare_or_view_change(), self.commit()];
        let allowed = |asked: &UnsignedMessage| {
            permit(&self.record, asked.statement(), &self.start.context).is_ok()
        };
        wanted.into_iter().flatten().filter(allowed).collect()
    }

    /// The own proposal of the view. Its Prepare shares the record (S-2).
    fn pre_prepare(&self) -> Option<UnsignedMessage> {
        let draft = self.draft.as_ref()?;
        let payload = draft.payload.clone()?;
        if self.has_signed(Phase::PrePrepare) {
            return None;
        }
        let justification = draft.justification.clone();
        let digest = payload.header().digest();
        let body = StatementBody::PrePrepare { digest, justification: justification.hash() };
        let statement = self.statement(body);
        Some(UnsignedMessage::PrePrepare { statement, payload, justification })
    }

    /// Accepted: a Prepare, if the whole valid block is held (I-6). Nothing accepted in a view
    /// above 0: a ViewChange.
    fn prepare_or_view_change(&self) -> Option<UnsignedMessage> {
        if let Some(digest) = self.record.accepted {
            let ready = self.blocks.is_valid(digest) && !self.has_signed(Phase::Prepare);
            let statement = self.statement(StatementBody::Prepare { digest });
            return ready.then_some(UnsignedMessage::Prepare(statement));
        }
        if self.view() == View::ZERO || self.has_signed(Phase::ViewChange) {
            return None;
        }
        let prepared = self.record.prepared.as_ref();
        let claim = prepared.map(|prepared| (prepared.view, prepared.digest));
        let statement = self.statement(StatementBody::ViewChange { prepared: claim });
        let certificate = prepared.map(|prepared| prepared.certificate.clone());
        Some(UnsignedMessage::ViewChange { statement, certificate })
    }

    /// Prepared in this view: a Commit, once its block is durable (I-6), after a restart too. The
    /// certificate is in the record that is written with it, or before it (I-5, S-2).
    fn commit(&self) -> Option<UnsignedMessage> {
        let prepared = self.record.prepared.as_ref()?;
        if prepared.view != self.view() || self.has_signed(Phase::Commit) {
            return None;
        }
        let digest = prepared.digest;
        if !self.blocks.is_durable(digest) {
            return None;
        }
        Some(UnsignedMessage::Commit(self.statement(StatementBody::Commit { digest })))
    }

    /// Whether the own message of a step of the view is signed and durable.
    fn has_signed(&self, step: Phase) -> bool {
        record::find(&self.record, self.view(), step).is_some()
    }

    fn statement(&self, body: StatementBody) -> Statement {
        Statement { height: self.height(), view: self.view(), body }
    }

    /// A message of the own key is durable and sent: it enters the record, and counts.
    pub(crate) fn on_signed(&mut self, message: OwnMessage) {
        let statement = message.signed().statement;
        self.asking.answered(&statement, true);
        if permit(&self.record, &statement, &self.start.context).is_err() {
            return; // a second answer to the same question
        }
        record::absorb(&mut self.record, message.clone(), &self.start.context);
        if statement.height == self.height() {
            self.count_own(message);
        }
    }

    /// Own messages count like others' for presence, votes and timers (S-4).
    pub(crate) fn count_own(&mut self, message: OwnMessage) {
        let Some(vote) = self.verify_own(&message) else {
            return;
        };
        let SignedStatement { statement, signer, .. } = *vote.value();
        self.presence.note(signer, statement.view);
        let current = self.view();
        match message {
            OwnMessage::ViewChange(view_change) => self.view_changes.insert(view_change.into()),
            OwnMessage::PrePrepare { signed, justification } => {
                self.clock.due |= statement.view == View::ZERO;
                self.keep_proposal(statement.view, signed, justification);
            }
            OwnMessage::Prepare(_) => self.prepares.insert(vote, current),
            OwnMessage::Commit(_) => self.on_commit(vote),
        }
    }

    /// What the own signer made is checked like everything else that enters a certificate.
    fn verify_own(&self, message: &OwnMessage) -> Option<Verified<SignedStatement>> {
        let (context, set) = (&self.start.context, &self.start.set);
        let vote = verify::statement(*message.signed(), context, set).ok()?;
        (Some(vote.value().signer) == self.index).then_some(vote)
    }
}
