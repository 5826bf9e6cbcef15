//! New views that lie (BZ17): above view 0 it proposes a block of its own under view changes that do
//! not leave the value free, are no quorum, are of another view, or come twice; or two blocks under
//! two justifications. What section 6 does not justify no honest validator may vote for (I-7).

use quorate_types::{
    BlockPayload, Height, Justification, Message, PrePrepare, SignedStatement, StatementBody, View,
};

use super::Behaviour;
use super::blocks;
use super::hand::{Hand, Letter};

/// Justifies by what does not justify.
#[derive(Debug, Default)]
pub(super) struct LyingNewView {
    /// The newest block that anybody proposed, to make others of.
    template: Option<BlockPayload>,
    /// View changes of an earlier view or height.
    stale: Vec<SignedStatement>,
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
        match hand.random.below(6) {
            // One signer alone, which is below a third.
            0 => broken.view_changes.retain(|signed| signed.signer == hand.identity.index),
            // The same one twice.
            1 => broken.view_changes.extend(good.view_changes.first().copied()),
            2 if good.view_changes.len() > 1 => broken.view_changes.reverse(),
            3 if self.is_stale(height, view) => broken.view_changes.clone_from(&self.stale),
            // An own claim that nothing proves.
            4 => self.claim(hand, &mut broken),
            _ => broken.view_changes.clear(),
        }
        broken
    }

    /// Whether the remembered view changes are of another height or view.
    fn is_stale(&self, height: Height, view: View) -> bool {
        let first = self.stale.first().map(|signed| signed.statement);
        first.is_some_and(|first| (first.height, first.view) != (height, view))
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
        self.stale.clone_from(&good.view_changes);
    }

    /// A justification at view 0, where there is none.
    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        let Message::PrePrepare(proposal) = message else { return };
        self.template = Some(proposal.payload.clone());
        let standing = hand.standing;
        let stale = self.is_stale(standing.height, standing.view);
        let mine = standing.primary == Some(hand.identity.index);
        if let Some(template) = self.template.as_ref().filter(|_| mine && stale) {
            let payload = blocks::later(template, hand.random.between(20, 400));
            let view_changes = self.stale.clone();
            let justification = Justification { view_changes, certificate: None };
            hand.forbid(payload.header().digest());
            let message = hand.pre_prepare(standing.view, payload, justification);
            let to = hand.some_peers();
            hand.say(&to, message);
        }
    }
}
