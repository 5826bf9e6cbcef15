//! Two or more blocks in one view (BZ1): each goes to a set of its own, disjoint or overlapping,
//! with this validator's votes for it; the honest code knows of the first only.

use quorate_types::{BlockPayload, Digest, Height, Message, PrePrepare, Step, View};

use super::Behaviour;
use super::blocks;
use super::hand::{Hand, Letter};
use crate::event::NodeId;

/// A block and who is told of it.
#[derive(Clone, Debug)]
struct Variant {
    payload: BlockPayload,
    digest: Digest,
    to: Vec<NodeId>,
}

/// Proposes more than one block.
#[derive(Debug, Default)]
pub(super) struct EquivocatingProposer {
    last: Option<(Height, View, Vec<Variant>)>,
}

impl EquivocatingProposer {
    fn variants(&mut self, hand: &mut Hand<'_>, at: (Height, View)) -> Option<&Vec<Variant>> {
        let (height, view, variants) = self.last.as_mut()?;
        // Who connects later gets any one of them.
        for peer in hand.peers {
            if !variants.iter().any(|variant| variant.to.contains(peer)) {
                let place = hand.random.position(variants.len());
                if let Some(variant) = variants.get_mut(place) {
                    variant.to.push(*peer);
                }
            }
        }
        ((*height, *view) == at).then_some(variants)
    }

    fn draw(&mut self, hand: &mut Hand<'_>, proposal: &PrePrepare) {
        let statement = &proposal.signed.statement;
        let at = (statement.height, statement.view);
        if self.last.as_ref().is_some_and(|(height, view, _)| (*height, *view) == at) {
            return;
        }
        let most = u64::try_from(hand.peers.len()).unwrap_or(2).max(2);
        let count = hand.random.between(2, most);
        let overlap = if hand.random.chance(500) { 300 } else { 0 };
        let place_of: Vec<u64> = hand.peers.iter().map(|_| hand.random.below(count)).collect();
        let variants = (0..count).map(|number| {
            let payload = blocks::later(&proposal.payload, number);
            let chosen = hand.peers.iter().zip(&place_of);
            let to = chosen
                .filter(|(_, place)| **place == number || hand.random.chance(overlap))
                .map(|(peer, _)| *peer)
                .collect();
            Variant { digest: payload.header().digest(), payload, to }
        });
        self.last = Some((at.0, at.1, variants.collect()));
    }
}

impl Behaviour for EquivocatingProposer {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(message) = letter.message().cloned() else { return hand.pass(letter) };
        if let Message::PrePrepare(proposal) = &message
            && blocks::is_free(proposal)
        {
            self.draw(hand, proposal);
        }
        let Some(signed) = message.signed() else { return hand.pass(letter) };
        let (at, step) =
            ((signed.statement.height, signed.statement.view), signed.statement.step());
        let Some(variants) = self.variants(hand, at).cloned() else { return hand.pass(letter) };
        for Variant { payload, digest, to } in variants {
            let to: Vec<NodeId> = to.into_iter().filter(|to| letter.to.contains(to)).collect();
            let variant = match (&message, step) {
                (Message::PrePrepare(proposal), _) => {
                    hand.pre_prepare(at.1, payload, proposal.justification.clone())
                }
                (_, Step::Prepare) => hand.prepare(at.0, at.1, digest),
                (_, Step::Commit) => hand.commit(at.0, at.1, digest),
                (_, Step::ViewChange | Step::PrePrepare) => message.clone(),
            };
            hand.say(&to, variant);
        }
    }

    /// A Prepare for any of the blocks shows who has it: that one gets the Commit too.
    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        let Message::Prepare(signed) = message else { return };
        let at = (signed.statement.height, signed.statement.view);
        let Some(digest) = signed.statement.digest() else { return };
        let Some(variants) = self.variants(hand, at) else { return };
        let told = variants.iter().find(|variant| variant.digest == digest);
        if let Some(to) = told.map(|variant| variant.to.clone()) {
            let commit = hand.commit(at.0, at.1, digest);
            hand.say(&to, commit);
        }
    }
}
