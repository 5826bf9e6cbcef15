//! What a block does to accounts, fee pool and receipts, at the edges of the numbers.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_ledger::{BlockError, Execution, InclusionError, LedgerError};
use quorate_types::{Amount, Event, FailureCode, Nonce, Outcome, StateKey, StateKind, Transaction};
use support::{Pay, State, address, free_params, pay};

const MAX: u64 = u64::MAX;

fn run(state: &mut State, pays: &[Pay]) -> Execution {
    let execution = try_run(state, pays).unwrap();
    state.apply(&execution.changes);
    execution
}

fn try_run(state: &State, pays: &[Pay]) -> Result<Execution, LedgerError> {
    let transactions: Vec<Transaction> = pays.iter().map(Pay::signed).collect();
    state.execute(&transactions)
}

fn refused(index: usize, error: InclusionError) -> Result<Execution, LedgerError> {
    Err(LedgerError::Block(BlockError::Transaction { index, error }))
}

fn outcomes(execution: &Execution) -> Vec<Outcome> {
    execution.receipts.iter().map(|receipt| receipt.outcome).collect()
}

fn pool(state: &State) -> u64 {
    state.view().fee_pool().unwrap().0
}

#[test]
fn a_transfer_moves_money_pays_its_fee_and_creates_its_recipient() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    let sixty = pay(1, 0, 2, 60, 7);
    let execution = run(&mut state, &[sixty]);
    assert_eq!(state.account(1), Some((1, 33)));
    assert_eq!(state.account(2), Some((0, 60)));
    assert_eq!(pool(&state), 7);
    let [receipt] = execution.receipts.as_slice() else { panic!("one receipt") };
    assert_eq!(receipt.transaction, sixty.signed().id());
    assert_eq!((receipt.outcome, receipt.fee), (Outcome::Success, Amount(7)));
    let event = Event::Transfer { from: address(1), to: address(2), amount: Amount(60) };
    assert_eq!(receipt.events, [event]);
    assert_eq!(execution.changes.len(), 3, "two accounts and the pool");
}

#[test]
fn a_transfer_of_nothing_creates_its_recipient_too() {
    let mut state = State::new(free_params(), &[(1, 0, 0)]);
    run(&mut state, &[pay(1, 0, 2, 0, 0)]);
    assert_eq!(state.account(1), Some((1, 0)));
    assert_eq!(state.account(2), Some((0, 0)));
}

#[test]
fn the_fee_comes_first_and_a_failed_transfer_costs_it_and_does_nothing_else() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    let execution = run(&mut state, &[pay(1, 0, 2, 91, 10)]);
    let failed = Outcome::Failed { code: FailureCode::InsufficientFunds, action: 0 };
    assert_eq!(outcomes(&execution), [failed]);
    assert!(execution.receipts[0].events.is_empty());
    assert_eq!((state.account(1), state.account(2)), (Some((1, 90)), None));
    assert_eq!(pool(&state), 10);
    let execution = run(&mut state, &[pay(1, 1, 2, 80, 10)]);
    assert_eq!(outcomes(&execution), [Outcome::Success]);
    assert_eq!(state.account(1), Some((2, 0)));
}

#[test]
fn every_fee_of_the_block_is_taken_before_its_first_action() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    let pays = [pay(1, 0, 2, 90, 5), pay(1, 1, 2, 10, 5), pay(1, 2, 3, 75, 20)];
    let execution = run(&mut state, &pays);
    let failed = Outcome::Failed { code: FailureCode::InsufficientFunds, action: 0 };
    assert_eq!(outcomes(&execution), [failed, Outcome::Success, failed]);
    assert_eq!(state.account(1), Some((3, 60)));
    assert_eq!((state.account(2), state.account(3)), (Some((0, 10)), None));
}

#[test]
fn money_received_in_the_block_can_be_spent_in_it_but_pays_no_fee_of_it() {
    let pays = |fee| [pay(1, 0, 2, 50, 0), pay(2, 0, 3, 50, fee)];
    let mut state = State::new(free_params(), &[(1, 0, 50)]);
    let uncovered = InclusionError::FeeNotCovered { balance: Amount(0), fee: Amount(1) };
    assert_eq!(try_run(&state, &pays(1)), refused(1, uncovered));
    let execution = run(&mut state, &pays(0));
    assert_eq!(outcomes(&execution), [Outcome::Success, Outcome::Success]);
    assert_eq!(state.account(2), Some((1, 0)));
    assert_eq!(state.account(3), Some((0, 50)));
}

