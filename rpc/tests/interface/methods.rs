//! Each method: what it answers, and what it says of parameters that do not fit.

use quorate_rpc::BackendError;
use quorate_rpc::model::{KeyKind, KeyParts};
use quorate_types::{
    Amount, ChainParams, Epoch, Height, ParamsChange, RecordKey, StateKey, StateKind,
};
use serde_json::{Value, json};

use crate::common::chain::{alice_address, bob, transfer};
use crate::common::{Node, hex, start};

/// Methods that take a height alone.
const BY_HEIGHT: [&str; 3] =
    ["chain_getHeader", "chain_getCommitCertificate", "chain_getValidators"];

#[tokio::test]
async fn node_methods() {
    let node = start();
    let status = node.result("node_status", json!({})).await;
    let expected = json!({
        "at_height": 3, "chain_id": "local-rpc", "genesis_hash": hex(&[7; 32]), "height": 3,
        "highest_height": 3, "view": 0, "primary": alice_address().to_string(),
        "sync": "in_sync", "role": "validator", "validator": alice_address().to_string(),
        "observing": false, "peers": 1, "version": "0.1.0",
    });
    assert_eq!(status, expected);
    node.fake.facts.lock().unwrap().is_observing = true;
    assert_eq!(node.result("node_status", json!({})).await["observing"], json!(true));
    node.fake.facts.lock().unwrap().highest = Height(9);
    let health = node.result("node_health", json!([])).await;
    let expected = json!({
        "at_height": 3, "healthy": false, "ready": false, "sync": "syncing", "height": 3,
        "highest_height": 9, "peers": 1, "final_age_ms": 120,
    });
    assert_eq!(health, expected);
    let peers = node.result("node_peers", json!({})).await;
    assert_eq!(peers["peers"][0]["peer_id"], "12D3KooWPeer");
    assert_eq!(peers["peers"][0]["height"], 3);
    let version = node.result("node_version", json!({})).await;
    assert_eq!(version, json!({ "at_height": 3, "version": "0.1.0", "protocol_version": 1 }));
}

#[tokio::test]
async fn a_block_has_the_roots_of_its_own_execution() {
    let node = start();
    let (one, two) = (transfer(0).id().to_string(), transfer(1).id().to_string());
    let block = node.result("chain_getBlock", json!([2])).await;
    assert_eq!(block["header"]["height"], 2);
    assert_eq!(block["transaction_hashes"], json!([one, two]));
    assert_eq!(block["transactions"], Value::Null);
    let above = node.result("chain_getHeader", json!({ "height": 3 })).await;
    assert_eq!(block["state_root"], above["header"]["parent_state_root"]);
    assert_eq!(block["receipts_root"], above["header"]["parent_receipts_root"]);
    assert_eq!(above["header"]["parent"], block["digest"]);
    assert_eq!((&above["state_root"], &above["receipts_root"]), (&Value::Null, &Value::Null));
    let full = node.result("chain_getBlock", json!({ "height": 2, "full": true })).await;
    assert_eq!(full["transactions"][0]["expiry"], Value::Null);
    let expected = json!({
        "hash": two, "sender": alice_address().to_string(), "nonce": 1, "expiry": 1000,
        "fee": "3000", "memo": "0x", "cosigners": [],
        "actions": [{ "type": "transfer", "to": bob().to_string(), "amount": "5" }],
    });
    assert_eq!(full["transactions"][1], expected);
}

#[tokio::test]
async fn chain_methods_answer_for_the_newest_height_or_another() {
    let node = start();
    let newest = node.result("chain_getBlock", json!({})).await;
    assert_eq!((&newest["at_height"], &newest["header"]["height"]), (&json!(3), &json!(3)));
    let certificate = node.result("chain_getCommitCertificate", json!({})).await;
    assert_eq!(certificate["digest"], newest["digest"]);
    assert_eq!(certificate["signers"], json!([0]));
    assert_eq!(certificate["signatures"].as_array().unwrap().len(), 1);
    let set = node.result("chain_getValidators", json!([1])).await;
    assert_eq!((&set["height"], &set["total_power"]), (&json!(1), &json!("1000")));
    assert_eq!(set["validators_hash"], newest["header"]["validators_hash"]);
    let genesis = node.result("chain_getGenesis", json!({})).await;
    assert_eq!(genesis["genesis"]["chain_id"], "local-rpc");
    let params = node.result("chain_getParams", json!({})).await;
    assert_eq!((&params["flat_fee"], &params["epoch_length"]), (&json!("1000"), &json!(3)));
}

