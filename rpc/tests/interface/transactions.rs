//! Submitting transactions and finding them again.

use quorate_rpc::ErrorKind;
use quorate_rpc::backend::{Refusal, TransactionState, Verdict};
use quorate_rpc::model::{DropReason, TransactionStatus};
use quorate_types::Transaction;
use serde_json::{Value, json};

use crate::common::chain::{alice_address, transfer, transfer_with_memo};
use crate::common::{Node, hex, start};

pub fn bytes(transaction: &Transaction) -> String {
    hex(transaction.bytes())
}

pub fn refuse(node: &Node, kind: ErrorKind) {
    let refusal = Refusal { kind, message: String::from("no") };
    node.fake.verdicts.lock().unwrap().push_back(Verdict::Refused(refusal));
}

#[tokio::test]
async fn a_transaction_is_taken_or_known() {
    let node = start();
    let hash = transfer(2).id().to_string();
    let answer = node.result("tx_submit", json!([bytes(&transfer(2))])).await;
    assert_eq!(answer, json!({ "at_height": 3, "hash": hash, "known": false }));
    node.fake.verdicts.lock().unwrap().push_back(Verdict::Known);
    let answer = node.result("tx_submit", json!({ "transaction": bytes(&transfer(2)) })).await;
    assert_eq!(answer["known"], true);
    assert_eq!(*node.fake.submitted.lock().unwrap(), vec![transfer(2), transfer(2)]);
}

#[tokio::test]
async fn a_refusal_has_code_kind_and_hash() {
    let node = start();
    for kind in ErrorKind::ALL.into_iter().filter(|kind| kind.is_refusal()) {
        refuse(&node, kind);
        let error = node.error("tx_submit", json!([bytes(&transfer(2))])).await;
        let data = json!({ "kind": kind, "hash": transfer(2).id().to_string() });
        assert_eq!(error, json!({ "code": kind.code(), "message": "no", "data": data }));
    }
}

/// Bytes that are no transaction, each with the code that says why.
fn broken() -> [(Vec<u8>, i32); 5] {
    let good = transfer(2).bytes().to_vec();
    let mut version = good.clone();
    version[0] = 9;
    [
        (Vec::new(), 1110),
        (good[..good.len() - 1].to_vec(), 1110),
        ([&good[..], &[0]].concat(), 1110),
        (version, 1113),
        (padded(64 * 1024 + 1), 1106),
    ]
}

/// A transaction with zeros after its end.
fn padded(length: usize) -> Vec<u8> {
    let mut bytes = transfer(2).bytes().to_vec();
    bytes.resize(length, 0);
    bytes
}

