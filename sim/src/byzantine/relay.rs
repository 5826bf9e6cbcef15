//! Passing gossip on badly (BZ24): to some neighbours only, or much later. Both look like a bad link;
//! the mesh has to do without. The others withhold all of it.

use super::Behaviour;
use super::hand::{Hand, Letter};
use crate::event::NodeId;
use crate::plan::{MS, SECOND};
use crate::random::Random;

/// How late, in microseconds: within a view, a view, several, and long after the height.
const DELAYS_US: [u64; 4] = [200 * MS, 2 * SECOND, 10 * SECOND, 60 * SECOND];

/// Passes gossip on, and badly.
#[derive(Debug)]
pub(super) enum Relay {
    /// To a fixed set of about half, drawn when the first comes.
    Friends(Option<Vec<NodeId>>),
    /// To one neighbour, drawn anew each time.
    One,
    /// To all, so much later.
    Late(u64),
}

impl Relay {
    pub(super) fn partial(random: &mut Random) -> Relay {
        if random.chance(500) { Relay::Friends(None) } else { Relay::One }
    }

    pub(super) fn delayed(random: &mut Random) -> Relay {
        Relay::Late(random.pick(&DELAYS_US).unwrap_or(SECOND))
    }
}

impl Behaviour for Relay {
    fn on_relay(&mut self, hand: &mut Hand<'_>, letter: &Letter) {
        let mut letter = letter.clone();
        match self {
            Relay::Friends(friends) => {
                let friends = friends.get_or_insert_with(|| hand.some_peers());
                letter.to.retain(|node| friends.contains(node));
            }
            Relay::One => letter.to = hand.one_peer(),
            Relay::Late(after_us) => letter.after_us = *after_us,
        }
        hand.deviate();
        hand.pass(letter);
    }
}
