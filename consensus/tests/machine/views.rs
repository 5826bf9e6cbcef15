//! View changes: who leaves a view when, what the next primary proposes, and what a late Commit
//! still decides (R-3 to R-8, T-3).

use std::sync::Arc;

use quorate_consensus::{Action, Input, TimerKind};
use quorate_types::{BlockPayload, Height, Justification, Message, StatementBody, Step, View};

use crate::net::Net;
use crate::solo::{Solo, bystander};
use crate::world::{World, no_block};

#[test]
fn a_silent_primary_costs_one_view() {
    let mut net = Net::new(World::equal(4));
    let primary = net.world.primary(1, 0);
    net.power_off(primary);
    let took = net.run_to(1, 5_000);
    assert!((1_000..1_200).contains(&took), "{took} ms with a base of one second");
}

/// Everybody prepares the block of view 0, Commits are lost: it is decided in a later view.
#[test]
fn a_prepared_block_is_carried_over() {
    let mut net = Net::new(World::equal(4));
    net.filter = Box::new(|_, _, message| {
        let commit = matches!(message, Message::Commit(signed) if signed.statement.view == View(0));
        !commit && !matches!(message, Message::Certificate(_))
    });
    net.run_until(1_000, |net| {
        net.nodes.iter().all(|n| n.consensus.progress().unwrap().prepared.is_some())
    });
    let committed = net.nodes[0].record.last_commit.unwrap().digest;
    net.run_to(1, 5_000);
    assert_eq!(net.oracle.digest(1), Some(committed));
    let (_, certificate) = &net.nodes[0].decided[&Height(1)];
    assert_eq!(certificate.view, View(1));
}

/// Only one node holds the prepared certificate; the quorum that is left cannot do without it.
#[test]
fn one_prepared_certificate_is_carried_over() {
    let world = World::equal(4);
    let (first, keeper) = (world.primary(1, 0), bystander(&world, &[0, 1]));
    let mut net = Net::new(world);
    net.filter = Box::new(move |_, to, message| match message {
        Message::Prepare(signed) => signed.statement.view > View(0) || to == keeper,
        Message::Commit(signed) => signed.statement.view > View(0),
        Message::ViewChange(_)
        | Message::PrePrepare(_)
        | Message::Certificate(_)
        | Message::Rejoin(_)
        | Message::Evidence(_) => true,
    });
    net.run_until(1_000, |net| net.nodes[keeper].consensus.progress().unwrap().prepared.is_some());
    let prepared = net.nodes[keeper].record.prepared.clone().unwrap().digest;
    net.power_off(first);
    net.run_to(1, 5_000);
    assert_eq!(net.oracle.digest(1), Some(prepared));
}

/// A quorum of Commits of a view that was left still decides, and so does a certificate.
#[test]
fn commits_of_a_left_view_decide() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    solo.fire(TimerKind::View, 0);
    assert_eq!(solo.view(), 1);
    for other in solo.others() {
        assert_eq!(solo.has_decided(), None);
        solo.hear(solo.world.commit(other, 1, 0, digest));
    }
    assert_eq!(solo.has_decided(), Some(digest));
}

#[test]
fn a_certificate_decides_once_the_block_is_there() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    let others = solo.others();
    let certificate = solo.world.committed(&others, 1, 3, digest);
    solo.hear(Message::Certificate(certificate));
    assert!(solo.has_fetched(digest));
    assert_eq!(solo.has_decided(), None);
    // a pre-prepare is not voted for any more.
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    solo.fire(TimerKind::View, 0);
    assert_eq!(solo.sent, []);
    if solo.has_decided().is_none() {
        solo.step(Input::Fetched(block));
    }
    assert_eq!(solo.has_decided(), Some(digest));
    assert!(!solo.actions.iter().any(|action| matches!(action, Action::PublishCertificate(_))));
}