#[tokio::test]
async fn parameters_are_told_of_an_epoch_with_those_that_wait() {
    let node = start();
    let now = node.result("chain_getParams", json!({})).await;
    assert_eq!(
        (&now["epoch"], &now["pending"], &now["at_height"]),
        (&json!(1), &Value::Null, &json!(3))
    );
    let params = ChainParams { flat_fee: Amount(7), ..ChainParams::default() };
    let change = ParamsChange { epoch: Epoch(5), params };
    let key = StateKey::single(StateKind::ParamsChange);
    node.fake.values.lock().unwrap().put(key, &change);
    for (asked, epoch) in [(json!([]), 1), (json!([0]), 0), (json!({ "height": 3 }), 0)] {
        let told = node.result("chain_getParams", asked).await;
        assert_eq!((&told["epoch"], &told["flat_fee"]), (&json!(epoch), &json!("1000")));
        assert_eq!(told["pending"]["epoch"], 5);
        assert_eq!(told["pending"]["params"]["flat_fee"], "7");
    }
    let told = node.client().params_of(Epoch(0)).await.unwrap().value;
    assert_eq!((told.epoch, ChainParams::from(&told).epoch_length), (0, 3));
    assert_eq!(ChainParams::from(&told.pending.unwrap().params), params);
    assert_eq!(node.error("chain_getParams", json!([2])).await["code"], 1001);
    for wrong in [json!([1, 3]), json!({ "number": 1 }), json!([-1])] {
        assert_eq!(node.error("chain_getParams", wrong).await["code"], -32602);
    }
}

#[tokio::test]
async fn heights_that_are_no_heights() {
    let node = start();
    for method in BY_HEIGHT.into_iter().chain(["chain_getBlock"]) {
        let bad = [json!([-1]), json!([1.5]), json!(["2"]), json!([[2]]), json!({ "hight": 2 })];
        for params in bad.into_iter().chain([json!([18446744073709551616.0])]) {
            let error = node.error(method, params.clone()).await;
            assert_eq!(error["code"], -32602, "{method} {params}: {error}");
        }
    }
    for method in BY_HEIGHT {
        assert_eq!(node.error(method, json!([2, 3])).await["code"], -32602, "{method}");
    }
    let error = node.error("chain_getHeader", json!([4])).await;
    assert_eq!(
        (&error["code"], &error["data"]["kind"]),
        (&json!(1005), &json!("height_in_future"))
    );
    let error = node.error("chain_getHeader", json!([0])).await;
    assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(1001), &json!("not_found")));
}

#[tokio::test]
async fn unknown_names_are_named() {
    let node = start();
    let error = node.error("chain_getHeader", json!({ "hight": 2 })).await;
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("hight") && message.contains("height"), "{message}");
}

#[tokio::test]
async fn methods_without_parameters_take_none() {
    let node = start();
    for method in [
        "node_status",
        "node_health",
        "node_peers",
        "node_version",
        "chain_getGenesis",
        "state_getValidators",
        "evidence_list",
        "mempool_status",
        "rpc.discover",
    ] {
        for params in [json!([1]), json!({ "height": 1 })] {
            let error = node.error(method, params.clone()).await;
            assert_eq!(error["code"], -32602, "{method} {params}");
        }
        for params in ["", r#","params":[]"#, r#","params":{}"#, r#","params":null"#] {
            let call = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"{params}}}"#);
            let answer = node.post(call).await.json();
            assert!(answer["result"].is_object(), "{method} {params}: {answer}");
        }
    }
}

#[tokio::test]
async fn accounts() {
    let node = start();
    let (alice, bob) = (alice_address().to_string(), bob().to_string());
    let known = node.result("state_getAccount", json!([alice])).await;
    let expected = json!({
        "at_height": 3, "address": alice, "exists": true, "balance": "990", "nonce": 2,
        "next_nonce": 4,
    });
    assert_eq!(known, expected);
    let unknown = node.result("state_getAccount", json!({ "address": bob, "height": 2 })).await;
    assert_eq!((&unknown["exists"], &unknown["balance"]), (&json!(false), &json!("0")));
    let wrong = [
        json!([]),
        json!({}),
        json!([7]),
        json!([alice.to_uppercase() + "x"]),
        json!([format!("{}q", alice)]),
        json!(["0x00"]),
        json!({ "address": alice, "hight": 1 }),
    ];
    for params in wrong {
        let error = node.error("state_getAccount", params.clone()).await;
        assert_eq!(error["code"], -32602, "{params}: {error}");
    }
}

