//! Subscriptions: what they tell, their limits, and what becomes of slow consumers.

use std::sync::Arc;

use quorate_rpc::backend::ChainEvent;
use quorate_rpc::model::{DropReason, TransactionStatus};
use quorate_rpc::{Config, Limits};
use quorate_types::{Height, TransactionId};
use serde_json::{Value, json};

use crate::common::chain::transfer;
use crate::common::websocket::WebSocket;
use crate::common::{Node, start, start_with};

fn finalise(node: &Node, height: usize) {
    let block = (*node.fake.chain.blocks[height - 1]).clone();
    let receipts = if height == 2 { node.fake.chain.receipts.clone() } else { Vec::new() };
    let event = ChainEvent::final_block(block, receipts);
    assert!(node.fake.events.send(Arc::new(event)).unwrap_or(0) > 0, "nobody listens");
}

async fn subscribe(socket: &mut WebSocket, method: &str, params: Value) -> Value {
    let answer = socket.ask(method, params).await;
    assert!(answer["result"].is_u64(), "{answer}");
    answer["result"].clone()
}

#[tokio::test]
async fn heads_carry_transaction_hashes() {
    let node = start();
    let mut socket = node.websocket().await;
    let id = subscribe(&mut socket, "chain_subscribeHeads", json!([])).await;
    finalise(&node, 2);
    finalise(&node, 3);
    let note = socket.receive().await;
    assert_eq!((&note["method"], &note["params"]["subscription"]), (&json!("chain_heads"), &id));
    let head = &note["params"]["result"];
    let hashes = json!([transfer(0).id().to_string(), transfer(1).id().to_string()]);
    assert_eq!((&head["at_height"], &head["transaction_hashes"]), (&json!(2), &hashes));
    assert_eq!(head["digest"], node.fake.chain.blocks[1].digest.to_string());
    assert_eq!(socket.receive().await["params"]["result"]["header"]["height"], 3);
}

#[tokio::test]
async fn results_of_all_transactions() {
    let node = start();
    let mut notes = node.client().subscribe_transactions(None).await.unwrap();
    finalise(&node, 3);
    finalise(&node, 2);
    let dropped = vec![(TransactionId::default(), DropReason::Evicted)];
    node.fake.events.send(Arc::new(ChainEvent::dropped(Height(3), dropped))).unwrap();
    let note = notes.next().await.unwrap().unwrap();
    assert_eq!(note.at_height, 2, "a block without transactions has no note");
    let heights: Vec<_> = note.value.transactions.iter().map(|t| (t.height, t.index)).collect();
    assert_eq!(heights, [(Some(2), Some(0)), (Some(2), Some(1))]);
    let note = notes.next().await.unwrap().unwrap();
    assert_eq!(note.value.transactions[0].reason, Some(DropReason::Evicted));
}

#[tokio::test]
async fn the_result_of_one_transaction() {
    let node = start();
    node.fake.states.lock().unwrap().clear();
    let client = node.client();
    let mut notes = client.subscribe_transactions(Some(transfer(1).id())).await.unwrap();
    finalise(&node, 3);
    finalise(&node, 2);
    let note = notes.next().await.unwrap().unwrap();
    assert_eq!(note.value.transactions.len(), 1);
    assert_eq!(note.value.transactions[0].hash.0, transfer(1).id().0);
}

#[tokio::test]
async fn a_transaction_that_is_final_is_told_at_once() {
    let node = start();
    let mut notes = node.client().subscribe_transactions(Some(transfer(0).id())).await.unwrap();
    let note = notes.next().await.unwrap().unwrap();
    assert_eq!(note.value.transactions[0].status, TransactionStatus::Final);
}

