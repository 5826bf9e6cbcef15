//! A validator that contradicts itself on a real network: its process is killed, and this test takes
//! its place with its network identity and its key, without its guard. It signs two Prepares for one
//! height and view (E-2); every node convicts it, it loses stake and is out for ever, and the chain
//! goes on. Nothing in the binary can do that.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::registry::Registry;
use quorate_crypto::{Hash, ValidatorSecretKey};
use quorate_genesis::Genesis;
use quorate_home::{Home, KeyFile, KeyKind};
use quorate_network::{self as p2p, Channel, Events, Handle, PeerRecord, SignedPeerRecord};
use quorate_types::{
    ChainContext, Digest, Height, Message, Statement, StatementBody, ValidatorIndex, View, wire,
};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::network::{Network, wait_for, wait_free};

const VALIDATORS: usize = 5;
/// Which of them lies.
const LIAR: usize = 4;
/// Heights above the final one for which it votes: what is near is heard.
const AHEAD: u64 = 3;
/// What is left of a million coins after the twentieth that evidence takes.
const LEFT: &str = "950000000000000";

/// A validator without a guard.
struct Liar {
    network: Handle,
    /// Kept, or the network would end; what it says does not matter here.
    _events: Events,
    _runtime: Runtime,
    context: ChainContext,
    index: ValidatorIndex,
    key: ValidatorSecretKey,
}

impl Liar {
    /// In the place of a validator whose process is gone.
    fn of(network: &Network, node: usize) -> Liar {
        let home = Home::new(network.home(node));
        let genesis = Genesis::parse(&std::fs::read(home.genesis_file()).unwrap()).unwrap();
        let context = genesis.context();
        let key = KeyFile::read(&home.validator_key(), KeyKind::Validator).unwrap().validator_key();
        let index = genesis.validator_set().index_of_key(&key.public()).unwrap();
        let node_key = KeyFile::read(&home.node_key(), KeyKind::Node).unwrap();
        let config = p2p::Config {
            persistent_peers: others(network, node),
            ..config(&context, *node_key.seed().as_bytes(), &key)
        };
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().unwrap();
        let (network, events) =
            p2p::start(&config, &mut Registry::default(), runtime.handle()).unwrap();
        Liar { network, _events: events, _runtime: runtime, context, index, key }
    }

    /// Signs two Prepares of one place and tells everybody both.
    fn contradict_itself(&self, height: u64) {
        for salt in [1, 2] {
            let body = StatementBody::Prepare { digest: Digest(Hash::from_bytes([salt; 32])) };
            let statement = Statement { height: Height(height), view: View::ZERO, body };
            let signed = statement.sign_unguarded(&self.context, self.index, &self.key);
            let bytes = wire::encode_message(&Message::Prepare(signed));
            self.network.publish(Channel::Consensus, bytes).unwrap();
        }
    }
}

fn others(network: &Network, node: usize) -> Vec<p2p::Multiaddr> {
    let others = (0..VALIDATORS).filter(|other| *other != node);
    others.map(|other| network.node(other)["p2p"].as_str().unwrap().parse().unwrap()).collect()
}

/// A node that listens nowhere and states that it acts for the key.
fn config(context: &ChainContext, node_key: [u8; 32], key: &ValidatorSecretKey) -> p2p::Config {
    let hash = context.genesis_hash.to_string();
    let chain = format!("{}-{}", context.chain_id, hash.trim_start_matches("0x"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let record = PeerRecord {
        chain: chain.clone(),
        peer: p2p::peer_id(&node_key),
        validator: key.public(),
        sequence: u64::try_from(now).unwrap(),
    };
    let signature = key.sign(record.signing_hash().as_bytes());
    p2p::Config {
        node_key,
        chain,
        listen: Vec::new(),
        persistent_peers: Vec::new(),
        max_peers: 16,
        record: Some(SignedPeerRecord { record, signature }),
    }
}

/// The operator of a validator that is named like its node.
fn operator(network: &Network, node: usize) -> String {
    let home = Path::new(network.home(node));
    let name = home.file_name().unwrap().to_str().unwrap();
    let validators = network.ask(0, &["validators"]);
    let mut listed = validators["validators"].as_array().unwrap().iter();
    let found = listed.find(|one| one["moniker"] == name).unwrap();
    found["address"].as_str().unwrap().to_owned()
}

/// Waits until the process is gone and every other node has noticed: a second connection of one
/// identity beside the dying one would not be the liar's own.
fn wait_missed(network: &Network) {
    wait_free(Path::new(network.home(LIAR)));
    for node in 0..LIAR {
        wait_for("the liar's process to be missed", || {
            let peers = network.ask(node, &["status"])["peers"].as_u64()?;
            (usize::try_from(peers) == Ok(VALIDATORS - 2)).then_some(())
        });
    }
}

/// What a node holds against an operator's validator.
fn evidence(network: &Network, node: usize, operator: &str) -> Option<Value> {
    let kept = network.ask(node, &["evidence"]);
    kept["evidence"].as_array()?.iter().find(|one| one["accused"] == operator).cloned()
}

#[test]
fn a_validator_that_signs_twice_loses_stake_and_is_out_while_the_chain_goes_on() {
    let count = VALIDATORS.to_string();
    let brisk = ["--param", "epoch_length=10", "--param", "idle_block_interval_ms=300"];
    let mild = ["--param", "staking.max_missed_bps=10000"];
    let mut network = Network::up(&[&["-n", &count][..], &brisk, &mild].concat());
    let operator = operator(&network, LIAR);
    network.kill(&[LIAR]);
    wait_missed(&network);
    let liar = Liar::of(&network, LIAR);

    let mut told = 0;
    let convicted = wait_for("the conviction", || {
        let height = network.height(0)?;
        if height > told {
            liar.contradict_itself(height + AHEAD);
            told = height;
        }
        let validator = network.validator(&operator);
        (validator["standing"] == "tombstoned").then_some(validator)
    });
    assert_eq!(convicted["bonded"], LEFT, "once, whatever else it has signed");
    for node in 0..LIAR {
        let held = wait_for("what a node holds", || {
            evidence(&network, node, &operator).filter(|held| held["judged"] == true)
        });
        assert_eq!(held["rule"], "E-2", "node {node}");
    }

    wait_for("the liar to be out", || network.validator(&operator).is_null().then_some(()));
    let height = network.height(0).unwrap();
    for node in 0..LIAR {
        network.wait_vote(node, height);
    }
    let transfer = network.transfer(1, (0, 1), 5);
    assert_eq!(transfer["receipt"]["status"], "success");
    let height = transfer["height"].as_u64().unwrap();
    let block = |node: usize| network.ask(node, &["block", &height.to_string()])["digest"].clone();
    for node in 0..LIAR {
        network.wait_above(node, height);
        assert_eq!(block(node), block(0), "node {node}");
    }
}
