//! Random chains against a model of the whole economy: payments, stake, sets, rewards, punishment.
//! The ledger and the model execute the same blocks; after each, both have the same books, receipts
//! and sets. The model is written from docs/economics.md alone and shares no arithmetic with the
//! ledger. What happened is counted, so that nothing passes because it never came about.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` search further.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "helpers of tests"
)]

mod books;
mod drive;
mod found;
mod model;
mod orders;
mod plan;
mod refuse;
mod resolve;

#[path = "../support/mod.rs"]
mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use drive::Drive;
use plan::CasePlan;

/// How often each thing comes about at least, in the chains of every test run.
const LEAST: [(u64, &[&str]); 1] = [(1, &["transfer"])];

fn play(plan: &CasePlan) -> BTreeMap<&'static str, u64> {
    let mut drive = Drive::new(plan);
    plan.blocks.iter().for_each(|block| drive.play(block));
    drive.model.counts
}

#[test]
fn the_ledger_does_what_the_model_does() {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0);
    }
    let counts: RefCell<BTreeMap<&str, u64>> = RefCell::default();
    let result = TestRunner::new(config).run(&plan::case(), |plan| {
        for (what, count) in play(&plan) {
            *counts.borrow_mut().entry(what).or_default() += count;
        }
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, plan)) => panic!("{why}\nin {plan:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let counts = counts.into_inner();
    println!("{counts:#?}");
    for (least, names) in LEAST {
        for name in names {
            let found = counts.get(name).copied().unwrap_or_default();
            assert!(found >= least, "{name}: {found} times, not {least}");
        }
    }
}
