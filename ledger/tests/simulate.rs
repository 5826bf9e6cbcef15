//! A simulated transaction: the receipt that its block would give, and nothing else.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_ledger::{InclusionError, Surroundings, simulate};
use quorate_types::{
    Amount, ChainParams, FailureCode, Height, Nonce, Outcome, Receipt, Transaction,
    TransactionError,
};
use support::{Pay, State, block_on, context, free_params, pay, unsigned};

fn state() -> State {
    State::new(free_params(), &[(1, 3, 100), (2, 0, 0)])
}

fn simulated(state: &State, transaction: &Transaction) -> Result<Receipt, InclusionError> {
    let (context, epochs) = (context(), state.first_epochs());
    let surroundings = Surroundings { context: &context, epochs: &epochs };
    simulate(transaction, Height(1), &state.view(), surroundings).unwrap()
}

fn executed(state: &State, transaction: &Transaction) -> Receipt {
    let (context, epochs) = (context(), state.first_epochs());
    let surroundings = Surroundings { context: &context, epochs: &epochs };
    let block = block_on(&state.tip, vec![transaction.clone()]);
    let execution = quorate_ledger::execute(&block, &state.view(), surroundings).unwrap();
    execution.receipts[0].clone()
}

#[test]
fn its_receipt_is_that_of_a_block_with_it_alone() {
    let state = state();
    let cases: [(Pay, Outcome); 3] = [
        (pay(1, 3, 2, 90, 10), Outcome::Success),
        (pay(1, 3, 2, 91, 10), Outcome::Failed { code: FailureCode::InsufficientFunds, action: 0 }),
        (pay(1, 3, 9, 0, 0), Outcome::Success),
    ];
    for (payment, outcome) in cases {
        let transaction = payment.signed();
        let before = state.values.clone();
        let receipt = simulated(&state, &transaction).unwrap();
        assert_eq!(receipt, executed(&state, &transaction));
        assert_eq!((receipt.outcome, receipt.fee), (outcome, Amount(payment.fee)));
        assert_eq!(state.values, before);
        assert_eq!(simulated(&state, &transaction), Ok(receipt), "as often as one likes");
    }
}

#[test]
fn what_no_block_may_include_is_told() {
    let state = state();
    let (expected, found) = (Nonce(3), Nonce(4));
    let wrong = InclusionError::WrongNonce { expected, found };
    assert_eq!(simulated(&state, &pay(1, 4, 2, 1, 0).signed()), Err(wrong));
    let (balance, fee) = (Amount(100), Amount(101));
    let poor = InclusionError::FeeNotCovered { balance, fee };
    assert_eq!(simulated(&state, &pay(1, 3, 2, 1, 101).signed()), Err(poor));
    let mut late = pay(1, 3, 2, 1, 0).body();
    late.memo = vec![0; 256];
    late.actions.clear();
    let empty = simulated(&state, &unsigned(late)).unwrap_err();
    assert!(matches!(empty, InclusionError::Static(TransactionError::Unsupported(_))));
}

#[test]
fn the_parameters_and_the_height_are_those_of_the_next_block() {
    let dear = State::new(ChainParams::default(), &[(1, 0, 1 << 40)]);
    let cheap = simulated(&dear, &pay(1, 0, 2, 1, 0).signed()).unwrap_err();
    assert!(matches!(cheap, InclusionError::Static(TransactionError::FeeTooLow { .. })));
    let mut body = pay(1, 3, 2, 1, 0).body();
    body.expiry = Height(1);
    assert!(simulated(&state(), &unsigned(body.clone())).is_ok());
    let (context, epochs) = (context(), state().first_epochs());
    let surroundings = Surroundings { context: &context, epochs: &epochs };
    let later = simulate(&unsigned(body), Height(2), &state().view(), surroundings).unwrap();
    let expired = TransactionError::Expired { expiry: Height(1), next: Height(2) };
    assert_eq!(later, Err(InclusionError::Static(expired)));
}
