//! Verified messages of the height, and the rules in the order in which they are tried until none
//! fires (protocol section 5).

use quorate_crypto::museum;
use quorate_types::{Message, OwnMessage, PrePrepare, Step as Phase, Timestamp, Verified};

use crate::input::Now;
use crate::record;
use crate::state::State;
use crate::step::{Action, Step};

impl State {
    /// A verified message of this height under its set. Presence comes first.
    pub(crate) fn on_message(
        &mut self,
        arrived: Timestamp,
        message: &Verified<Message>,
        out: &mut Step,
    ) {
        if let Some(certificate) = message.certificate() {
            return self.on_certificate(certificate);
        }
        let Some(vote) = message.signed() else { return };
        let signer = vote.value().signer;
        if Some(signer) == self.index {
            return; // an echo: own messages count once they are durable
        }
        self.presence.note(signer, vote.value().statement.view);
        let current = self.view();
        match message.value() {
            Message::ViewChange(view_change) => {
                self.view_changes.insert(view_change.clone().into())
            }
            Message::PrePrepare(pre_prepare) => self.on_pre_prepare(arrived, pre_prepare, out),
            Message::Prepare(_) => self.prepares.insert(vote, current),
            Message::Commit(_) => self.on_commit(vote),
            Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => {}
        }
    }

    /// Applies the rules until none fires, then asks for blocks and signatures.
    pub(crate) fn settle(&mut self, now: Now, out: &mut Step) {
        while self.fire(now, out) {}
        self.fetch_missing(out);
        self.ask(out);
    }

    /// One rule. Each that fires moves the state forward: a decision is announced once, views
    /// ascend, and within a view each of the others fires once.
    fn fire(&mut self, now: Now, out: &mut Step) -> bool {
        if self.decision.is_some() {
            return self.try_announce(now, out);
        }
        self.try_jump()
            || self.try_accept(now, out)
            || self.try_prepare()
            || self.try_start_timer(now, out) // R-0, T-3
            || self.try_draft(now, out)
    }

    /// sends own messages again, and lets what had no answer be asked for again: blocks to
    /// fetch, and a signer that failed (S-4).
    pub(crate) fn on_resend(&mut self, out: &mut Step) {
        if self.decision.as_ref().is_some_and(|decision| decision.announced) {
            return;
        }
        self.asking.try_again();
        self.blocks.retry_fetches();
        let messages = self.own_messages();
        if !messages.is_empty() && !museum!(NoResend) {
            out.now.push(Action::Resend(messages));
        }
        self.start_resend_timer(out);
    }

    /// The own messages that R-9 keeps sending, byte for byte. A pre-prepare only while its block
    /// is at hand (S-4).
    pub(crate) fn own_messages(&self) -> Vec<Message> {
        if self.asking.has_taken_over {
            return Vec::new(); // not durable yet (S-2)
        }
        let messages = self.record.messages.iter();
        messages.filter_map(|message| self.with_block(message)).collect()
    }

    /// The own pre-prepare of the view, if it is signed and its block is at hand.
    pub(crate) fn own_pre_prepare(&self) -> Option<Message> {
        record::find(&self.record, self.view(), Phase::PrePrepare)
            .and_then(|message| self.with_block(message))
    }

    fn with_block(&self, message: &OwnMessage) -> Option<Message> {
        Some(match message {
            OwnMessage::ViewChange(view_change) => Message::ViewChange(view_change.clone()),
            OwnMessage::PrePrepare { signed, justification } => {
                let payload = self.blocks.payload(signed.statement.digest()?)?.clone();
                let (signed, justification) = (*signed, justification.clone());
                Message::PrePrepare(Box::new(PrePrepare { signed, payload, justification }))
            }
            OwnMessage::Prepare(signed) => Message::Prepare(*signed),
            OwnMessage::Commit(signed) => Message::Commit(*signed),
        })
    }
}
