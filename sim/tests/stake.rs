//! Sets that change with every epoch while nodes crash at the edges: each height is decided by the
//! validators that the state calls for, which the oracles compute for themselves (EP-1; VS1).

mod common;

use std::collections::BTreeSet;

use common::{MINUTE, SECOND, highest, hold, lowest};
use quorate_sim::{NodeId, Options, World};
use quorate_types::Action;

const ROUNDS: u64 = 24;

/// What an account does in a round with the validator whose turn it is.
fn move_of(world: &World, round: u64) -> Action {
    let operators = world.operators();
    let at = |number: u64| operators[usize::try_from(number).expect("small") % operators.len()];
    let (one, other) = (at(round), at(round / 4 + 1));
    match round % 4 {
        0 | 1 => Action::Delegate(World::stake(one, 1 + round % 3)),
        2 => Action::Unbond(World::stake(at(round - 2), 1)),
        _ => {
            Action::Redelegate { from: at(round - 2), to: other, amount: quorate_types::Amount(1) }
        }
    }
}

/// Every round moves stake and ends in the next epoch but one; in every third a node crashes at the
/// edge and comes back.
#[test]
fn sets_follow_the_stake_of_every_epoch() {
    let mut sets = BTreeSet::new();
    for seed in 0..4 {
        let options = Options { workload: false, ..common::four() };
        let mut world = World::new(&options, seed);
        for round in 0..ROUNDS {
            let crashing = NodeId(u16::try_from(round % 4).expect("below four"));
            let action = move_of(&world, round);
            world.transact(NodeId(0), 0, vec![action]);
            if round % 3 == 0 {
                world.kill(crashing);
                world.run_for(SECOND / 2);
                world.start(crashing);
            }
            let target = highest(&world).plus(world.epoch_length());
            let limit = world.now_us() + 10 * MINUTE;
            assert!(world.run_until(limit, |world| lowest(world) >= target), "seed {seed}");
            hold(&world);
            sets.insert((seed, world.powers(NodeId(0))));
        }
    }
    assert!(sets.len() > 24, "{} sets", sets.len());
}
