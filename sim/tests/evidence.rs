//! Evidence between nodes (E-7): what one node has seen reaches whoever proposes, is said
//! again until the accused is out, and outlives a restart; what is false is refused wherever it comes.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{MINUTE, SECOND, calm, highest, hold};
use quorate_sim::{Fault, NodeId, Options, World};
use quorate_types::Height;

const SEEDS: usize = 6;
/// Heights within which an offence that an honest node has seen is punished.
const PUNISHED_WITHIN: u64 = 20;
/// The full node behind four validators.
const WITNESS: NodeId = NodeId(4);

/// One of four validators votes twice before the eyes of a full node alone, which never proposes.
fn whispering(seed: u64) -> World {
    let byzantine = "whispered-vote".parse().unwrap();
    World::new(&Options { full_nodes: Some(1), byzantine, ..common::four() }, seed)
}

fn reaches(world: &mut World, height: Height) {
    let limit_us = world.now_us() + 10 * MINUTE;
    assert!(world.run_until(limit_us, |world| highest(world) >= height));
    hold(world);
}

/// Who votes twice.
fn offender(world: &mut World) -> NodeId {
    let plan = world.report().plan;
    let nodes = world.nodes();
    nodes.into_iter().find(|node| plan.contains(&format!("{node} whispered-vote"))).unwrap()
}

#[test]
fn what_a_full_node_alone_has_seen_is_punished_within_twenty_heights() {
    for seed in 0..8 {
        let mut world = whispering(seed);
        reaches(&mut world, Height(PUNISHED_WITHIN));
        assert_eq!(world.tombstoned(), 1, "seed {seed}");
        world.run_for(5 * SECOND);
        hold(&world);
        let waiting = world.nodes().into_iter().map(|node| world.evidence_waiting(node));
        assert!(waiting.eq([Some(0); 5]), "seed {seed}: nothing waits against who is out");
    }
}

#[test]
fn it_reaches_those_who_are_connected_over_others_only() {
    for seed in 0..8 {
        let faults = [Fault::Mesh].into_iter().collect();
        let byzantine = "whispered-vote".parse().unwrap();
        let options = Options { full_nodes: Some(3), faults, byzantine, ..common::four() };
        let mut world = World::new(&options, seed);
        let limit_us = 10 * MINUTE;
        assert!(world.run_until(limit_us, |world| world.tombstoned() == 1), "seed {seed}");
        hold(&world);
    }
}

/// Nobody hears the witness at first, and later nobody votes twice any more; what it has said before
/// would be news to nobody if it did not say it again.
fn is_heard_later(restarts: bool) {
    let long = (0..).map(whispering).filter(|world| world.epoch_length() >= 12);
    for mut world in long.take(SEEDS) {
        let others: Vec<NodeId> = world.nodes().into_iter().filter(|of| *of != WITNESS).collect();
        world.silence(others.iter().map(|other| (WITNESS, *other)).collect());
        reaches(&mut world, Height(10));
        assert_eq!((world.tombstoned(), world.evidence_waiting(WITNESS)), (0, Some(1)));
        let offender = offender(&mut world);
        world.kill(offender);
        if restarts {
            world.kill(WITNESS);
            world.run_for(SECOND);
            world.start(WITNESS);
            assert_eq!(world.evidence_waiting(WITNESS), Some(1), "it was stored");
        }
        world.silence(BTreeSet::new());
        let height = highest(&world).plus(PUNISHED_WITHIN);
        reaches(&mut world, height);
        assert_eq!(world.tombstoned(), 1);
    }
}

#[test]
fn what_nobody_heard_is_said_again() {
    is_heard_later(false);
}

#[test]
fn what_nobody_heard_is_said_again_after_a_restart() {
    is_heard_later(true);
}

/// BZ23: the same vote twice, forged, of another chain, in another's name, of nobody.
#[test]
fn false_evidence_is_refused_and_waits_nowhere() {
    for seed in 0..4 {
        let mut world = calm("false-accusation", seed);
        for _ in 0..60 {
            world.run_for(SECOND);
            hold(&world);
            let waiting = world.nodes().into_iter().filter_map(|node| world.evidence_waiting(node));
            assert_eq!(waiting.sum::<usize>(), 0, "seed {seed}");
        }
        let report = world.report();
        assert!(report.deeds["false-accusation"] > 100, "{report}");
        assert!(report.counts.refused_parcels > 100, "{report}");
        assert_eq!((report.accused, report.tombstoned), (0, 0), "{report}");
    }
}
