//! Wrong clocks: safety whatever they show; liveness within the bound of section 10 while the clocks
//! of a quorum are within 500 ms of each other (M-2), whatever those of the others show (T-1, T-2).
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use common::{MINUTE, SECOND, highest, hold, lowest, world_at};
use quorate_sim::{Fault, NodeId, Options, World, run};
use quorate_types::Height;

const HOUR_MS: i64 = 3_600 * 1_000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;
/// The first moments that do not fit 31 and 32 bits of seconds, in Unix milliseconds.
const ROLLOVERS_MS: [u64; 2] = [(1 << 31) * 1_000, (1 << 32) * 1_000];

/// Four validators that have decided five heights.
fn four(seed: u64, workload: bool) -> World {
    world_at(5, &Options { workload, ..common::four() }, seed)
}

/// These nodes decide ten more heights, each in time, though the others fail as primaries. The
/// others follow.
fn go_on(world: &mut World, right: &[NodeId]) {
    let silent = world.nodes().len().checked_sub(right.len()).unwrap();
    common::go_on(world, right.iter().copied().collect(), u64::try_from(silent).unwrap());
}

/// Nodes of four beside one.
fn beside(one: NodeId) -> Vec<NodeId> {
    (0..4).map(NodeId).filter(|node| *node != one).collect()
}

#[test]
fn a_clock_that_is_a_day_wrong_stops_nobody() {
    for (seed, beside_ms) in (0..).zip([-24 * HOUR_MS, -2_000, 2_000, 24 * HOUR_MS]) {
        let mut world = four(seed, true);
        world.set_clock(NodeId(2), beside_ms);
        go_on(&mut world, &beside(NodeId(2)));
        world.set_clock(NodeId(2), 0);
        let all = world.nodes();
        go_on(&mut world, &all);
    }
}

#[test]
fn clocks_within_the_tolerance_cost_no_view() {
    for seed in 0..4 {
        let mut world = four(seed, true);
        world.set_clock(NodeId(0), 500);
        world.set_clock(NodeId(1), 250);
        // Starting together may have cost a view.
        world.run_for(2 * SECOND);
        let all = world.nodes();
        let later = |world: &World| all.iter().any(|node| world.view(*node) != Some(0));
        assert!(world.run_until(MINUTE, |world| !later(world)), "{}", world.report());
        let limit_us = world.now_us() + 20 * SECOND;
        assert!(!world.run_until(limit_us, later), "{}", world.report());
        hold(&world);
        assert!(lowest(&world) > Height(20), "{}", lowest(&world));
    }
}

/// Rates of a tenth too fast and too slow, as timers see them: the wall clocks are kept right.
#[test]
fn monotonic_clocks_that_drift_stop_nobody() {
    for seed in 0..4 {
        let mut world = four(seed, true);
        let rates = [900, 1_100, 950, 1_050];
        for (node, rate) in (0..4).map(NodeId).zip(rates) {
            world.set_rate(node, rate);
        }
        for _ in 0..4 {
            world.run_for(SECOND);
            for node in world.nodes() {
                world.set_clock(node, 0);
            }
            hold(&world);
            let before = lowest(&world);
            world.run_for(10 * SECOND);
            hold(&world);
            assert!(lowest(&world) > before, "{} to {}", lowest(&world), highest(&world));
        }
    }
}

/// The view that is under way fails at worst.
#[test]
fn a_step_of_a_year_in_mid_view_stops_nobody() {
    for seed in 0..3 {
        for step_ms in [-YEAR_MS, YEAR_MS] {
            let mut world = four(seed, true);
            for offset_us in [3_000, 40_000, 700_000] {
                world.run_for(offset_us);
                world.set_clock(NodeId(1), step_ms);
                go_on(&mut world, &beside(NodeId(1)));
                world.set_clock(NodeId(1), 0);
            }
        }
    }
}

/// A year ahead all together, and back: block time never goes back, and it never stops the chain.
#[test]
fn when_all_clocks_step_together_the_chain_goes_on() {
    for seed in 0..4 {
        let mut world = four(seed, true);
        let all = world.nodes();
        for step_ms in [YEAR_MS, 0, 2 * YEAR_MS, -YEAR_MS] {
            for node in &all {
                world.set_clock(*node, step_ms);
            }
            go_on(&mut world, &all);
        }
    }
}

#[test]
fn a_machine_that_was_suspended_goes_on_and_signs_nothing_stale() {
    for seed in 0..4 {
        for suspended in [1, 2, 4] {
            let mut world = four(seed, false);
            let asleep: Vec<NodeId> = (0..suspended).map(NodeId).collect();
            for node in &asleep {
                world.suspend(*node, 10 * MINUTE);
            }
            if suspended == 1 {
                go_on_without(&mut world, NodeId(0));
            }
            let limit_us = world.now_us() + 10 * MINUTE;
            world.run_until(limit_us, |_| false);
            let all = world.nodes();
            go_on(&mut world, &all);
        }
    }
}

/// Three of four decide ten more heights in time.
fn go_on_without(world: &mut World, one: NodeId) {
    let others = beside(one);
    let decided = |world: &World| others.iter().filter_map(|node| world.decided(*node)).collect();
    let all_at = |world: &World, height: Height| {
        let decided: Vec<Height> = decided(world);
        decided.len() == others.len() && decided.iter().all(|at| *at >= height)
    };
    let wanted = decided(world).into_iter().max().unwrap_or_default().plus(10);
    world.expect_progress(others.iter().copied().collect(), 1);
    let limit_us = world.now_us() + 9 * MINUTE;
    world.run_until(limit_us, |world| all_at(world, wanted));
    hold(world);
    assert!(all_at(world, wanted));
}

/// Half of the power is too fast: nothing is promised then, and nothing breaks. Once its clocks are
/// right, the bound holds again.
#[test]
fn more_than_a_third_too_fast_is_safe_and_passes() {
    for seed in 0..3 {
        for ahead_ms in [501, 1_500, HOUR_MS] {
            let mut world = four(seed, true);
            for node in [NodeId(0), NodeId(3)] {
                world.set_clock(node, ahead_ms);
            }
            world.run_for(20 * SECOND);
            hold(&world);
            for node in [NodeId(0), NodeId(3)] {
                world.set_clock(node, 0);
            }
            let all = world.nodes();
            go_on(&mut world, &all);
        }
    }
}

#[test]
fn the_end_of_32_bit_seconds_is_a_moment_like_any_other() {
    for (seed, rollover_ms) in (0..).zip(ROLLOVERS_MS) {
        let mut world = four(seed, true);
        let all = world.nodes();
        for node in &all {
            world.set_wall(*node, rollover_ms - 2_000);
        }
        go_on(&mut world, &all);
        world.run_for(10 * SECOND);
        go_on(&mut world, &all);
    }
}

/// Every wrong clock at once, with whatever else may go wrong.
#[test]
fn seeds_with_wrong_clocks_hold() {
    let clocks = [Fault::Clock, Fault::ClockDrift, Fault::ClockJump, Fault::Crash, Fault::Loss];
    let options = Options { faults: clocks.into_iter().collect(), ..Options::default() };
    for seed in 20_000..20_060 {
        let report = run(&options, seed);
        assert!(report.is_ok(), "{report}");
        assert!(report.height >= options.heights, "{report}");
    }
}
