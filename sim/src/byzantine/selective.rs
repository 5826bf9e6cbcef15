//! Sending to some only (BZ6): to so few that with the sender they are one short of what is needed,
//! or to all but one victim, always the same.

use super::Behaviour;
use super::hand::{Hand, Letter};
use crate::event::NodeId;
use crate::random::Random;

/// Who is left out.
#[derive(Debug)]
pub(super) enum Selective {
    /// One node for ever; drawn when the first message leaves.
    Victim(Option<NodeId>),
    /// All but this many of a thousand, drawn anew for each message.
    Some(u64),
    /// All but a fixed set of about half, drawn when the first message leaves.
    Friends(Option<Vec<NodeId>>),
}

impl Selective {
    pub(super) fn draw(random: &mut Random) -> Selective {
        match random.below(3) {
            0 => Selective::Victim(None),
            1 => Selective::Some(random.between(200, 900)),
            _ => Selective::Friends(None),
        }
    }

    fn chosen(&mut self, hand: &mut Hand<'_>, to: &[NodeId]) -> Vec<NodeId> {
        let mut chosen = to.to_vec();
        match self {
            Selective::Victim(victim) => {
                let victim = *victim.get_or_insert_with(|| {
                    hand.random.pick(hand.peers).unwrap_or(hand.identity.node)
                });
                chosen.retain(|node| *node != victim);
            }
            Selective::Some(chance) => chosen.retain(|_| hand.random.chance(*chance)),
            Selective::Friends(friends) => {
                let friends = friends.get_or_insert_with(|| hand.some_peers());
                chosen.retain(|node| friends.contains(node));
            }
        }
        chosen
    }
}

impl Behaviour for Selective {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let chosen = self.chosen(hand, &letter.to);
        if chosen.len() < letter.to.len() {
            hand.deviate();
        }
        hand.pass(Letter { to: chosen, ..letter });
    }

    fn is_filter(&self) -> bool {
        true
    }
}
