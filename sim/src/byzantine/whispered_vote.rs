//! A second Prepare that a single node gets to see, always the same (BZ2): the last of all, which is a
//! full node where there is one. The others hear of the contradiction only if that node tells them.

use quorate_types::{Height, Message, StatementBody};

use super::Behaviour;
use super::hand::{Hand, Letter};

/// Up to here not all are connected yet, and another node may be the last.
const QUIET: Height = Height(3);

/// Votes twice, where one node hears it.
#[derive(Debug)]
pub(super) struct WhisperedVote;

impl Behaviour for WhisperedVote {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        if let Some(Message::Prepare(signed)) = letter.message()
            && let Some(witness) = hand.peers.last().copied()
            && signed.statement.height > QUIET
        {
            let (height, view) = (signed.statement.height, signed.statement.view);
            let digest = hand.random_digest();
            let other = hand.sign(height, view, StatementBody::Prepare { digest });
            hand.say(&[witness], Message::Prepare(other));
        }
        hand.pass(letter);
    }
}
