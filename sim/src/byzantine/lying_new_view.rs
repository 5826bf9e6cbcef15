//! New views that lie (BZ17): above view 0 it proposes a block of its own under view changes that do
//! not leave the value free, are no quorum, are of another view, come twice, or are not signed by
//! those whom they name; or two blocks under two justifications. What section 6 does not justify no honest validator may vote for (I-7).

use std::collections::BTreeMap;

use quorate_types::{
    BlockPayload, Height, Justification, Message, PrePrepare, SignedStatement, Statement,
    StatementBody, ValidatorIndex, View,
};

use super::Behaviour;
use super::blocks;
use super::hand::{Content, Hand, Letter};

/// Places whose view changes are remembered.
const REMEMBERED: usize = 64;
/// Proposals above view 0 that what is no message goes before, of a thousand.
const FORGED: u64 = 500;

/// Justifies by what does not justify.
#[derive(Debug, Default)]
pub(super) struct LyingNewView {
    /// The newest block that anybody proposed, to make others of.
    template: Option<BlockPayload>,
    /// View changes without a claim that anybody sent, by height and view.
    heard: BTreeMap<(Height, View), BTreeMap<ValidatorIndex, SignedStatement>>,
}

impl LyingNewView {
    /// A justification that fails section 6, whatever the block is.
    fn broken(
        &self,
        hand: &mut Hand<'_>,
        (height, view): (Height, View),
        good: &Justification,
    ) -> Justification {
        let mut broken = good.clone();
        let foreign = self.foreign(hand, (height, view));
        match hand.random.below(6) {
            // One signer alone, which is below a third.
            0 => broken.view_changes.retain(|signed| signed.signer == hand.identity.index),
            // The same one twice.
            1 => broken.view_changes.extend(good.view_changes.first().copied()),
            2 if good.view_changes.len() > 1 => broken.view_changes.reverse(),
            3 if !foreign.is_empty() => broken.view_changes = foreign,
            // An own claim that nothing proves.
            4 => self.claim(hand, &mut broken),
            _ => broken.view_changes.clear(),
        }
        broken
    }

    /// The most view changes that there are for one other height or view, its own among them.
    fn foreign(&self, hand: &Hand<'_>, place: (Height, View)) -> Vec<SignedStatement> {
        let others = self.heard.iter().filter(|(of, _)| **of != place);
        let Some(((height, view), said)) = others.max_by_key(|(_, said)| said.len()) else {
            return Vec::new();
        };
        let own = hand.sign(*height, *view, StatementBody::ViewChange { prepared: None });
        let mut said = said.clone();
        said.insert(own.signer, own);
        said.into_values().collect()
    }

    fn claim(&self, hand: &mut Hand<'_>, broken: &mut Justification) {
        let Some(at) = broken.view_changes.first().map(|signed| signed.statement) else { return };
        let digest = hand.random_digest();
        let below = View(at.view.0.saturating_sub(1));
        let body = StatementBody::ViewChange { prepared: Some((below, digest)) };
        let own = hand.sign(at.height, at.view, body);
        broken.view_changes.retain(|signed| signed.signer != own.signer);
        broken.view_changes.push(own);
        broken.view_changes.sort_by_key(|signed| signed.signer);
        broken.certificate = None;
    }

    fn remember(&mut self, signed: SignedStatement) {
        let Statement { height, view, body } = signed.statement;
        if (body == StatementBody::ViewChange { prepared: None }) {
            self.heard.entry((height, view)).or_default().insert(signed.signer, signed);
        }
        if self.heard.len() > REMEMBERED {
            self.heard.pop_first();
        }
    }

    /// What is no message at all: beside another justification than the signed one, or with view
    /// changes under each other's signatures.
    fn forge(&self, hand: &mut Hand<'_>, letter: &Letter, proposal: &PrePrepare) {
        let payload = blocks::later(&proposal.payload, hand.random.between(20, 400));
        let mut mixed = proposal.justification.clone();
        let is_mixed = match mixed.view_changes.as_mut_slice() {
            [first, .., last] if hand.random.chance(500) => {
                std::mem::swap(&mut first.signature, &mut last.signature);
                true
            }
            [..] => false,
        };
        let mut message = hand.pre_prepare(proposal.signed.statement.view, payload, mixed);
        if let (Message::PrePrepare(forged), false) = (&mut message, is_mixed) {
            forged.justification.view_changes.pop();
        }
        hand.forge_refusable(&letter.to, Content::Bytes(Letter::bytes_of(&message)));
    }

    /// A block of its own where one has to be carried over.
    fn override_carried(&self, hand: &mut Hand<'_>, letter: &Letter, proposal: &PrePrepare) {
        let view = proposal.signed.statement.view;
        let shift = hand.random.between(20, 400);
        let payload = blocks::later(&proposal.payload, shift);
        let mut justification = proposal.justification.clone();
        if hand.random.chance(500) {
            justification.certificate = None;
        }
        hand.forbid(payload.header().digest());
        let message = hand.pre_prepare(view, payload, justification);
        hand.say(&letter.to, message);
    }
}

impl Behaviour for LyingNewView {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(Message::PrePrepare(proposal)) = letter.message() else {
            return hand.pass(letter);
        };
        let good = &proposal.justification;
        if good.is_empty() {
            return hand.pass(letter);
        }
        if hand.random.chance(FORGED) {
            self.forge(hand, &letter, proposal);
        }
        let view = proposal.signed.statement.view;
        if !blocks::is_free(proposal) && hand.random.chance(500) {
            self.override_carried(hand, &letter, proposal);
        } else if hand.random.chance(700) {
            let shift = hand.random.between(20, 400);
            let payload = blocks::later(&proposal.payload, shift);
            hand.forbid(payload.header().digest());
            let height = proposal.signed.statement.height;
            let justification = self.broken(hand, (height, view), good);
            let message = hand.pre_prepare(view, payload, justification);
            hand.say(&letter.to, message);
        } else {
            // Two new views, each to some of the others, both good.
            let some = hand.some_peers();
            let rest: Vec<_> = letter.to.iter().copied().filter(|to| !some.contains(to)).collect();
            if blocks::is_free(proposal) {
                let payload = blocks::later(&proposal.payload, 1);
                let other = hand.pre_prepare(view, payload, good.clone());
                hand.say(&some, other);
            }
            hand.pass(letter.to(rest));
        }
    }

    /// A justification at view 0, where there is none.
    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        if let Message::ViewChange(view_change) = message {
            self.remember(view_change.signed);
        }
        let Message::PrePrepare(proposal) = message else { return };
        self.template = Some(proposal.payload.clone());
        let standing = hand.standing;
        let view_changes = self.foreign(hand, (standing.height, standing.view));
        let mine = standing.primary == Some(hand.identity.index) && !view_changes.is_empty();
        if let Some(template) = self.template.as_ref().filter(|_| mine) {
            let payload = blocks::later(template, hand.random.between(20, 400));
            let justification = Justification { view_changes, certificate: None };
            hand.forbid(payload.header().digest());
            let message = hand.pre_prepare(standing.view, payload, justification);
            let to = hand.some_peers();
            hand.say(&to, message);
        }
    }
}
