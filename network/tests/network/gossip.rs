//! `publish`: reaches everybody, once, and nobody past a node that does not accept.

use std::time::Duration;

use quorate_network::{Channel, Verdict};

use crate::node::{Node, config, pair, within};

/// How long the other end of a fresh connection is given to subscribe before the next try.
const SUBSCRIPTION: Duration = Duration::from_millis(100);

/// Publishes "ready 0", "ready 1", … until `to` gets one: then `from` knows its subscription.
async fn reach(from: &Node, to: &mut Node) {
    let trying = async {
        for n in 0_u32.. {
            let bytes = format!("ready {n}").into_bytes();
            from.handle.publish(Channel::Consensus, bytes).unwrap();
            let receiving = to.events.consensus.recv();
            if let Ok(message) = tokio::time::timeout(SUBSCRIPTION, receiving).await {
                to.handle.report(message.unwrap().gossip.unwrap(), Verdict::Ignore);
                break;
            }
        }
    };
    within(trying).await;
}

/// Two nodes that hear each other over a third alone, which stands between them.
async fn line() -> (Node, Node, Node) {
    let mut middle = Node::start(&config(1, &[])).await;
    let left = Node::start(&config(2, &[&middle.address])).await;
    let mut right = Node::start(&config(3, &[&middle.address])).await;
    middle.connected().await;
    middle.connected().await;
    reach(&left, &mut middle).await;
    reach(&middle, &mut right).await;
    (left, middle, right)
}

/// The next message that is not one of [`reach`]'s.
async fn next(node: &mut Node) -> Vec<u8> {
    loop {
        let bytes = node.accept().await;
        if !bytes.starts_with(b"ready") {
            return bytes;
        }
    }
}

#[tokio::test]
async fn what_one_of_four_publishes_reaches_the_other_three() {
    let mut nodes: Vec<Node> = Vec::new();
    for n in 1..=4 {
        let known: Vec<_> = nodes.iter().map(Node::named_address).collect();
        nodes.push(Node::start(&config(n, &known.iter().collect::<Vec<_>>())).await);
    }
    for node in &mut nodes {
        for _ in 0..3 {
            node.connected().await;
        }
        assert_eq!(node.handle.peers().len(), 3);
        assert_eq!(node.counter("peers"), 3);
    }
    for from in 0..4 {
        let mut rest: Vec<Node> = std::mem::take(&mut nodes);
        let publisher = rest.remove(from);
        for node in &mut rest {
            reach(&publisher, node).await;
        }
        let bytes = format!("from {from}").into_bytes();
        publisher.handle.publish(Channel::Consensus, bytes.clone()).unwrap();
        for node in &mut rest {
            assert_eq!(next(node).await, bytes);
        }
        rest.insert(from, publisher);
        nodes = rest;
    }
}

#[tokio::test]
async fn a_block_sized_message_and_a_batch_arrive_whole() {
    let (first, mut second) = pair().await;
    reach(&first, &mut second).await;
    let block = vec![7; Channel::Consensus.max_bytes()];
    first.handle.publish(Channel::Consensus, block.clone()).unwrap();
    assert!(next(&mut second).await == block);
    let batch = vec![8; Channel::Transactions.max_bytes()];
    first.handle.publish(Channel::Transactions, batch.clone()).unwrap();
    let message = within(second.events.transactions.recv()).await.unwrap();
    assert!(message.bytes == batch);
    assert_eq!((message.peer, message.channel), (first.peer, Channel::Transactions));
}

#[tokio::test]
async fn the_same_bytes_go_once_and_a_repetition_is_no_error() {
    let (first, mut second) = pair().await;
    reach(&first, &mut second).await;
    for bytes in [b"once", b"once", b"then"] {
        first.handle.publish(Channel::Consensus, bytes.to_vec()).unwrap();
    }
    assert_eq!(next(&mut second).await, b"once");
    assert_eq!(next(&mut second).await, b"then");
}

/// What is published again passes on to those who hear its author over others only, at once when
/// somebody pushes it, and not more often than once a second.
#[tokio::test]
async fn what_is_published_again_gets_past_those_who_have_seen_it() {
    let (left, mut middle, mut right) = line().await;
    left.handle.publish(Channel::Consensus, b"vote".to_vec()).unwrap();
    left.handle.publish_again(Channel::Consensus, b"vote".to_vec()).unwrap();
    for node in [&mut middle, &mut right] {
        assert_eq!([next(node).await, next(node).await], [b"vote", b"vote"]);
    }
    // The third time comes too soon.
    left.handle.publish_again(Channel::Consensus, b"vote".to_vec()).unwrap();
    left.handle.publish(Channel::Consensus, b"then".to_vec()).unwrap();
    assert_eq!(next(&mut middle).await, b"then");
    assert_eq!(next(&mut right).await, b"then");
}

#[tokio::test]
async fn only_what_a_node_accepts_goes_past_it() {
    let (left, mut middle, mut right) = line().await;
    let verdicts = [
        (b"ignored!", Verdict::Ignore),
        (b"rejected", Verdict::Reject),
        (b"accepted", Verdict::Accept),
    ];
    for (bytes, verdict) in verdicts {
        left.handle.publish(Channel::Consensus, bytes.to_vec()).unwrap();
        let message = loop {
            let message = middle.consensus().await;
            if !message.bytes.starts_with(b"ready") {
                break message;
            }
        };
        assert_eq!(message.bytes, bytes);
        middle.handle.report(message.gossip.unwrap(), verdict);
    }
    assert_eq!(next(&mut right).await, b"accepted");
    assert_eq!(middle.counter("refused_total{cause=\"invalid_message\"}"), 1);
}

#[tokio::test]
async fn a_flood_of_transactions_is_dropped_and_consensus_passes() {
    let (first, mut second) = pair().await;
    reach(&first, &mut second).await;
    // Nobody reads the second node's transactions lane: it takes 2 MiB of these 5.
    for n in 0..25 {
        first.handle.publish(Channel::Transactions, vec![n; 200 * 1024]).unwrap();
    }
    second.counted("dropped_total{channel=\"transactions\",cause=\"inbound_full\"}").await;
    first.handle.publish(Channel::Consensus, b"vote".to_vec()).unwrap();
    assert_eq!(next(&mut second).await, b"vote");
    let dropped = second.counter("dropped_total{channel=\"consensus\",cause=\"inbound_full\"}");
    assert_eq!(dropped, 0);
}

#[tokio::test]
async fn what_is_published_faster_than_the_rate_is_dropped_and_counted() {
    let (first, _second) = pair().await;
    // 8 MiB wait at most on the way to the swarm task, and 8 MiB a second leave it.
    let full = (0..200_u8).any(|n| {
        let batch = vec![n; Channel::Transactions.max_bytes()];
        first.handle.publish(Channel::Transactions, batch).is_err()
    });
    let throttled = || {
        first.counter("dropped_total{channel=\"transactions\",cause=\"throttled\"}") > 0
            || first.counter("dropped_total{channel=\"transactions\",cause=\"outbound_full\"}") > 0
    };
    assert!(full || throttled());
    crate::node::until(throttled).await;
}
