//! A chain that has nothing to do makes a block for each idle interval and no more, however its state
//! or its mempool tempts it. Schedules 19 and 23.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use common::{MINUTE, SECOND, hold};
use quorate_sim::{NodeId, Options, World};

#[test]
fn a_parent_without_content_asks_for_no_block() {
    common::idles(false);
}

#[test]
fn a_transaction_behind_a_gap_asks_for_no_block() {
    common::idles(true);
}

/// The end of an epoch wants its roots certified at once, and so it does after a restart in between.
#[test]
fn the_end_of_an_epoch_asks_for_a_block_after_a_restart_too() {
    const ALONE: NodeId = NodeId(0);
    for seed in 0..8 {
        let alone = Options { validators: Some(1), workload: false, ..common::four() };
        let mut world = World::new(&alone, seed);
        let length = world.epoch_length();
        let ends_epoch = |world: &World| {
            let height = world.finalized(ALONE).filter(|height| height.0 > 0);
            height == world.decided(ALONE) && height.is_some_and(|height| height.0 % length == 0)
        };
        assert!(world.run_until(2 * MINUTE, ends_epoch), "seed {seed}");
        let end = world.decided(ALONE);
        world.kill(ALONE);
        world.start(ALONE);
        assert_eq!(world.decided(ALONE), end, "seed {seed}");
        world.run_for(3 * SECOND / 2);
        hold(&world);
        assert!(world.decided(ALONE) > end, "seed {seed}: it waits for the idle interval");
    }
}
