//! Byzantine behaviours on a good network, where it shows what they cost: no view change without a
//! weak set, memory that is bounded (I-13, R-11), and blocks that go on at a fair rate.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use common::{FLOODED, HOUR, SECOND, calm, footprint_of_a_height, highest, hold};
use quorate_sim::NodeId;

const SEEDS: u64 = 3;

/// What floods and forges, and never keeps a proposal or a vote of the honest code back.
const NOISE: [&str; 19] = [
    "stale-votes",
    "replay",
    "malformed",
    "forged-certificates",
    "lying-view-change",
    "view-change-spam",
    "far-future",
    "invalid-signatures",
    "vote-flood",
    "vote-withdrawal",
    "lying-peer",
    "bad-transactions",
    "odd-signatures",
    "equivocating-commit",
    "partial-relay",
    "delayed-relay",
    "gossip-spam",
    "false-accusation",
    "whispered-vote",
];

/// What floods.
const FLOODS: [&str; 6] =
    ["view-change-spam", "far-future", "vote-flood", "invalid-signatures", "replay", "gossip-spam"];

#[test]
fn noise_of_less_than_a_third_moves_nobody_out_of_view_0() {
    for name in NOISE {
        for seed in 0..SEEDS {
            let mut world = calm(name, seed);
            for _ in 0..100 {
                world.run_for(SECOND / 20);
                let highest = world.nodes().into_iter().filter_map(|node| world.view(node)).max();
                assert_eq!(highest, Some(0), "{name}, seed {seed}");
            }
            hold(&world);
        }
    }
}

#[test]
fn floods_of_a_height_that_is_not_decided_stay_within_bounds() {
    for seed in 0..SEEDS {
        let quiet = footprint_of_a_height("silent", seed);
        for flood in FLOODS {
            let flooded = footprint_of_a_height(flood, seed);
            assert!(flooded < quiet + FLOODED, "{flood}, seed {seed}: {quiet}, then {flooded}");
        }
    }
}

/// A node that was cut off for 300 heights catches up though the one that lies about blocks answers
/// wrongly or never: each lie costs one bounded request.
#[test]
fn a_node_that_was_cut_off_catches_up_beside_a_lying_peer() {
    for seed in 0..SEEDS {
        let mut world = calm("lying-peer", seed);
        let plan = world.report().plan;
        let honest = |node: &NodeId| !plan.contains(&format!("{node} lying-peer"));
        let node = world.nodes().into_iter().find(honest).unwrap();
        let cut = world.isolate(node);
        let far = highest(&world).plus(300);
        let limit_us = world.now_us() + HOUR;
        assert!(world.run_until(limit_us, |world| highest(world) >= far));
        world.rejoin(cut);
        let caught_up = world.run_until(world.now_us() + 20 * SECOND, |world| {
            world.last_signed(node).is_some_and(|signed| signed > far)
        });
        hold(&world);
        let at = world.decided(node);
        assert!(caught_up, "seed {seed}: it is at {at:?}, the others at {}", highest(&world));
    }
}

/// Heights in a minute.
fn rate(byzantine: &str, seed: u64) -> u64 {
    let mut world = calm(byzantine, seed);
    world.run_for(60 * SECOND);
    hold(&world);
    world.report().height
}

#[test]
fn one_of_four_cannot_slow_the_others_down_much() {
    for seed in 0..SEEDS {
        let honest = rate("none", seed);
        // Silence costs its share and a view change each time; delay no more than half.
        for (name, percent) in
            [("silent", 45), ("silent-proposer", 45), ("silent-phase", 45), ("delayed", 50)]
        {
            let with_one = rate(name, seed);
            assert!(with_one * 100 >= honest * percent, "{name}: {with_one} of {honest}");
        }
    }
}
