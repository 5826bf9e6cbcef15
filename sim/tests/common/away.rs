//! A validator that is away for more than half of the unbonding period, while the sets change from
//! epoch to epoch. What the others sign meanwhile it cannot verify: only what they say about where they
//! stand (Status) tells it that it is behind, and only in order does it learn the sets (R-12, EP-1).

use quorate_sim::{NodeId, Options, World};
use quorate_types::Action;

use super::{MINUTE, SECOND, go_on, highest, hold, reach};

const AWAY: NodeId = NodeId(6);
/// More than half of the 21 epochs that stake of the simulator unbonds for.
const EPOCHS: u64 = 12;

/// Stake moves, and an epoch passes.
fn pass_an_epoch(world: &mut World, round: u64) {
    let operators = world.operators();
    let place = usize::try_from(round).expect("small") % operators.len();
    world.transact(NodeId(0), 0, vec![Action::Delegate(World::stake(operators[place], 1))]);
    let target = highest(world).plus(world.epoch_length());
    let limit_us = world.now_us() + 10 * MINUTE;
    assert!(world.run_until(limit_us, |world| highest(world) >= target), "the others go on");
}

/// NW10, schedule 14: it comes back, verifies epoch after epoch, and votes again.
pub fn comes_back_after_half_of_unbonding() {
    for seed in 0..4 {
        let options = Options { validators: Some(7), workload: false, ..super::four() };
        let mut world = World::new(&options, seed);
        reach(&mut world, quorate_types::Height(3));
        let before = world.powers(AWAY);
        let number = world.isolate(AWAY);
        (0..EPOCHS).for_each(|round| pass_an_epoch(&mut world, round));
        hold(&world);
        let left_at = world.decided(AWAY).expect("it runs");
        let missed = highest(&world).0 - left_at.0;
        assert!(missed > (EPOCHS - 1) * world.epoch_length(), "seed {seed}: {missed} heights");
        assert!(world.powers(NodeId(0)) != before && world.powers(AWAY) == before);
        world.rejoin(number);
        let (wanted, limit_us) = (highest(&world), world.now_us() + 30 * SECOND);
        let is_there = |world: &World| world.decided(AWAY) >= Some(wanted);
        let caught_up = world.run_until(limit_us, is_there);
        hold(&world);
        assert!(caught_up, "seed {seed}: at {:?} of {wanted}", world.decided(AWAY));
        let limit_us = world.now_us() + 30 * SECOND;
        let votes = world.run_until(limit_us, |world| world.last_signed(AWAY) > Some(wanted));
        assert!(votes, "seed {seed}: {:?}", world.violation());
        let nodes = world.nodes().into_iter().collect();
        go_on(&mut world, nodes, 0);
    }
}
