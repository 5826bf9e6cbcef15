//! Gossip over Byzantine relays (BZ24): they withhold it, pass it on to some only or late, publish old
//! messages for ever under new ids. Who is honest goes on over the honest, passes the same bytes on
//! once a second, and nothing of a height that is over.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{SECOND, hold};
use quorate_sim::{Byzantine, NodeId, Options, World};

const RELAYS: [&str; 4] = ["silent", "partial-relay", "delayed-relay", "gossip-spam"];

/// Seven validators, two of which, next to each other in the ring, are Byzantine.
fn ring(does: &str, seed: u64) -> World {
    let options = Options { validators: Some(7), ..common::four() };
    let mut world = World::new(&options, seed);
    world.pass_gossip_on();
    let Byzantine::Named(kinds) = does.parse().unwrap() else { unreachable!("they are named") };
    for node in [5, 6].map(NodeId) {
        world.corrupt(node, &kinds);
    }
    world.run_for(2 * SECOND);
    let nodes = || (0..7_u16).map(NodeId);
    let are_next = |a: NodeId, b: NodeId| [1, 6].contains(&a.0.abs_diff(b.0));
    let pairs = nodes().flat_map(|a| nodes().map(move |b| (a, b)));
    let far: BTreeSet<_> = pairs.filter(|(a, b)| a != b && !are_next(*a, *b)).collect();
    world.cut(far, true);
    world
}

/// The five honest ones are a line, and a quorum: each height comes in time.
#[test]
fn a_line_of_the_honest_goes_on_whatever_their_neighbours_pass_on() {
    for does in RELAYS {
        for seed in 0..4 {
            let mut world = ring(does, seed);
            let honest: BTreeSet<NodeId> = (0..5).map(NodeId).collect();
            let highest = |world: &World| honest.iter().filter_map(|id| world.decided(*id)).max();
            let wanted = highest(&world).unwrap().plus(20);
            world.expect_progress(honest.clone(), 2);
            let limit_us = world.now_us() + 3_600 * SECOND;
            let all = |world: &World| honest.iter().all(|id| world.decided(*id) >= Some(wanted));
            let done = world.run_until(limit_us, all);
            hold(&world);
            assert!(done, "{does}, seed {seed}");
        }
    }
}

/// Parcels that arrive in a minute among four validators that pass gossip on, of which one does this;
/// and how much gossip was not passed on, as too early and as too late.
fn parcels(does: &str, seed: u64) -> [u64; 3] {
    let options = Options { byzantine: does.parse().unwrap(), workload: false, ..common::four() };
    let mut world = World::new(&options, seed);
    world.pass_gossip_on();
    world.run_for(60 * SECOND);
    hold(&world);
    let counts = world.report().counts;
    [counts.delivered, counts.early_repeats, counts.late_gossip]
}

/// Of what is published again and again, honest nodes pass little on: a flood of one costs the others
/// its own parcels and few more.
#[test]
fn a_flood_of_old_gossip_is_not_multiplied() {
    for seed in 0..3 {
        let [quiet, early, _] = parcels("silent", seed);
        assert_eq!(early, 0, "nobody sends anything twice in a second");
        let [flooded, early, late] = parcels("gossip-spam", seed);
        assert!(early > 500 && late > 500, "seed {seed}: {early} early and {late} late");
        // Ten publications in a tick of 0.22 s on average, to three each, is 8 200 in a minute.
        assert!(flooded < quiet + 12_000, "seed {seed}: {quiet}, then {flooded}");
    }
}
