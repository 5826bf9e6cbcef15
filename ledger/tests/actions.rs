//! Records in the namespace of their owner, and transactions of several actions: all of them take
//! effect, or none does.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_types::{
    Action, Amount, Event, FailureCode, Outcome, Receipt, RecordKey, RecordValue, StateKey,
    StateReader, Transfer,
};
use support::{State, address, free_params, pay, unsigned};

fn key(name: &str) -> RecordKey {
    RecordKey::new(name.into()).unwrap()
}

fn put(name: &str, value: &str) -> Action {
    Action::PutRecord { key: key(name), value: RecordValue::new(value.into()).unwrap() }
}

fn update(name: &str, value: &str) -> Action {
    Action::UpdateRecord { key: key(name), value: RecordValue::new(value.into()).unwrap() }
}

fn delete(name: &str) -> Action {
    Action::DeleteRecord { key: key(name) }
}

fn send(to: u8, amount: u64) -> Action {
    Action::Transfer(Transfer { to: address(to), amount: Amount(amount) })
}

/// Executes one block: a transaction of each (sender, nonce, actions), each with a fee of 1.
fn run(state: &mut State, transactions: &[(u8, u64, &[Action])]) -> Vec<Receipt> {
    let transaction = |(from, nonce, actions): &(u8, u64, &[Action])| {
        let mut body = pay(*from, *nonce, 0, 0, 1).body();
        body.actions = actions.to_vec();
        unsigned(body)
    };
    let block: Vec<_> = transactions.iter().map(transaction).collect();
    let execution = state.execute(&block).unwrap();
    state.apply(&execution.changes);
    execution.receipts
}

fn record(state: &State, owner: u8, name: &str) -> Option<String> {
    let value = state.view().get(&StateKey::record(&address(owner), &key(name))).unwrap();
    value.map(|bytes| String::from_utf8(bytes).unwrap())
}

fn failed(code: FailureCode, action: u16) -> Outcome {
    Outcome::Failed { code, action }
}

#[test]
fn a_record_is_put_updated_and_deleted_and_is_its_owners_alone() {
    let mut state = State::new(free_params(), &[(1, 0, 100), (2, 0, 100)]);
    let receipts = run(&mut state, &[(1, 0, &[put("a", "one")]), (2, 0, &[put("a", "two")])]);
    let event = Event::RecordPut { owner: address(1), key: key("a") };
    assert_eq!(receipts[0].events, std::slice::from_ref(&event));
    assert_eq!(record(&state, 1, "a").as_deref(), Some("one"));
    assert_eq!(record(&state, 2, "a").as_deref(), Some("two"));
    let receipts = run(&mut state, &[(1, 1, &[update("a", "")]), (2, 1, &[delete("a")])]);
    assert_eq!(receipts[0].events, [event]);
    let event = Event::RecordDeleted { owner: address(2), key: key("a") };
    assert_eq!(receipts[1].events, [event]);
    assert_eq!(record(&state, 1, "a").as_deref(), Some(""), "an empty value is a value");
    assert_eq!(record(&state, 2, "a"), None);
    run(&mut state, &[(1, 2, &[put("a", "again")])]);
    assert_eq!(record(&state, 1, "a").as_deref(), Some("again"));
}

#[test]
fn what_is_not_there_is_neither_updated_nor_deleted() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    let missing = failed(FailureCode::RecordMissing, 0);
    let transactions: [(u8, u64, &[Action]); 4] = [
        (1, 0, &[update("a", "x")]),
        (1, 1, &[delete("a")]),
        (1, 2, &[put("a", "x"), delete("a")]),
        (1, 3, &[delete("a")]),
    ];
    let receipts = run(&mut state, &transactions);
    let outcomes: Vec<_> = receipts.iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes, [missing, missing, Outcome::Success, missing]);
    assert_eq!(record(&state, 1, "a"), None);
    assert_eq!(state.account(1), Some((4, 96)), "each has paid its fee");
}

#[test]
fn a_transaction_whose_last_action_fails_has_no_effect_but_its_fee() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    run(&mut state, &[(1, 0, &[put("kept", "old")])]);
    let before = state.clone();
    let batch = [
        put("new", "x"),
        put("kept", "changed"),
        delete("kept"),
        send(2, 30),
        send(2, 30),
        send(3, 90),
    ];
    let receipts = run(&mut state, &[(1, 1, &batch)]);
    assert_eq!(receipts[0].outcome, failed(FailureCode::InsufficientFunds, 5));
    assert!(receipts[0].events.is_empty());
    assert_eq!((state.account(1), state.account(2)), (Some((2, 98)), None));
    assert_eq!(record(&state, 1, "kept").as_deref(), Some("old"));
    let changed = |key: &&StateKey| before.values.get(*key) != state.values.get(*key);
    assert_eq!(state.values.keys().filter(changed).count(), 2, "an account and the fee pool");
}

#[test]
fn a_failure_takes_back_nothing_of_the_transactions_before_it() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    let first = [put("a", "x"), send(2, 10)];
    let second = [update("a", "y"), send(2, 10), delete("b")];
    let receipts = run(&mut state, &[(1, 0, &first), (1, 1, &second)]);
    assert_eq!(receipts[0].outcome, Outcome::Success);
    assert_eq!(receipts[0].events.len(), 2);
    assert_eq!(receipts[1].outcome, failed(FailureCode::RecordMissing, 2));
    assert_eq!(record(&state, 1, "a").as_deref(), Some("x"));
    assert_eq!((state.account(1), state.account(2)), (Some((2, 88)), Some((0, 10))));
}

#[test]
fn an_action_sees_what_the_ones_before_it_did() {
    let mut state = State::new(free_params(), &[(1, 0, 100), (2, 0, 0)]);
    let receipts = run(&mut state, &[(1, 0, &[send(1, 99), send(2, 99), send(2, 0)])]);
    assert_eq!(receipts[0].outcome, Outcome::Success);
    assert_eq!((state.account(1), state.account(2)), (Some((1, 0)), Some((0, 99))));
}
