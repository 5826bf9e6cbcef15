//! Memory per signer and height is a constant, whatever a signer sends.

use quorate_types::{Justification, Message, Timestamp};

use crate::solo::Solo;
use crate::world::{BlockSpec, EPOCH_MS, World, no_block};

/// The state's size as text: grows with everything that is kept.
fn size(solo: &Solo) -> usize {
    format!("{:?}", solo.consensus).len()
}

/// One signer's messages of every kind about a place.
fn messages(world: &World, i: usize, height: u64, view: u64, salt: u8) -> Vec<Message> {
    let parent = quorate_types::Digest::default();
    let start = world.start(quorate_types::Height(height), parent, Timestamp(EPOCH_MS));
    let time = Timestamp(EPOCH_MS + 1);
    let spec = BlockSpec { proposer: i, time, salt: u64::from(salt) };
    let block = world.block(&start, spec, None);
    let proof = world.prepared(&[0, 1, 2], height, view, no_block(salt));
    vec![
        world.prepare(i, height, view, no_block(salt)),
        world.commit(i, height, view, no_block(salt)),
        Message::ViewChange(world.view_change(i, height, view + 1, Some(&proof))),
        world.pre_prepare(i, view, &block, Justification::default()),
    ]
}

fn flooded(heights: std::ops::Range<u64>, views: std::ops::Range<u64>, salts: u8) -> usize {
    let world = World::equal(4);
    let mut solo = Solo::new(world, 0);
    for height in heights {
        for view in views.clone() {
            for salt in 0..salts {
                for message in messages(&solo.world, 3, height, view, salt) {
                    solo.hear(message);
                }
            }
        }
    }
    assert_eq!(solo.view(), 0, "one signer moves nobody");
    size(&solo)
}

#[test]
fn views_of_the_height_do_not_add_up() {
    let little = flooded(1..2, 0..20, 1);
    assert!(flooded(1..2, 0..100, 2) <= little + little / 10);
}

#[test]
fn heights_above_do_not_add_up() {
    let little = flooded(2..12, 0..3, 1);
    assert!(flooded(2..60, 0..12, 2) <= little + little / 10);
}

/// A weak set moves the node through many views; what it keeps of them stays the same.
#[test]
fn a_long_outage_does_not_add_up() {
    let after = |views: u64| {
        let world = World::equal(4);
        let mut solo = Solo::new(world, 0);
        for view in 1..views {
            for i in [2, 3] {
                for message in messages(&solo.world, i, 1, view, 0) {
                    solo.hear(message);
                }
            }
        }
        assert!(solo.record.messages.len() <= quorate_types::limits::MAX_OWN_MESSAGES);
        size(&solo)
    };
    let little = after(15);
    assert!(after(120) <= little + little / 10);
}

/// Commits of views far below the current one: the eight highest per signer.
#[test]
fn commits_of_lower_views_do_not_add_up() {
    let after = |views: u64| {
        let world = World::equal(4);
        let mut solo = Solo::new(world, 0);
        for i in [1, 2] {
            solo.hear(Message::ViewChange(solo.world.view_change(i, 1, 1_000, None)));
        }
        for view in 0..views {
            solo.hear(solo.world.commit(3, 1, view, no_block(0)));
        }
        assert_eq!(solo.view(), 1_000);
        size(&solo)
    };
    let little = after(8);
    assert!(after(1) < little, "some are kept");
    assert!(after(300) <= little + little / 20);
}
