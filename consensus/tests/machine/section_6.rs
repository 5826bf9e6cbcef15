//! Which justifications let a pre-prepare through (section 6), seen from a node in view 0: one that
//! passes takes it into view 1 and makes it prepare; any other changes nothing.

use quorate_consensus::Action;
use quorate_types::{
    BlockPayload, Certificate, Digest, Justification, SignedStatement, StatementBody, View,
};

use crate::solo::{Solo, bystander};
use crate::world::{World, no_block};

/// A node that judges, and the primary of view 1.
fn judge(n: usize) -> (Solo, usize) {
    let world = World::equal(n);
    let me = bystander(&world, &[0, 1]);
    let primary = world.primary(1, 1);
    (Solo::heedless(world, me), primary)
}

fn unprepared(world: &World, signers: &[usize]) -> Vec<SignedStatement> {
    signers.iter().map(|i| world.view_change(*i, 1, 1, None).signed).collect()
}

/// View changes to `view` in which the named signers claim something prepared.
fn claims(
    world: &World,
    view: u64,
    claims: &[(usize, Option<(u64, Digest)>)],
) -> Vec<SignedStatement> {
    let sign = |(i, claim): &(usize, Option<(u64, Digest)>)| {
        let prepared = claim.map(|(view, digest)| (View(view), digest));
        world.sign(*i, 1, view, StatementBody::ViewChange { prepared })
    };
    claims.iter().map(sign).collect()
}

/// Sends the pre-prepare of a view and says whether it was accepted; checks that a refused one has
/// no effect at all.
fn is_accepted(
    solo: &mut Solo,
    view: u64,
    payload: &BlockPayload,
    view_changes: Vec<SignedStatement>,
    certificate: Option<Certificate>,
) -> bool {
    let justification = Justification { view_changes, certificate };
    let primary = solo.primary(view);
    let before = (solo.view(), solo.sent.len(), acted(solo));
    let message = solo.world.pre_prepare(primary, view, payload, justification);
    solo.hear(message);
    let expected = (view, payload.header().digest());
    let accepted = solo.prepares().contains(&expected);
    if !accepted {
        assert_eq!((solo.view(), solo.sent.len(), acted(solo)), before);
    }
    accepted
}

/// How many actions there were, evidence apart.
fn acted(solo: &Solo) -> usize {
    let acts = |action: &&Action| !matches!(action, Action::Evidence(_));
    solo.actions.iter().filter(acts).count()
}

fn is_accepted_at_1(view_changes: impl Fn(&World) -> Vec<SignedStatement>) -> bool {
    let (mut solo, primary) = judge(4);
    let block = solo.block(primary, 0);
    let view_changes = view_changes(&solo.world);
    is_accepted(&mut solo, 1, &block, view_changes, None)
}

#[test]
fn view_0_wants_none() {
    let (mut solo, _) = judge(4);
    let block = solo.block(solo.primary(0), 0);
    let signers = unprepared(&solo.world, &[0, 1, 2]);
    let with_one = Justification { view_changes: signers, certificate: None };
    let message = solo.world.pre_prepare(solo.primary(0), 0, &block, with_one);
    solo.hear(message);
    assert_eq!(solo.prepares(), []);
    assert!(is_accepted(&mut solo, 0, &block, Vec::new(), None));
}

#[test]
fn a_free_value_wants_a_quorum_of_unprepared_view_changes() {
    assert!(is_accepted_at_1(|world| unprepared(world, &[0, 1, 2])));
    assert!(is_accepted_at_1(|world| unprepared(world, &[1, 2, 3])));
    assert!(is_accepted_at_1(|world| unprepared(world, &[0, 1, 2, 3])));
    assert!(!is_accepted_at_1(|_| Vec::new()));
    assert!(!is_accepted_at_1(|world| unprepared(world, &[0, 1])));
}

#[test]
fn power_counts_distinct_signers_in_order() {
    assert!(!is_accepted_at_1(|world| unprepared(world, &[0, 1, 1])));
    assert!(!is_accepted_at_1(|world| unprepared(world, &[0, 1, 1, 2])));
    assert!(!is_accepted_at_1(|world| unprepared(world, &[2, 1, 0])));
}

#[test]
fn view_changes_are_of_exactly_this_height_and_view() {
    let of = |height, view| {
        move |world: &World| {
            let mut view_changes = unprepared(world, &[0, 1]);
            view_changes.push(world.view_change(2, height, view, None).signed);
            view_changes
        }
    };
    assert!(is_accepted_at_1(of(1, 1)));
    assert!(!is_accepted_at_1(of(1, 2)));
    assert!(!is_accepted_at_1(of(2, 1)));
}

