//! S-5 in whole worlds: who has lost its records, or an older image of them, signs nothing, decides
//! with the others, rejoins by a block that carries its value, and signs again. The oracle of double
//! signatures judges over all lives of a key.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{HOUR, SECOND, highest, hold, reach, world_at};
use quorate_sim::{Fault, NodeId, Options, World, run};
use quorate_types::Height;

const X: NodeId = NodeId(1);

/// Four validators that have decided ten heights, and a node that only follows.
fn four(seed: u64) -> World {
    world_at(10, &Options { full_nodes: Some(1), ..common::four() }, seed)
}

/// The others are at height 40, and its disk is as it was at 10: all of it, or its record alone.
fn set_back(seed: u64, whole: bool) -> World {
    let mut world = four(seed);
    let image = world.image(X);
    reach(&mut world, Height(40));
    world.restore(X, image, whole);
    world
}

/// Set back as a whole, and started. A primary may propose before any peer has answered: that is the
/// residue of S-5.
fn set_back_whole(seed: u64) -> World {
    let mut world = set_back(seed, true);
    world.start(X);
    world
}

/// It learns from the others that it has to observe.
fn notices(world: &mut World, id: NodeId) {
    let limit = world.now_us() + 20 * SECOND;
    let noticed = world.run_until(limit, |world| world.is_observing(id));
    hold(world);
    assert!(noticed);
}

/// It observes until it has rejoined, and then signs above all that was decided before.
fn rejoins(world: &mut World, id: NodeId) {
    assert!(world.is_observing(id), "{id}");
    let before = highest(world);
    let limit = world.now_us() + 60 * SECOND;
    let back = world.run_until(limit, |world| {
        !world.is_observing(id) && world.last_signed(id).is_some_and(|signed| signed > before)
    });
    hold(world);
    assert!(back, "{id} signs again, the others are at {}", highest(world));
    let height = highest(world).plus(10);
    reach(world, height);
}

#[test]
fn who_lost_its_records_rejoins_and_signs_again() {
    for seed in 0..8 {
        let mut world = four(seed);
        assert!(world.last_signed(X) >= Some(Height(5)));
        world.lose_record(X);
        world.start(X);
        world.run_for(SECOND / 2);
        assert_eq!(world.last_signed(X), None, "nothing is signed, nothing is recorded");
        rejoins(&mut world, X);
        // And again: the value is another one at each start.
        world.lose_record(X);
        world.start(X);
        rejoins(&mut world, X);
    }
}

#[test]
fn an_observer_that_crashes_observes_again() {
    for seed in 0..4 {
        let mut world = four(seed);
        world.lose_record(X);
        for _ in 0..3 {
            world.start(X);
            world.run_for(300_000);
            assert!(world.is_observing(X));
            world.kill(X);
        }
        world.start(X);
        rejoins(&mut world, X);
    }
}

/// Schedule 2.
#[test]
fn nobody_observes_after_all_lost_power_with_their_records() {
    for seed in 0..20 {
        let mut world = four(seed);
        for round in 0..5 {
            world.nodes().into_iter().for_each(|node| world.kill(node));
            world.run_for(SECOND * round);
            world.nodes().into_iter().for_each(|node| world.start(node));
            let height = highest(&world).plus(3);
            reach(&mut world, height);
            assert!(world.nodes().into_iter().all(|node| !world.is_observing(node)));
        }
    }
}

/// Schedule 3: records and chain agree, so only what others hold shows that something is missing.
#[test]
fn a_restored_disk_image_is_noticed_and_rejoins() {
    for mut world in (0..).map(set_back_whole).filter(|world| !world.is_primary(X)).take(8) {
        notices(&mut world, X);
        rejoins(&mut world, X);
    }
}

/// The mark is durable: alone, and with nobody to show it anything, it still observes.
#[test]
fn a_crash_does_not_forget_that_a_key_observes() {
    for mut world in (0..).map(set_back_whole).filter(|world| !world.is_primary(X)).take(4) {
        notices(&mut world, X);
        world.run_for(SECOND / 10);
        world.kill(X);
        let cut = world.isolate(X);
        world.start(X);
        world.run_for(SECOND);
        assert!(world.is_observing(X));
        world.rejoin(cut);
        rejoins(&mut world, X);
    }
}