#[tokio::test]
async fn an_ended_subscription_tells_nothing_more() {
    let node = start();
    let mut socket = node.websocket().await;
    let id = subscribe(&mut socket, "chain_subscribeHeads", json!([])).await;
    let other = subscribe(&mut socket, "chain_subscribeHeads", json!([])).await;
    assert_eq!(socket.ask("chain_unsubscribeHeads", json!([id])).await["result"], true);
    assert_eq!(
        socket.ask("chain_unsubscribeHeads", json!({ "subscription": id })).await["result"],
        false
    );
    finalise(&node, 2);
    assert_eq!(socket.receive().await["params"]["subscription"], other);
    let answer = socket.ask("node_version", json!([])).await;
    assert!(answer["result"].is_object(), "nothing in between: {answer}");
}

#[tokio::test]
async fn bad_parameters() {
    let node = start();
    let mut socket = node.websocket().await;
    for (method, params) in [
        ("chain_subscribeHeads", json!([1])),
        ("chain_subscribeHeads", json!({ "full": true })),
        ("tx_subscribe", json!(["0x00"])),
        ("tx_subscribe", json!({ "id": 1 })),
        ("tx_subscribe", json!([null, 1])),
        ("tx_unsubscribe", json!([])),
        ("tx_unsubscribe", json!(["1"])),
        ("tx_unsubscribe", json!({ "id": 1 })),
    ] {
        let answer = socket.ask(method, params.clone()).await;
        assert_eq!(answer["error"]["code"], -32602, "{method} {params}");
    }
}

#[tokio::test]
async fn a_post_cannot_subscribe() {
    let node = start();
    for method in ["chain_subscribeHeads", "tx_subscribe", "tx_unsubscribe"] {
        let error = node.error(method, json!([])).await;
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(1006), &json!("disabled")));
    }
}

#[tokio::test]
async fn a_connection_has_at_most_32_subscriptions() {
    let node = start();
    let mut socket = node.websocket().await;
    let mut ids = Vec::new();
    for _ in 0..32 {
        ids.push(subscribe(&mut socket, "chain_subscribeHeads", json!([])).await);
    }
    let answer = socket.ask("tx_subscribe", json!([])).await;
    assert_eq!(answer["error"]["code"], -32006, "{answer}");
    let mut other = node.websocket().await;
    subscribe(&mut other, "tx_subscribe", json!([])).await;
    assert_eq!(socket.ask("chain_unsubscribeHeads", json!([ids[0]])).await["result"], true);
}

#[tokio::test]
async fn a_slow_consumer_is_dropped_with_a_notice_and_others_go_on() {
    let node = start_with(Config {
        limits: Limits { queue: 4, ..Limits::default() },
        ..Config::default()
    });
    let mut slow = node.websocket().await;
    let id = subscribe(&mut slow, "chain_subscribeHeads", json!([])).await;
    // On one thread the server does not get to send between these: its queue must overflow.
    for _ in 0..20 {
        finalise(&node, 2);
    }
    let mut notes = 0;
    let notice = loop {
        let note = slow.receive().await;
        assert_eq!(note["params"]["subscription"], id);
        match note["params"].get("error") {
            Some(error) => break error.clone(),
            None => notes += 1,
        }
    };
    assert!(notice.as_str().unwrap().contains("too slow"), "{notice}");
    assert!((1..20).contains(&notes), "{notes} notes before the notice");
    let id = subscribe(&mut slow, "chain_subscribeHeads", json!([])).await;
    finalise(&node, 3);
    assert_eq!(slow.receive().await["params"]["subscription"], id);
}

#[tokio::test]
async fn a_consumer_that_misses_events_is_told() {
    let node = start();
    let mut socket = node.websocket().await;
    subscribe(&mut socket, "tx_subscribe", json!([])).await;
    for _ in 0..100 {
        finalise(&node, 2);
    }
    loop {
        if let Some(error) = socket.receive().await["params"].get("error") {
            assert!(error.as_str().unwrap().contains("too slow"));
            break;
        }
    }
}

#[tokio::test]
async fn the_stop_is_told() {
    let node = start();
    let mut notes = node.client().subscribe_heads().await.unwrap();
    finalise(&node, 2);
    assert_eq!(notes.next().await.unwrap().unwrap().at_height, 2);
    node.handle.stop().await;
    assert!(notes.next().await.is_none());
}
