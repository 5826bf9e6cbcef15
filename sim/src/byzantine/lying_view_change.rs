//! View changes that lie (BZ16): the prepared claim is left out, or made for a block that nobody
//! prepared, without a certificate or with another's; and now and then the highest view there is.

use quorate_types::{Message, StatementBody, View};

use super::Behaviour;
use super::hand::{Content, Hand, Letter};

/// Lies about what it prepared.
#[derive(Debug)]
pub(super) struct LyingViewChange;

impl Behaviour for LyingViewChange {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(Message::ViewChange(view_change)) = letter.message() else {
            return hand.pass(letter);
        };
        let statement = view_change.signed.statement;
        let (height, view) = (statement.height, statement.view);
        let StatementBody::ViewChange { prepared } = statement.body else { return };
        let certificate = view_change.certificate.clone();
        let digest = hand.random_digest();
        let below = View(view.0.saturating_sub(1));
        match (hand.random.below(4), prepared) {
            // Left out, for some of the others only.
            (0, Some(_)) => {
                let omitted = hand.view_change(height, view, None, None);
                let some = hand.some_peers();
                hand.say(&some, omitted);
                let rest = letter.to.iter().copied().filter(|to| !some.contains(to)).collect();
                hand.pass(letter.to(rest));
            }
            // Another block, under the certificate of the true one.
            (1, Some((claimed, _))) => {
                let lie = hand.view_change(height, view, Some((claimed, digest)), certificate);
                refusable(hand, &letter, &lie);
            }
            // Invented, without any proof.
            (_, _) if hand.random.chance(700) => {
                let lie = hand.view_change(height, view, Some((below, digest)), None);
                refusable(hand, &letter, &lie);
            }
            (_, _) => hand.pass(letter),
        }
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let far = [u64::MAX, u64::MAX - 1, hand.standing.view.0.saturating_add(1)];
        let view = View(hand.random.pick(&far).unwrap_or(1));
        let message = hand.view_change(hand.standing.height, view, None, None);
        if hand.random.chance(200) {
            let to = hand.some_peers();
            hand.say(&to, message);
        }
    }
}

fn refusable(hand: &mut Hand<'_>, letter: &Letter, lie: &Message) {
    hand.forge_refusable(&letter.to, Content::Bytes(Letter::bytes_of(lie)));
}
