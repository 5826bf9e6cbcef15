//! A model checker over the real state machine: three honest validators, a Byzantine fourth, one
//! height, views 0 to 2. The network loses, repeats and reorders whatever was ever sent; timers that
//! are set fire at any time; power goes between any two inputs; the Byzantine key signs whatever can
//! be proven.
//!
//! `QUORATE_MODEL_STATES` sets how many states are explored, 300 000 by default.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "helpers of tests"
)]

mod byzantine;
mod fair;
mod game;
mod interner;
mod replica;

#[allow(dead_code, reason = "its other functions are for the other tests")]
#[path = "../machine/world.rs"]
mod world;

use game::Game;
use stateright::{Checker, Model, UniformChooser};

/// What sets the number of states of each exploration.
const STATES: &str = "QUORATE_MODEL_STATES";
/// States of each exploration in every test run.
const DEFAULT_STATES: usize = 300_000;

fn states() -> usize {
    let set = std::env::var_os(STATES).and_then(|text| text.into_string().ok());
    set.map_or(DEFAULT_STATES, |text| text.parse().expect("a number of states"))
}

/// Tells how far an exploration came, and fails where a property does.
fn report(checker: &impl Checker<Game>) {
    println!(
        "{:?}: {} states, {} distinct, depth {}, {} of single replicas",
        checker.model(),
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        checker.model().replica_states(),
    );
    checker.assert_properties();
}

/// Breadth first, so that a counterexample is a shortest one.
fn explore(order: [usize; 4], power_cuts: u8) {
    let game = Game::new(order, power_cuts);
    report(&game.checker().target_state_count(states()).spawn_bfs().join());
}

#[test]
fn a_byzantine_primary_of_view_0() {
    explore([3, 0, 1, 2], 0);
}

#[test]
fn a_byzantine_primary_of_view_1() {
    explore([0, 3, 1, 2], 0);
}

#[test]
fn a_byzantine_primary_of_view_2() {
    explore([0, 1, 3, 2], 0);
}

/// Whatever comes after a decision in view 0, nobody decides otherwise: the way to a fork is too long
/// to be found from the start. This space is explored whole, a power cut of each replica included.
#[test]
fn after_a_decision() {
    for order in [[0, 1, 3, 2], [0, 3, 1, 2], [3, 0, 1, 2]] {
        let game = Game::new(order, 1).after_a_decision();
        report(&game.checker().spawn_bfs().join());
    }
}

#[test]
fn power_cuts() {
    explore([3, 0, 1, 2], 1);
}

/// Long random ways instead of all short ones; here each view must have decided somewhere. A step
/// of them mostly meets new states of replicas, and costs as much as a hundred of the others.
#[test]
fn random_walks() {
    for order in [[3, 0, 1, 2], [0, 3, 1, 2], [0, 1, 3, 2]] {
        let game = Game::new(order, 1).with_goals();
        let walks = game.checker().target_state_count(states() / 100);
        report(&walks.spawn_simulation(1, UniformChooser).join());
    }
}
