//! Messages of heights and views far ahead (BZ19). They are kept within the window of R-11, and say
//! no more than that their signer is there.

use quorate_types::{BlockPayload, Height, Justification, Message, View};

use super::Behaviour;
use super::blocks;
use super::hand::Hand;

/// Messages of one burst.
const BURST: u64 = 4;

/// Lives in the future.
#[derive(Debug, Default)]
pub(super) struct FarFuture {
    template: Option<BlockPayload>,
}

impl Behaviour for FarFuture {
    fn on_receive(&mut self, _: &mut Hand<'_>, message: &Message) {
        if let Message::PrePrepare(proposal) = message {
            self.template = Some(proposal.payload.clone());
        }
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let standing = hand.standing;
        for _ in 0..BURST {
            let ahead = far(hand);
            let height = Height(standing.height.0.saturating_add(ahead));
            let ahead = far(hand);
            let view = View(standing.view.0.saturating_add(ahead));
            let digest = hand.random_digest();
            let message = match (hand.random.below(4), &self.template) {
                (0, _) => hand.prepare(height, view, digest),
                (1, _) => hand.commit(height, view, digest),
                (2, Some(template)) => {
                    let payload = blocks::with_header(template, |header| header.height = height);
                    hand.pre_prepare(view, payload, Justification::default())
                }
                (_, _) => hand.view_change(height, view.next(), None, None),
            };
            let to = hand.some_peers();
            hand.say(&to, message);
        }
    }
}

/// How far: within the window, just beyond it, or at the end of all numbers.
fn far(hand: &mut Hand<'_>) -> u64 {
    match hand.random.below(4) {
        0 => hand.random.between(0, 3),
        1 => hand.random.between(1, 12),
        2 => hand.random.between(11, 1_000_000),
        _ => u64::MAX,
    }
}
