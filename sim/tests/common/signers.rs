//! Schedules of signers in processes of their own, which remember what their nodes' records do not.
//! Where the rule that mends one is loosened, a height is never decided.

use std::collections::BTreeSet;

use quorate_sim::{Call, NodeId, SignerState, World};
use quorate_types::{Height, Step};

use super::{SECOND, go_on, reach};

const A: NodeId = NodeId(0);
const OTHERS: [NodeId; 2] = [NodeId(1), NodeId(2)];
const SILENT: NodeId = NodeId(3);

/// Three of four validators that need each other, the first with a signer of its own.
fn three(seed: u64) -> World {
    let mut world = World::new(&super::four(), seed);
    world.give_signer(A);
    reach(&mut world, Height(3));
    world.kill(SILENT);
    world
}

/// A's next call for this step is its node's last. It stays down until its signer is back.
fn dies_at(world: &mut World, step: Step) {
    world.script_call(A, step, Call::NodeDies);
    let limit_us = world.now_us() + 60 * SECOND;
    assert!(world.run_until(limit_us, |world| world.decided(A).is_none()));
    world.set_signer(A, SignerState::Down);
}

/// A is back: the three decide, each height in time.
fn decide(world: &mut World) {
    world.set_signer(A, SignerState::Up);
    world.run_for(SECOND);
    go_on(world, BTreeSet::from([A, OTHERS[0], OTHERS[1]]), 1);
}

/// Schedule 11: A's signer signs a Commit and A's node dies; the others leave the view meanwhile.
pub fn a_commit_outlives_its_node() {
    for seed in 0..8 {
        let mut world = three(seed);
        dies_at(&mut world, Step::Commit);
        world.run_for(5 * SECOND);
        decide(&mut world);
    }
}

/// Schedule 20: A has prepared, hears nobody, and its signer signs a view change as A's node dies. The
/// others have never left the view.
pub fn a_view_change_outlives_its_node() {
    for seed in 0..12 {
        let mut world = three(seed);
        let limit_us = world.now_us() + 60 * SECOND;
        let prepares = |world: &World| world.last_step(A) == Some(Step::Prepare);
        let commits = |world: &World| world.last_step(A) == Some(Step::Commit);
        assert!(world.run_until(limit_us, commits) && world.run_until(limit_us, prepares));
        let cut = world.cut(OTHERS.into_iter().map(|other| (other, A)).collect(), false);
        OTHERS.into_iter().for_each(|other| world.kill(other));
        dies_at(&mut world, Step::ViewChange);
        world.rejoin(cut);
        OTHERS.into_iter().for_each(|other| world.start(other));
        decide(&mut world);
    }
}
