//! Which candidates a block gets, in which order; what waits behind a gap.

mod common;

use common::{Draft, FEE, Fixture, draft, name};
use quorate_mempool::{Limits, MAX_SKIPPED_CANDIDATES};

fn fixture(drafts: &[Draft]) -> Fixture {
    let mut fixture = Fixture::new(Limits::default());
    for draft in drafts {
        fixture.accept(*draft);
    }
    fixture
}

#[test]
fn heads_go_by_fee_per_byte_then_by_arrival() {
    let fixture = fixture(&[
        draft(1, 0).fee(1_000),
        draft(2, 0).fee(2_000),
        draft(3, 0).fee(1_000),
        draft(4, 0).fee(2_100).memo(256),
    ]);
    assert_eq!(fixture.ready(), [(2, 0), (1, 0), (3, 0), (4, 0)]);
}

#[test]
fn a_sender_s_nonces_ascend_whatever_they_pay() {
    let fixture = fixture(&[
        draft(1, 1).fee(9_000),
        draft(1, 0).fee(1_000),
        draft(2, 0).fee(2_000),
        draft(2, 1).fee(500),
    ]);
    assert_eq!(fixture.ready(), [(2, 0), (1, 0), (1, 1), (2, 1)]);
}

#[test]
fn what_is_behind_a_gap_waits_until_it_is_filled() {
    let mut fixture = fixture(&[draft(1, 1), draft(1, 2), draft(1, 4)]);
    assert!(!fixture.pool.has_ready());
    assert_eq!(fixture.ready(), []);
    assert_eq!((fixture.pool.status().ready, fixture.pool.status().behind_gap), (0, 3));

    fixture.accept(draft(1, 0));
    assert!(fixture.pool.has_ready());
    assert_eq!(fixture.ready(), [(1, 0), (1, 1), (1, 2)]);
    assert_eq!((fixture.pool.status().ready, fixture.pool.status().behind_gap), (3, 1));

    fixture.accept(draft(1, 3));
    assert_eq!(fixture.ready().len(), 5);
}

#[test]
fn count_and_bytes_bound_the_candidates_exactly() {
    let fixture = fixture(&[draft(1, 0), draft(1, 1), draft(2, 0)]);
    let one = draft(1, 0).sign().bytes().len();
    assert_eq!(fixture.pool.ready(usize::MAX, 2).len(), 2);
    assert_eq!(fixture.pool.ready(usize::MAX, 0).len(), 0);
    assert_eq!(fixture.pool.ready(3 * one, 9).len(), 3);
    assert_eq!(fixture.pool.ready(3 * one - 1, 9).len(), 2);
    assert_eq!(fixture.pool.ready(one - 1, 9).len(), 0);
}

#[test]
fn a_sender_whose_next_one_does_not_fit_is_passed_over() {
    let fixture =
        fixture(&[draft(1, 0).fee(90_000).memo(256), draft(1, 1).fee(90_000), draft(2, 0)]);
    let small = draft(2, 0).sign().bytes().len();
    let taken: Vec<_> = fixture.pool.ready(small, 9).iter().map(name).collect();
    assert_eq!(taken, [(2, 0)]);
}

#[test]
fn the_search_for_what_fits_is_bounded() {
    let seeds = 1..=u8::try_from(MAX_SKIPPED_CANDIDATES + 1).unwrap();
    let large: Vec<Draft> = seeds.map(|seed| draft(seed, 0).fee(90_000).memo(9)).collect();
    let small = draft(200, 0);
    let bytes = small.sign().bytes().len();
    let last = large.len() - 1;
    let mut passed = fixture(&large[..last]);
    passed.accept(small);
    assert_eq!(passed.pool.ready(bytes, 9).len(), 1);
    let mut bounded = fixture(&large);
    bounded.accept(small);
    assert_eq!(bounded.pool.ready(bytes, 9).len(), 0);
}

#[test]
fn equal_insertions_lead_to_equal_pools() {
    let drafts = [draft(1, 0), draft(2, 1), draft(2, 0).fee(FEE + 1), draft(3, 0)];
    let (one, two) = (fixture(&drafts), fixture(&drafts));
    assert_eq!(one.pool, two.pool);
    assert_eq!(one.ready(), two.ready());
    let mut batch = Fixture::new(Limits::default());
    batch.insert_all(&drafts);
    assert_eq!(one.pool, batch.pool, "in one batch or in four");
}

#[test]
fn lookups_answer_by_id_in_order() {
    let mut fixture = fixture(&[]);
    let (first, second) = (fixture.accept(draft(2, 0)), fixture.accept(draft(1, 1)));
    let absent = draft(3, 0).sign();
    let ids = [second.id(), absent.id(), first.id()];
    let found = fixture.pool.resolve(&ids);
    assert_eq!(found, [Some(second.clone()), None, Some(first.clone())]);
    assert_eq!(fixture.pool.get(&first.id()), Some(&first));
    assert_eq!(fixture.pool.list(9), [first.clone(), second.clone()], "by arrival");
    assert_eq!(fixture.pool.list(1).len(), 1);
    assert_eq!(fixture.pool.bytes(), first.bytes().len() + second.bytes().len());
    assert_eq!(fixture.pool.status().senders, 2);
}
