//! Two commit certificates of one height with different digests (protocol section 8): the node
//! stops with the proof, whichever way they come; certificates of one block never stop it.

use quorate_consensus::{Action, Input};
use quorate_types::{Digest, Message, Step};

use crate::solo::Solo;
use crate::world::{World, no_block};

fn node() -> Solo {
    Solo::new(World::equal(4), 0)
}

fn certificate(solo: &Solo, view: u64, digest: Digest) -> Message {
    Message::Certificate(solo.world.committed(&[1, 2, 3], 1, view, digest))
}

/// The digests of the proof, if there is one.
fn proof(solo: &Solo) -> Option<(Digest, Digest)> {
    solo.actions.iter().find_map(|action| {
        let Action::Fork(fork) = action else {
            return None;
        };
        Some((fork.first.digest, fork.second.digest))
    })
}

#[test]
fn a_second_certificate_of_another_block_stops_the_node() {
    let mut solo = node();
    solo.hear(certificate(&solo, 0, no_block(1)));
    solo.hear(certificate(&solo, 0, no_block(2)));
    assert_eq!(proof(&solo), Some((no_block(1), no_block(2))));
    let before = (solo.actions.len(), solo.sent.len());
    let block = solo.block(solo.primary(0), 0);
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Default::default()));
    solo.start_next(&block);
    assert_eq!((solo.actions.len(), solo.sent.len()), before, "it does nothing any more");
    assert_eq!(solo.sent(Step::Prepare), []);
}

#[test]
fn certificates_of_one_block_in_two_views_are_no_fork() {
    let mut solo = node();
    solo.hear(certificate(&solo, 0, no_block(1)));
    solo.hear(certificate(&solo, 1, no_block(1)));
    assert_eq!(proof(&solo), None);
}

#[test]
fn a_height_that_is_left_is_still_compared() {
    let mut solo = node();
    let block = solo.block(1, 0);
    solo.hear(certificate(&solo, 0, block.header().digest()));
    solo.step(Input::Fetched(block.clone()));
    solo.start_next(&block);
    solo.hear(certificate(&solo, 2, no_block(2)));
    assert_eq!(proof(&solo), Some((block.header().digest(), no_block(2))));
}

#[test]
fn a_quorum_of_votes_for_another_block_is_half_of_a_fork() {
    let mut solo = node();
    solo.hear(certificate(&solo, 0, no_block(1)));
    for i in [1, 2, 3] {
        solo.hear(solo.world.commit(i, 1, 1, no_block(2)));
    }
    assert_eq!(proof(&solo), Some((no_block(1), no_block(2))));
}

#[test]
fn a_height_above_is_compared_before_it_starts() {
    let mut solo = node();
    for digest in [no_block(1), no_block(2)] {
        solo.hear(Message::Certificate(solo.world.committed(&[1, 2, 3], 4, 0, digest)));
    }
    assert_eq!(proof(&solo), Some((no_block(1), no_block(2))));
}
