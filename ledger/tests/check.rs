//! Which blocks are valid, and that what is selected always is.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_ledger::{BlockError, InclusionError, LedgerError, Place, check_block, select};
use quorate_types::{
    Amount, ChainContext, ChainParams, ChainTag, Height, Nonce, Transaction, TransactionError,
};
use support::{Pay, State, context, free_params, unsigned};

const HEIGHT: Height = Height(10);
const PAY: Pay = Pay { from: 1, nonce: 0, to: 2, amount: 5, fee: 10 };

fn params(state: &State) -> ChainParams {
    state.first_epochs().next.params
}

fn place<'a>(params: &'a ChainParams, context: &'a ChainContext) -> Place<'a> {
    Place { height: HEIGHT, params, context }
}

fn check(state: &State, transactions: &[Transaction]) -> Result<(), LedgerError> {
    let (params, context) = (params(state), context());
    check_block(transactions, &state.view(), place(&params, &context))
}

fn choose(state: &State, candidates: &[Transaction]) -> Vec<Transaction> {
    let candidates = candidates.iter().cloned();
    let (params, context) = (params(state), context());
    select(candidates, &state.view(), place(&params, &context)).unwrap()
}

fn refused(index: usize, error: InclusionError) -> Result<(), LedgerError> {
    Err(LedgerError::Block(BlockError::Transaction { index, error }))
}

fn refused_statically(error: TransactionError) -> Result<(), LedgerError> {
    refused(0, InclusionError::Static(error))
}

fn pays(nonces: impl IntoIterator<Item = u64>) -> Vec<Transaction> {
    nonces.into_iter().map(|nonce| Pay { nonce, ..PAY }.signed()).collect()
}

#[test]
fn nonces_run_on_from_the_account_and_fees_are_covered_together() {
    let state = State::new(free_params(), &[(1, 3, 29)]);
    assert_eq!(check(&state, &pays([3, 4])), Ok(()));
    let uncovered = InclusionError::FeeNotCovered { balance: Amount(9), fee: Amount(10) };
    assert_eq!(check(&state, &pays([3, 4, 5])), refused(2, uncovered));
    let gap = InclusionError::WrongNonce { expected: Nonce(4), found: Nonce(5) };
    assert_eq!(check(&state, &pays([3, 5])), refused(1, gap));
    let low = InclusionError::WrongNonce { expected: Nonce(3), found: Nonce(2) };
    assert_eq!(check(&state, &pays([2])), refused(0, low));
}

#[test]
fn the_amount_is_no_matter_of_validity() {
    let state = State::new(free_params(), &[(1, 0, 10)]);
    let pay = Pay { amount: u64::MAX, ..PAY };
    assert_eq!(check(&state, &[pay.signed()]), Ok(()));
}

#[test]
fn static_rules_and_expiry_hold_in_a_block() {
    let state = State::new(free_params(), &[(1, 0, 1_000)]);
    let mut body = PAY.body();
    body.chain_tag = ChainTag([0; 8]);
    assert_eq!(check(&state, &[unsigned(body)]), refused_statically(TransactionError::WrongChain));
    let expiring = |expiry| {
        let mut body = PAY.body();
        body.expiry = Height(expiry);
        unsigned(body)
    };
    assert_eq!(check(&state, &[expiring(10)]), Ok(()));
    let expired = TransactionError::Expired { expiry: Height(9), next: HEIGHT };
    assert_eq!(check(&state, &[expiring(9)]), refused_statically(expired));
}

#[test]
fn the_lowest_fee_comes_from_the_parameters_in_the_state() {
    let length = u64::try_from(PAY.signed().bytes().len()).unwrap();
    let params = ChainParams {
        fee_per_byte: Amount(2),
        flat_fee: Amount(3),
        action_fee: Amount(5),
        ..free_params()
    };
    let state = State::new(params, &[(1, 0, 100_000)]);
    let lowest = 3 + 2 * length + 2 * 5;
    assert_eq!(check(&state, &[Pay { fee: lowest, ..PAY }.signed()]), Ok(()));
    let (found, required) = (Amount(lowest - 1), Amount(lowest));
    assert_eq!(
        check(&state, &[Pay { fee: lowest - 1, ..PAY }.signed()]),
        refused_statically(TransactionError::FeeTooLow { found, required })
    );
}

#[test]
fn the_count_is_limited() {
    let params = ChainParams { max_block_transactions: 3, ..free_params() };
    let state = State::new(params, &[(1, 0, 1_000)]);
    assert_eq!(check(&state, &pays(0..3)), Ok(()));
    let error = BlockError::TooManyTransactions { found: 4, limit: 3 };
    assert_eq!(check(&state, &pays(0..4)), Err(error.into()));
    assert_eq!(choose(&state, &pays(0..4)), pays(0..3));
}

#[test]
fn the_bytes_are_limited_and_what_is_too_large_is_passed_over() {
    let length = PAY.signed().bytes().len();
    let limit = u32::try_from(3 * length).unwrap();
    let params = ChainParams { max_block_bytes: limit, ..free_params() };
    let state = State::new(params, &[(1, 0, 1_000), (3, 0, 1_000)]);
    assert_eq!(check(&state, &pays(0..3)), Ok(()));
    let error = BlockError::TooManyBytes { found: 4 * length, limit: 3 * length };
    assert_eq!(check(&state, &pays(0..4)), Err(error.into()));
    let mut large = PAY.body();
    large.signers = vec![support::key(3)];
    large.memo = vec![0; 256];
    let mut candidates = pays(0..2);
    candidates.push(unsigned(large));
    candidates.extend(pays(2..4));
    assert_eq!(choose(&state, &candidates), pays(0..3));
}

#[test]
fn selecting_passes_over_what_cannot_stand_and_keeps_the_order() {
    let state = State::new(free_params(), &[(1, 3, 35), (4, 0, 5)]);
    let poor = Pay { from: 4, ..PAY }.signed();
    let affordable = Pay { from: 4, fee: 5, ..PAY }.signed();
    let mut candidates = vec![poor, affordable.clone()];
    candidates.extend(pays([2, 4, 3, 3, 4, 5, 6]));
    let mut expected = vec![affordable];
    expected.extend(pays([3, 4, 5]));
    let chosen = choose(&state, &candidates);
    assert_eq!(chosen, expected);
    assert_eq!(check(&state, &chosen), Ok(()));
}

#[test]
fn an_empty_block_is_valid() {
    let state = State::new(free_params(), &[]);
    assert_eq!(check(&state, &[]), Ok(()));
    assert!(choose(&state, &[]).is_empty());
}
