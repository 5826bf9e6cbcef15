//! Evidence (E-1 to E-6): what a node keeps of those who contradict themselves, and the
//! verdict on it, which nobody can obtain against an honest key.

use quorate_consensus::{Action, EvidenceError, OffenceKind, judge};
use quorate_types::{Canonical, Evidence, Height, Justification, Message, SignedStatement};

use crate::solo::Solo;
use crate::world::{World, index, no_block};

/// Validator 0 at height 1; the tests accuse validator 2.
fn node() -> Solo {
    Solo::new(World::equal(4), 0)
}

/// The evidence that a node has asked to keep, judged.
fn found(solo: &Solo) -> Vec<(OffenceKind, u16)> {
    let evidence = solo.actions.iter().filter_map(|action| {
        let Action::Evidence(evidence) = action else {
            return None;
        };
        Some(evidence)
    });
    let judged = evidence.map(|e| judge(e, &solo.world.context, &solo.world.set).unwrap());
    judged.map(|offence| (offence.kind(), offence.offender().0)).collect()
}

fn signed(message: &Message) -> SignedStatement {
    *message.signed().unwrap()
}

/// Pairs of messages of validator 2 that convict it, by rule.
fn offences(solo: &Solo) -> Vec<(OffenceKind, Message, Message)> {
    let world = &solo.world;
    let (one, other) = (solo.block(2, 1), solo.block(2, 2));
    let (a, b) = (no_block(1), no_block(2));
    let prepared = world.prepared(&[0, 1, 2], 1, 0, a);
    let lower = world.prepared(&[0, 1, 2], 1, 1, a);
    let view_change =
        |view, certificate| Message::ViewChange(world.view_change(2, 1, view, certificate));
    let bare = |payload| world.pre_prepare(2, 0, payload, Justification::default());
    vec![
        (OffenceKind::TwoPrePrepares, bare(&one), bare(&other)),
        (OffenceKind::TwoPrepares, world.prepare(2, 1, 0, a), world.prepare(2, 1, 0, b)),
        (OffenceKind::TwoCommits, world.commit(2, 1, 1, a), world.commit(2, 1, 1, b)),
        (OffenceKind::TwoViewChanges, view_change(1, None), view_change(1, Some(&prepared))),
        (OffenceKind::Amnesia, world.commit(2, 1, 0, a), view_change(1, None)),
        (OffenceKind::Amnesia, world.commit(2, 1, 1, b), view_change(2, Some(&prepared))),
        (OffenceKind::Amnesia, world.commit(2, 1, 1, b), view_change(2, Some(&lower))),
    ]
}

#[test]
fn both_orders_of_each_conflict_convict_once_and_the_first_counts() {
    for (kind, first, second) in offences(&node()) {
        for pair in [[&first, &second], [&second, &first]] {
            let mut solo = node();
            pair.into_iter().chain(pair).for_each(|message| solo.hear(message.clone()));
            assert_eq!(found(&solo), [(kind, 2)], "{pair:?}");
        }
    }
}

#[test]
fn later_offences_of_one_offender_add_nothing() {
    let mut solo = node();
    for (_, first, second) in offences(&node()) {
        solo.hear(first);
        solo.hear(second);
    }
    assert_eq!(found(&solo).len(), 1, "one pair per offender (R-10)");
}

#[test]
fn what_travels_beside_a_message_convicts_too() {
    let mut solo = node();
    let world = solo.world.clone();
    let hidden = world.prepared(&[1, 2, 3], 1, 0, no_block(1));
    solo.hear(world.prepare(2, 1, 0, no_block(2)));
    solo.hear(Message::ViewChange(world.view_change(3, 1, 1, Some(&hidden))));
    assert_eq!(found(&solo), [(OffenceKind::TwoPrepares, 2)]);
}

#[test]
fn heights_below_and_above_are_watched() {
    let mut solo = node();
    let world = solo.world.clone();
    let block = solo.block(1, 0);
    let digest = block.header().digest();
    solo.hear(world.prepare(2, 3, 0, no_block(1)));
    solo.hear(world.prepare(2, 3, 0, no_block(2)));
    assert_eq!(found(&solo), [(OffenceKind::TwoPrepares, 2)], "a height above");
    solo.hear(Message::Certificate(world.committed(&[1, 2, 3], 1, 0, digest)));
    solo.step(quorate_consensus::Input::Fetched(block.clone()));
    solo.start_next(&block);
    solo.hear(world.commit(3, 1, 0, no_block(7)));
    assert_eq!(found(&solo).last(), Some(&(OffenceKind::TwoCommits, 3)), "the height below");
}

#[test]
fn an_unjustified_pre_prepare_convicts_its_signer() {
    let mut solo = node();
    let world = solo.world.clone();
    let block = solo.block(2, 0);
    let view_changes = [1, 2].map(|i| world.view_change(i, 1, 1, None).signed).to_vec();
    let justification = Justification { view_changes, certificate: None };
    solo.hear(world.pre_prepare(2, 1, &block, justification));
    assert_eq!(found(&solo), [(OffenceKind::Unjustified, 2)]);
}