/// The chain database has blocks with signatures that the record does not know.
#[test]
fn an_older_record_is_noticed_by_the_own_chain_database() {
    for seed in 0..8 {
        let mut world = set_back(seed, false);
        let cut = world.isolate(X);
        world.start(X);
        hold(&world);
        assert!(world.is_observing(X), "at once, and alone: {:?}", world.decided(X));
        world.rejoin(cut);
        rejoins(&mut world, X);
    }
}

/// What shows the loss is of an epoch whose set X knows only when it has caught up: what peers answer
/// waits for it, and is judged before X works on a height of it.
#[test]
fn what_peers_show_of_a_later_epoch_is_judged_when_it_begins() {
    const HEARER: NodeId = NodeId(0);
    const AWAY: NodeId = NodeId(3);
    let mut seen = 0;
    for seed in 0..200 {
        if seen == 1 {
            break;
        }
        let mut world = four(seed);
        let (image, known) = (world.image(X), highest(&world));
        let others: Vec<NodeId> = world.nodes().into_iter().filter(|node| *node != X).collect();
        // Nobody hears X, so that no certificate has a signature of it.
        let silent: BTreeSet<(NodeId, NodeId)> = others.iter().map(|other| (X, *other)).collect();
        world.silence(silent.clone());
        let far = highest(&world).plus(3 * world.epoch_length());
        let limit = world.now_us() + HOUR;
        assert!(world.run_until(limit, |world| highest(world) >= far));
        // One hears it at a height that the others alone cannot decide.
        world.kill(AWAY);
        world.run_for(SECOND);
        let open = highest(&world).next();
        world.silence(silent.into_iter().filter(|(_, to)| *to != HEARER).collect());
        world.run_for(10 * SECOND);
        // What it proposed nobody has heard of: as a primary it would propose anew (S-5, residual).
        let operator = world.operator(X);
        if (known.0..=open.0).any(|height| world.turn(Height(height)) == operator) {
            continue;
        }
        seen += 1;
        assert_eq!((highest(&world).next(), world.last_signed(X)), (open, Some(open)));
        world.restore(X, image, true);
        world.silence(BTreeSet::new());
        // It catches up from the one that has heard it: who meets that one later has no warning.
        others.iter().filter(|other| **other != HEARER).for_each(|other| world.kill(*other));
        world.start(X);
        let limit = world.now_us() + 60 * SECOND;
        assert!(world.run_until(limit, |world| world.works_on(X) >= Some(open)));
        hold(&world);
        assert!(world.is_observing(X), "seed {seed}: at {open}");
        others.iter().filter(|other| **other != HEARER).for_each(|other| world.start(*other));
        rejoins(&mut world, X);
    }
    assert_eq!(seen, 1);
}

/// At a third of the power nothing is decided any more, and nothing is signed twice either.
#[test]
fn two_of_four_that_observe_stop_the_chain_and_break_nothing() {
    for seed in 0..4 {
        let mut world = four(seed);
        for id in [NodeId(0), X] {
            world.lose_record(id);
            world.start(id);
        }
        world.run_for(20 * SECOND);
        let height = highest(&world);
        world.run_for(60 * SECOND);
        hold(&world);
        assert_eq!(highest(&world), height);
        assert!(world.is_observing(NodeId(0)) && world.is_observing(X));
    }
}

#[test]
fn records_are_lost_among_crashes_and_partitions() {
    let kinds = [Fault::Records, Fault::Crash, Fault::Partition, Fault::Loss, Fault::Delay];
    let options = Options { faults: kinds.into_iter().collect(), ..Options::default() };
    let (mut lost, mut rejoined) = (0, 0);
    for seed in 20_000..20_060 {
        let report = run(&options, seed);
        assert!(report.is_ok(), "{report}");
        lost += report.counts.lost_records;
        rejoined += report.counts.rejoined;
    }
    assert!(lost >= 20 && rejoined >= 10, "{lost} lost, {rejoined} rejoined");
}