#[test]
fn a_free_value_carries_no_certificate_and_is_the_primarys_own() {
    let (mut solo, primary) = judge(4);
    let own = solo.block(primary, 0);
    let other = solo.block(solo.primary(0), 0);
    let view_changes = unprepared(&solo.world, &[0, 1, 2]);
    let digest = own.header().digest();
    let certificate = solo.world.prepared(&[0, 1, 2], 1, 0, digest);
    assert!(!is_accepted(&mut solo, 1, &own, view_changes.clone(), Some(certificate)));
    assert!(!is_accepted(&mut solo, 1, &other, view_changes.clone(), None));
    assert!(is_accepted(&mut solo, 1, &own, view_changes, None));
}

/// A block of view 0 that one of three view changes to view 1 claims to be prepared.
fn carried_over() -> (Solo, BlockPayload, Vec<SignedStatement>, Certificate) {
    let (solo, _) = judge(4);
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    let certificate = solo.world.prepared(&[0, 1, 3], 1, 0, digest);
    let view_changes = claims(&solo.world, 1, &[(0, None), (1, Some((0, digest))), (2, None)]);
    (solo, block, view_changes, certificate)
}

#[test]
fn a_prepared_block_is_carried_over_with_its_certificate() {
    let (mut solo, block, view_changes, certificate) = carried_over();
    assert!(!is_accepted(&mut solo, 1, &block, view_changes.clone(), None));
    let another = solo.block(solo.primary(1), 7);
    let proof = Some(certificate);
    assert!(!is_accepted(&mut solo, 1, &another, view_changes.clone(), proof.clone()));
    assert!(is_accepted(&mut solo, 1, &block, view_changes, proof));
    assert_eq!(solo.view(), 1);
}

#[test]
fn a_carried_over_block_is_not_judged_by_the_clock() {
    let (mut solo, block, view_changes, certificate) = carried_over();
    solo.now_ms += 3_600_000;
    assert!(is_accepted(&mut solo, 1, &block, view_changes, Some(certificate)));
}

#[test]
fn the_certificate_is_of_exactly_the_claim() {
    let (solo, block, ..) = carried_over();
    let digest = block.header().digest();
    // Views 1 and 2 claim the block; the proof must be of view 2, the highest.
    let view_changes =
        claims(&solo.world, 3, &[(0, Some((1, digest))), (1, Some((2, digest))), (2, None)]);
    let of = |view: u64| solo.world.prepared(&[0, 1, 3], 1, view, digest);
    let world = World::equal(4);
    let me = bystander(&world, &[0, 3]);
    for (view, expected) in [(0, false), (1, false), (2, true)] {
        let mut judge = Solo::heedless(world.clone(), me);
        let proof = Some(of(view));
        assert_eq!(is_accepted(&mut judge, 3, &block, view_changes.clone(), proof), expected);
    }
}

#[test]
fn the_highest_prepared_view_decides() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 3]);
    let mut solo = Solo::heedless(world, me);
    let (low, high) = (solo.block(solo.primary(0), 1), solo.block(solo.primary(0), 2));
    let digests = (low.header().digest(), high.header().digest());
    let prepared = [(0, Some((1, digests.0))), (1, Some((2, digests.1))), (2, None)];
    let view_changes = claims(&solo.world, 3, &prepared);
    let low_proof = solo.world.prepared(&[0, 1, 3], 1, 1, digests.0);
    let high_proof = solo.world.prepared(&[0, 1, 3], 1, 2, digests.1);
    assert!(!is_accepted(&mut solo, 3, &low, view_changes.clone(), Some(low_proof)));
    assert!(is_accepted(&mut solo, 3, &high, view_changes, Some(high_proof)));
}

#[test]
fn a_claim_lies_below_its_view_and_names_one_block_per_view() {
    let (mut solo, block, _, certificate) = carried_over();
    let digest = block.header().digest();
    let own_view = claims(&solo.world, 1, &[(0, None), (1, Some((1, digest))), (2, None)]);
    let proof = solo.world.prepared(&[0, 1, 3], 1, 1, digest);
    assert!(!is_accepted(&mut solo, 1, &block, own_view, Some(proof)));
    let other = Some((0, no_block(9)));
    let torn = claims(&solo.world, 1, &[(0, other), (1, Some((0, digest))), (2, None)]);
    assert!(!is_accepted(&mut solo, 1, &block, torn, Some(certificate)));
}
