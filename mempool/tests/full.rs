//! What happens at the limits on count and bytes: who yields, and who is refused.

mod common;

use common::{Draft, FEE, Fixture, draft};
use quorate_mempool::{DropReason, Dropped, Limits, Refusal, Verdict};

fn of_count(max_transactions: usize) -> Fixture {
    Fixture::new(Limits { max_transactions, ..Limits::default() })
}

fn length(draft: Draft) -> usize {
    draft.sign().bytes().len()
}

fn evicted(drafts: &[Draft]) -> Vec<Dropped> {
    let drop = |draft: &Draft| Dropped { id: draft.sign().id(), reason: DropReason::Evicted };
    drafts.iter().map(drop).collect()
}

const FULL: Verdict = Verdict::Refused(Refusal::Full);

#[test]
fn the_count_is_exact_and_a_newcomer_outbids_the_lowest() {
    let mut fixture = of_count(2);
    fixture.accept(draft(1, 0).fee(1_000));
    fixture.accept(draft(2, 0).fee(2_000));
    assert_eq!(fixture.insert(draft(3, 0).fee(1_000)), FULL, "an equal bid is too little");
    assert_eq!(fixture.pool.dropped(), []);
    fixture.accept(draft(3, 0).fee(1_001));
    assert_eq!(fixture.pool.dropped(), evicted(&[draft(1, 0).fee(1_000)]));
    assert_eq!(fixture.pool.len(), 2);
}

#[test]
fn the_bytes_are_exact_and_as_many_yield_as_are_needed() {
    let (a, b) = (draft(1, 0).fee(1_000), draft(2, 0).fee(1_001));
    let max_bytes = length(a) + length(b);
    let mut fixture = Fixture::new(Limits { max_bytes, ..Limits::default() });
    fixture.accept(a);
    fixture.accept(b);
    assert_eq!(fixture.pool.bytes(), max_bytes);
    let large = draft(3, 0).memo(1).fee(90_000);
    fixture.accept(large);
    assert_eq!(fixture.pool.dropped(), evicted(&[a, b]), "one byte too many for one");
    assert_eq!(fixture.pool.bytes(), length(large));
}

#[test]
fn nobody_yields_to_a_newcomer_that_does_not_fit_anyway() {
    let (a, b) = (draft(1, 0).fee(1_000), draft(2, 0).fee(90_000));
    let max_bytes = length(a) + length(b);
    let mut fixture = Fixture::new(Limits { max_bytes, ..Limits::default() });
    fixture.accept(a);
    fixture.accept(b);
    assert_eq!(fixture.insert(draft(3, 0).memo(1).fee(50_000)), FULL);
    assert_eq!(fixture.insert(draft(3, 0).memo(256).fee(1 << 50)), FULL, "larger than the pool");
    assert!(fixture.waits(a) && fixture.waits(b));
}

#[test]
fn tails_yield_before_the_heads_they_wait_for() {
    let mut fixture = of_count(3);
    let (head, middle, tail) = (draft(1, 0).fee(10), draft(1, 1).fee(500), draft(1, 2).fee(900));
    for waiting in [head, middle, tail] {
        fixture.accept(waiting);
    }
    assert_eq!(fixture.insert(draft(2, 0).fee(900)), FULL, "the only tail pays as much");
    fixture.accept(draft(2, 0).fee(901));
    assert_eq!(fixture.pool.dropped(), evicted(&[tail]));
    fixture.accept(draft(3, 0).fee(501));
    assert_eq!(fixture.pool.dropped(), evicted(&[middle]));
}

#[test]
fn a_tail_that_another_victim_exposes_may_yield_next() {
    let (head, tail) = (draft(1, 0).fee(10), draft(1, 1).fee(20));
    let other = draft(2, 0).fee(30);
    let max_bytes = length(head) + length(tail) + length(other);
    let mut fixture = Fixture::new(Limits { max_bytes, ..Limits::default() });
    for waiting in [head, tail, other] {
        fixture.accept(waiting);
    }
    fixture.accept(draft(3, 0).memo(100).fee(90_000));
    assert_eq!(fixture.pool.dropped(), evicted(&[tail, head]));
}

#[test]
fn a_newcomer_never_evicts_its_own_chain() {
    let mut fixture = of_count(2);
    fixture.accept(draft(1, 0).fee(10));
    fixture.accept(draft(1, 1).fee(10));
    assert_eq!(fixture.insert(draft(1, 2).fee(90_000)), FULL);
    assert_eq!(fixture.ready(), [(1, 0), (1, 1)]);
}

#[test]
fn what_is_behind_a_gap_yields_to_what_is_ready_whatever_it_pays() {
    let mut fixture = of_count(2);
    let gapped = draft(1, 1).fee(90_000);
    fixture.accept(gapped);
    fixture.accept(draft(2, 0).fee(1_000));
    assert_eq!(fixture.insert(draft(3, 1).fee(80_000)), FULL, "behind a gap itself");
    fixture.accept(draft(3, 0).fee(900));
    assert_eq!(fixture.pool.dropped(), evicted(&[gapped]));
}

#[test]
fn among_equals_the_latest_yields() {
    let mut fixture = of_count(3);
    for sender in 1..=3 {
        fixture.accept(draft(sender, 0));
    }
    fixture.accept(draft(4, 0).fee(FEE + 1));
    assert_eq!(fixture.pool.dropped(), evicted(&[draft(3, 0)]));
}

#[test]
fn a_replacement_needs_no_place_of_its_own() {
    let mut fixture = of_count(1);
    fixture.accept(draft(1, 0));
    fixture.accept(draft(1, 0).fee(2 * FEE));
    assert_eq!(fixture.pool.len(), 1);
}

#[test]
fn a_longer_replacement_needs_room_for_the_difference() {
    let (a, b) = (draft(1, 0), draft(2, 0));
    let max_bytes = length(a) + length(b) + 1;
    let mut fixture = Fixture::new(Limits { max_bytes, ..Limits::default() });
    fixture.accept(a);
    fixture.accept(b);
    fixture.accept(draft(1, 0).fee(2 * FEE).memo(1));
    assert_eq!(fixture.pool.bytes(), max_bytes);
    assert!(fixture.waits(b));
    fixture.accept(draft(1, 0).fee(4 * FEE).memo(2));
    assert!(!fixture.waits(b));
}
