//! Two thousand seeds: every run has faults of its own, then just a quorum heals and has to go on in
//! time. Each run finalises thirty heights.

use quorate_sim::{Options, run, shrink};

/// Seeds of one test; the tests run side by side.
const SEEDS: u64 = 100;

fn every_oracle_holds(from: u64) {
    let options = Options::default();
    for seed in from..from + SEEDS {
        let report = run(&options, seed);
        let small = || shrink(&options, seed).1;
        assert!(report.is_ok(), "{report}\nor, smaller:\n{}", small());
        assert!(report.height >= options.heights, "{report}");
    }
}

#[test]
fn seeds_from_0000() {
    every_oracle_holds(0);
}

#[test]
fn seeds_from_0100() {
    every_oracle_holds(100);
}

#[test]
fn seeds_from_0200() {
    every_oracle_holds(200);
}

#[test]
fn seeds_from_0300() {
    every_oracle_holds(300);
}

#[test]
fn seeds_from_0400() {
    every_oracle_holds(400);
}

#[test]
fn seeds_from_0500() {
    every_oracle_holds(500);
}

#[test]
fn seeds_from_0600() {
    every_oracle_holds(600);
}

#[test]
fn seeds_from_0700() {
    every_oracle_holds(700);
}

#[test]
fn seeds_from_0800() {
    every_oracle_holds(800);
}

#[test]
fn seeds_from_0900() {
    every_oracle_holds(900);
}

#[test]
fn seeds_from_1000() {
    every_oracle_holds(1000);
}

#[test]
fn seeds_from_1100() {
    every_oracle_holds(1100);
}

#[test]
fn seeds_from_1200() {
    every_oracle_holds(1200);
}

#[test]
fn seeds_from_1300() {
    every_oracle_holds(1300);
}

#[test]
fn seeds_from_1400() {
    every_oracle_holds(1400);
}

#[test]
fn seeds_from_1500() {
    every_oracle_holds(1500);
}

#[test]
fn seeds_from_1600() {
    every_oracle_holds(1600);
}

#[test]
fn seeds_from_1700() {
    every_oracle_holds(1700);
}

#[test]
fn seeds_from_1800() {
    every_oracle_holds(1800);
}

#[test]
fn seeds_from_1900() {
    every_oracle_holds(1900);
}
