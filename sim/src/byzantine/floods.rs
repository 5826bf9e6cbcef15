//! Floods: view changes without end (BZ18), votes in the name of others (BZ20), votes for ever new
//! blocks (BZ21). Who is flooded keeps a constant number of them, and goes on.

use quorate_types::{Message, SignedStatement, ValidatorIndex, View};

use super::Behaviour;
use super::hand::{Content, Hand, Letter};

/// Messages of one burst.
const BURST: u64 = 8;
/// Votes in the name of nobody, of a thousand.
const STRANGERS: u64 = 100;

/// Demands view after view.
#[derive(Debug, Default)]
pub(super) struct ViewChangeSpam {
    ahead: u64,
}

impl Behaviour for ViewChangeSpam {
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let standing = hand.standing;
        let to = hand.peers.to_vec();
        for _ in 0..BURST {
            self.ahead = self.ahead.saturating_add(1);
            let view = View(standing.view.0.saturating_add(self.ahead));
            let message = hand.view_change(standing.height, view, None, None);
            hand.say(&to, message);
        }
        if hand.random.chance(300) {
            self.ahead = 0;
        }
    }
}

/// Votes in the name of others, and of nobody: of the index behind the last.
#[derive(Debug)]
pub(super) struct InvalidSignatures;

impl Behaviour for InvalidSignatures {
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let standing = hand.standing;
        let others: Vec<_> = hand.identity.nodes.keys().copied().collect();
        for _ in 0..BURST {
            let digest = hand.random_digest();
            let message = match hand.random.below(3) {
                0 => hand.prepare(standing.height, standing.view, digest),
                1 => hand.commit(standing.height, standing.view, digest),
                _ => hand.view_change(standing.height, standing.view.next(), None, None),
            };
            let signer = if hand.random.chance(STRANGERS) {
                Some(ValidatorIndex(u16::try_from(others.len()).unwrap_or(u16::MAX)))
            } else {
                hand.random.pick(&others).filter(|other| *other != hand.identity.index)
            };
            let (Some(signer), to) = (signer, hand.some_peers()) else { continue };
            let message = with_signed(message, |signed| signed.signer = signer);
            hand.forge_refusable(&to, Content::Bytes(Letter::bytes_of(&message)));
        }
    }
}

/// Signs ever new votes.
#[derive(Debug)]
pub(super) struct VoteFlood;

impl Behaviour for VoteFlood {
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let standing = hand.standing;
        let to = hand.peers.to_vec();
        for number in 0..BURST {
            let digest = hand.random_digest();
            let view = View(standing.view.0.saturating_add(hand.random.below(3)));
            let message = if number % 2 == 0 {
                hand.prepare(standing.height, view, digest)
            } else {
                hand.commit(standing.height, view, digest)
            };
            hand.say(&to, message);
        }
    }
}

/// The message with a change to its signed statement.
pub(super) fn with_signed(
    mut message: Message,
    change: impl FnOnce(&mut SignedStatement),
) -> Message {
    match &mut message {
        Message::ViewChange(view_change) => change(&mut view_change.signed),
        Message::PrePrepare(proposal) => change(&mut proposal.signed),
        Message::Prepare(signed) | Message::Commit(signed) => change(signed),
        Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => {}
    }
    message
}