#[test]
fn a_transfer_to_oneself_needs_the_money_and_costs_only_the_fee() {
    let mut state = State::new(free_params(), &[(1, 0, 100)]);
    let pays = [pay(1, 0, 1, 98, 1), pay(1, 1, 1, 99, 1)];
    let execution = run(&mut state, &pays);
    let failed = Outcome::Failed { code: FailureCode::InsufficientFunds, action: 0 };
    assert_eq!(outcomes(&execution), [Outcome::Success, failed]);
    assert_eq!(execution.receipts[0].events.len(), 1);
    assert_eq!(state.account(1), Some((2, 98)));
}

#[test]
fn the_largest_numbers_neither_wrap_nor_panic() {
    let mut state = State::new(free_params(), &[(1, 0, MAX), (2, 0, 1)]);
    let pays = [
        pay(1, 0, 2, MAX, 0),
        pay(1, 1, 1, MAX, 0),
        pay(1, 2, 2, MAX - 1, 0),
        pay(2, 0, 1, MAX, 0),
    ];
    let execution = run(&mut state, &pays);
    let overflow = Outcome::Failed { code: FailureCode::BalanceOverflow, action: 0 };
    assert_eq!(outcomes(&execution), [overflow, Outcome::Success, Outcome::Success, overflow]);
    assert_eq!((state.account(1), state.account(2)), (Some((3, 1)), Some((1, MAX))));
}

#[test]
fn an_account_that_a_failed_transfer_only_looked_at_is_no_change() {
    let state = State::new(free_params(), &[(1, 0, 1), (2, 0, MAX)]);
    let execution = try_run(&state, &[pay(1, 0, 2, 1, 0)]).unwrap();
    let changed: Vec<_> = execution.changes.into_keys().collect();
    assert_eq!(changed, [StateKey::account(&address(1))]);
}

#[test]
fn the_whole_balance_can_be_a_fee() {
    let mut state = State::new(free_params(), &[(1, 0, MAX)]);
    run(&mut state, &[pay(1, 0, 2, 0, MAX)]);
    assert_eq!((state.account(1), pool(&state)), (Some((1, 0)), MAX));
}

#[test]
fn fees_that_overflow_the_pool_make_an_invalid_block() {
    let state = State::new(free_params(), &[(1, 0, MAX), (2, 0, 1)]);
    let pays = [pay(1, 0, 3, 0, MAX), pay(2, 0, 3, 0, 1)];
    assert_eq!(try_run(&state, &pays), Err(LedgerError::Block(BlockError::FeePoolOverflow)));
}

#[test]
fn a_block_that_breaks_nonces_or_fees_is_refused_whole() {
    let state = State::new(free_params(), &[(1, 5, 10), (9, MAX, 10)]);
    let wrong = |found| InclusionError::WrongNonce { expected: Nonce(5), found: Nonce(found) };
    let right = pay(1, 5, 2, 0, 0);
    for found in [0, 4, 6, MAX] {
        let result = try_run(&state, &[Pay { nonce: found, ..right }]);
        assert_eq!(result, refused(0, wrong(found)));
    }
    let twice = InclusionError::WrongNonce { expected: Nonce(6), found: Nonce(5) };
    assert_eq!(try_run(&state, &[right, right]), refused(1, twice));
    let uncovered = InclusionError::FeeNotCovered { balance: Amount(10), fee: Amount(11) };
    assert_eq!(try_run(&state, &[Pay { fee: 11, ..right }]), refused(0, uncovered));
    let last = pay(9, MAX, 2, 0, 0);
    assert_eq!(try_run(&state, &[last]), refused(0, InclusionError::NoncesExhausted));
    let stranger = InclusionError::FeeNotCovered { balance: Amount(0), fee: Amount(1) };
    let unknown = pay(8, 0, 2, 0, 1);
    assert_eq!(try_run(&state, &[unknown]), refused(0, stranger));
}

#[test]
fn an_empty_block_changes_nothing() {
    let state = State::new(free_params(), &[(1, 0, 10)]);
    let execution = try_run(&state, &[]).unwrap();
    assert!(execution.receipts.is_empty() && execution.changes.is_empty());
    assert_eq!(execution.epochs, state.first_epochs());
}

#[test]
fn a_state_that_genesis_did_not_write_is_an_error() {
    let pays = [pay(1, 0, 2, 1, 0)];
    let whole = State::new(free_params(), &[(1, 0, 10)]);
    let mut without_pool = whole.clone();
    without_pool.values.remove(&StateKey::single(StateKind::FeePool));
    assert_eq!(try_run(&without_pool, &pays), Err(LedgerError::Missing("fee pool")));
    let mut corrupt = whole;
    corrupt.values.insert(StateKey::account(&address(1)), vec![0; 15]);
    let result = try_run(&corrupt, &pays);
    assert!(matches!(result, Err(LedgerError::Corrupt { what: "account", .. })), "{result:?}");
}