#[tokio::test]
async fn what_is_no_transaction_does_not_reach_the_node() {
    let node = start();
    for (bytes, code) in broken() {
        for method in ["tx_submit", "tx_submitAndWait"] {
            let error = node.error(method, json!([hex(&bytes)])).await;
            assert_eq!(error["code"], code, "{method} {error}");
            assert_eq!(error["data"].get("hash"), None, "no transaction has no hash");
        }
    }
    // At the limit it is not too long, only malformed.
    let error = node.error("tx_submit", json!([hex(&padded(64 * 1024))])).await;
    assert_eq!(error["code"], 1110);
    for wrong in [json!("00"), json!("0x0"), json!("0xZZ"), json!("0xAA"), json!(5), json!(null)] {
        for method in ["tx_submit", "tx_submitAndWait"] {
            assert_eq!(node.error(method, json!([wrong])).await["code"], -32602, "{wrong}");
        }
        let error = node.error("tx_submitBatch", json!([[wrong]])).await;
        assert_eq!(error["code"], -32602, "{wrong}");
    }
    for params in [json!([]), json!({}), json!({ "tx": "0x" }), json!(["0x", 1, 2])] {
        for method in ["tx_submit", "tx_submitAndWait", "tx_submitBatch"] {
            assert_eq!(node.error(method, params.clone()).await["code"], -32602, "{params}");
        }
    }
    assert!(node.fake.submitted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_has_a_verdict_for_each_in_order() {
    let node = start();
    node.fake.verdicts.lock().unwrap().push_back(Verdict::Accepted);
    refuse(&node, ErrorKind::NonceGap);
    node.fake.verdicts.lock().unwrap().push_back(Verdict::Known);
    let all = [bytes(&transfer(2)), "0x00".into(), bytes(&transfer(9)), bytes(&transfer(0))];
    let answer = node.result("tx_submitBatch", json!({ "transactions": all })).await;
    let verdict = |nonce: u64, known: bool, error: Value| json!({ "hash": transfer(nonce).id().to_string(), "known": known, "error": error });
    let gap = json!({ "code": 1103, "kind": "tx.nonce_gap", "message": "no" });
    assert_eq!(answer["at_height"], 3);
    assert_eq!(answer["verdicts"][0], verdict(2, false, Value::Null));
    assert_eq!(answer["verdicts"][1]["hash"], Value::Null);
    assert_eq!(answer["verdicts"][1]["error"]["code"], 1113);
    assert_eq!(answer["verdicts"][2], verdict(9, false, gap));
    assert_eq!(answer["verdicts"][3], verdict(0, true, Value::Null));
    assert_eq!(answer["verdicts"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_batch_has_1_to_256_transactions() {
    let node = start();
    let many = |count: usize| json!([vec![bytes(&transfer(2)); count]]);
    assert_eq!(node.error("tx_submitBatch", many(0)).await["code"], -32602);
    let answer = node.result("tx_submitBatch", many(256)).await;
    assert_eq!(answer["verdicts"].as_array().unwrap().len(), 256);
    let error = node.error("tx_submitBatch", many(257)).await;
    assert_eq!(error["code"], -32602);
    assert!(error["message"].as_str().unwrap().contains("256"), "{error}");
    assert_eq!(node.fake.submitted.lock().unwrap().len(), 256);
}

#[tokio::test]
async fn a_transaction_is_found_in_each_state() {
    let node = start();
    let get = async |nonce| node.client().transaction(transfer(nonce).id()).await.unwrap().value;
    let found = get(0).await;
    assert_eq!((found.status, found.height), (TransactionStatus::Final, Some(2)));
    assert_eq!(found.receipt.unwrap().events.len(), 1);
    assert_eq!(found.transaction.unwrap().nonce, 0);
    let waits = transfer_with_memo(5, b"hi".to_vec());
    let pending = TransactionState::Pending(waits.clone());
    let dropped = TransactionState::Dropped(DropReason::Replaced);
    node.fake.states.lock().unwrap().extend([(waits.id(), pending), (transfer(6).id(), dropped)]);
    let found = node.result("tx_get", json!([waits.id().to_string()])).await;
    assert_eq!((&found["status"], &found["height"]), (&json!("pending"), &Value::Null));
    assert_eq!(found["transaction"]["memo"], "0x6869");
    let found = get(6).await;
    assert_eq!(
        (found.status, found.reason),
        (TransactionStatus::Dropped, Some(DropReason::Replaced))
    );
    let error = node.error("tx_get", json!([transfer(7).id().to_string()])).await;
    assert_eq!(error["code"], 1001);
    for params in [json!([]), json!(["0x00"]), json!({ "id": 1 }), json!([hex(&[0; 33])])] {
        assert_eq!(node.error("tx_get", params.clone()).await["code"], -32602, "{params}");
    }
}

#[tokio::test]
async fn history_is_paged_without_gaps() {
    let node = start();
    let client = node.client();
    let (mut cursor, mut sizes, mut seen) = (None, Vec::new(), Vec::new());
    loop {
        let page = client.search(alice_address(), cursor.as_deref(), Some(60)).await.unwrap().value;
        sizes.push(page.transactions.len());
        seen.extend(page.transactions.iter().map(|entry| (entry.height, entry.index)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [60, 60, 30]);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, each once");
    assert_eq!(seen.len(), 150);
}

#[tokio::test]
async fn a_page_has_1_to_100_entries() {
    let node = start();
    let address = alice_address().to_string();
    let search = |limit: Value| json!({ "address": address, "limit": limit });
    let count = async |limit| {
        let page = node.result("tx_search", search(limit)).await;
        page["transactions"].as_array().unwrap().len()
    };
    assert_eq!(count(json!(1)).await, 1);
    assert_eq!(count(json!(100)).await, 100);
    assert_eq!(count(json!(null)).await, 20);
    for limit in [json!(0), json!(101), json!(-1), json!("5"), json!(4294967296_u64)] {
        assert_eq!(node.error("tx_search", search(limit.clone())).await["code"], -32602, "{limit}");
    }
    // A page that ends exactly at the last entry has no next one.
    let last = json!({ "address": address, "cursor": "50-0", "limit": 100 });
    assert_eq!(node.result("tx_search", last).await["next_cursor"], Value::Null);
    for params in [
        json!([]),
        json!([7]),
        json!({ "address": address, "cursor": "x" }),
        json!({ "address": address, "before": "1-1" }),
        json!([address, null, null, null]),
    ] {
        assert_eq!(node.error("tx_search", params.clone()).await["code"], -32602, "{params}");
    }
}

#[tokio::test]
async fn a_simulated_transaction_has_a_receipt_and_is_not_submitted() {
    let node = start();
    let transaction = transfer(2);
    let told = node.result("tx_simulate", json!([bytes(&transaction)])).await;
    assert_eq!(
        (&told["at_height"], &told["hash"]),
        (&json!(3), &json!(transaction.id().to_string()))
    );
    assert_eq!(
        (&told["receipt"]["status"], &told["receipt"]["fee"]),
        (&json!("success"), &json!("3000"))
    );
    assert_eq!(told["receipt"]["events"][0]["type"], "transfer");
    let typed = node.client().simulate(&transaction).await.unwrap().value;
    assert_eq!(serde_json::to_value(typed.receipt).unwrap(), told["receipt"]);
    assert!(node.fake.submitted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_no_block_may_include_is_not_simulated() {
    let node = start();
    for kind in [ErrorKind::BadSignature, ErrorKind::NonceGap, ErrorKind::FeeTooLow] {
        refuse(&node, kind);
        let error = node.error("tx_simulate", json!([bytes(&transfer(2))])).await;
        let data = json!({ "kind": kind, "hash": transfer(2).id().to_string() });
        assert_eq!((&error["code"], &error["data"]), (&json!(kind.code()), &data));
    }
    for (bytes, code) in broken() {
        assert_eq!(node.error("tx_simulate", json!([hex(&bytes)])).await["code"], code);
    }
    assert_eq!(node.error("tx_simulate", json!([])).await["code"], -32602);
}
