//! Validators whose signer is a process of its own, in whole worlds (S-1, S-2, S-4, S-5): whatever
//! happens to it, to its node or between them, no key signs two bodies for one place, the others go on
//! in time, and its node follows. Schedules 11 and 20.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{SECOND, go_on, highest, hold, reach};
use quorate_sim::{Call, Fault, NodeId, Options, SignerState, World, run};
use quorate_types::{Height, Step};

const X: NodeId = NodeId(1);
const STEPS: [Step; 4] = [Step::ViewChange, Step::PrePrepare, Step::Prepare, Step::Commit];
const CALLS: [Call; 8] = [
    Call::Answered,
    Call::Slow,
    Call::AskedTwice,
    Call::RequestLost,
    Call::AnswerLost,
    Call::SignerDiesWriting,
    Call::SignerDiesAnswering,
    Call::NodeDies,
];

/// Four validators that have decided five heights; these have signers in processes of their own.
fn four(guarded: &[NodeId], seed: u64) -> World {
    let mut world = World::new(&common::four(), seed);
    guarded.iter().for_each(|id| world.give_signer(*id));
    reach(&mut world, Height(5));
    world
}

fn all(world: &World) -> BTreeSet<NodeId> {
    world.nodes().into_iter().collect()
}

/// The key signs again, above all that was decided before.
fn signs_again(world: &mut World, id: NodeId) {
    let before = highest(world);
    let limit_us = world.now_us() + 30 * SECOND;
    let signs = |world: &World| world.last_signed(id) > Some(before);
    assert!(world.run_until(limit_us, signs), "{:?}", world.violation());
}

/// Every call of every step, disturbed in every way: of a follower, and where each vote is needed.
#[test]
fn a_call_is_disturbed_in_every_way() {
    for (seed, step) in (0..).zip(STEPS) {
        for call in CALLS {
            for is_needed in [false, true] {
                let mut world = four(&[X], seed);
                world.script_call(X, step, call);
                let away = NodeId(3);
                if is_needed || step == Step::ViewChange {
                    world.kill(away);
                }
                let before = highest(&world);
                let limit_us = world.now_us() + 60 * SECOND;
                let went_on = world.run_until(limit_us, |world| {
                    highest(world) >= before.plus(8) && world.script_is_over(X)
                });
                hold(&world);
                assert!(went_on, "{step:?}, {call:?}: {before} to {}", highest(&world));
                let limit_us = world.now_us() + 10 * SECOND;
                assert!(world.run_until(limit_us, |world| world.decided(X).is_some()));
                world.set_signer(X, SignerState::Up);
                signs_again(&mut world, X);
                world.start(away);
                let caught_up = highest(&world).plus(3);
                reach(&mut world, caught_up);
                let nodes = all(&world);
                go_on(&mut world, nodes, 0);
            }
        }
    }
}

/// A signer that is away costs its node votes and nothing else: all four decide in time.
#[test]
fn a_signer_that_is_away_stalls_nobody() {
    for state in [SignerState::Down, SignerState::Hangs, SignerState::CutOff] {
        for seed in 0..6 {
            let mut world = four(&[X], seed);
            world.set_signer(X, state);
            let signed = world.last_signed(X);
            let nodes = all(&world);
            go_on(&mut world, nodes, 1);
            assert!(world.last_signed(X) <= signed.map(|height| height.plus(1)), "{state:?}");
            world.set_signer(X, SignerState::Up);
            signs_again(&mut world, X);
        }
    }
}

/// A node starts when it has heard what its signer signed last, and not before.
#[test]
fn a_node_waits_for_its_signer_to_start() {
    let mut world = four(&[X], 1);
    world.set_signer(X, SignerState::Down);
    world.kill(X);
    world.start(X);
    world.run_for(SECOND);
    assert_eq!(world.decided(X), None);
    world.set_signer(X, SignerState::Up);
    signs_again(&mut world, X);
}

/// Nothing is signed twice though nobody shows the node what it has lost, and with the others it
/// rejoins.
#[test]
fn a_node_that_is_set_back_signs_nothing_twice() {
    for seed in 0..8 {
        let mut world = four(&[X], seed);
        let image = world.image(X);
        reach(&mut world, Height(25));
        world.restore(X, image, true);
        let cut = world.isolate(X);
        world.start(X);
        world.run_for(5 * SECOND);
        hold(&world);
        world.rejoin(cut);
        signs_again(&mut world, X);
        assert!(!world.is_observing(X));
        let nodes = all(&world);
        go_on(&mut world, nodes, 0);
    }
}

/// S-5: a node that has lost its records rejoins with an entry that its signer signs.
#[test]
fn who_lost_its_records_rejoins_by_its_signer() {
    for seed in 0..6 {
        let mut world = four(&[X], seed);
        world.lose_record(X);
        world.start(X);
        world.run_for(SECOND / 10);
        assert!(world.is_observing(X));
        signs_again(&mut world, X);
        let nodes = all(&world);
        go_on(&mut world, nodes, 0);
    }
}

/// Schedule 11: A's signer records its Commit and A's node dies. The others leave the view, D is
/// silent: without the certificate, S-1 refuses all of A's view changes.
#[test]
fn a_certificate_is_durable_before_its_commit_is_asked_for() {
    common::signers::a_commit_outlives_its_node();
}

/// Schedule 20: A's signer signs a view change and A's node dies. Back in view 0 it would prepare
/// there, and its signer would refuse both the Commit and the view changes.
#[test]
fn what_only_the_signer_has_is_taken_over() {
    common::signers::a_view_change_outlives_its_node();
}

#[test]
fn signers_fail_among_crashes_and_lost_records() {
    let kinds = [Fault::Signer, Fault::Crash, Fault::PowerLoss, Fault::Loss, Fault::Records];
    let options = Options { faults: kinds.into_iter().collect(), ..Options::default() };
    let (mut unheard, mut restored) = (0, 0);
    // What is rare comes in some seed.
    for seed in 40_000..40_400 {
        if seed >= 40_080 && unheard >= 10 && restored >= 1 {
            break;
        }
        let report = run(&options, seed);
        assert!(report.is_ok(), "{report}");
        unheard += report.counts.unheard_signatures;
        restored += report.counts.restored;
    }
    assert!(unheard >= 10 && restored >= 1, "{unheard}, {restored}");
}
