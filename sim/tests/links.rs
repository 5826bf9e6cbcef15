//! Links that differ (section 10): validators in five regions, one slow direction, narrow links that
//! large blocks wait for. Every height is decided within the bound for the delay that messages do
//! have, and distance costs what it has to.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{MINUTE, SECOND, go_on, highest, hold, reach};
use quorate_sim::{NodeId, Options, World, run};

/// Runs among which some show what is looked for.
const SEARCHED: usize = 40;

fn options(faults: &str) -> Options {
    Options { validators: Some(7), faults: faults.parse().unwrap(), ..common::four() }
}

/// Seeds whose plan, of seven validators that may have these faults, says all this.
fn seeds(faults: &str, says: &[&str]) -> impl Iterator<Item = u64> {
    let (options, says) =
        (options(faults), says.iter().map(ToString::to_string).collect::<Vec<_>>());
    (0..).filter(move |seed| {
        let plan = World::new(&options, *seed).report().plan;
        says.iter().all(|words| plan.contains(words))
    })
}

/// A world of these faults after five seconds, when all are connected.
fn world(faults: &str, seed: u64) -> World {
    let mut world = World::new(&options(faults), seed);
    world.run_for(5 * SECOND);
    world
}

/// Heights of a minute, each in time for all.
fn heights_of_a_minute(world: &mut World) -> u64 {
    let (before, limit_us) = (highest(world), world.now_us() + MINUTE);
    let all: BTreeSet<_> = world.nodes().into_iter().collect();
    go_on(world, all, 0);
    world.run_for(limit_us.saturating_sub(world.now_us()));
    hold(world);
    highest(world).0 - before.0
}

/// Where blocks follow each other as fast as the network allows, distance shows.
#[test]
fn validators_in_five_regions_decide_in_time_and_at_the_pace_of_the_distance() {
    let mut compared = 0;
    for seed in seeds("wan", &["in regions"]).take(SEARCHED) {
        let near = heights_of_a_minute(&mut world("none", seed));
        let far = heights_of_a_minute(&mut world("wan", seed));
        assert!(far >= 40, "seed {seed}: {far} heights");
        if near < 300 {
            continue;
        }
        assert!(far * 3 < near * 2, "seed {seed}: {far} heights, and {near} without distance");
        compared += 1;
        if compared == 3 {
            return;
        }
    }
    panic!("{compared} runs compared");
}

#[test]
fn one_slow_direction_holds_nobody_up() {
    for seed in seeds("unequal-links", &["slow from"]).take(6) {
        let mut world = world("unequal-links", seed);
        // It may be slower than section 10 has it: then nobody's time is judged.
        let wanted = highest(&world).plus(30);
        reach(&mut world, wanted);
        let limit_us = 2 * MINUTE;
        assert!(world.now_us() < limit_us, "seed {seed}: {} us", world.now_us());
    }
}

/// Runs whose blocks are too large to travel whole take longer over narrow links, and hold.
#[test]
fn large_blocks_over_narrow_links_wait_and_are_decided_all_the_same() {
    let (mut narrow_ms, mut wide_ms, mut compared) = (0, 0, 0);
    for seed in seeds("bandwidth", &["large blocks", "Mbit/s"]).take(SEARCHED) {
        let narrow = run(&options("bandwidth"), seed);
        let wide = run(&options("none"), seed);
        assert!(narrow.is_ok() && wide.is_ok(), "{narrow}\n{wide}");
        // Where clients submit little, large blocks do not come about.
        if narrow.counts.compact == 0 || wide.counts.compact == 0 {
            continue;
        }
        narrow_ms += narrow.virtual_ms;
        wide_ms += wide.virtual_ms;
        compared += 1;
        if compared == 4 {
            break;
        }
    }
    assert_eq!(compared, 4);
    assert!(narrow_ms > wide_ms, "{narrow_ms} and {wide_ms} ms");
}

/// A validator is away while the others decide so many heights, and comes back over other links. Within
/// three minutes it has what was decided by then.
fn catches_up(mut world: World, heights: u64, over: impl Fn(&mut World, NodeId)) {
    let away = NodeId(0);
    let number = world.isolate(away);
    let behind = world.decided(away).unwrap();
    let others_at = |height| move |world: &World| highest(world) >= height;
    assert!(world.run_until(world.now_us() + 10 * MINUTE, others_at(behind.plus(heights))));
    over(&mut world, away);
    world.rejoin(number);
    let wanted = highest(&world);
    let limit_us = world.now_us() + 3 * MINUTE;
    let done = world.run_until(limit_us, |world| world.decided(away) >= Some(wanted));
    hold(&world);
    let reached = world.decided(away);
    let plan = world.report().plan;
    assert!(done, "{plan}: from {behind} to {reached:?} of {wanted}");
}

/// a full answer about decided blocks takes half a minute at 1 Mbit/s, and a request is given up
/// after three seconds. Whoever was away gets the blocks all the same, a few at a time.
#[test]
fn who_was_away_catches_up_over_links_that_pass_no_full_answer_in_time() {
    for seed in seeds("none", &["large blocks"]).take(3) {
        catches_up(world("none", seed), 200, |world, away| world.narrow(away, 1));
    }
}

/// two seconds there and two back are more than a request waits: every answer is late, and taken.
#[test]
fn who_was_away_catches_up_over_links_that_bring_every_answer_late() {
    for seed in 0..3 {
        catches_up(world("none", seed), 50, |world, away| world.move_away(away, 2 * SECOND));
    }
}

#[test]
fn runs_with_every_kind_of_link_hold() {
    let faults = "delay,loss,duplication,mesh,unequal-links,wan,bandwidth";
    let mut differ = 0;
    for seed in 0..40 {
        let options = Options { faults: faults.parse().unwrap(), ..Options::default() };
        let report = run(&options, seed);
        assert!(report.is_ok(), "{report}");
        let has = |word: &&str| report.plan.contains(*word);
        let words = ["its own delay", "slow from", "in regions", "Mbit/s"];
        differ += words.iter().filter(|word| has(word)).count();
    }
    assert!(differ >= 40, "{differ}");
}
