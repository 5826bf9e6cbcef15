//! What a block changes: inclusion, nonces used otherwise, funds, expiry, time.

mod common;

use common::{FEE, Fixture, NEXT, NOW, draft};
use quorate_mempool::{DropReason, Dropped, Limits, TIME_TO_LIVE_MS};
use quorate_types::{Height, Nonce, Transaction};

fn executed(fixture: &mut Fixture, included: &[Transaction]) -> Vec<Dropped> {
    let state = fixture.state.clone();
    fixture.pool.executed(NEXT, included, &|address| state.get(address), NOW)
}

#[test]
fn included_ones_leave_and_their_successors_are_ready() {
    let mut fixture = Fixture::new(Limits::default());
    let included = [fixture.accept(draft(1, 0)), fixture.accept(draft(1, 1))];
    fixture.accept(draft(1, 2));
    fixture.accept(draft(1, 4));
    fixture.state.set(1, 2, 1 << 40);
    assert_eq!(executed(&mut fixture, &included), []);
    assert_eq!(fixture.ready(), [(1, 2)]);
    assert_eq!((fixture.pool.len(), fixture.pool.status().ready), (2, 1));
    let next = fixture.pool.next_nonce(&common::address(1), Nonce(2));
    assert_eq!(next, Nonce(3));
}

#[test]
fn a_gap_may_be_filled_by_a_block() {
    let mut fixture = Fixture::new(Limits::default());
    fixture.accept(draft(1, 1));
    assert!(!fixture.pool.has_ready());
    fixture.state.set(1, 1, 1 << 40);
    assert_eq!(executed(&mut fixture, &[draft(1, 0).sign()]), []);
    assert!(fixture.pool.has_ready());
}

#[test]
fn a_nonce_that_was_executed_otherwise_is_used() {
    let mut fixture = Fixture::new(Limits::default());
    let ours = fixture.accept(draft(1, 0));
    fixture.state.set(1, 1, 1 << 40);
    let dropped = executed(&mut fixture, &[draft(1, 0).fee(FEE + 1).sign()]);
    assert_eq!(dropped, [Dropped { id: ours.id(), reason: DropReason::NonceUsed }]);
    assert!(fixture.pool.is_empty() && !fixture.pool.has_ready());
    assert_eq!(fixture.pool.bytes(), 0);
}

#[test]
fn what_the_balance_no_longer_covers_goes_from_the_tail() {
    let mut fixture = Fixture::new(Limits::default());
    let included = fixture.accept(draft(1, 0));
    let rest: Vec<_> = (1..4).map(|nonce| fixture.accept(draft(1, nonce)).id()).collect();
    fixture.state.set(1, 1, FEE);
    let dropped = executed(&mut fixture, &[included]);
    let reason = DropReason::InsufficientFunds;
    let expected = [Dropped { id: rest[2], reason }, Dropped { id: rest[1], reason }];
    assert_eq!(dropped, expected);
    assert_eq!(fixture.ready(), [(1, 1)]);
}

#[test]
fn what_the_next_block_may_not_include_is_dropped() {
    let mut fixture = Fixture::new(Limits::default());
    let expired = fixture.accept(draft(1, 0).expiry(NEXT.0));
    fixture.accept(draft(1, 1).expiry(NEXT.0 + 1));
    fixture.accept(draft(2, 0).expiry(NEXT.0 + 1));
    let dropped = executed(&mut fixture, &[]);
    let reason = DropReason::Expired { expiry: NEXT };
    assert_eq!(dropped, [Dropped { id: expired.id(), reason }]);
    assert_eq!(fixture.ready(), [(2, 0)], "the successor waits behind a gap");
    assert_eq!(fixture.pool.len(), 2);
}

#[test]
fn nothing_waits_longer_than_its_time() {
    let mut fixture = Fixture::new(Limits::default());
    let old = fixture.accept(draft(1, 0));
    let executed_at = |fixture: &mut Fixture, now_ms| {
        let state = fixture.state.clone();
        fixture.pool.executed(NEXT, &[], &|address| state.get(address), now_ms)
    };
    assert_eq!(executed_at(&mut fixture, NOW + TIME_TO_LIVE_MS - 1), []);
    let dropped = executed_at(&mut fixture, NOW + TIME_TO_LIVE_MS);
    assert_eq!(dropped, [Dropped { id: old.id(), reason: DropReason::TimedOut }]);
    assert!(fixture.pool.is_empty());
    assert_eq!(executed_at(&mut fixture, 0), [], "a clock that was set back is harmless");
}

#[test]
fn time_and_height_pass_at_an_insertion_too() {
    let mut fixture = Fixture::new(Limits::default());
    let old = fixture.accept(draft(1, 0));
    let expiring = fixture.accept(draft(2, 0).expiry(NEXT.0));
    let state = fixture.state.clone();
    let (later, now_ms) = (Height(NEXT.0 + 1), NOW + TIME_TO_LIVE_MS);
    let newcomer = common::verified(&[draft(3, 0).sign()]);
    fixture.pool.insert(newcomer, &|address| state.get(address), later, now_ms);
    let reason = DropReason::Expired { expiry: NEXT };
    let expected = [
        Dropped { id: expiring.id(), reason },
        Dropped { id: old.id(), reason: DropReason::TimedOut },
    ];
    assert_eq!(fixture.pool.dropped(), expected);
    assert_eq!(fixture.ready(), [(3, 0)]);
}
