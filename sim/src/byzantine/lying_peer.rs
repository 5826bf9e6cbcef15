//! A peer that lies where nothing is signed: about where it stands, and in what it answers. A lie
//! costs one bounded request and never a vote.

use std::sync::Arc;

use quorate_types::wire::FetchAnswer;
use quorate_types::{Block, Certificate, Height, Status, View};

use super::Behaviour;
use super::hand::{Content, Hand, Letter};
use crate::plan::SECOND;

/// Lies about blocks.
#[derive(Debug, Default)]
pub(super) struct LyingPeer {
    /// An answer of earlier, for another request.
    earlier: Option<FetchAnswer>,
}

impl Behaviour for LyingPeer {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        match &letter.content {
            Content::Status(status) => {
                let lie = lie(hand, status);
                hand.forge(&letter.to, Content::Status(lie));
            }
            Content::Answer(id, answer) => {
                let other = self.earlier.replace(answer.clone());
                let lie = match (hand.random.below(8), answer) {
                    (0, _) => other,
                    (1, FetchAnswer::Block(_)) => Some(FetchAnswer::Block(None)),
                    (1, FetchAnswer::Range(_)) => Some(FetchAnswer::Range(Vec::new())),
                    (2, FetchAnswer::Block(_)) => Some(FetchAnswer::Range(Vec::new())),
                    (2, FetchAnswer::Range(_)) => Some(FetchAnswer::Block(None)),
                    (3, FetchAnswer::Range(blocks)) => {
                        Some(FetchAnswer::Range(blocks.iter().skip(1).cloned().collect()))
                    }
                    (4 | 5, FetchAnswer::Block(Some(block))) => {
                        Some(FetchAnswer::Block(Some(another(block))))
                    }
                    (4 | 5, FetchAnswer::Range(blocks)) => {
                        Some(FetchAnswer::Range(under_another(blocks)))
                    }
                    (_, _) => None,
                };
                match lie {
                    Some(lie) => hand.forge(&letter.to, Content::Answer(*id, lie)),
                    None if hand.random.chance(300) => hand.pass(letter),
                    // Never, or too late.
                    None if hand.random.chance(500) => {
                        hand.deviate();
                        hand.pass(Letter { after_us: 4 * SECOND, ..letter });
                    }
                    None => hand.deviate(),
                }
            }
            Content::Message(_)
            | Content::Bytes(_)
            | Content::Gossip(..)
            | Content::Transactions(_) => {
                hand.pass(letter);
            }
        }
    }
}

/// Another block than the one that was asked for.
fn another(block: &Block) -> Arc<Block> {
    let mut other = block.clone();
    other.header.time = other.header.time.plus(1);
    Arc::new(other)
}

/// Each block under the certificate that it carries: that of the block below.
fn under_another(blocks: &[(Arc<Block>, Certificate)]) -> Vec<(Arc<Block>, Certificate)> {
    let carried = |(block, own): &(Arc<Block>, Certificate)| {
        let certificate = block.last_commit.as_ref().unwrap_or(own).clone();
        (Arc::clone(block), certificate)
    };
    blocks.iter().map(carried).collect()
}

fn lie(hand: &mut Hand<'_>, true_one: &Status) -> Status {
    let far = [u64::MAX, true_one.decided.0.saturating_add(1), true_one.decided.0 * 2, 0];
    let decided = Height(hand.random.pick(&far).unwrap_or(0));
    Status {
        height: Height(decided.0.saturating_add(1)),
        view: View(hand.random.below(100)),
        prepared: None,
        decided,
        first_stored: Height(hand.random.below(2)),
    }
}
