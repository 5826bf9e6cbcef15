//! Operators change the parameters: one makes the transaction, each signs it in turn, and it is tried
//! out before it is submitted.

use std::path::{Path, PathBuf};

use quorate_testnet::DevelopmentKey;
use serde_json::Value;
use tempfile::TempDir;

use crate::network::{Network, run};

/// The key files of the first three of four operators: a quorum.
fn operators(folder: &Path) -> Vec<String> {
    let file = |index: u16| -> PathBuf {
        let file = folder.join(format!("operator{index}.key"));
        DevelopmentKey::Operator(index).key().create(&file).unwrap();
        file
    };
    (0..3).map(|index| file(index).to_str().unwrap().to_owned()).collect()
}

/// Runs a command of `quorate tx` that prints a transaction, and keeps it in the file.
fn keep(file: &str, arguments: &[&str]) {
    let output = run(&[&["tx"], arguments].concat());
    assert!(output.status.success(), "{output:?}");
    std::fs::write(file, output.stdout).unwrap();
}

fn submit(network: &Network, file: &str, flags: &[&str]) -> (Option<i32>, Value) {
    let to = ["-o", "json", "--node", network.rpc(1)];
    let output = run(&[&["tx", "submit", file], flags, &to[..]].concat());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

#[test]
fn operators_change_the_parameters_from_hand_to_hand() {
    let network = Network::up(&["-n", "4"]);
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let operators = operators(folder.path());
    let (params, vote) = (path("params.json"), path("vote.hex"));
    let mut wanted = network.ask(0, &["params"]);
    assert_eq!((&wanted["epoch"], &wanted["pending"]), (&Value::from(0), &Value::Null));
    wanted["flat_fee"] = "1500".into();
    std::fs::write(&params, wanted.to_string()).unwrap();

    let node = ["--node", network.rpc(0)];
    let make =
        ["params", "--file", &params, "--epoch", "1", "--from", network.account(0, "key_file")];
    let signers: Vec<&str> =
        operators.iter().flat_map(|operator| ["--signer", operator.as_str()]).collect();
    keep(&vote, &[&make[..], &signers, &node].concat());
    assert_eq!(submit(&network, &vote, &[]).0, Some(2), "three signatures are missing");
    let genesis = format!("{}/config/genesis.json", network.home(0));
    for operator in &operators {
        keep(&vote, &["cosign", &vote, "--from", operator, "--genesis", &genesis]);
    }

    let (code, told) = submit(&network, &vote, &["--simulate"]);
    assert_eq!((code, &told["receipt"]["status"]), (Some(0), &Value::from("success")));
    assert_eq!(network.ask(1, &["params"])["pending"], Value::Null);
    let (code, done) = submit(&network, &vote, &[]);
    assert_eq!((code, &done["receipt"]), (Some(0), &told["receipt"]));
    network.wait_above(3, done["height"].as_u64().unwrap());
    let now = network.ask(3, &["params"]);
    assert_eq!((&now["flat_fee"], &now["pending"]["epoch"]), (&"1000".into(), &1.into()));
    assert_eq!(now["pending"]["params"]["flat_fee"], "1500");
}

#[test]
fn a_vote_without_a_quorum_fails_when_it_is_tried_out() {
    let network = Network::up(&["-n", "4"]);
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (params, vote) = (path("params.json"), path("vote.hex"));
    std::fs::write(&params, network.ask(0, &["params"]).to_string()).unwrap();
    let from = network.account(0, "key_file");
    let make = ["params", "--file", &params, "--epoch", "1", "--from", from];
    keep(&vote, &[&make[..], &["--node", network.rpc(0)]].concat());
    let (code, told) = submit(&network, &vote, &["--simulate"]);
    assert_eq!((code, &told["receipt"]["failure"]["kind"]), (Some(3), &"no_quorum".into()));
}
