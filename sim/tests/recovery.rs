//! How long a network takes to come back: of four validators one stays up for an hour, then two
//! return, so that just a quorum is there; the fourth stays away and is primary in its turn. Each run
//! has to stay within the bound of section 10 (I-12).
//! `make recovery` runs a thousand seeds and prints the table.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]
#![allow(clippy::disallowed_methods, reason = "how many seeds, from the environment")]

use std::collections::BTreeSet;

use quorate_sim::{Faults, NodeId, Options, World};
use quorate_types::Height;

const SECOND: u64 = 1_000_000;
const HOUR: u64 = 3_600 * SECOND;

/// Virtual microseconds from the return of two until all three that run have decided a new height.
fn recovery_us(seed: u64) -> u64 {
    let options = Options {
        validators: Some(4),
        full_nodes: Some(0),
        faults: Faults::none(),
        equal_power: Some(true),
        workload: false,
        ..Options::default()
    };
    let mut world = World::new(&options, seed);
    let highest = |world: &World| world.nodes().into_iter().filter_map(|n| world.decided(n)).max();
    assert!(world.run_until(60 * SECOND, |world| highest(world) >= Some(Height(10))));
    let up = NodeId(u16::try_from(seed % 4).unwrap());
    let others: Vec<NodeId> = world.nodes().into_iter().filter(|node| *node != up).collect();
    others.iter().for_each(|node| world.kill(*node));
    world.run_for(HOUR + seed * 37_000 % (5 * SECOND));
    let wanted = highest(&world).unwrap().next();
    let returned = world.now_us();
    others.iter().take(2).for_each(|node| world.start(*node));
    let running: BTreeSet<NodeId> = others.iter().take(2).copied().chain([up]).collect();
    world.expect_progress(running, 1);
    let all = |world: &World| {
        world.nodes().into_iter().filter_map(|node| world.decided(node)).all(|at| at >= wanted)
    };
    let came_back = world.run_until(returned + HOUR, all);
    assert!(world.violation().is_none(), "seed {seed}: {}", world.violation().unwrap());
    assert!(came_back, "seed {seed}");
    world.now_us() - returned
}

#[test]
fn after_an_hour_with_one_of_four_up_a_quorum_is_back_within_seconds() {
    let seeds: u64 =
        std::env::var("QUORATE_RECOVERY_SEEDS").map_or(40, |seeds| seeds.parse().unwrap());
    let mut took: Vec<u64> = (0..seeds).map(recovery_us).collect();
    took.sort_unstable();
    let percentile = |percent: usize| took[(took.len() * percent).div_ceil(100).max(1) - 1];
    println!("percentile seconds");
    for percent in [1, 10, 25, 50, 75, 90, 99, 100] {
        let us = percentile(percent);
        println!("{percent} {}.{:03}", us / SECOND, us % SECOND / 1_000);
    }
}
