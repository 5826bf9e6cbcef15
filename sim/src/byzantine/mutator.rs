//! A little of everything: heights and views off by one, digests swapped, messages of others signed
//! anew with the own key or sent again as they were, bytes flipped on the wire.

use std::collections::VecDeque;

use quorate_types::{
    Digest, Height, Message, SignedStatement, Statement, StatementBody, View, ViewChange,
};

use super::Behaviour;
use super::hand::{Hand, Letter};
use super::malformed::say_mangled;

/// Messages remembered.
const REMEMBERED: usize = 64;
/// Own messages that leave changed, of a thousand.
const CHANGED: u64 = 300;

/// Changes what it sends and what it has heard.
#[derive(Debug, Default)]
pub(super) struct Mutator {
    heard: VecDeque<Message>,
}

impl Behaviour for Mutator {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(message) = letter.message().cloned() else { return hand.pass(letter) };
        if hand.random.chance(CHANGED) {
            self.say_mutant(hand, &message, &letter.to);
            // Now and then beside the true one.
            if hand.random.chance(500) {
                return;
            }
        }
        hand.pass(letter);
    }

    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        if self.heard.len() >= REMEMBERED {
            self.heard.pop_front();
        }
        self.heard.push_back(message.clone());
        if hand.random.chance(CHANGED / 6) {
            let to = hand.some_peers();
            self.say_mutant(hand, message, &to);
        }
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let place = hand.random.position(self.heard.len());
        let Some(message) = self.heard.get(place).cloned() else { return };
        let to = hand.some_peers();
        if hand.random.chance(500) {
            hand.say(&to, message);
        } else {
            self.say_mutant(hand, &message, &to);
        }
    }
}

impl Mutator {
    fn say_mutant(&self, hand: &mut Hand<'_>, message: &Message, to: &[crate::event::NodeId]) {
        if hand.random.chance(250) {
            return say_mangled(hand, message);
        }
        let mutant = self.mutant(hand, message);
        hand.say(to, mutant);
    }

    /// The message with a change to its statement, under the own signature.
    fn mutant(&self, hand: &mut Hand<'_>, message: &Message) -> Message {
        let Some(signed) = message.signed() else {
            return self.certificate(hand, message);
        };
        let Statement { height, view, body } = self.statement(hand, signed);
        let signed = hand.sign(height, view, body);
        match message {
            Message::ViewChange(view_change) => {
                let certificate = view_change.certificate.clone();
                Message::ViewChange(ViewChange { signed, certificate })
            }
            Message::PrePrepare(proposal) => {
                let mut proposal = proposal.clone();
                proposal.signed = signed;
                Message::PrePrepare(proposal)
            }
            Message::Prepare(_) if hand.random.chance(100) => Message::Commit(hand.sign(
                height,
                view,
                StatementBody::Commit { digest: digest_of(&body) },
            )),
            Message::Prepare(_) => Message::Prepare(signed),
            Message::Commit(_) => Message::Commit(signed),
            Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => message.clone(),
        }
    }

    fn statement(&self, hand: &mut Hand<'_>, signed: &SignedStatement) -> Statement {
        let Statement { mut height, mut view, mut body } = signed.statement;
        match hand.random.below(6) {
            0 => view = View(view.0.saturating_add(1)),
            1 => view = View(view.0.saturating_sub(1)),
            2 => height = height.next(),
            3 => height = Height(height.0.saturating_sub(1)),
            4 => body = self.swapped(hand, body),
            // As it was: another's statement under the own signature.
            _ => {}
        }
        Statement { height, view, body }
    }

    /// The body with the digest of another message.
    fn swapped(&self, hand: &mut Hand<'_>, body: StatementBody) -> StatementBody {
        let place = hand.random.position(self.heard.len());
        let heard = self.heard.get(place).and_then(Message::signed);
        let other = heard.and_then(|signed| signed.statement.digest());
        let other = other.unwrap_or_else(|| hand.random_digest());
        match body {
            StatementBody::ViewChange { prepared } => {
                StatementBody::ViewChange { prepared: prepared.map(|(view, _)| (view, other)) }
            }
            StatementBody::PrePrepare { justification, .. } => {
                StatementBody::PrePrepare { digest: other, justification }
            }
            StatementBody::Prepare { .. } => StatementBody::Prepare { digest: other },
            StatementBody::Commit { .. } => StatementBody::Commit { digest: other },
        }
    }

    fn certificate(&self, hand: &mut Hand<'_>, message: &Message) -> Message {
        let Message::Certificate(certificate) = message else { return message.clone() };
        let mut certificate = certificate.clone();
        match hand.random.below(3) {
            0 => certificate.view = certificate.view.next(),
            1 => certificate.height = certificate.height.next(),
            _ => certificate.digest = hand.random_digest(),
        }
        Message::Certificate(certificate)
    }
}

fn digest_of(body: &StatementBody) -> Digest {
    match body {
        StatementBody::ViewChange { prepared } => {
            prepared.map_or(Digest::default(), |(_, digest)| digest)
        }
        StatementBody::PrePrepare { digest, .. }
        | StatementBody::Prepare { digest }
        | StatementBody::Commit { digest } => *digest,
    }
}
