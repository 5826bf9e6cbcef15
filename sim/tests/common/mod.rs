//! What tests of whole worlds share: four validators without faults, and what is asked of them.
#![allow(dead_code, reason = "each suite uses its own part")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use quorate_sim::{Faults, NodeId, Options, World};
use quorate_types::Height;

pub const MS: u64 = 1_000;
pub const SECOND: u64 = 1_000 * MS;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;

/// Four validators of equal power, and no fault.
pub fn four() -> Options {
    Options {
        validators: Some(4),
        full_nodes: Some(0),
        faults: Faults::none(),
        equal_power: Some(true),
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
