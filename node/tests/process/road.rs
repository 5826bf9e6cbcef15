//! The whole road: a signed transfer, submitted to any node, final on every node, receipt read back.

use serde_json::Value;

use crate::network::{Network, run};

/// What a node says of a height and of an account.
fn seen(network: &Network, node: usize, height: u64, address: &str) -> [Value; 3] {
    let block = network.ask(node, &["block", &height.to_string()]);
    let account = network.ask(node, &["account", address, "--height", &height.to_string()]);
    [block["digest"].clone(), block["state_root"].clone(), account["balance"].clone()]
}

#[test]
fn a_transfer_is_final_on_every_node_with_the_same_balance_block_and_state_root() {
    let network = Network::up(&["-n", "4", "--full", "1"]);
    for through in 0..5 {
        let transfer = network.transfer(through, (0, 1), 1_000);
        assert_eq!(transfer["status"], "final");
        assert_eq!(transfer["receipt"]["status"], "success");
        assert!(transfer["hash"].as_str().unwrap().starts_with("0x"));
        let height = transfer["height"].as_u64().unwrap();
        let address = network.account(1, "address");
        for node in 0..5 {
            network.wait_above(node, height - 1);
        }
        let first = seen(&network, 0, height, address);
        let expected = 1_000_000_000_000_000 + 1_000 * (u64::try_from(through).unwrap() + 1);
        assert_eq!(first[2], expected.to_string());
        for node in 1..5 {
            assert_eq!(seen(&network, node, height, address), first, "node {node}");
        }
        let hash = transfer["hash"].as_str().unwrap();
        for node in 0..5 {
            assert_eq!(network.ask(node, &["tx", "get", hash])["receipt"], transfer["receipt"]);
        }
    }
}

#[test]
fn a_failed_transfer_pays_its_fee_and_moves_nothing() {
    let network = Network::up(&["-n", "1"]);
    let (key, address) = (network.account(0, "key_file"), network.account(1, "address"));
    let amount = u64::MAX.to_string();
    let flags = ["tx", "transfer", "--from", key, "--to", address, "--amount", &amount];
    let output = run(&[&flags[..], &["-o", "json", "--node", network.rpc(0)]].concat());
    assert_eq!(output.status.code(), Some(3));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["receipt"]["status"], "failed");
    assert_eq!(answer["receipt"]["failure"]["kind"], "insufficient_funds");
    let sender = network.ask(0, &["account", network.account(0, "address")]);
    let fee: u64 = answer["receipt"]["fee"].as_str().unwrap().parse().unwrap();
    assert_eq!(sender["balance"], (1_000_000_000_000_000 - fee).to_string());
    assert_eq!(sender["nonce"], 1);
}

#[test]
fn a_load_is_final_and_reported() {
    let network = Network::up(&["-n", "4"]);
    let accounts = std::path::Path::new(network.account(0, "key_file")).parent().unwrap();
    let accounts = accounts.to_str().unwrap();
    let flags = ["bench", "load", "--rate", "100", "--duration", "2", "--accounts", accounts];
    let report = network.ask(0, &flags);
    assert_eq!(report["submitted"], 200);
    assert_eq!(report["final"], 200);
    assert_eq!(report["failed"], 0);
    for field in ["tx_per_s", "p50_ms", "p90_ms", "p99_ms"] {
        assert!(report[field].as_f64().unwrap() > 0.0, "{field}");
    }
}