#[test]
fn the_largest_view_that_a_weak_set_has_reached_is_entered() {
    let world = World::equal(7); // weak: 3
    let me = bystander(&world, &[3, 5, 8, 9]);
    let mut solo = Solo::new(world, me);
    let others = solo.others();
    for (other, view) in others.iter().zip([9, 8]) {
        solo.hear(Message::ViewChange(solo.world.view_change(*other, 1, view, None)));
        assert_eq!(solo.view(), 0);
    }
    solo.hear(Message::ViewChange(solo.world.view_change(others[2], 1, 5, None)));
    assert_eq!(solo.view(), 5, "three have reached 5, two have reached 8");
    solo.hear(Message::ViewChange(solo.world.view_change(others[3], 1, 3, None)));
    assert_eq!(solo.view(), 5);
    let views: Vec<u64> = solo.sent(Step::ViewChange).iter().map(|s| s.view.0).collect();
    assert_eq!(views, [5]);
}

#[test]
fn the_gate_opens_once_for_a_quorum() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let mut solo = Solo::new(world, me);
    solo.step(Input::WorkWaiting);
    assert_eq!(solo.timer_ms(TimerKind::View, 0), Some(1_000));
    solo.fire(TimerKind::View, 0);
    assert_eq!(solo.view(), 1);
    solo.fire(TimerKind::View, 1);
    assert_eq!(solo.view(), 1, "a timer that never started does not fire");
    let others = solo.others();
    let view_change = |i: usize| Message::ViewChange(World::equal(4).view_change(i, 1, 1, None));
    solo.hear(view_change(others[0]));
    assert!(!solo.has_set(TimerKind::View, 1), "two of four are no quorum");
    solo.hear(view_change(others[1]));
    assert_eq!(solo.timer_ms(TimerKind::View, 1), Some(2_000));
    solo.actions.clear();
    solo.hear(view_change(others[2]));
    assert!(!solo.has_set(TimerKind::View, 1), "once");
}

#[test]
fn an_accepted_pre_prepare_opens_the_gate() {
    let world = World::equal(4);
    let me = bystander(&world, &[1]);
    let mut solo = Solo::new(world, me);
    let block = solo.block(solo.primary(1), 0);
    let signers = (0..4).filter(|i| *i != me);
    let view_changes = signers.map(|i| solo.world.view_change(i, 1, 1, None).signed).collect();
    let justification = Justification { view_changes, certificate: None };
    solo.hear(solo.world.pre_prepare(solo.primary(1), 1, &block, justification));
    assert_eq!(solo.timer_ms(TimerKind::View, 1), Some(2_000));
    assert_eq!(solo.sent(Step::ViewChange), [], "its pre-prepare took it there (R-2)");
}

/// a quorum prepares what this node has not accepted; it fetches, and prepares nothing.
#[test]
fn a_quorum_for_an_unknown_block_is_fetched_only() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    let digest = no_block(1);
    for other in solo.others() {
        solo.hear(solo.world.prepare(other, 1, 0, digest));
    }
    assert!(solo.has_fetched(digest));
    assert_eq!(solo.prepared_view(), None);
    assert_eq!(solo.sent, []);
}

/// The same when another block was accepted: the primary has shown two.
#[test]
fn a_quorum_for_another_block_than_the_accepted_is_fetched() {
    let world = World::equal(7);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    let block = solo.block(solo.primary(0), 0);
    let accepted = block.header().digest();
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    let digest = no_block(1);
    for other in solo.others() {
        solo.hear(solo.world.prepare(other, 1, 0, digest));
    }
    assert!(solo.has_fetched(digest));
    assert_eq!(solo.prepares(), [(0, accepted)]);
    assert_eq!(solo.prepared_view(), None);
}

