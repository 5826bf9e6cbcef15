//! `rpc.discover` and `/openrpc.json` list exactly what is served, with its parameters.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::common::{Node, start};

/// The interface. A change here is a change of what clients may rely on.
const METHODS: [&str; 33] = [
    "chain_getBlock(height, full)",
    "chain_getCommitCertificate(height)",
    "chain_getEpoch(number, height)",
    "chain_getGenesis()",
    "chain_getHeader(height)",
    "chain_getParams(epoch, height)",
    "chain_getValidators(height)",
    "chain_subscribeHeads()",
    "chain_unsubscribeHeads(subscription)",
    "evidence_list()",
    "mempool_status()",
    "node_health()",
    "node_peers()",
    "node_status()",
    "node_version()",
    "proof_getBundle(kind, address, key, validator, epoch, transaction, receipt, checkpoint, without_steps)",
    "proof_getSteps(from, to)",
    "rpc.discover()",
    "state_getAccount(address, height)",
    "state_getDelegations(account)",
    "state_getProof(kind, address, key, validator, epoch)",
    "state_getRecord(owner, key, height)",
    "state_getUnbonding(account)",
    "state_getValidator(operator, height)",
    "state_getValidators()",
    "tx_get(hash)",
    "tx_search(address, cursor, limit)",
    "tx_simulate(transaction)",
    "tx_submit(transaction)",
    "tx_submitAndWait(transaction, timeout_ms)",
    "tx_submitBatch(transactions)",
    "tx_subscribe(hash)",
    "tx_unsubscribe(subscription)",
];

fn signature(method: &Value) -> String {
    let params = method["params"].as_array().unwrap().iter();
    let names: Vec<_> = params.map(|param| param["name"].as_str().unwrap()).collect();
    format!("{}({})", method["name"].as_str().unwrap(), names.join(", "))
}

async fn document(node: &Node) -> Value {
    node.result("rpc.discover", json!([])).await
}

#[tokio::test]
async fn it_lists_the_interface() {
    let document = document(&start()).await;
    let listed = document["methods"].as_array().unwrap().iter().map(signature);
    let listed: BTreeSet<String> = listed.collect();
    assert_eq!(listed, METHODS.map(String::from).into());
}

/// A method that is not served answers -32601, whatever it is called with.
#[tokio::test]
async fn whatever_it_lists_is_served() {
    let node = start();
    let mut socket = node.websocket().await;
    for method in METHODS {
        let name = method.split('(').next().unwrap();
        let answer = socket.ask(name, json!([{}, {}, {}, {}])).await;
        assert_ne!(answer["error"]["code"], -32601, "{name}");
    }
}

#[tokio::test]
async fn both_places_give_the_same() {
    let node = start();
    let answer = node.get("/openrpc.json").await;
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
    assert_eq!(answer.json(), document(&node).await);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document(&start()).await;
    let text = document.to_string();
    let mut found = 0;
    for reference in text.split(r##""$ref":"#"##).skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        found += 1;
    }
    assert!(found > 10, "{found} references");
}

#[tokio::test]
async fn parameters_say_what_is_required_and_allowed() {
    let document = document(&start()).await;
    let param = |method: &str, place: usize| -> Value {
        let methods = document["methods"].as_array().unwrap();
        let method = methods.iter().find(|listed| listed["name"] == method).unwrap();
        method["params"][place].clone()
    };
    let address = param("state_getAccount", 0);
    assert_eq!(
        (&address["required"], &address["schema"]["type"]),
        (&json!(true), &json!("string"))
    );
    assert_eq!(param("state_getAccount", 1)["required"], false);
    let batch = &param("tx_submitBatch", 0)["schema"];
    assert_eq!((&batch["minItems"], &batch["maxItems"]), (&json!(1), &json!(256)));
    let limit = &param("tx_search", 2)["schema"];
    assert_eq!((&limit["minimum"], &limit["maximum"]), (&json!(1), &json!(100)));
}
