//! Votes for what is over (BZ12): heights and views below those that are being decided, for blocks
//! of its choice.

use quorate_types::{Height, View};

use super::Behaviour;
use super::hand::Hand;

/// Signs for the past.
#[derive(Debug)]
pub(super) struct StaleVotes;

impl Behaviour for StaleVotes {
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let standing = hand.standing;
        let back = hand.random.between(0, standing.height.0);
        let height = Height(standing.height.0.saturating_sub(back));
        // Below the view where the height is the current one.
        let view = if back == 0 {
            View(hand.random.below(standing.view.0.saturating_add(1)))
        } else {
            View(hand.random.below(4))
        };
        let digest = hand.random_digest();
        let message = match hand.random.below(3) {
            0 => hand.prepare(height, view, digest),
            1 => hand.commit(height, view, digest),
            _ => hand.view_change(height, View(view.0.saturating_add(1)), None, None),
        };
        let to = hand.some_peers();
        hand.say(&to, message);
    }
}
