//! Byzantine behaviours together: pairs of them, and what the seed draws. Also how they are told of,
//! and that nothing is drawn where nobody is Byzantine.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

use quorate_sim::{Byzantine, Misbehaviour, Options, run};

/// Pairs of one test, out of all of them.
const PAIRS: u64 = 10;
/// Seeds of one test whose behaviours are drawn.
const DRAWN: u64 = 15;

fn hold(options: &Options, seed: u64) {
    let report = run(options, seed);
    assert!(report.is_ok(), "{report}");
    assert!(report.height >= options.heights, "{report}");
}

/// The pairs of this number and on, each with a seed of its own.
fn pairs_go_on(from: u64) {
    let all = Misbehaviour::ALL;
    let pairs: Vec<(Misbehaviour, Misbehaviour)> = (0..all.len())
        .flat_map(|first| (0..first).map(move |second| (all[first], all[second])))
        .collect();
    for seed in from..from + PAIRS {
        // A stride without a common factor with the number of pairs spreads the sample.
        let place = usize::try_from(seed).unwrap() * 97 % pairs.len();
        let (first, second) = pairs[place];
        let options = Options {
            validators: Some(4 + u16::try_from(seed % 4).unwrap()),
            heights: 20,
            byzantine: Byzantine::Named([first, second].into()),
            ..Options::default()
        };
        hold(&options, seed);
    }
}

#[test]
fn pairs_from_00() {
    pairs_go_on(0);
}

#[test]
fn pairs_from_10() {
    pairs_go_on(10);
}

#[test]
fn pairs_from_20() {
    pairs_go_on(20);
}

#[test]
fn pairs_from_30() {
    pairs_go_on(30);
}

fn drawn_go_on(from: u64) {
    let options = Options { byzantine: Byzantine::Drawn, ..Options::default() };
    for seed in from..from + DRAWN {
        hold(&options, seed);
    }
}

#[test]
fn drawn_from_00() {
    drawn_go_on(0);
}

#[test]
fn drawn_from_15() {
    drawn_go_on(15);
}

#[test]
fn options_with_byzantine_validators_print_as_they_parse() {
    let byzantine: Byzantine = "silent,mutator".parse().unwrap();
    let options = Options { byzantine, ..Options::default() };
    assert_eq!(options.to_string(), "--heights 30 --faults all --byzantine silent,mutator");
    assert_eq!(Options::default().to_string(), "--heights 30 --faults all");
}

#[test]
fn a_seed_draws_the_same_byzantine_validators_again() {
    let options = Options { byzantine: Byzantine::Drawn, heights: 20, ..Options::default() };
    let mut plans = Vec::new();
    for seed in 0..10 {
        let (first, second) = (run(&options, seed), run(&options, seed));
        assert_eq!(first, second, "two runs of seed {seed} differ");
        plans.push(first.plan);
    }
    let with_some = plans.iter().filter(|plan| plan.contains("Byzantine")).count();
    assert!(with_some >= 5, "{plans:?}");
}
