//! How long a network takes to come back: of four validators one stays up for an hour, then two
//! return, so that just a quorum is there; the fourth stays away and is primary in its turn. Each run
//! has to stay within the bound of section 10 (I-12).
//! `make recovery` runs a thousand seeds and prints the table.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]
#![allow(clippy::disallowed_methods, reason = "how many seeds, from the environment")]

mod common;

use std::collections::BTreeSet;

use common::{HOUR, MINUTE, SECOND, four, highest, lowest};
use quorate_sim::{NodeId, Options, World};
use quorate_types::Height;

/// Virtual microseconds from the return of two until all three that run have decided a new height.
fn recovery_us(seed: u64) -> u64 {
    let mut world = World::new(&Options { workload: false, ..four() }, seed);
    assert!(world.run_until(MINUTE, |world| highest(world) >= Height(10)));
    let up = NodeId(u16::try_from(seed % 4).unwrap());
    let others: Vec<NodeId> = world.nodes().into_iter().filter(|node| *node != up).collect();
    others.iter().for_each(|node| world.kill(*node));
    world.run_for(HOUR + seed * 37_000 % (5 * SECOND));
    let wanted = highest(&world).next();
    let returned = world.now_us();
    others.iter().take(2).for_each(|node| world.start(*node));
    let running: BTreeSet<NodeId> = others.iter().take(2).copied().chain([up]).collect();
    world.expect_progress(running, 1);
    let came_back = world.run_until(returned + HOUR, |world| lowest(world) >= wanted);
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
