//! Long outages. Without a quorum nothing is decided and nobody's view runs away (T-3); as soon as
//! one is back, blocks continue within the bound of section 10, however long it was away.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use common::{HOUR, SECOND, highest, hold, world_at};
use quorate_sim::{NodeId, Options, World};
use quorate_types::Height;

/// Four validators that have decided ten heights.
fn four(seed: u64, workload: bool) -> World {
    world_at(10, &Options { workload, ..common::four() }, seed)
}

/// All running nodes decide ten more heights, each in time.
fn goes_on(world: &mut World, silent: u64) {
    let nodes = world.nodes().into_iter();
    let running = nodes.filter(|node| world.decided(*node).is_some()).collect();
    common::go_on(world, running, silent);
}

#[test]
fn after_an_outage_of_an_hour_one_that_returns_suffices() {
    for seed in 0..6 {
        let mut world = four(seed, false);
        world.kill(NodeId(1));
        world.kill(NodeId(2));
        // What was under way when they died may still be decided.
        world.run_for(30 * SECOND);
        let before = highest(&world);
        world.run_for(HOUR);
        hold(&world);
        assert_eq!(highest(&world), before, "two of four decide nothing");
        for node in [NodeId(0), NodeId(3)] {
            assert!(world.view(node).unwrap() <= 4, "the gate holds views back");
        }
        world.start(NodeId(2));
        goes_on(&mut world, 1);
    }
}

#[test]
fn all_killed_at_once_lose_nothing_that_was_final() {
    for seed in 0..20 {
        let mut world = four(seed, true);
        for round in 0..5 {
            let before = world.nodes().into_iter().map(|node| world.finalized(node)).max().unwrap();
            for node in world.nodes() {
                world.kill(node);
            }
            world.run_for(SECOND * (1 + round));
            for node in world.nodes() {
                world.start(node);
            }
            goes_on(&mut world, 0);
            let after = world.nodes().into_iter().map(|node| world.finalized(node)).min().unwrap();
            assert!(after > before, "{after:?} {before:?}");
        }
    }
}

#[test]
fn any_one_of_four_may_die_and_come_back() {
    for seed in 0..4 {
        for node in (0..4).map(NodeId) {
            let mut world = four(seed, true);
            world.kill(node);
            goes_on(&mut world, 1);
            world.start(node);
            let target = highest(&world).plus(5);
            assert!(world.run_until(world.now_us() + 10 * SECOND, |world| {
                world.decided(node).is_some_and(|decided| decided >= target)
            }));
            let again = world.run_until(world.now_us() + 10 * SECOND, |world| {
                world.last_signed(node).is_some_and(|signed| signed > target)
            });
            hold(&world);
            assert!(again, "{node} votes again");
        }
    }
}

#[test]
fn a_node_that_was_cut_off_catches_up_by_blocks_and_votes_again() {
    for seed in 0..3 {
        let mut world = four(seed, true);
        let node = NodeId(3);
        let cut = world.isolate(node);
        let far = highest(&world).plus(300);
        let went_on = world.run_until(world.now_us() + HOUR, |world| highest(world) >= far);
        hold(&world);
        assert!(went_on, "they are at {}", highest(&world));
        assert!(world.decided(node).unwrap() < Height(20));
        world.rejoin(cut);
        let caught_up = world.run_until(world.now_us() + 10 * SECOND, |world| {
            world.last_signed(node).is_some_and(|signed| signed > far)
        });
        hold(&world);
        assert!(caught_up, "it is at {:?}, the others at {}", world.decided(node), highest(&world));
    }
}

/// NW10: the sets have changed in every epoch of more than half of the unbonding period.
#[test]
fn who_missed_half_of_the_unbonding_period_catches_up_and_votes() {
    common::away::comes_back_after_half_of_unbonding();
}
