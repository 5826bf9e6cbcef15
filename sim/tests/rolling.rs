//! Rolling restarts under load: one node after the other, then as many at a time as may fail. Each
//! height is decided in time by those that run, and every transaction comes to be final (I-12; VS10).
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{MINUTE, SECOND, highest, hold, lowest};
use quorate_sim::{NodeId, Options, World};
use quorate_types::{Action, Address, Amount, Transfer};

/// Clients' accounts, each of which sends one transaction at a time.
const ACCOUNTS: usize = 8;
/// Heights that are decided between two steps of a restart.
const HEIGHTS: u64 = 3;

/// Every account sends one transaction to a node in turn; all are final soon, wherever they went.
fn load(world: &mut World, running: &[NodeId], sent: &mut u64) {
    for account in 0..ACCOUNTS {
        let via = running[account % running.len()];
        let transfer = Transfer { to: Address([9; 20]), amount: Amount(1) };
        world.transact(via, account, vec![Action::Transfer(transfer)]);
        *sent += 1;
    }
    let wanted = *sent;
    let limit = world.now_us() + MINUTE;
    let all_final = |world: &World| world.transactions() >= wanted;
    assert!(world.run_until(limit, all_final), "{} of {wanted}", world.transactions());
}

/// Those that run decide some heights more, each in time, under load.
fn go_on(world: &mut World, down: &[NodeId], sent: &mut u64) {
    let running: Vec<NodeId> =
        world.nodes().into_iter().filter(|node| !down.contains(node)).collect();
    let in_time: BTreeSet<NodeId> = running.iter().copied().collect();
    world.expect_progress(in_time, u64::try_from(down.len()).unwrap());
    let wanted = highest(world).plus(HEIGHTS);
    while lowest(world) < wanted {
        load(world, &running, sent);
        hold(world);
    }
}

/// Restarts all, so many at a time, with what they had not synced lost.
fn restart(world: &mut World, at_a_time: usize, sent: &mut u64) {
    let nodes = world.nodes();
    for group in nodes.chunks(at_a_time) {
        // Who is about to stop has the newest transactions, and has told the others.
        load(world, group, sent);
        group.iter().for_each(|node| world.kill(*node));
        go_on(world, group, sent);
        group.iter().for_each(|node| world.start(*node));
        let limit = world.now_us() + MINUTE;
        let caught_up = |world: &World| lowest(world).plus(1) >= highest(world);
        assert!(world.run_until(limit, caught_up), "{} to {}", lowest(world), highest(world));
        world.run_for(SECOND);
        go_on(world, &[], sent);
    }
}

#[test]
fn a_rolling_restart_misses_no_height_and_loses_no_transaction() {
    for (validators, at_most) in [(4, 1), (7, 2)] {
        for seed in 0..4 {
            let options =
                Options { validators: Some(validators), workload: false, ..common::four() };
            let mut world = World::new(&options, seed);
            world.run_for(5 * SECOND);
            let mut sent = 0;
            for at_a_time in 1..=at_most {
                restart(&mut world, at_a_time, &mut sent);
            }
            hold(&world);
            assert_eq!(world.transactions(), sent, "seed {seed}");
        }
    }
}
