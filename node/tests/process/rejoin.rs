//! A validator that has lost its records: it observes, a block lets it in again, and it signs above
//! that height (S-5); or its operator says above which height it may.

use std::fs;
use std::path::{Path, PathBuf};

use crate::network::{Network, run};

/// The sign-state's log of a home.
fn log(home: &str) -> PathBuf {
    Path::new(home).join("sign-state").join("log")
}

#[test]
fn a_validator_without_its_records_is_let_in_again_by_a_block() {
    let mut network = Network::up(&["-n", "4"]);
    network.transfer(1, (0, 1), 5);
    network.kill(&[0]);
    fs::remove_file(log(network.home(0))).unwrap();
    // What it signed before it was killed, two heights above the final one at most, lies below.
    let height = network.wait_above(1, network.height(1).unwrap() + 2);
    network.restart(0);
    network.wait_above(0, height);
    network.wait_vote(0, height);
    assert!(log(network.home(0)).exists(), "its records are made anew");
}

#[test]
fn the_operators_word_wants_a_loss_and_a_yes() {
    let network = Network::up(&["-n", "1"]);
    let word = ["--above", "5", "--yes"];
    let rejoin = |home: &str, word: &[&str]| run(&[&["rejoin", "--home", home], word].concat());
    let running = rejoin(network.home(0), &word);
    assert_eq!(running.status.code(), Some(75), "a running node keeps its home");

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let made = run(&["testnet", "generate", "-n", "4", "--out", out]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let home = folder.path().join("val0").to_str().unwrap().to_owned();
    assert_eq!(rejoin(&home, &word).status.code(), Some(78), "nothing is lost");
    fs::remove_file(log(&home)).unwrap();
    let risk = rejoin(&home, &word[..2]);
    assert_eq!(risk.status.code(), Some(2));
    let words = String::from_utf8(risk.stderr).unwrap();
    assert!(words.contains("a second time") && words.contains("--yes"), "{words}");
    assert!(!log(&home).exists(), "it changes nothing");
    let done = rejoin(&home, &word);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(log(&home).exists());
    assert_eq!(rejoin(&home, &word).status.code(), Some(78), "only once");
}
