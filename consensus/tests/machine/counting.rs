//! Which of several messages of one signer counts, and what is known before a height starts (R-8,
//!

use quorate_consensus::{Action, Input, TimerKind};
use quorate_types::{Height, Justification, Message, Step, View};

use crate::solo::{Solo, bystander};
use crate::world::{World, no_block};

/// A node that has accepted the block of view 0 and prepared it.
fn accepted() -> (Solo, quorate_types::Digest) {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    let block = solo.block(solo.primary(0), 0);
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    (solo, block.header().digest())
}

#[test]
fn the_first_vote_of_a_signer_counts() {
    let (mut solo, digest) = accepted();
    let others = solo.others();
    solo.hear(solo.world.prepare(others[0], 1, 0, digest));
    solo.hear(solo.world.prepare(others[1], 1, 0, no_block(1)));
    solo.hear(solo.world.prepare(others[1], 1, 0, digest));
    assert_eq!(solo.prepared_view(), None);
    solo.hear(solo.world.prepare(others[2], 1, 0, digest));
    assert_eq!(solo.prepared_view(), Some(0));
}

#[test]
fn one_signer_twice_is_one_vote() {
    let (mut solo, digest) = accepted();
    let others = solo.others();
    for _ in 0..3 {
        solo.hear(solo.world.prepare(others[0], 1, 0, digest));
    }
    assert_eq!(solo.prepared_view(), None);
}

/// Votes of the next two views are kept for when this node comes there.
#[test]
fn votes_of_the_next_views_wait() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let mut solo = Solo::new(world.clone(), me);
    let block = solo.block(solo.primary(1), 0);
    let digest = block.header().digest();
    let others = solo.others();
    for other in &others[..2] {
        solo.hear(world.prepare(*other, 1, 1, digest));
    }
    assert_eq!((solo.view(), solo.prepared_view()), (1, None), "a weak set is there");
    let view_changes = others.iter().map(|i| world.view_change(*i, 1, 1, None).signed).collect();
    let justification = Justification { view_changes, certificate: None };
    solo.hear(world.pre_prepare(solo.primary(1), 1, &block, justification));
    assert_eq!(solo.prepared_view(), Some(1));
}

#[test]
fn the_first_view_change_of_a_signer_for_a_view_counts() {
    let world = World::equal(4);
    let me = world.primary(1, 1);
    let mut solo = Solo::new(world.clone(), me);
    solo.fire(TimerKind::View, 0);
    let lost = no_block(1);
    let others = solo.others();
    let proof = world.prepared(&others, 1, 0, lost);
    solo.hear(Message::ViewChange(world.view_change(others[0], 1, 1, None)));
    solo.hear(Message::ViewChange(world.view_change(others[0], 1, 1, Some(&proof))));
    solo.hear(Message::ViewChange(world.view_change(others[1], 1, 1, None)));
    assert!(solo.actions.contains(&Action::Build { height: Height(1), view: View(1) }));
    assert!(!solo.has_fetched(lost));
}

/// A certificate of the next height that came early decides it as it starts.
#[test]
fn a_certificate_above_is_kept_for_its_height() {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    let others = solo.others();
    let next = no_block(2);
    solo.hear(Message::Certificate(world.committed(&others, 2, 0, next)));
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    solo.hear(Message::Certificate(world.committed(&others, 1, 0, digest)));
    solo.step(Input::Fetched(block.clone()));
    assert_eq!(solo.has_decided(), Some(digest));
    solo.start_next(&block);
    assert!(solo.has_fetched(next));
    solo.step(Input::WorkWaiting);
    assert_eq!(solo.sent(Step::Prepare), []);
}
