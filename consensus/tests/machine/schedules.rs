//! The schedules that broke looser wordings of the protocol, as far as they concern this crate. n
//! is 4 of equal power and D, validator 3, Byzantine, unless said.

use std::collections::BTreeSet;

use quorate_consensus::{Action, TimerKind};
use quorate_types::{
    Digest, Guard, Height, Justification, Message, SignRecord, StatementBody, Step, View, verify,
};

use crate::net::Net;
use crate::node::CrashPoint;
use crate::solo::{Solo, bystander};
use crate::world::{BlockSpec, IDLE_MS, World, no_block};

const D: usize = 3;

/// A network whose D is switched off and speaks only through the test.
fn with_d() -> Net {
    let mut net = Net::new(World::equal(4));
    net.power_off(D);
    net.byzantine.push(D);
    net
}

/// Unjustified pre-prepares of ever higher views in which D is primary, another to each node: all
/// checks come before any effect.
#[test]
fn unjustified_pre_prepares_of_high_views() {
    let mut net = with_d();
    let turn = (0..4).find(|view| net.world.primary(1, *view) == D).unwrap();
    for round in 1..50_u64 {
        for to in 0..3_u64 {
            let view = turn + 4 * (100 * round + to);
            let start = net.world.first();
            let time = start.parent_time.plus(1);
            let spec = BlockSpec { proposer: D, time, salt: view };
            let block = net.world.block(&start, spec, None);
            let message = net.world.pre_prepare(D, view, &block, Justification::default());
            let verified = net.world.verified(message);
            net.send(D, usize::try_from(to).unwrap(), &verified);
        }
        net.run_for(1);
    }
    let took = net.run_to(1, 5_000);
    assert!(took <= 2_000 && net.highest_view() < 2, "{took} ms");
}

/// A view change that claims something prepared in its own view or above is no view change.
#[test]
fn a_claim_of_a_view_not_below_is_dropped() {
    let world = World::equal(4);
    for (prepared, view, expected) in [(0, 1, true), (1, 1, false), (2, 1, false)] {
        let proof = world.prepared(&[0, 1, 2], 1, prepared, no_block(1));
        let message = Message::ViewChange(world.view_change(D, 1, view, Some(&proof)));
        let verified = verify::message(message, &world.context, &world.set);
        assert_eq!(verified.is_ok(), expected, "prepared {prepared}, view {view}");
    }
}

/// Power goes between signing and sending a proposal: the same one is there after the restart, with
/// the same justification, or none was signed (S-1, S-2).
#[test]
fn no_second_proposal_of_a_view() {
    let world = World::equal(4);
    for view in [0, 1] {
        let primary = world.primary(1, view);
        for point in [CrashPoint::Write, CrashPoint::Send, CrashPoint::Answer] {
            for votes in 0..3 {
                let mut net = Net::new(world.clone());
                let silent = world.primary(1, 0);
                if view == 1 {
                    net.power_off(silent);
                }
                net.nodes[primary].crash_in = Some((votes, point));
                net.run_until(5_000, |net| !net.nodes[primary].is_up);
                net.run_for(20);
                net.power_on(primary);
                net.run_to(2, 20_000);
            }
        }
    }
}

/// A view was recorded and not signed when all lost power, D silent: after the restart the view
/// change is asked for again (S-4).
#[test]
fn a_recorded_view_without_its_view_change() {
    let mut net = with_d();
    net.filter = Box::new(|_, _, _| false);
    net.run_for(900);
    (0..3).for_each(|i| net.nodes[i].crash_in = Some((0, CrashPoint::Send)));
    (0..3).for_each(|i| net.nodes[i].signer.fails = true);
    net.run_until(2_000, |net| (0..3).all(|i| !net.nodes[i].is_up));
    assert!((0..3).all(|i| net.nodes[i].record.view == View(1)));
    net.heal();
    (0..3).for_each(|i| net.nodes[i].signer.fails = false);
    (0..3).for_each(|i| net.power_on(i));
    let took = net.run_to(1, 20_000);
    assert!(took <= 8_000, "{took} ms");
}

