//! Disks that fail, in whole worlds: a write that fails at any point ends the process before anything
//! leaves, damage is refused at every place, and the others go on within the bound of section 10. The
//! oracles of durability and double signatures judge over all lives of a key.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

use quorate_sim::{Churn, Counts, Fault, Faults, NodeId, Options, World, Written, run};
use quorate_types::Height;

const SECOND: u64 = 1_000_000;
const HOUR: u64 = 3_600 * SECOND;
const X: NodeId = NodeId(1);

/// Four validators that have decided five heights.
fn four(seed: u64) -> World {
    let options = Options {
        validators: Some(4),
        full_nodes: Some(0),
        faults: Faults::none(),
        equal_power: Some(true),
        churn: Some(Churn::None),
        ..Options::default()
    };
    let mut world = World::new(&options, seed);
    go_on(&mut world, 5);
    world
}

/// Every node runs and decides so many more heights.
fn go_on(world: &mut World, heights: u64) {
    let nodes = world.nodes();
    let of_all = |world: &World| -> Option<Height> {
        nodes.iter().map(|node| world.decided(*node)).min().flatten()
    };
    let highest = nodes.iter().filter_map(|node| world.decided(*node)).max().unwrap_or_default();
    let wanted = highest.plus(heights);
    let limit_us = world.now_us() + HOUR;
    let reached = world.run_until(limit_us, |world| of_all(world) >= Some(wanted));
    let report = world.report();
    assert!(report.is_ok() && reached, "{report}");
}

/// The three beside X decide three more heights, each in time, whatever X does.
fn others_go_on(world: &mut World) {
    let others = [NodeId(0), NodeId(2), NodeId(3)];
    let highest = others.iter().filter_map(|node| world.decided(*node)).max().unwrap();
    world.expect_progress(others.into_iter().collect(), 1);
    let wanted = highest.plus(3);
    let limit_us = world.now_us() + HOUR;
    let reached = world.run_until(limit_us, |world| {
        others.iter().all(|node| world.decided(*node) >= Some(wanted))
    });
    let report = world.report();
    assert!(report.is_ok() && reached, "{report}");
}

/// X goes on; how often its write has failed, and how often its process has ended.
fn failures(mut world: World) -> (u64, u64) {
    others_go_on(&mut world);
    go_on(&mut world, 5);
    let Counts { failed_syncs, full_disks, crashes, .. } = world.report().counts;
    (failed_syncs + full_disks, crashes)
}

#[test]
fn a_write_that_fails_at_any_point_ends_the_process_once() {
    for what in [Written::Record, Written::Request] {
        for left in 0..24 {
            let mut world = four(left);
            world.fail_write(X, what, left);
            go_on(&mut world, 20);
            assert_eq!(failures(world), (1, 1), "{what:?} after {left}");
        }
    }
}

#[test]
fn a_full_disk_ends_the_process_and_the_next_one_has_room() {
    for seed in 0..20 {
        let mut world = four(seed);
        world.fill_disk(X);
        assert_eq!(failures(world), (1, 1), "{seed}");
    }
}

/// S-3, S-5: a flipped bit anywhere in the sign-state is noticed before anything is signed.
#[test]
fn who_reads_a_damaged_sign_state_observes_and_rejoins() {
    for seed in 0..20 {
        let mut world = four(seed);
        world.damage(X, Written::Record);
        world.kill(X);
        world.start(X);
        assert!(world.is_observing(X));
        assert_eq!(world.report().counts.damaged_records, 1);
        others_go_on(&mut world);
        let limit_us = world.now_us() + 60 * SECOND;
        assert!(world.run_until(limit_us, |world| !world.is_observing(X)));
        go_on(&mut world, 5);
    }
}

/// What is damaged in the chain database is read at the latest when a peer asks for it.
#[test]
fn who_meets_damage_in_its_chain_database_stops_and_comes_back_as_an_observer() {
    let mut stopped = 0;
    for seed in 0..40 {
        let mut world = four(seed);
        world.damage(X, Written::Request);
        world.kill(X);
        world.start(X);
        others_go_on(&mut world);
        go_on(&mut world, 5);
        let refused = world.report().counts.refused_damage;
        assert!(refused <= 1, "{refused}");
        stopped += refused;
    }
    assert!(stopped >= 20, "{stopped} of 40");
}

/// Alone, each with what ends processes and what hides a loss from its key.
#[test]
fn each_fault_of_a_disk_leaves_every_oracle_content() {
    let kinds = [Fault::FailedSync, Fault::FullDisk, Fault::BitRot, Fault::LyingSync];
    for kind in kinds {
        let faults = [kind, Fault::Crash, Fault::PowerLoss, Fault::Partition, Fault::Loss];
        let options = Options { faults: faults.into_iter().collect(), ..Options::default() };
        for seed in 30_000..30_012 {
            let report = run(&options, seed);
            assert!(report.is_ok(), "{report}");
        }
    }
}
