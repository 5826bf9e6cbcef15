//! Parameters that change: what pays too little by those of the next block does not wait.
#![allow(clippy::unwrap_used)]

mod common;

use common::{FEE, Fixture, draft};
use quorate_mempool::{DropReason, Dropped, Limits, Refusal, Verdict};
use quorate_types::{Amount, ChainParams};

fn flat(fee: u64) -> ChainParams {
    let free = Amount(0);
    let flat_fee = Amount(fee);
    ChainParams { flat_fee, fee_per_byte: free, action_fee: free, ..ChainParams::default() }
}

fn fixture() -> Fixture {
    Fixture::new(Limits::default())
}

#[test]
fn a_dearer_epoch_drops_what_is_too_cheap_and_refuses_it() {
    let mut fixture = fixture();
    for (sender, fee) in [(1, FEE), (2, FEE - 1), (3, FEE + 1)] {
        fixture.accept(draft(sender, 0).fee(fee));
    }
    assert_eq!(fixture.pool.set_params(&flat(0)), []);
    let dropped = fixture.pool.set_params(&flat(FEE));
    let (found, required) = (Amount(FEE - 1), Amount(FEE));
    let id = draft(2, 0).fee(FEE - 1).sign().id();
    assert_eq!(dropped, [Dropped { id, reason: DropReason::FeeTooLow { required } }]);
    assert_eq!((fixture.pool.len(), fixture.pool.contains(&id)), (2, false));
    let refused = Verdict::Refused(Refusal::FeeTooLow { found, required });
    assert_eq!(fixture.insert(draft(2, 0).fee(FEE - 1)), refused);
    fixture.accept(draft(2, 0).fee(FEE));
}

#[test]
fn nothing_that_waits_could_keep_an_idle_chain_busy() {
    let mut fixture = fixture();
    fixture.insert_all(&[draft(1, 0), draft(1, 1)]);
    assert!(fixture.pool.has_ready());
    assert_eq!(fixture.pool.set_params(&flat(FEE + 1)).len(), 2);
    assert!(!fixture.pool.has_ready() && fixture.pool.is_empty());
}

#[test]
fn what_follows_a_dropped_one_waits_for_its_nonce() {
    let mut fixture = fixture();
    fixture.insert_all(&[draft(1, 0).fee(1), draft(1, 1)]);
    assert_eq!(fixture.pool.set_params(&flat(FEE)).len(), 1);
    assert_eq!((fixture.pool.len(), fixture.pool.has_ready()), (1, false));
    fixture.accept(draft(1, 0));
    assert_eq!(fixture.pool.status().ready, 2);
}

#[test]
fn a_cheaper_epoch_drops_nothing_and_takes_more() {
    let mut fixture = fixture();
    fixture.pool.set_params(&flat(FEE));
    fixture.accept(draft(1, 0));
    assert_eq!(fixture.pool.set_params(&flat(1)), []);
    fixture.accept(draft(2, 0).fee(1));
    assert_eq!(fixture.pool.len(), 2);
}
