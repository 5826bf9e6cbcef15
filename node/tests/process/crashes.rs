//! `kill -9`: of one, of two, of all. Nothing that was reported final is missing afterwards.

use crate::network::Network;

#[test]
fn one_killed_validator_is_not_missed_and_comes_back() {
    let mut network = Network::up(&["-n", "4"]);
    let before = network.transfer(1, (0, 1), 5)["height"].as_u64().unwrap();
    network.kill(&[0]);
    // Every validator has had its turn as primary after four heights, the dead one included.
    let without = network.wait_above(1, before + 4);
    network.restart(0);
    let caught_up = network.wait_above(0, without);
    network.wait_vote(0, caught_up);
}

#[test]
fn all_killed_at_once_keep_what_was_final() {
    let mut network = Network::up(&["-n", "4"]);
    let transfer = network.transfer(2, (3, 4), 77);
    let height = transfer["height"].as_u64().unwrap();
    let block = network.ask(2, &["block", &height.to_string()])["digest"].clone();
    let reported = (0..4).filter_map(|node| network.height(node)).max().unwrap();
    network.kill(&[0, 1, 2, 3]);
    for node in 0..4 {
        network.restart(node);
    }
    for node in 0..4 {
        network.wait_above(node, reported);
        let again = network.ask(node, &["block", &height.to_string()])["digest"].clone();
        assert_eq!(again, block, "node {node}");
        let hash = transfer["hash"].as_str().unwrap();
        assert_eq!(network.ask(node, &["tx", "get", hash])["status"], "final");
    }
}

#[test]
fn two_of_four_decide_nothing_until_one_returns() {
    let mut network = Network::up(&["-n", "4"]);
    network.kill(&[0, 1]);
    // What was under way when the second one died may still become final; the pending transfer
    // below is submitted afterwards and cannot.
    let (key, address) = (network.account(0, "key_file"), network.account(1, "address"));
    let flags = ["tx", "transfer", "--from", key, "--to", address, "--amount", "9"];
    let wait = ["--timeout", "3", "-o", "json", "--node", network.rpc(2)];
    let output = crate::network::run(&[&flags[..], &wait].concat());
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
    let pending: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(pending["status"], "pending");
    let stuck = network.height(2).unwrap();
    network.restart(0);
    network.wait_above(2, stuck);
    let hash = pending["hash"].as_str().unwrap().to_owned();
    crate::network::wait_for("the pending transfer to be final", || {
        (network.ask(2, &["tx", "get", &hash])["status"] == "final").then_some(())
    });
    network.restart(1);
    network.wait_above(1, stuck);
}
