//! A crash at every point of a short run, of one node and of all at once, and crashes again while
//! nodes recover: what was final stays, nothing is signed twice (S-1, S-4), and blocks go on within
//! the bound of section 10. Each crash leaves a random prefix of what a disk had not synced.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::cell::Cell;

use common::{HOUR, MS, four};
use quorate_sim::{NodeId, World};
use quorate_types::Height;

/// Four validators, of whom one is down, so that views change.
fn three_of_four(seed: u64) -> World {
    let mut world = World::new(&four(), seed);
    world.run_for(100 * MS);
    world.kill(NodeId(3));
    world
}

/// Plays so many events.
fn play(world: &mut World, events: u64) {
    let left = Cell::new(events);
    let limit_us = world.now_us() + HOUR;
    world.run_until(limit_us, |_| {
        let is_over = left.get() == 0;
        left.set(left.get().saturating_sub(1));
        is_over
    });
}

/// Three of four decide three more heights, each in time.
fn go_on(world: &mut World) {
    let nodes: Vec<NodeId> = (0..3).map(NodeId).collect();
    let lowest = |world: &World| {
        nodes.iter().map(|node| world.decided(*node).unwrap_or_default()).min().unwrap()
    };
    let highest = nodes.iter().filter_map(|node| world.decided(*node)).max().unwrap();
    world.expect_progress(nodes.iter().copied().collect(), 1);
    let wanted = highest.plus(3);
    let limit_us = world.now_us() + HOUR;
    world.run_until(limit_us, |world| lowest(world) >= wanted);
    let report = world.report();
    assert!(report.is_ok() && lowest(world) >= wanted, "{report}");
}

/// The first seed whose run has a change of view before its sixth height, and how many events it has
/// until then.
fn scripted() -> (u64, u64) {
    (1..10).find_map(|seed| Some((seed, length(seed)?))).expect("every second seed or so")
}

fn length(seed: u64) -> Option<u64> {
    let mut world = three_of_four(seed);
    let events = Cell::new(0);
    let reached = world.run_until(HOUR, |world| {
        events.set(events.get() + 1);
        (0..3).map(NodeId).all(|node| world.decided(node) >= Some(Height(6)))
    });
    let report = world.report();
    assert!(reached, "{report}");
    (report.highest_view > 0).then_some(events.get())
}

fn crash_at(point: u64, seed: u64, nodes: &[NodeId]) -> World {
    let mut world = three_of_four(seed);
    play(&mut world, point);
    for node in nodes {
        world.kill(*node);
    }
    world.run_for(20 * MS);
    for node in nodes {
        world.start(*node);
    }
    world
}

#[test]
fn one_node_crashes_at_every_point() {
    let (seed, length) = scripted();
    for point in 0..length {
        let mut world = crash_at(point, seed, &[NodeId(u16::try_from(point % 3).unwrap())]);
        go_on(&mut world);
    }
}

#[test]
fn all_nodes_crash_at_every_point() {
    let (seed, length) = scripted();
    for point in 0..length {
        let mut world = crash_at(point, seed, &[NodeId(0), NodeId(1), NodeId(2)]);
        go_on(&mut world);
    }
}

/// Each crash comes a little later into the recovery than the one before.
#[test]
fn crash_loops_end() {
    let (seed, length) = scripted();
    for point in (0..length).step_by(9) {
        let all = [NodeId(0), NodeId(1), NodeId(2)];
        let mut world = crash_at(point, seed, &all);
        for times in 0..20 {
            play(&mut world, times);
            for node in all {
                world.kill(node);
                world.start(node);
            }
        }
        go_on(&mut world);
    }
}