#[tokio::test]
async fn a_proof_needs_nothing_else_to_be_checked() {
    use quorate_crypto::state_tree::{StateProof, hash_value};
    use quorate_types::StateKey;

    let node = start();
    let parts = KeyParts { address: Some(alice_address()), ..KeyParts::default() };
    let answer = node.client().proof(KeyKind::Account, parts).await.unwrap();
    let proof = answer.value;
    let value = proof.value.unwrap().0;
    let key = StateKey::account(&alice_address());
    assert_eq!(proof.key.0, key.to_bytes());
    let root = proof.header.parent_state_root.0;
    let siblings = StateProof::from(&proof.proof);
    siblings.verify_inclusion(&root, &key.hash(), &hash_value(&value)).unwrap();
    assert_eq!((answer.at_height + 1, proof.certificate.height), (3, proof.header.height));
    assert_eq!(proof.certificate.digest.0, node.fake.chain.blocks[2].digest.0);
    let alice = alice_address().to_string();
    for params in [
        json!([]),
        json!(["account"]),
        json!({ "kind": "account", "address": alice, "key": "0x01" }),
        json!({ "kind": "record", "address": alice }),
        json!({ "kind": "record", "key": "0x01" }),
        json!({ "kind": "record", "address": alice, "key": "0x" }),
        json!({ "kind": "supply", "key": "0x01" }),
        json!(["supply", alice]),
        json!({ "kind": "delegation", "address": alice }),
        json!({ "kind": "unbonding_pool", "validator": alice }),
        json!({ "kind": "epoch" }),
        json!({ "kind": "epoch", "epoch": -1 }),
        json!({ "kind": "validator", "address": alice }),
        json!({ "kind": "consensus_key", "key": "0x01" }),
        json!(["money"]),
        json!([1]),
        json!({ "kind": "account", "address": alice, "height": 1 }),
    ] {
        let error = node.error("state_getProof", params.clone()).await;
        assert_eq!(error["code"], -32602, "{params}: {error}");
    }
}

#[tokio::test]
async fn a_record_is_named_by_its_owner_and_key() {
    let node = start();
    let owner = alice_address().to_string();
    let held = node.result("state_getRecord", json!([owner, "0x6b6579"])).await;
    let expected = json!({ "at_height": 3, "owner": owner, "key": "0x6b6579", "value": "0x76" });
    assert_eq!(held, expected);
    let absent = node.result("state_getRecord", json!([owner, "0x00", 2])).await;
    assert_eq!((&absent["value"], &absent["at_height"]), (&json!(null), &json!(2)));
    let key = RecordKey::new(b"key".to_vec()).unwrap();
    let told = node.client().record(alice_address(), &key, None).await.unwrap().value;
    assert_eq!(told.value.unwrap().0, b"v");
    let long = format!("0x{}", "00".repeat(129));
    for params in [json!([]), json!([owner]), json!([owner, "0x"]), json!([owner, long])] {
        let error = node.error("state_getRecord", params.clone()).await;
        assert_eq!(error["code"], -32602, "{params}: {error}");
    }
}

#[tokio::test]
async fn the_mempool() {
    let node = start();
    let expected = json!({
        "at_height": 3, "transactions": 2, "bytes": 412, "max_transactions": 100000,
        "max_bytes": 67108864,
    });
    assert_eq!(node.result("mempool_status", json!({})).await, expected);
}

#[tokio::test]
async fn faults_of_the_node_have_their_codes() {
    let node = start();
    let faults = [
        (BackendError::NotFound, 1001, "not_found"),
        (BackendError::Pruned { first: Height(2) }, 1002, "pruned"),
        (BackendError::Syncing, 1003, "syncing"),
    ];
    for (fault, code, kind) in faults {
        *node.fake.error.lock().unwrap() = Some(fault);
        let error = node.error("chain_getHeader", json!([1])).await;
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(code), &json!(kind)));
    }
    *node.fake.error.lock().unwrap() = Some(BackendError::Internal("disk on fire".into()));
    let error = node.error("chain_getHeader", json!([1])).await;
    assert_eq!(error, json!({ "code": -32603, "message": "internal error" }));
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_server_goes_on() {
    let node = start();
    let panicking = json!({ "address": alice_address().to_string(), "height": 1 });
    let error = node.error("state_getAccount", panicking.clone()).await;
    assert_eq!(error, json!({ "code": -32603, "message": "internal error" }));
    let mut socket = node.websocket().await;
    let answer = socket.ask("state_getAccount", panicking).await;
    assert_eq!(answer["error"]["code"], -32603);
    assert_eq!(socket.ask("node_version", json!([])).await["result"]["version"], "0.1.0");
}

#[tokio::test]
async fn an_unknown_method() {
    let node: Node = start();
    assert_eq!(node.error("chain_getBlok", json!({})).await["code"], -32601);
}
