//! One value or more of every message on the wire.

use std::sync::Arc;

use quorate_types::wire::{self, FetchAnswer, FetchRequest};
use quorate_types::{Height, Message, Status, View};

use super::every::{Again, Sample};
use super::samples;
use super::{Validators, address, commit, digest, prepare};

fn of(name: &str, bytes: Vec<u8>, again: Again) -> Sample {
    Sample { name: name.to_owned(), bytes, again }
}

/// Consensus messages by name.
pub fn messages() -> Vec<(String, Message)> {
    let validators = Validators::four();
    let mut messages: Vec<(String, Message)> = Vec::new();
    for (name, value) in samples::view_changes() {
        messages.push((format!("view change, {name}"), Message::ViewChange(value)));
    }
    let justifications = samples::justifications();
    for (payload, (name, justification)) in [1, 2, 2].into_iter().zip(justifications) {
        let view = if justification.is_empty() { 0 } else { 2 };
        let payload = samples::payloads().remove(payload).1;
        let value = samples::pre_prepare(view, payload, justification);
        messages.push((format!("pre-prepare, {name}"), Message::PrePrepare(Box::new(value))));
    }
    let prepare = validators.sign(0, prepare(5, 0, digest(0xaa)));
    let commit = validators.sign(1, commit(5, 0, digest(0xaa)));
    messages.push(("prepare".to_owned(), Message::Prepare(prepare)));
    messages.push(("commit".to_owned(), Message::Commit(commit)));
    let certificate = samples::certificates().remove(1).1;
    messages.push(("certificate".to_owned(), Message::Certificate(certificate)));
    for (name, rejoin) in samples::rejoins() {
        messages.push((format!("rejoin, {name}"), Message::Rejoin(rejoin)));
    }
    for (name, evidence) in samples::evidence() {
        messages.push((format!("evidence, {name}"), Message::Evidence(Box::new(evidence))));
    }
    messages
}

pub fn statuses() -> Vec<(&'static str, Status)> {
    let zero = Status {
        height: Height(0),
        view: View(0),
        prepared: None,
        decided: Height(0),
        first_stored: Height(0),
    };
    let full = Status {
        height: Height(300),
        view: View(2),
        prepared: Some(View(0)),
        decided: Height(299),
        first_stored: Height(1),
    };
    vec![("status, all zero", zero), ("status", full)]
}

pub fn requests() -> Vec<(&'static str, FetchRequest)> {
    vec![
        ("request, block", FetchRequest::Block(digest(0xaa))),
        ("request, range", FetchRequest::Range { from: Height(300), count: 128 }),
        ("request, from 0", FetchRequest::Range { from: Height(0), count: 1 }),
        ("request, statements", FetchRequest::Statements(address(1))),
    ]
}

pub fn answers() -> Vec<(&'static str, FetchAnswer)> {
    let [first, second] = samples::blocks().map(Arc::new);
    let certificate = second.last_commit.clone().unwrap();
    let said = samples::statements().remove(5).1;
    vec![
        ("answer, no block", FetchAnswer::Block(None)),
        ("answer, block", FetchAnswer::Block(Some(second))),
        ("answer, empty range", FetchAnswer::Range(Vec::new())),
        ("answer, range", FetchAnswer::Range(vec![(first, certificate)])),
        ("answer, nothing said", FetchAnswer::Statements(Vec::new())),
        ("answer, statements", FetchAnswer::Statements(vec![said])),
    ]
}

/// Every message's samples.
pub fn all() -> Vec<Sample> {
    let mut all = Vec::new();
    for (name, value) in messages() {
        let again = |bytes: &[u8]| wire::decode_message(bytes).map(|v| wire::encode_message(&v));
        all.push(of(&name, wire::encode_message(&value), again));
    }
    for (name, value) in statuses() {
        let again = |bytes: &[u8]| wire::decode_status(bytes).map(|v| wire::encode_status(&v));
        all.push(of(name, wire::encode_status(&value), again));
    }
    for (name, value) in requests() {
        let again = |bytes: &[u8]| wire::decode_request(bytes).map(|v| wire::encode_request(&v));
        all.push(of(name, wire::encode_request(&value), again));
    }
    for (name, value) in answers() {
        let again = |bytes: &[u8]| wire::decode_answer(bytes).map(|v| wire::encode_answer(&v));
        all.push(of(name, wire::encode_answer(&value), again));
    }
    let transactions: Vec<_> = samples::transactions().into_iter().map(|(_, _, t)| t).collect();
    let again =
        |bytes: &[u8]| wire::decode_transactions(bytes).map(|v| wire::encode_transactions(&v));
    all.push(of("transactions", wire::encode_transactions(&transactions), again));
    all
}
