//! Which transactions may wait: nonces, funds, replacement, expiry, the sender's own limit.

mod common;

use common::{FEE, Fixture, NEXT, address, draft};
use quorate_mempool::{DropReason, Dropped, Limits, Refusal, Verdict};
use quorate_types::{Amount, Height, Nonce};

fn refused(refusal: Refusal) -> Verdict {
    Verdict::Refused(refusal)
}

#[test]
fn already_known_is_a_result_in_one_batch_and_in_two() {
    let mut fixture = Fixture::new(Limits::default());
    let verdicts = fixture.insert_all(&[draft(1, 0), draft(1, 0)]);
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::Known]);
    assert_eq!(fixture.insert(draft(1, 0)), Verdict::Known);
    assert_eq!(fixture.pool.len(), 1);
}

#[test]
fn nonces_from_the_account_s_to_the_gap_limit_wait() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.state.set(1, 5, 1 << 40);
    let expected = Nonce(5);
    assert_eq!(fixture.insert(draft(1, 4)), refused(Refusal::NonceTooLow { expected }));
    fixture.accept(draft(1, 5));
    fixture.accept(draft(1, 5 + 1_024));
    let verdict = fixture.insert(draft(1, 5 + 1_025));
    assert_eq!(verdict, refused(Refusal::NonceGap { expected, limit: 1_024 }));
    assert_eq!(fixture.insert(draft(1, u64::MAX)), verdict);
}

#[test]
fn a_balance_covers_the_fees_of_the_chain_up_to_the_newcomer() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.state.set(1, 0, 3 * FEE);
    fixture.accept(draft(1, 0));
    fixture.accept(draft(1, 1));
    let required = u128::from(3 * FEE + 1);
    let verdict = fixture.insert(draft(1, 2).fee(FEE + 1));
    let balance = Amount(3 * FEE);
    assert_eq!(verdict, refused(Refusal::InsufficientFunds { required, balance }));
    fixture.accept(draft(1, 2));
    let verdict = fixture.insert(draft(2, 0).fee(u64::MAX));
    let balance = Amount(1 << 60);
    let required = u128::from(u64::MAX);
    assert_eq!(verdict, refused(Refusal::InsufficientFunds { required, balance }));
}

#[test]
fn filling_a_gap_drops_the_tail_that_is_no_longer_covered() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.state.set(1, 0, 2 * FEE);
    fixture.accept(draft(1, 1));
    let tail = fixture.accept(draft(1, 2));
    fixture.accept(draft(1, 0));
    let reason = DropReason::InsufficientFunds;
    assert_eq!(fixture.pool.dropped(), [Dropped { id: tail.id(), reason }]);
    assert_eq!(fixture.ready(), [(1, 0), (1, 1)]);
}

#[test]
fn a_replacement_pays_a_tenth_more() {
    let mut fixture = Fixture::new(Limits::default());
    let old = fixture.accept(draft(1, 0).fee(1_001));
    let taken = Refusal::NonceTaken { waiting: old.id(), required: 1_102 };
    assert_eq!(fixture.insert(draft(1, 0).fee(1_101)), refused(taken));
    let new = fixture.accept(draft(1, 0).fee(1_102));
    let reason = DropReason::Replaced { by: new.id() };
    assert_eq!(fixture.pool.dropped(), [Dropped { id: old.id(), reason }]);
    assert_eq!(fixture.pool.list(10), [new]);
    assert_eq!(fixture.pool.get(&old.id()), None);
}

#[test]
fn a_replacement_of_a_free_transaction_pays_something() {
    let mut fixture = Fixture::new(Limits::default());
    let old = fixture.accept(draft(1, 0).fee(0));
    let taken = Refusal::NonceTaken { waiting: old.id(), required: 1 };
    assert_eq!(fixture.insert(draft(1, 0).fee(0).memo(1)), refused(taken));
    fixture.accept(draft(1, 0).fee(1));
}

#[test]
fn a_refused_replacement_leaves_the_old_one() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.state.set(1, 0, 2 * FEE);
    fixture.accept(draft(1, 0));
    let verdict = fixture.insert(draft(1, 0).fee(2 * FEE + 1));
    assert!(matches!(verdict, Verdict::Refused(Refusal::InsufficientFunds { .. })), "{verdict:?}");
    assert!(fixture.waits(draft(1, 0)));
    assert_eq!(fixture.pool.dropped(), []);
}

#[test]
fn an_expiry_height_may_be_the_next_one_but_not_lower() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.accept(draft(1, 0).expiry(NEXT.0));
    let expiry = Height(NEXT.0 - 1);
    let verdict = fixture.insert(draft(1, 1).expiry(expiry.0));
    assert_eq!(verdict, refused(Refusal::Expired { expiry, next: NEXT }));
    fixture.accept(draft(1, 1).expiry(0));
}

#[test]
fn a_sender_has_exactly_its_limit() {
    let mut fixture = Fixture::new(Limits { max_per_sender: 3, ..Limits::default() });
    for nonce in 0..3 {
        fixture.accept(draft(1, nonce));
    }
    assert_eq!(fixture.insert(draft(1, 3)), refused(Refusal::SenderLimit(3)));
    assert_eq!(fixture.insert(draft(1, 4).fee(9 * FEE)), refused(Refusal::SenderLimit(3)));
    fixture.accept(draft(2, 0));
    fixture.accept(draft(1, 2).fee(2 * FEE));
}

#[test]
fn a_lower_nonce_enters_a_full_chain_at_the_price_of_its_tail() {
    let mut fixture = Fixture::new(Limits { max_per_sender: 2, ..Limits::default() });
    fixture.accept(draft(1, 1));
    let tail = fixture.accept(draft(1, 2));
    fixture.accept(draft(1, 0));
    let reason = DropReason::Evicted;
    assert_eq!(fixture.pool.dropped(), [Dropped { id: tail.id(), reason }]);
    assert_eq!(fixture.ready(), [(1, 0), (1, 1)]);
}

#[test]
fn the_next_nonce_follows_the_ready_ones() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.state.set(1, 7, 1 << 40);
    let next = |fixture: &Fixture, sender| fixture.pool.next_nonce(&address(sender), Nonce(7));
    assert_eq!(next(&fixture, 1), Nonce(7));
    fixture.accept(draft(1, 8));
    assert_eq!(next(&fixture, 1), Nonce(7), "a gap is filled first");
    fixture.accept(draft(1, 7));
    assert_eq!(next(&fixture, 1), Nonce(9));
    let ahead = fixture.pool.next_nonce(&address(1), Nonce(20));
    assert_eq!(ahead, Nonce(20), "a state that the pool has not heard of yet");
}

#[test]
fn a_newer_account_drops_what_it_used() {
    let mut fixture = Fixture::new(Limits::default());
    let used = fixture.accept(draft(1, 0));
    fixture.accept(draft(1, 1));
    fixture.state.set(1, 1, 2 * FEE);
    fixture.accept(draft(1, 2));
    assert_eq!(fixture.pool.dropped(), [Dropped { id: used.id(), reason: DropReason::NonceUsed }]);
    assert_eq!(fixture.ready(), [(1, 1), (1, 2)]);
}