/// I-6: a Commit waits until the block is durable, and the record that carries it has the proof.
#[test]
fn a_commit_waits_for_the_block_to_be_durable() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    solo.answers_store = false;
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    for other in solo.others() {
        solo.hear(solo.world.prepare(other, 1, 0, digest));
    }
    let stores = solo.actions.iter().filter(|action| **action == Action::StoreBlock(digest));
    assert_eq!(stores.count(), 1);
    assert_eq!((solo.prepared_view(), solo.sent(Step::Commit).len()), (None, 0));
    solo.holds_votes = true;
    solo.step(Input::BlockStored(digest));
    let vote = solo.held.pop().unwrap();
    let prepared = vote.record.prepared.as_ref().unwrap();
    assert_eq!((prepared.view, prepared.digest), (View(0), digest));
    let commit = StatementBody::Commit { digest };
    assert_eq!(vote.statements.iter().map(|s| s.statement().body).collect::<Vec<_>>(), [commit]);
}

/// Section 6 leaves the choice among quorums: one whose block is held comes first.
#[test]
fn the_primary_prefers_what_it_holds() {
    let world = World::equal(7); // quorum: 5
    let me = world.primary(1, 1);
    let mut solo = Solo::new(world, me);
    let lost = no_block(1);
    let others = solo.others();
    let signers = &others[..5];
    let proof = solo.world.prepared(signers, 1, 0, lost);
    solo.fire(TimerKind::View, 0);
    let claim = solo.world.view_change(others[0], 1, 1, Some(&proof));
    solo.hear(Message::ViewChange(claim));
    for other in &others[1..4] {
        solo.hear(Message::ViewChange(solo.world.view_change(*other, 1, 1, None)));
    }
    let builds =
        |solo: &Solo| solo.actions.contains(&Action::Build { height: Height(1), view: View(1) });
    assert!(solo.view() == 1 && !builds(&solo));
    assert!(solo.has_fetched(lost), "five with the claim: the block is wanted");
    solo.hear(Message::ViewChange(solo.world.view_change(others[4], 1, 1, None)));
    assert!(builds(&solo), "five without it: the value is free");
}

/// A block of ids waits for its transactions; the whole block, fetched or carried over, is judged
/// in its place.
#[test]
fn a_whole_block_takes_the_place_of_its_ids() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let mut solo = Solo::new(world.clone(), me);
    solo.answers_validate = false;
    let whole = solo.block(solo.primary(0), 0);
    let BlockPayload::Whole(block) = &whole else { panic!("blocks of tests are whole") };
    let digest = block.digest();
    let compact = BlockPayload::Compact(Arc::new(block.compact()));
    let asked = |solo: &Solo, payload: &BlockPayload| {
        let payload = payload.clone();
        solo.actions.contains(&Action::Validate { digest, payload })
    };
    solo.hear(world.pre_prepare(solo.primary(0), 0, &compact, Justification::default()));
    assert!(asked(&solo, &compact) && !asked(&solo, &whole));
    let mut fetching = Solo::new(world.clone(), me);
    fetching.answers_validate = false;
    fetching.hear(world.pre_prepare(solo.primary(0), 0, &compact, Justification::default()));
    for other in fetching.others() {
        fetching.hear(world.prepare(other, 1, 0, digest));
    }
    fetching.step(Input::Fetched(whole.clone()));
    assert!(asked(&fetching, &whole));
    fetching.step(Input::Validated { digest, valid: true });
    assert_eq!(fetching.prepares(), [(0, digest)]);

    let proof = world.prepared(&solo.others(), 1, 0, digest);
    let claims = solo.others().into_iter().map(|i| world.view_change(i, 1, 1, Some(&proof)).signed);
    let justification =
        Justification { view_changes: claims.collect(), certificate: Some(proof.clone()) };
    solo.hear(world.pre_prepare(solo.primary(1), 1, &whole, justification));
    assert!(asked(&solo, &whole));
    solo.step(Input::Validated { digest, valid: true });
    assert_eq!(solo.prepares(), [(1, digest)]);
}
