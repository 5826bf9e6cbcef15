//! `tx_submitAndWait`: it ends when the transaction is settled or the time is up, and is never an
//! error once the transaction was taken.

use std::sync::Arc;
use std::time::Duration;

use quorate_rpc::ErrorKind;
use quorate_rpc::backend::{ChainEvent, Verdict};
use quorate_rpc::model::DropReason;
use quorate_types::{Height, Transaction, TransactionId};
use serde_json::{Value, json};

use crate::common::chain::transfer;
use crate::common::{Node, start};
use crate::transactions::{bytes, refuse};

/// Tells subscribers that block 2 is final.
fn finalise(node: &Node) {
    let block = (*node.fake.chain.blocks[1]).clone();
    let event = ChainEvent::final_block(block, node.fake.chain.receipts.clone());
    assert!(node.fake.events.send(Arc::new(event)).unwrap_or(0) > 0, "nobody listens");
}

/// Submits in the background and returns once the node has the transaction.
async fn waiting(node: &Node, transaction: Transaction) -> tokio::task::JoinHandle<Value> {
    let client = node.client();
    let before = node.fake.submitted.lock().unwrap().len();
    let call = tokio::spawn(async move {
        let answer = client.submit_and_wait(&transaction, Duration::from_secs(30)).await;
        serde_json::to_value(answer.unwrap()).unwrap()
    });
    while node.fake.submitted.lock().unwrap().len() == before {
        tokio::task::yield_now().await;
    }
    call
}

#[tokio::test]
async fn waiting_ends_when_the_transaction_is_final() {
    let node = start();
    let call = waiting(&node, transfer(1)).await;
    finalise(&node);
    let expected = json!({
        "at_height": 2, "hash": transfer(1).id().to_string(), "status": "final", "height": 2,
        "index": 1, "reason": null, "transaction": null,
        "receipt": {
            "status": "failed", "failure": { "code": 1, "kind": "insufficient_funds", "action": 0 },
            "fee": "3000", "events": [],
        },
    });
    assert_eq!(call.await.unwrap(), expected);
}

#[tokio::test]
async fn waiting_ends_when_the_transaction_is_dropped() {
    let node = start();
    let call = waiting(&node, transfer(7)).await;
    let dropped =
        |nonce: u64, reason| ChainEvent::dropped(Height(3), vec![(transfer(nonce).id(), reason)]);
    node.fake.events.send(Arc::new(dropped(8, DropReason::Evicted))).unwrap();
    node.fake.events.send(Arc::new(dropped(7, DropReason::Expired))).unwrap();
    let answer = call.await.unwrap();
    assert_eq!((&answer["status"], &answer["reason"]), (&json!("dropped"), &json!("expired")));
}

#[tokio::test]
async fn waiting_survives_missed_events() {
    let node = start();
    let call = waiting(&node, transfer(0)).await;
    for _ in 0..200 {
        let other = vec![(TransactionId::default(), DropReason::Evicted)];
        node.fake.events.send(Arc::new(ChainEvent::dropped(Height(3), other))).unwrap();
    }
    assert_eq!(call.await.unwrap()["status"], "final", "the node was asked");
}

#[tokio::test]
async fn a_time_out_is_an_answer_with_the_hash() {
    let node = start();
    let answer = node.result("tx_submitAndWait", json!([bytes(&transfer(5)), 20])).await;
    assert_eq!(answer["status"], "pending");
    assert_eq!(answer["hash"], transfer(5).id().to_string());
    let answer = node.result("tx_submitAndWait", json!([bytes(&transfer(5)), 0])).await;
    assert_eq!(answer["status"], "pending");
}

#[tokio::test]
async fn a_known_transaction_that_is_final_is_answered_at_once() {
    let node = start();
    node.fake.verdicts.lock().unwrap().push_back(Verdict::Known);
    let params = json!({ "transaction": bytes(&transfer(0)), "timeout_ms": 60_000 });
    let answer = node.result("tx_submitAndWait", params).await;
    assert_eq!((&answer["status"], &answer["index"]), (&json!("final"), &json!(0)));
}

#[tokio::test]
async fn waiting_is_bounded_and_a_refusal_does_not_wait() {
    let node = start();
    let params = json!({ "transaction": bytes(&transfer(5)), "timeout_ms": 60_001 });
    assert_eq!(node.error("tx_submitAndWait", params).await["code"], -32602);
    assert!(node.fake.submitted.lock().unwrap().is_empty(), "refused before it was submitted");
    refuse(&node, ErrorKind::FeeTooLow);
    let error = node.error("tx_submitAndWait", json!([bytes(&transfer(5)), 60_000])).await;
    assert_eq!(error["data"]["hash"], transfer(5).id().to_string());
}
