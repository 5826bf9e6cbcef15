//! Two Prepares, or two Commits, for one height and view (BZ2, BZ3): one for the block that the
//! honest code votes for, one for another that was proposed, or for one that does not exist.

use std::collections::BTreeSet;

use quorate_types::{Digest, Height, Message, Step, View};

use super::Behaviour;
use super::hand::{Hand, Letter};

/// Votes twice.
#[derive(Debug)]
pub(super) struct Equivocating {
    step: Step,
    /// What was proposed at one height and view.
    seen: (Height, View, BTreeSet<Digest>),
}

impl Equivocating {
    pub(super) fn prepare() -> Equivocating {
        Equivocating::of(Step::Prepare)
    }

    pub(super) fn commit() -> Equivocating {
        Equivocating::of(Step::Commit)
    }

    fn of(step: Step) -> Equivocating {
        Equivocating { step, seen: (Height::GENESIS, View::ZERO, BTreeSet::new()) }
    }

    fn vote(&self, hand: &Hand<'_>, (height, view): (Height, View), digest: Digest) -> Message {
        match self.step {
            Step::Commit => hand.commit(height, view, digest),
            Step::Prepare | Step::PrePrepare | Step::ViewChange => {
                hand.prepare(height, view, digest)
            }
        }
    }
}

impl Behaviour for Equivocating {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let signed = letter.message().and_then(Message::signed);
        let Some(statement) = signed.map(|signed| signed.statement) else {
            return hand.pass(letter);
        };
        if statement.step() != self.step {
            return hand.pass(letter);
        }
        let at = (statement.height, statement.view);
        let known = (self.seen.0, self.seen.1) == at;
        let other = self.seen.2.iter().find(|seen| statement.digest() != Some(**seen) && known);
        let other = other.copied().unwrap_or_else(|| hand.random_digest());
        let vote = self.vote(hand, at, other);
        // Some get both, some one of the two; the second comes first as often as not.
        let (first, second) = (hand.some_peers(), hand.some_peers());
        if hand.random.chance(500) {
            hand.say(&first, vote);
            hand.pass(letter.to(second));
        } else {
            hand.pass(letter.to(second));
            hand.say(&first, vote);
        }
    }

    /// Every block that is proposed gets its vote, at once.
    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        let Message::PrePrepare(proposal) = message else { return };
        let statement = &proposal.signed.statement;
        let at = (statement.height, statement.view);
        if (self.seen.0, self.seen.1) != at {
            self.seen = (at.0, at.1, BTreeSet::new());
        }
        if let Some(digest) = statement.digest()
            && self.seen.2.insert(digest)
            && hand.random.chance(500)
        {
            let to = hand.some_peers();
            let vote = self.vote(hand, at, digest);
            hand.say(&to, vote);
        }
    }
}
