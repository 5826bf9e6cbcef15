//! Peer records: believed when true, refused when not.

use prometheus_client::registry::Registry;
use quorate_crypto::{ValidatorPublicKey, ValidatorSecretKey};
use quorate_network::{
    Channel, Config, Event, PeerId, PeerRecord, SignedPeerRecord, StartError, peer_id, start,
};

use crate::node::{CHAIN, Node, config, key};
use crate::stranger::{Manners, Stranger, frame};

fn record(validator: u8, peer: PeerId, sequence: u64) -> SignedPeerRecord {
    let key = ValidatorSecretKey::from_seed([validator; 32]);
    let record = PeerRecord { chain: CHAIN.to_owned(), peer, validator: key.public(), sequence };
    let signature = key.sign(record.signing_hash().as_bytes());
    SignedPeerRecord { record, signature }
}

async fn proved(node: &mut Node) -> (PeerId, ValidatorPublicKey) {
    let event = node.next_peer_event().await;
    let Event::PeerProved { peer, validator } = event else {
        panic!("expected a proof, not {event:?}")
    };
    (peer, validator)
}

#[tokio::test]
async fn two_validators_prove_themselves_to_each_other() {
    let own = |n: u8| Some(record(n, peer_id(&key(n)), 1));
    let mut first = Node::start(&Config { record: own(1), ..config(1, &[]) }).await;
    let dialling = Config { record: own(2), ..config(2, &[&first.address]) };
    let mut second = Node::start(&dialling).await;
    first.connected().await;
    second.connected().await;
    let validator = |n: u8| record(n, first.peer, 0).record.validator;
    let (one, two) = (validator(1), validator(2));
    assert_eq!(proved(&mut first).await, (second.peer, two));
    assert_eq!(proved(&mut second).await, (first.peer, one));
    assert_eq!(second.handle.peers()[0].validator, Some(one));
}

#[tokio::test]
async fn a_newer_record_moves_a_validator_to_another_peer() {
    let mut watcher = Node::start(&config(1, &[])).await;
    let mut others = Vec::new();
    // The third peer's record is older than the second's.
    for (n, sequence) in [(2, 5), (3, 6), (4, 4)] {
        let record = Some(record(50, peer_id(&key(n)), sequence));
        let config = Config { record, ..config(n, &[&watcher.address]) };
        let other = Node::start(&config).await;
        assert_eq!(watcher.connected().await, other.peer);
        if sequence > 4 {
            assert_eq!(proved(&mut watcher).await.0, other.peer);
        }
        others.push(other);
    }
    let holders = || {
        let peers = watcher.handle.peers();
        let proved = peers.into_iter().filter(|info| info.validator.is_some());
        proved.map(|info| info.peer).collect::<Vec<_>>()
    };
    assert_eq!(holders(), [others[1].peer]);
}

#[tokio::test]
async fn a_forged_or_borrowed_or_garbled_record_ends_the_connection() {
    let stranger_peer = peer_id(&key(99));
    let mut forged = record(7, stranger_peer, 1);
    forged.record.sequence = 2;
    let borrowed = record(7, peer_id(&key(3)), 1);
    for bytes in [forged.encode(), borrowed.encode(), b"?".to_vec()] {
        let mut node = Node::start(&config(1, &[])).await;
        let mut stranger = Stranger::connect(&node.address, Manners::Reads).await;
        assert_eq!(node.connected().await, stranger.peer);
        let _stream = stranger.write(node.peer, Channel::PeerRecord, &frame(&bytes)).await;
        assert_eq!(node.disconnected().await, stranger_peer);
        assert_eq!(node.counter("refused_total{cause=\"bad_record\"}"), 1);
    }
}

#[tokio::test]
async fn a_true_record_of_a_stranger_is_believed() {
    let mut node = Node::start(&config(1, &[])).await;
    let mut stranger = Stranger::connect(&node.address, Manners::Reads).await;
    node.connected().await;
    let record = record(7, stranger.peer, 1);
    let bytes = frame(&record.encode());
    let _stream = stranger.write(node.peer, Channel::PeerRecord, &bytes).await;
    assert_eq!(proved(&mut node).await, (stranger.peer, record.record.validator));
}

#[tokio::test]
async fn a_node_does_not_start_with_a_record_of_another() {
    let other = Config { record: Some(record(7, peer_id(&key(2)), 1)), ..config(1, &[]) };
    let runtime = tokio::runtime::Handle::current();
    let started = start(&other, &mut Registry::default(), &runtime);
    assert!(matches!(started, Err(StartError::Record(_))));
}