#[test]
fn what_honest_validators_say_convicts_nobody() {
    let solo = node();
    let world = &solo.world;
    let (a, b) = (no_block(1), no_block(2));
    let prepared = world.prepared(&[0, 1, 2], 1, 0, a);
    let higher = world.prepared(&[0, 1, 2], 1, 1, b);
    let view_change =
        |view, certificate| Message::ViewChange(world.view_change(2, 1, view, certificate));
    let pairs = [
        (world.prepare(2, 1, 0, a), world.prepare(2, 1, 1, b)),
        (world.prepare(2, 1, 0, a), world.commit(2, 1, 0, b)),
        (world.commit(2, 1, 0, a), world.commit(2, 1, 1, b)),
        (world.commit(2, 1, 0, a), view_change(1, Some(&prepared))),
        (world.commit(2, 1, 0, a), view_change(2, Some(&higher))),
        (world.commit(2, 1, 1, b), view_change(1, None)),
        (view_change(1, None), view_change(2, Some(&prepared))),
        (world.prepare(2, 1, 0, a), world.prepare(2, 2, 0, b)),
        (world.prepare(2, 1, 0, a), world.prepare(3, 1, 0, b)),
        (world.prepare(2, 1, 0, a), world.prepare(2, 1, 0, a)),
    ];
    for (one, other) in pairs {
        let mut solo = node();
        solo.hear(one.clone());
        solo.hear(other.clone());
        assert_eq!(found(&solo), [], "{one:?} {other:?}");
        let evidence = Evidence::conflict(signed(&one), signed(&other));
        let verdict = judge(&evidence, &solo.world.context, &solo.world.set);
        assert!(verdict.is_err(), "{one:?} {other:?}");
    }
}

#[test]
fn forged_evidence_is_refused_with_its_reason() {
    let world = World::equal(4);
    let verdict = |evidence: &Evidence| judge(evidence, &world.context, &world.set);
    let one = signed(&world.prepare(2, 1, 0, no_block(1)));
    let other = signed(&world.prepare(2, 1, 0, no_block(2)));
    assert!(verdict(&Evidence::conflict(one, other)).is_ok());
    let stolen = SignedStatement { signer: index(3), ..other };
    let error = verdict(&Evidence::conflict(one, stolen)).unwrap_err();
    assert_eq!(error, EvidenceError::NotOneSigner);
    let (one_3, other_3) = (
        SignedStatement { signer: index(3), ..one },
        SignedStatement { signer: index(3), ..other },
    );
    let error = verdict(&Evidence::conflict(one_3, other_3)).unwrap_err();
    assert!(matches!(error, EvidenceError::Verify(_)), "signatures of another key: {error}");
    let Evidence::Conflict { first, second } = Evidence::conflict(one, other) else {
        unreachable!("a conflict");
    };
    let swapped = Evidence::Conflict { first: second, second: first };
    assert_eq!(verdict(&swapped).unwrap_err(), EvidenceError::OutOfOrder);
    let foreign = World { context: foreign(&world), ..world.clone() };
    assert!(judge(&Evidence::conflict(one, other), &foreign.context, &foreign.set).is_err());
}

fn foreign(world: &World) -> quorate_types::ChainContext {
    let chain_id = "another-chain".parse().unwrap();
    quorate_types::ChainContext { chain_id, ..world.context.clone() }
}

#[test]
fn a_justification_convicts_only_whoever_signed_its_hash() {
    let solo = node();
    let world = &solo.world;
    let block = solo.block(2, 0);
    let quorum = [1, 2, 3].map(|i| world.view_change(i, 1, 1, None).signed).to_vec();
    let justified = Justification { view_changes: quorum.clone(), certificate: None };
    let pre_prepare = signed(&world.pre_prepare(2, 1, &block, justified.clone()));
    let verdict = |justification: Justification, pre_prepare: SignedStatement| {
        let evidence = Evidence::Unjustified { pre_prepare, justification };
        judge(&evidence, &world.context, &world.set)
    };
    assert_eq!(verdict(justified, pre_prepare).unwrap_err(), EvidenceError::NoConflict);
    let fewer = Justification { view_changes: quorum[1..].to_vec(), certificate: None };
    let error = verdict(fewer, pre_prepare).unwrap_err();
    assert_eq!(error, EvidenceError::OtherJustification);
    // A view change in it whose signature does not hold: its primary signed for it all the same.
    let mut forged = quorum;
    forged[0].signature = forged[1].signature;
    let forged = Justification { view_changes: forged, certificate: None };
    let pre_prepare = signed(&world.pre_prepare(2, 1, &block, forged.clone()));
    assert_eq!(verdict(forged, pre_prepare).unwrap().kind(), OffenceKind::Unjustified);
}

#[test]
fn evidence_has_one_form() {
    let world = World::equal(4);
    let one = signed(&world.prepare(2, 1, 0, no_block(1)));
    let other = signed(&world.prepare(2, 1, 0, no_block(2)));
    let evidence = Evidence::conflict(one, other);
    assert_eq!(evidence, Evidence::conflict(other, one));
    assert_eq!(Evidence::from_bytes(&evidence.to_bytes()), Ok(evidence.clone()));
    assert_eq!((evidence.accused(), evidence.height()), (index(2), Height(1)));
    let Evidence::Conflict { first, second } = evidence else { unreachable!("a conflict") };
    let swapped = Evidence::Conflict { first: second, second: first };
    assert!(Evidence::from_bytes(&swapped.to_bytes()).is_err());
}
