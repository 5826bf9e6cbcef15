//! What tests of whole worlds share: four validators without faults, and what is asked of them.
#![allow(dead_code, reason = "each suite uses its own part")]
#![allow(clippy::unwrap_used)]

pub mod away;
pub mod signers;
pub mod stakes;

use std::collections::BTreeSet;

use quorate_sim::{Churn, Faults, NodeId, Options, World};
use quorate_types::Height;

pub const MS: u64 = 1_000;
pub const SECOND: u64 = 1_000 * MS;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
/// How much more a core may remember under a flood. Per signer: two votes of each kind for each of
/// ten heights ahead, of a few views and of eight views below, a proposal of ids per height, a view
/// change; and to notice contradictions a dozen statements for each of twelve heights. A minute of
/// flood is far more.
pub const FLOODED: usize = 250_000;

/// Four validators of equal power, and no fault.
pub fn four() -> Options {
    Options {
        validators: Some(4),
        full_nodes: Some(0),
        faults: Faults::none(),
        equal_power: Some(true),
        churn: Some(Churn::None),
        ..Options::default()
    }
}

/// A world whose nodes have all decided a height within a minute.
pub fn world_at(height: u64, options: &Options, seed: u64) -> World {
    let mut world = World::new(options, seed);
    assert!(world.run_until(MINUTE, |world| lowest(world) >= Height(height)));
    hold(&world);
    world
}

/// No oracle has found anything.
pub fn hold(world: &World) {
    assert!(world.violation().is_none(), "{}", world.violation().unwrap());
}

fn decided(world: &World) -> impl Iterator<Item = Height> {
    world.nodes().into_iter().filter_map(|node| world.decided(node))
}

/// The lowest decided height of the running nodes.
pub fn lowest(world: &World) -> Height {
    decided(world).min().unwrap_or_default()
}

/// The highest one.
pub fn highest(world: &World) -> Height {
    decided(world).max().unwrap_or_default()
}

/// Every running node decides a height within an hour.
pub fn reach(world: &mut World, height: Height) {
    let limit_us = world.now_us() + HOUR;
    world.run_until(limit_us, |world| lowest(world) >= height);
    hold(world);
    assert!(lowest(world) >= height, "{height}: {} to {}", lowest(world), highest(world));
}

/// All running nodes decide ten more heights, and these decide each in time, though so many
/// others fail as primaries.
pub fn go_on(world: &mut World, in_time: BTreeSet<NodeId>, silent: u64) {
    let wanted = highest(world).plus(10);
    world.expect_progress(in_time, silent);
    reach(world, wanted);
}

/// Four validators of equal power without other faults, and after five seconds: connections take a
/// moment.
pub fn calm(byzantine: &str, seed: u64) -> World {
    let options = Options { byzantine: byzantine.parse().unwrap(), ..four() };
    let mut world = World::new(&options, seed);
    world.run_for(5 * SECOND);
    world
}

/// What the largest core remembers, while nothing is decided: two of four are away, so everything
/// that arrives is of one height, or of heights to come. Clients would fill the mempool meanwhile.
pub fn footprint_of_a_height(byzantine: &str, seed: u64) -> usize {
    let byzantine_alone = byzantine.parse().unwrap();
    let options = Options { byzantine: byzantine_alone, workload: false, ..four() };
    let mut world = World::new(&options, seed);
    world.run_for(5 * SECOND);
    let plan = world.report().plan;
    let honest = |node: &NodeId| !plan.contains(&format!("{node} {byzantine}"));
    let honest: Vec<_> = world.nodes().into_iter().filter(honest).collect();
    for node in &honest[..2] {
        world.kill(*node);
    }
    world.run_for(60 * SECOND);
    hold(&world);
    world.footprint(honest[2]).unwrap()
}

/// A minute without work has a height for each idle interval of two seconds, and one for each end of an
/// epoch, of two heights at least; also while a transaction waits whose nonce lies ahead.
pub fn idles(behind_a_gap: bool) {
    const MOST: u64 = 60;
    for seed in 0..3 {
        let mut world = World::new(&Options { workload: false, ..four() }, seed);
        world.run_for(5 * SECOND);
        if behind_a_gap {
            world.submit_ahead(NodeId(0));
            world.run_for(SECOND);
            assert!(world.report().counts.accepted > 0, "it waits");
        }
        let before = highest(&world);
        world.run_for(MINUTE);
        hold(&world);
        let made = highest(&world).0 - before.0;
        assert!((20..=MOST).contains(&made), "seed {seed}: {made} heights in an idle minute");
    }
}
