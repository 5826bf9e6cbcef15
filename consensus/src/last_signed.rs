//! What a signer that keeps a guard of its own signed last, where this node's record does not have
//! it: the signer answered, and the node died before it wrote (S-4).
//!
//! Invariant: nothing is sent before this node's record has it, too (I-11).

use quorate_types::{
    Justification, OwnMessage, SignedStatement, Statement, StatementBody, View, ViewChange, verify,
};

use crate::record;
use crate::signing::{self, Permit, permit};
use crate::state::State;

impl State {
    /// S-4: enters the view of a statement of this height above the record's guard, and records
    /// it. Says whether there is something to write; counting and sending come after that. The
    /// signature covers no index, so that the own one is put in.
    pub(crate) fn take_over(&mut self, last: SignedStatement) -> bool {
        let Some(signer) = self.index.filter(|_| self.records) else {
            return false;
        };
        let signed = SignedStatement { signer, ..last };
        let Statement { height, view, .. } = signed.statement;
        let context = self.start.context.clone();
        let is_above = permit(&self.record, &signed.statement, &context) == Ok(Permit::New);
        let is_own = || verify::statement(signed, &context, &self.start.set).is_ok();
        if height != self.height() || !is_above || !is_own() {
            return false;
        }
        self.enter(view);
        match self.proven(signed) {
            Some(message) => {
                self.accept_again(&message);
                record::absorb(&mut self.record, message, &context);
            }
            None => signing::remember(&mut self.record, &signed.statement, &context),
        }
        self.asking.is_dirty = true;
        self.asking.has_taken_over = true;
        true
    }

    /// The message of a statement, if what travels beside it is at hand. The certificate of a view
    /// change or a Commit is in the record (S-2); the justification of a new view was lost.
    fn proven(&self, signed: SignedStatement) -> Option<OwnMessage> {
        let prepared = self.record.prepared.as_ref();
        let proof = |claim| prepared.filter(|mark| (mark.view, mark.digest) == claim);
        match signed.statement.body {
            StatementBody::ViewChange { prepared: None } => {
                Some(OwnMessage::ViewChange(ViewChange { signed, certificate: None }))
            }
            StatementBody::ViewChange { prepared: Some(claim) } => proof(claim).map(|mark| {
                let certificate = Some(mark.certificate.clone());
                OwnMessage::ViewChange(ViewChange { signed, certificate })
            }),
            StatementBody::PrePrepare { justification: hash, .. } => {
                let justification = Justification::default();
                let is_empty = justification.hash() == hash && signed.statement.view == View::ZERO;
                is_empty.then_some(OwnMessage::PrePrepare { signed, justification })
            }
            StatementBody::Prepare { .. } => Some(OwnMessage::Prepare(signed)),
            StatementBody::Commit { digest } => {
                proof((signed.statement.view, digest)).map(|_| OwnMessage::Commit(signed))
            }
        }
    }

    /// accepted := the block that this node proposed or prepared in its view.
    fn accept_again(&mut self, message: &OwnMessage) {
        let statement = message.signed().statement;
        match message {
            OwnMessage::PrePrepare { .. } | OwnMessage::Prepare(_) => {
                if statement.view == self.view() {
                    self.record.accepted = statement.digest();
                }
            }
            OwnMessage::ViewChange(_) | OwnMessage::Commit(_) => {}
        }
    }
}
