//! What an application does: it keeps records, reads them back, and does several things or none.

use serde_json::{Value, json};

use crate::network::{Network, run};

/// A transaction of the first account that is final; its exit code is checked.
fn send(network: &Network, what: &[&str], code: i32) -> Value {
    let from = ["--from", network.account(0, "key_file"), "-o", "json", "--node", network.rpc(0)];
    let output = run(&[&["tx"], what, &from[..]].concat());
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_application_keeps_records_and_does_several_things_or_none() {
    let network = Network::up(&["-n", "4"]);
    let owner = network.account(0, "address").to_owned();
    let put = send(&network, &["put", "report/2026", "draft"], 0);
    assert_eq!(put["receipt"]["events"][0]["type"], "record_put");
    let record = network.ask(0, &["record", &owner, "report/2026"]);
    assert_eq!(record["value"], "0x6472616674");
    network.wait_above(3, put["height"].as_u64().unwrap());
    let record = network.ask(3, &["record", &owner, "0x7265706f72742f32303236"]);
    assert_eq!(record["value"], "0x6472616674");
    assert_eq!(network.ask(3, &["record", &owner, "0x00"])["value"], Value::Null);

    let file = tempfile::NamedTempFile::new().unwrap();
    let recipient = network.account(1, "address");
    let batch = |amount: &str| {
        let actions = json!([
            { "type": "update_record", "key": "0x7265706f72742f32303236", "value": "0x01" },
            { "type": "transfer", "to": recipient, "amount": amount },
            { "type": "delete_record", "key": "0x7265706f72742f32303236" },
        ]);
        std::fs::write(file.path(), actions.to_string()).unwrap();
        ["batch", file.path().to_str().unwrap()]
    };
    let failed = send(&network, &batch("18446744073709551615"), 3);
    let failure = json!({ "code": 1, "kind": "insufficient_funds", "action": 1 });
    assert_eq!(failed["receipt"]["failure"], failure);
    let done = send(&network, &batch("5"), 0);
    assert_eq!(done["receipt"]["events"].as_array().unwrap().len(), 3);
    let missing = send(&network, &["update", "report/2026", "final"], 3);
    assert_eq!(missing["receipt"]["failure"]["kind"], "record_missing");
}

#[test]
fn what_is_no_record_or_list_of_actions_is_refused_before_a_node_is_asked() {
    let long = "k".repeat(129);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[]").unwrap();
    let empty = file.path().to_str().unwrap();
    let wrong: [&[&str]; 5] = [
        &["put", &long, "v"],
        &["put", "", "v"],
        &["delete", "0xzz"],
        &["batch", empty],
        &["batch", "no such file"],
    ];
    for what in wrong {
        let flags = ["--from", "key", "--node", "http://127.0.0.1:1"];
        let output = run(&[&["tx"], what, &flags[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{what:?}: {output:?}");
    }
}
