//! What happens at the height where one set hands over to the next: the primary goes, the largest
//! goes, a node crashes, a primary is silent (EP-1, R-2, R-7; VS4, VS5, VS7).
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::stakes::{
    come_back, decide, expect_all, first_of, join, leave, members, next_epoch, operator, params,
    pass, with, world,
};
use common::{MINUTE, SECOND, go_on, highest, hold};
use quorate_sim::{NodeId, World};
use quorate_types::{Height, StakingParams, Step};

const ZERO: NodeId = NodeId(0);

/// The node whose turn view 0 of a height is.
fn primary_of(world: &mut World, height: Height) -> NodeId {
    let turn = world.turn(height);
    world.nodes().into_iter().find(|node| world.operator(*node) == turn).unwrap()
}

/// In each round the validator leaves whose turn the last height of the epoch is; in every second it
/// crashes before it can propose, so that the last height takes a view change without it.
#[test]
fn a_primary_leaves_with_the_height_that_it_is_primary_of() {
    let (mut proposed, mut rounds) = (0, 0);
    for seed in 0..4 {
        let mut world = world(&[2, 3, 3, 4, 4], 0, params(), seed);
        expect_all(&mut world);
        for round in 0..12 {
            let epoch = next_epoch(&mut world);
            let next = first_of(epoch + 1);
            let last = Height(next.0 - 1);
            let leaving = primary_of(&mut world, last);
            let address = operator(&world, leaving);
            leave(&mut world, ZERO, leaving);
            let crashes = round % 2 == 1;
            if crashes {
                let limit = world.now_us() + 10 * MINUTE;
                let before_last = Height(last.0 - 1);
                assert!(world.run_until(limit, |world| highest(world) >= before_last));
                world.kill(leaving);
                let others = world.nodes().into_iter().filter(|node| *node != leaving).collect();
                world.expect_progress(others, 1);
            }
            decide(&mut world, next.plus(1));
            let seen = if leaving == ZERO { NodeId(1) } else { ZERO };
            assert!(!members(&world, seen).contains(&address), "seed {seed}, round {round}");
            let (block, _) = world.stored(seen, last).unwrap();
            proposed += u64::from(block.header.proposer == address);
            world.start(leaving);
            expect_all(&mut world);
            come_back(&mut world, seen, leaving, 3);
            pass(&mut world, 2);
            assert!(members(&world, ZERO).contains(&address), "seed {seed}, round {round}");
            rounds += 1;
        }
    }
    assert!(proposed * 3 >= rounds, "{proposed} of {rounds} were its last heights' proposers");
}

/// One with just less than a third leaves, and is gone with the first height without it. Of those who
/// stay one crashes too: the others would be no quorum of the former set.
#[test]
fn the_largest_leaves_and_the_others_go_on() {
    for seed in 0..6 {
        let mut world = world(&[33, 17, 17, 17, 17], 0, params(), seed);
        let mut all = expect_all(&mut world);
        let epoch = next_epoch(&mut world);
        leave(&mut world, NodeId(1), ZERO);
        decide(&mut world, first_of(epoch + 1));
        let address = operator(&world, ZERO);
        assert!(!members(&world, NodeId(1)).contains(&address), "seed {seed}");
        for gone in [ZERO, NodeId(4)] {
            world.kill(gone);
            all.remove(&gone);
        }
        go_on(&mut world, all, 2);
    }
}

/// What changes at the edge.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// A validator has more power.
    Power,
    /// One takes the place of another.
    Members,
}

/// One schedule: who crashes, at which height around the edge, and when.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    change: Change,
    crashing: NodeId,
    /// From the last height but one of the epoch on.
    place: u64,
    /// After it has signed this at the height; none: before anything of it.
    after: Option<Step>,
    /// Whether the primary of the height is cut off for a while.
    is_primary_silent: bool,
}

fn schedules() -> Vec<Schedule> {
    let mut all = Vec::new();
    for change in [Change::Power, Change::Members] {
        for (crashing, place) in (0..16).map(|number| (NodeId(number / 4), u64::from(number % 4))) {
            for after in [None, Some(Step::Prepare), Some(Step::Commit)] {
                all.extend([false, true].map(|is_primary_silent| Schedule {
                    change,
                    crashing,
                    place,
                    after,
                    is_primary_silent,
                }));
            }
        }
    }
    all
}

/// The four validators of a set that has room for no more, and one that waits.
fn play(schedule: Schedule, seed: u64) {
    let staking = StakingParams { max_validators: 4, ..params().staking };
    let mut world = world(&[10, 11, 12, 13], 1, with(staking), seed);
    let epoch = next_epoch(&mut world);
    match schedule.change {
        Change::Power => come_back(&mut world, NodeId(1), NodeId(2), 1),
        Change::Members => join(&mut world, NodeId(4), NodeId(4), 14),
    }
    let height = Height(first_of(epoch + 1).0 - 2).plus(schedule.place);
    let before = Height(height.0 - 1);
    let limit = world.now_us() + 10 * MINUTE;
    assert!(world.run_until(limit, |world| highest(world) >= before), "{schedule:?}");
    let cut = schedule.is_primary_silent.then(|| {
        let primary = primary_of(&mut world, height);
        world.isolate(primary)
    });
    if let Some(step) = schedule.after {
        let signed = |world: &World| {
            let at = world.last_signed(schedule.crashing);
            at > Some(height)
                || (at == Some(height) && world.last_step(schedule.crashing) >= Some(step))
        };
        // Who is no validator there, or hears nobody, signs nothing.
        let limit = world.now_us() + 3 * SECOND;
        world.run_until(limit, signed);
    }
    world.kill(schedule.crashing);
    world.run_for(SECOND);
    world.start(schedule.crashing);
    world.run_for(SECOND);
    if let Some(cut) = cut {
        world.rejoin(cut);
    }
    world.run_for(SECOND);
    let all: BTreeSet<NodeId> = world.nodes().into_iter().collect();
    go_on(&mut world, all, 0);
    let joined = members(&world, ZERO).contains(&operator(&world, NodeId(4)));
    assert_eq!(joined, matches!(schedule.change, Change::Members), "{schedule:?}");
    hold(&world);
}

#[test]
fn an_epoch_changes_while_a_primary_is_silent_and_a_node_crashes() {
    let all = schedules();
    assert_eq!(all.len(), 192);
    for (schedule, seed) in all.into_iter().zip(0..) {
        play(schedule, seed);
    }
}
