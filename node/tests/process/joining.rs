//! A validator's whole life beside four others: it registers, is chosen, votes, is killed at an
//! epoch's edge and comes back, takes its stake out, leaves the set and is paid; the chain goes on.

use crate::network::{Network, ask_at, height_at, wait_above_at, wait_for};
use crate::newcomer::{Newcomer, Operator};

/// Heights in an epoch.
const LENGTH: u64 = 10;
/// Short epochs that pass without work, and no punishment for absence: who is killed for an epoch
/// is not to be jailed here.
const BRISK: &str = "-n 4 --param epoch_length=10 --param idle_block_interval_ms=300 \
                     --param staking.max_missed_bps=10000 \
                     --param staking.issuance_per_epoch=1000000 \
                     --param staking.evidence_epochs=2 --param staking.unbonding_epochs=2";
const FUNDS: u64 = 950_000_000_000_000;
/// Nearly as much as each of the four: their votes alone do not always come to a quorum in time, so
/// that the newcomer's is in certificates.
const BOND: u64 = 900_000_000_000_000;

/// The flags of such a network.
pub fn brisk() -> Vec<&'static str> {
    BRISK.split(' ').collect()
}

fn balance(network: &Network, operator: &Operator) -> u64 {
    let account = network.ask(0, &["account", &operator.address]);
    account["balance"].as_str().unwrap().parse().unwrap()
}

fn role(node: &Newcomer) -> String {
    ask_at(&node.rpc(), &["status"])["role"].as_str().unwrap().to_owned()
}

/// Waits for the last height of an epoch and returns it.
fn edge(network: &Network) -> u64 {
    wait_for("an epoch's last height", || {
        network.height(0).filter(|height| height.is_multiple_of(LENGTH))
    })
}

#[test]
fn a_fifth_validator_joins_votes_survives_a_kill_at_an_epochs_edge_and_leaves() {
    let network = Network::up(&brisk());
    let folder = tempfile::tempdir().unwrap();
    let mut fifth = Newcomer::init(&network, folder.path().join("fifth"));
    let operator = Operator::funded(&network, fifth.home(), FUNDS);
    fifth.start();
    wait_above_at(&fifth.rpc(), network.height(0).unwrap());
    assert_eq!(role(&fifth), "full", "before it has registered");

    operator.register(&network, fifth.home(), BOND);
    let validator = operator.wait_chosen(&network);
    assert_eq!(validator["power"], BOND.to_string());
    network.wait_signature(&operator.address, network.height(0).unwrap());
    assert_eq!(role(&fifth), "validator");

    let edge = edge(&network);
    fifth.kill();
    let height = network.wait_above(0, edge + LENGTH);
    fifth.start();
    let height = wait_above_at(&fifth.rpc(), height);
    network.wait_signature(&operator.address, height);

    let before = balance(&network, &operator);
    let withdrawn = operator.send(&network, &["withdraw"]);
    let fee: u64 = withdrawn["receipt"]["fee"].as_str().unwrap().parse().unwrap();
    assert!(balance(&network, &operator) > before - fee, "rewards came in");
    leave(&network, &fifth, &operator);
}

fn leave(network: &Network, fifth: &Newcomer, operator: &Operator) {
    operator.send(network, &["unbond", &BOND.to_string()]);
    let left = balance(network, operator);
    let unbonding = || network.ask(0, &["account", &operator.address])["unbonding"].clone();
    assert_eq!(unbonding()[0]["amount"], BOND.to_string());
    wait_for("the fifth to be out", || {
        network.validator(&operator.address).is_null().then_some(())
    });
    wait_for("the payment", || unbonding().as_array()?.is_empty().then_some(()));
    assert!(balance(network, operator) >= left + BOND);

    let height = network.transfer(1, (2, 3), 5)["height"].as_u64().unwrap();
    wait_above_at(&fifth.rpc(), height);
    assert_eq!(role(fifth), "full", "it follows");
    let heights = (0..4).map(|node| network.wait_above(node, height)).min().unwrap();
    let digest = |rpc: &str| ask_at(rpc, &["block", &heights.to_string()])["digest"].clone();
    wait_above_at(&fifth.rpc(), heights - 1);
    assert!(height_at(&fifth.rpc()).is_some());
    for node in 0..4 {
        assert_eq!(digest(network.rpc(node)), digest(&fifth.rpc()), "node {node}");
    }
}

/// A stand-by node takes over with the key that the operator rotates to; no height has both.
#[test]
fn a_stand_by_node_takes_over_with_another_key() {
    let network = Network::up(&brisk());
    let folder = tempfile::tempdir().unwrap();
    let mut first = Newcomer::init(&network, folder.path().join("first"));
    let mut second = Newcomer::init(&network, folder.path().join("second"));
    let operator = Operator::funded(&network, first.home(), FUNDS);
    first.start();
    second.start();
    operator.register(&network, first.home(), BOND);
    operator.wait_chosen(&network);
    network.wait_signature(&operator.address, network.height(0).unwrap());

    let key = second.home().join("config/validator_key");
    let sent = operator.send(&network, &["rotate-key", "--key", key.to_str().unwrap()]);
    let sent_at = sent["height"].as_u64().unwrap();
    wait_for("the stand-by to take over", || (role(&second) == "validator").then_some(()));
    wait_for("the first to step back", || (role(&first) == "full").then_some(()));
    // The first block of that epoch says so in the state, too.
    let is_over = || network.validator(&operator.address)["rotation"].is_null().then_some(());
    wait_for("the rotation to be over", is_over);
    first.kill();
    let height = network.wait_above(0, sent_at);
    network.wait_signature(&operator.address, height);
}