/// F and G complete a prepared certificate of a block whose body nobody keeps, and claim it first
/// to every primary: a quorum without their claim is used.
#[test]
fn a_prepared_block_whose_body_is_gone() {
    let world = World::equal(7);
    let (f, g) = (5, 6);
    let mut net = Net::off(world, 7);
    net.byzantine.extend([f, g]);
    let lost = no_block(1);
    for i in 0..3 {
        let body = StatementBody::Prepare { digest: lost };
        let statement = net.world.sign(i, 1, 0, body).statement;
        let body = statement.signing_hash(&net.world.context);
        let guard = Guard { height: Height(1), view: View(0), step: Step::Prepare, body };
        net.nodes[i].record = SignRecord { guard: Some(guard), ..SignRecord::default() };
    }
    (0..5).for_each(|i| net.power_on(i));
    let proof = net.world.prepared(&[0, 1, 2, f, g], 1, 0, lost);
    for view in 1..8 {
        let claim = net.world.view_change(f, 1, view, Some(&proof));
        let verified = net.world.verified(Message::ViewChange(claim));
        (0..5).for_each(|to| net.send(f, to, &verified));
    }
    // No primary of view 0: the height needs a view change.
    net.filter = Box::new(|_, _, message| {
        !matches!(message, Message::PrePrepare(proposal)
        if proposal.signed.statement.view == View(0))
    });
    let took = net.run_to(1, 60_000);
    assert!(took <= 30_000, "{took} ms");
}

