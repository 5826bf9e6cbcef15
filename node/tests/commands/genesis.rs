//! `quorate genesis`: a document from nothing to its hash.

use std::fs;

use crate::run::{ADDRESS, below, fail, json, succeed};

const VALIDATOR_KEY: &str = "0x8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

#[test]
fn a_document_is_made_by_commands_and_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let file = below(&folder, "genesis.json");
    succeed(&["genesis", "new", &file, "--chain-id", "local-test"]);
    let empty = fail(78, &["genesis", "hash", &file]);
    assert!(empty.contains("genesis.json") && empty.contains("validators"), "{empty}");
    succeed(&["genesis", "add-account", &file, "--address", ADDRESS, "--balance", "1000"]);
    let validator = ["--operator", ADDRESS, "--key", VALIDATOR_KEY, "--bonded", "5"];
    succeed(&[&["genesis", "add-validator", &file][..], &validator].concat());
    let hash = succeed(&["genesis", "hash", &file]);
    let summary = json(&["genesis", "validate", &file]);
    assert_eq!(summary["genesis_hash"], hash.trim());
    assert_eq!((&summary["supply"], &summary["validators"]), (&"1005".into(), &1.into()));
    assert!(!summary["warnings"].as_array().unwrap().is_empty(), "one validator bears no fault");
}

#[test]
fn nothing_is_overwritten_and_a_wrong_document_names_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = below(&folder, "genesis.json");
    succeed(&["genesis", "new", &file, "--chain-id", "local-test"]);
    let made = fs::read(&file).unwrap();
    let error = fail(78, &["genesis", "new", &file, "--chain-id", "local-other"]);
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), made);
    let wrong = String::from_utf8(made).unwrap().replacen("\"accounts\"", "\"acounts\"", 1);
    fs::write(&file, wrong).unwrap();
    let error = fail(78, &["genesis", "validate", &file]);
    assert!(error.contains("acounts") && error.contains("line "), "{error}");
    let error = fail(78, &["genesis", "validate", &below(&folder, "none.json")]);
    assert!(error.contains("none.json"), "{error}");
}

#[test]
fn a_wrong_argument_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = below(&folder, "genesis.json");
    succeed(&["genesis", "new", &file, "--chain-id", "local-test"]);
    let made = fs::read(&file).unwrap();
    let validator = ["genesis", "add-validator", &file, "--operator", ADDRESS, "--bonded", "1"];
    fail(2, &[&validator[..], &["--key", "0x00"]].concat());
    fail(2, &["genesis", "add-account", &file, "--address", "quo1x", "--balance", "1"]);
    fail(2, &["genesis", "new", &below(&folder, "other"), "--chain-id", "Not A Name"]);
    assert_eq!(fs::read(&file).unwrap(), made);
}

#[test]
fn parameters_are_told_by_name_or_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = below(&folder, "genesis.json");
    let new = ["genesis", "new", &file, "--chain-id", "local-test"];
    for (param, words) in [
        ("epoch_length", "NAME=VALUE"),
        ("epoch_lenght=20", "params.epoch_lenght"),
        ("epoch_length=1", "must be 2 to"),
        ("epoch_length=5", "staking.presence_window"),
    ] {
        let error = fail(2, &[&new[..], &["--param", param]].concat());
        assert!(error.contains(words), "{error}");
        assert!(!std::path::Path::new(&file).exists());
    }
    let told = ["--param", "staking.presence_window=5", "--param", "epoch_length=20"];
    succeed(&[&new[..], &told].concat());
    let made: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(made["params"]["epoch_length"], 20);
    assert_eq!(made["params"]["staking"]["presence_window"], 5);
}
