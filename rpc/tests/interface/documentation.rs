//! docs/rpc.md against the server: every method is there, every example is answered as it says, and
//! the tables hold what the code does. `QUORATE_UPDATE_DOCS=1` writes the answers anew.

use std::path::PathBuf;
use std::sync::Arc;

use quorate_rpc::backend::ChainEvent;
use quorate_rpc::{ErrorKind, limits};
use serde_json::{Value, json};

use crate::common::{Node, start};

/// A JSON block of the page.
const OPEN: &str = "```json\n";
const CLOSE: &str = "\n```";
/// Its answer is the whole document; the page shows the beginning.
const SHOWN_IN_PART: &str = "rpc.discover";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/rpc.md")
}

fn page() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// The page's JSON blocks with everything between them: text at even places, JSON at odd ones.
fn parts(page: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = page;
    while let Some((text, after)) = rest.split_once(OPEN) {
        let (json, after) = after.split_once(CLOSE).expect("a block ends");
        parts.extend([text.to_owned(), json.to_owned()]);
        rest = after;
    }
    parts.push(rest.to_owned());
    parts
}

/// What the server answers to an example: the result, or the first note of a subscription.
async fn answer(node: &Node, request: &Value) -> Value {
    let method = request["method"].as_str().unwrap();
    let params = request["params"].clone();
    let is_subscription = method.contains("ubscribe");
    if !is_subscription {
        let mut result = node.result(method, params).await;
        if method == SHOWN_IN_PART {
            let shown = ["openrpc", "info"];
            result.as_object_mut().unwrap().retain(|name, _| shown.contains(&name.as_str()));
        }
        return result;
    }
    let mut socket = node.websocket().await;
    let answer = socket.ask(method, params).await;
    if method.contains("unsubscribe") {
        return answer["result"].clone();
    }
    let block = (*node.fake.chain.blocks[1]).clone();
    let event = ChainEvent::final_block(block, node.fake.chain.receipts.clone());
    node.fake.events.send(Arc::new(event)).unwrap();
    let mut note = socket.receive().await;
    note["params"]["subscription"] = json!(5);
    note
}

#[tokio::test]
async fn every_example_is_answered_as_the_page_says() {
    let node = start();
    let mut parts = parts(&page());
    let mut examples = 0;
    for place in (1..parts.len() - 2).step_by(2) {
        let Ok(request) = serde_json::from_str::<Value>(&parts[place]) else {
            continue;
        };
        if !request["jsonrpc"].is_string() || !request["id"].is_u64() {
            continue;
        }
        examples += 1;
        let answer = answer(&node, &request).await;
        if std::env::var_os("QUORATE_UPDATE_DOCS").is_some() {
            parts[place + 2] = serde_json::to_string_pretty(&answer).unwrap();
        }
        let shown: Value = serde_json::from_str(&parts[place + 2]).unwrap_or_default();
        assert_eq!(shown, answer, "{request}");
    }
    assert!(examples >= 29, "{examples} examples");
    if std::env::var_os("QUORATE_UPDATE_DOCS").is_some() {
        let blocks = parts.iter().enumerate().map(|(place, part)| {
            if place % 2 == 0 { part.clone() } else { format!("{OPEN}{part}{CLOSE}") }
        });
        std::fs::write(path(), blocks.collect::<String>()).unwrap();
    }
}

#[tokio::test]
async fn every_method_and_each_of_its_parameters_is_described() {
    let page = page();
    let document = start().result("rpc.discover", json!([])).await;
    let methods = document["methods"].as_array().unwrap();
    for method in methods {
        let name = method["name"].as_str().unwrap();
        let heading = format!("### {name}\n");
        let section = page.split_once(&heading).unwrap_or_else(|| panic!("no {name}")).1;
        let section = section.split("\n### ").next().unwrap();
        assert!(section.contains(&format!(r#""method":"{name}""#)), "no example of {name}");
        for param in method["params"].as_array().unwrap() {
            let row = format!("| `{}` |", param["name"].as_str().unwrap());
            assert!(section.contains(&row), "{name}: no row {row}");
        }
    }
    assert_eq!(page.matches("\n### ").count(), methods.len(), "a section of no method");
}

#[test]
fn the_table_of_errors_is_complete() {
    let page = page();
    for kind in ErrorKind::ALL {
        let name = serde_json::to_value(kind).unwrap();
        let row = format!("| {} | `{}` |", kind.code(), name.as_str().unwrap());
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn the_tables_of_actions_and_failures_are_complete() {
    let page = page();
    for code in quorate_types::FailureCode::ALL {
        let row = format!("| {} | `{}` |", code.code(), code.name());
        assert!(page.contains(&row), "{row}");
    }
    for (_, form) in crate::models::actions() {
        let fields = form.as_object().unwrap().keys().filter(|name| *name != "type");
        let row = format!("| `{}` |", form["type"].as_str().unwrap());
        let row = page.lines().find(|line| line.starts_with(&row)).expect("a row");
        let named = row.split('|').nth(2).unwrap().matches('`').count() / 2;
        assert_eq!(named, fields.clone().count(), "{row}");
        fields.for_each(|field| assert!(row.contains(&format!("`{field}`")), "{field}: {row}"));
    }
}

#[test]
fn the_table_of_limits_is_true() {
    let page = page();
    let kib = |bytes: u32| format!("{} KiB", bytes / 1024);
    let defaults = quorate_rpc::Limits::default();
    for (what, limit) in [
        ("request", kib(limits::MAX_BODY_BYTES)),
        ("answer", kib(limits::MAX_RESPONSE_BYTES)),
        ("transaction", kib(quorate_types::limits::MAX_TRANSACTION_BYTES.try_into().unwrap())),
        ("calls in a JSON batch", limits::MAX_BATCH.to_string()),
        ("transactions in `tx_submitBatch`", limits::MAX_SUBMIT_BATCH.to_string()),
        ("entries in a page of `tx_search`", limits::MAX_PAGE.to_string()),
        ("entries in an answer of `state_getUnbonding`", limits::MAX_UNBONDING.to_string()),
        ("epochs in a bundle or page of `proof_*`", limits::MAX_PROOF_STEPS.to_string()),
        ("wait of `tx_submitAndWait`", format!("{} ms", limits::MAX_WAIT_MS)),
        ("calls of `tx_submitAndWait` that wait, all together", limits::MAX_WAITING.to_string()),
        ("connections", defaults.connections.to_string()),
        ("subscriptions of a connection", limits::MAX_SUBSCRIPTIONS.to_string()),
        ("calls in progress of a connection", limits::MAX_CALLS_IN_FLIGHT.to_string()),
        ("budget of a connection", format!("{} units/s", limits::BUDGET_PER_SECOND)),
        ("notes and answers that wait for a connection", defaults.queue.to_string()),
        ("request's head, or idle", format!("{} s", defaults.head_time.as_secs())),
        ("request's body", format!("{} s", defaults.body_time.as_secs())),
        ("answers left unread", format!("{} s", defaults.write_time.as_secs())),
    ] {
        let row = format!("| {what} | {limit} |");
        assert!(page.contains(&row), "{row}");
    }
}
