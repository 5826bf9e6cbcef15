//! Amnesia (BZ4, E-5): commits to every block that is proposed, before any quorum prepared it, and
//! claims in the next view that nothing was prepared.

use quorate_types::{Message, StatementBody};

use super::Behaviour;
use super::hand::{Hand, Letter};

/// Forgets what it committed to.
#[derive(Debug)]
pub(super) struct Amnesia;

impl Behaviour for Amnesia {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(Message::ViewChange(view_change)) = letter.message() else {
            return hand.pass(letter);
        };
        let statement = &view_change.signed.statement;
        if let StatementBody::ViewChange { prepared: Some(_) } = statement.body {
            let forgets = hand.view_change(statement.height, statement.view, None, None);
            let to = letter.to.clone();
            hand.say(&to, forgets);
        } else {
            hand.pass(letter);
        }
    }

    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        let (Message::PrePrepare(_) | Message::Prepare(_), Some(signed)) =
            (message, message.signed())
        else {
            return;
        };
        let statement = signed.statement;
        if let Some(digest) = statement.digest()
            && hand.random.chance(300)
        {
            let commit = hand.commit(statement.height, statement.view, digest);
            let to = hand.some_peers();
            hand.say(&to, commit);
        }
    }
}