/// Two certificates of one block in different views are no contradiction.
#[test]
fn certificates_of_two_views_of_one_block() {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    solo.hear(world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    let others = solo.others();
    for view in [0, 1] {
        solo.hear(Message::Certificate(world.committed(&others, 1, view, digest)));
    }
    let decided = solo.actions.iter().filter(|action| matches!(action, Action::Decided(_)));
    assert_eq!((decided.count(), solo.has_decided()), (1, Some(digest)));
}

/// Only a commit certificate silences a node, not a prepared one.
#[test]
fn a_prepared_certificate_silences_nobody() {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    let others = solo.others();
    let proof = world.prepared(&others, 1, 0, digest);
    solo.hear(Message::ViewChange(world.view_change(others[0], 1, 1, Some(&proof))));
    solo.hear(world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    others.iter().for_each(|i| solo.hear(world.prepare(*i, 1, 0, digest)));
    assert_eq!(solo.sent(Step::Commit).len(), 1);
}

/// A commit certificate of a height above does, and starts catching up.
#[test]
fn a_commit_certificate_above_silences_and_starts_catching_up() {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    let others = solo.others();
    solo.hear(Message::Certificate(world.committed(&others, 7, 0, no_block(7))));
    assert!(solo.actions.contains(&Action::Behind(Height(8))));
    let block = solo.block(solo.primary(0), 0);
    solo.hear(world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    solo.fire(TimerKind::View, 0);
    assert_eq!(solo.sent, []);
}

/// Weak presence above shows that this node is behind; one peer alone shows nothing.
#[test]
fn a_weak_set_above_starts_catching_up() {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    let behind = |solo: &Solo| {
        let heights = solo.actions.iter().filter_map(|action| {
            let Action::Behind(height) = action else {
                return None;
            };
            Some(height.0)
        });
        heights.collect::<Vec<_>>()
    };
    let others = solo.others();
    solo.hear(world.prepare(others[0], 900, 0, no_block(1)));
    assert_eq!(behind(&solo), []);
    solo.hear(world.prepare(others[1], 40, 0, no_block(1)));
    assert_eq!(behind(&solo), [40]);
    solo.hear(world.prepare(others[1], 40, 1, no_block(1)));
    assert_eq!(behind(&solo), [40], "once");
    solo.fire(TimerKind::Resend, 0);
    assert_eq!(behind(&solo), [40, 40], "and again with each tick");
}

#[test]
fn a_node_that_was_away_catches_up() {
    let mut net = Net::new(World::equal(4));
    net.power_off(0);
    net.run_to(50, 30_000);
    net.power_on(0);
    net.run_until(10_000, |net| net.nodes[0].decided.contains_key(&Height(60)));
    let votes = net.nodes[0].votes;
    net.run_for(1_000);
    assert!(net.nodes[0].votes > votes + 10, "it votes again");
}

#[test]
fn a_full_node_follows_and_signs_nothing() {
    let mut net = Net::off(World::equal(4), 5);
    (0..5).for_each(|i| net.power_on(i));
    net.run_to(10, 1_000);
    assert_eq!(net.nodes[4].votes, 0);
}

/// One Byzantine view change as each height starts neither costs view 0 nor spins an idle chain.
#[test]
fn one_view_change_per_height() {
    for has_work in [true, false] {
        let mut net = Net::off(World::equal(4), 4);
        net.has_work = has_work;
        net.byzantine.push(D);
        (0..3).for_each(|i| net.power_on(i));
        let mut views = BTreeSet::new();
        for _ in 0..8 {
            let height = net.heights()[0].unwrap().0;
            let message = Message::ViewChange(net.world.view_change(D, height, 1, None));
            net.broadcast(D, message);
            net.run_until(10_000, |net| net.heights()[0].unwrap().0 > height);
            let (_, certificate) = &net.nodes[0].decided[&Height(height)];
            let by_d = net.world.primary(height, 0) == D;
            views.insert((certificate.view.0, by_d));
        }
        assert!(views.iter().all(|(view, by_d)| *view == 0 || *by_d), "{views:?}");
        let per_height = if has_work { 0 } else { IDLE_MS };
        assert!(net.now_ms >= 8 * per_height, "{} ms", net.now_ms);
    }
}

/// An unjustified pre-prepare of a later view at each height spins no idle chain (R-0). Loosened, "a
/// pre-prepare of h" as a reason to start decides heights as fast as D sends.
#[test]
fn unjustified_pre_prepares_spin_no_idle_chain() {
    let mut net = Net::off(World::equal(4), 4);
    net.has_work = false;
    net.byzantine.push(D);
    (0..3).for_each(|i| net.power_on(i));
    for round in 0..1_000 {
        let (height, _) = net.heights()[0].unwrap();
        let view = (1..5).find(|view| net.world.primary(height, *view) == D).unwrap();
        let start = net.world.start(Height(height), no_block(1), net.now(0).wall);
        let time = start.parent_time.plus(1);
        let block = net.world.block(&start, BlockSpec { proposer: D, time, salt: round }, None);
        net.broadcast(D, net.world.pre_prepare(D, view, &block, Justification::default()));
        net.run_for(20);
    }
    let (height, _) = net.heights()[0].unwrap();
    assert!((8..=11).contains(&height), "height {height} after 20 s of {IDLE_MS} ms each");
}

/// A and B are up, D sends only view changes, C is away for a day: the views stay few, and a
/// decision follows soon after C is back (T-2, T-3).
#[test]
fn a_day_without_a_quorum() {
    let mut net = with_d();
    net.power_off(2);
    for _ in 0..2_400 {
        let view = net.highest_view() + 1;
        let message = Message::ViewChange(net.world.view_change(D, 1, view, None));
        net.broadcast(D, message);
        net.run_for(36_000);
    }
    net.power_on(2);
    let took = net.run_to(1, 60_000);
    assert!(took <= 45_000, "{took} ms");
}

/// Presence counts before anything is dropped for lying too far ahead.
#[test]
fn presence_of_far_views_counts() {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), 0);
    solo.hear(Message::Prepare(world.sign(1, 1, 5_000, body(no_block(1)))));
    solo.hear(Message::Prepare(world.sign(2, 1, 6_000, body(no_block(1)))));
    assert_eq!(solo.view(), 5_000);
}

fn body(digest: Digest) -> StatementBody {
    StatementBody::Prepare { digest }
}

/// A slow, healthy validator is in the certificates that blocks carry, though it is never among the
/// fastest quorum (M-5).
#[test]
fn late_commits_enter_the_certificate_that_a_block_carries() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world.clone(), me);
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    solo.hear(world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    let others = solo.others();
    solo.hear(Message::Certificate(world.committed(&others, 1, 0, digest)));
    let signers = |solo: &Solo| solo.consensus.last_commit().unwrap().value().signers.count();
    solo.start_next(&block);
    assert_eq!(signers(&solo), 3);
    let mut fuller = Solo::new(world.clone(), me);
    fuller.hear(world.pre_prepare(fuller.primary(0), 0, &block, Justification::default()));
    others.iter().take(2).for_each(|i| fuller.hear(world.prepare(*i, 1, 0, digest)));
    others.iter().take(2).for_each(|i| fuller.hear(world.commit(*i, 1, 0, digest)));
    assert_eq!(fuller.has_decided(), Some(digest));
    fuller.start_next(&block);
    assert_eq!(signers(&fuller), 3);
    fuller.hear(world.commit(others[2], 1, 0, no_block(1)));
    fuller.hear(world.commit(others[2], 1, 1, digest));
    assert_eq!(signers(&fuller), 3, "of another block or view");
    fuller.hear(world.commit(others[2], 1, 0, digest));
    assert_eq!(signers(&fuller), 4);
    let certificate = fuller.consensus.last_commit().unwrap().value().clone();
    assert!(verify::certificate(certificate, &world.context, &world.set).is_ok());
}
