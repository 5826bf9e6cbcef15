//! A key whose records are lost, or older than what it has signed, signs nothing until it has
//! rejoined (S-5).

use quorate_consensus::{Action, Input, ObserverReason, Past};
use quorate_types::{
    BlockPayload, Guard, Height, Justification, Message, SignRecord, SignedStatement,
    StatementBody, Step, Verified, View, verify,
};

use crate::net::Net;
use crate::node::CrashPoint;
use crate::solo::{Solo, bystander};
use crate::world::{World, no_block};

/// A validator that is no primary of the first views, and the block of view 0.
fn judge() -> (Solo, BlockPayload) {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let solo = Solo::new(world, me);
    let block = solo.block(solo.primary(0), 0);
    (solo, block)
}

/// The proposal of view 0.
fn propose(solo: &mut Solo, block: &BlockPayload) {
    let primary = solo.primary(0);
    let message = solo.world.pre_prepare(primary, 0, block, Justification::default());
    solo.hear(message);
}

/// Moves on to height 2 and hears its proposal.
fn propose_next(solo: &mut Solo, parent: &BlockPayload) {
    solo.now_ms += 100;
    solo.start_next(parent);
    let primary = solo.world.primary(2, 0);
    let next = solo.block(primary, 0);
    let message = solo.world.pre_prepare(primary, 0, &next, Justification::default());
    solo.hear(message);
}

/// A validator of a past before its first start, and the block of view 0.
fn with_past(past: Past) -> (Solo, BlockPayload) {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let mut start = world.first();
    start.min_interval_ms = 0;
    let solo = Solo::before_start(world, me, past, start);
    let block = solo.block(solo.primary(0), 0);
    (solo, block)
}

fn reasons(solo: &Solo) -> Vec<ObserverReason> {
    let reasons = solo.actions.iter().filter_map(|action| {
        let Action::Observing { reason } = action else {
            return None;
        };
        Some(*reason)
    });
    reasons.collect()
}

fn met(solo: &Solo, signed: SignedStatement) -> Verified<SignedStatement> {
    verify::statement(signed, &solo.world.context, &solo.world.set).unwrap()
}

/// The record of a Prepare for a block in a view of height 1.
fn prepared_in(solo: &Solo, view: u64, digest: quorate_types::Digest) -> SignRecord {
    let statement = solo.world.sign(solo.me, 1, view, StatementBody::Prepare { digest }).statement;
    let body = statement.signing_hash(&solo.world.context);
    let guard = Guard { height: Height(1), view: View(view), step: Step::Prepare, body };
    SignRecord { guard: Some(guard), height: Height(1), view: View(view), ..SignRecord::default() }
}

#[test]
fn who_lost_its_records_signs_and_writes_nothing_and_decides() {
    let (mut solo, block) = with_past(Past::Lost);
    solo.holds_votes = true;
    solo.begin();
    assert_eq!(reasons(&solo), [ObserverReason::Lost]);
    assert!(solo.consensus.is_observing());
    let digest = block.header().digest();
    propose(&mut solo, &block);
    for other in solo.others() {
        solo.hear(solo.world.prepare(other, 1, 0, digest));
        solo.hear(Message::ViewChange(solo.world.view_change(other, 1, 2, None)));
    }
    assert_eq!(solo.held, [], "no vote, and no record that would look intact");
    for other in solo.others() {
        solo.hear(solo.world.commit(other, 1, 0, digest));
    }
    assert_eq!(solo.has_decided(), Some(digest), "it counts others' votes");
    solo.start_next(&block);
    assert_eq!((solo.held.len(), reasons(&solo).len()), (0, 1));
    assert!(solo.consensus.is_observing());
}

#[test]
fn a_full_node_has_no_records_to_lose() {
    let timeouts = quorate_consensus::Timeouts::default();
    let consensus = quorate_consensus::Consensus::recover(None, timeouts, Past::Lost);
    assert!(!consensus.is_observing());
}

/// Every way in which a statement of the own key comes along.
#[test]
fn a_statement_above_the_guard_makes_an_observer() {
    let (solo, block) = judge();
    let (world, me, digest) = (&solo.world, solo.me, block.header().digest());
    let others = solo.others();
    let beside = |signers: &[usize]| world.prepared(signers, 1, 1, digest);
    let with_me = [me, others[0], others[1]];
    let justification = Justification {
        view_changes: with_me.iter().map(|i| world.view_change(*i, 1, 1, None).signed).collect(),
        certificate: None,
    };
    let claim = beside(&with_me);
    let messages = [
        ("echo", world.prepare(me, 1, 0, digest)),
        ("a height above", world.commit(me, 7, 0, no_block(1))),
        ("a height far above", world.commit(me, 700, 0, no_block(1))),
        ("a commit certificate", Message::Certificate(world.committed(&with_me, 1, 0, digest))),
        ("one above", Message::Certificate(world.committed(&with_me, 3, 0, no_block(1)))),
        ("a claim", Message::ViewChange(world.view_change(others[0], 1, 2, Some(&claim)))),
        ("a justification", world.pre_prepare(world.primary(1, 1), 1, &block, justification)),
    ];
    for (name, message) in messages {
        let mut solo = Solo::new(world.clone(), me);
        solo.hear(message);
        assert!(
            matches!(reasons(&solo)[..], [ObserverReason::Met(signed)]
            if signed.signer.position() == me),
            "{name}"
        );
        assert!(solo.record.observing, "{name}: the mark is durable");
        propose(&mut solo, &block);
        assert_eq!(solo.sent, [], "{name}");
    }
}

#[test]
fn what_the_record_knows_is_no_reason() {
    let (solo, block) = judge();
    let digest = block.header().digest();
    let record = prepared_in(&solo, 2, digest);
    let world = &solo.world;
    let others = solo.others();
    let messages = [
        ("the same", world.prepare(solo.me, 1, 2, digest)),
        ("a lower view", world.commit(solo.me, 1, 1, digest)),
        ("a lower step", Message::ViewChange(world.view_change(solo.me, 1, 2, None))),
        ("a chain above", Message::Certificate(world.committed(&others, 9, 0, no_block(1)))),
        ("others' votes", world.prepare(others[0], 5, 0, no_block(1))),
    ];
    for (name, message) in messages {
        let mut solo = Solo::recover(world.clone(), solo.me, record.clone());
        solo.hear(message);
        assert_eq!(reasons(&solo), [], "{name}");
    }
    let beyond = [
        ("another body", world.prepare(solo.me, 1, 2, no_block(1))),
        ("a higher step", world.commit(solo.me, 1, 2, digest)),
        ("a higher view", Message::ViewChange(world.view_change(solo.me, 1, 3, None))),
        ("a higher height", world.prepare(solo.me, 2, 0, digest)),
    ];
    for (name, message) in beyond {
        let mut solo = Solo::recover(world.clone(), solo.me, record.clone());
        solo.hear(message);
        assert_eq!(reasons(&solo).len(), 1, "{name}");
    }
}

/// Schedule 2: the chain went on while this node was away; its records are intact.
#[test]
fn a_chain_above_the_records_is_no_reason() {
    let mut net = Net::new(World::equal(4));
    net.run_to(2, 10_000);
    net.power_off(0);
    net.run_for(3_000);
    net.power_on(0);
    let height = net.heights().iter().flatten().map(|(height, _)| *height).max().unwrap();
    net.run_to(height + 2, 20_000);
    assert_eq!(net.nodes[0].observing, []);
    assert!(net.nodes[0].record.guard.unwrap().height > Height(2), "and it votes");
}

/// Schedule 2: all lose power at once with intact records.
#[test]
fn nobody_observes_when_all_come_back_with_their_records() {
    for point in [CrashPoint::Write, CrashPoint::Send, CrashPoint::Answer] {
        for votes in 0..6 {
            let mut net = Net::new(World::equal(4));
            (0..4).for_each(|i| net.nodes[i].crash_in = Some((votes, point)));
            net.run_until(20_000, |net| net.nodes.iter().all(|node| !node.is_up));
            let tip = net.nodes.iter().map(|node| node.tip().0).max().unwrap();
            (0..4).for_each(|i| net.power_on(i));
            net.run_to(tip + 3, 20_000);
            assert!(net.nodes.iter().all(|node| node.observing.is_empty()), "{votes} {point:?}");
        }
    }
}

#[test]
fn a_marked_record_observes_after_a_restart() {
    let record = SignRecord { observing: true, ..SignRecord::default() };
    let (mut solo, block) = with_past(record.into());
    solo.holds_votes = true;
    solo.begin();
    propose(&mut solo, &block);
    assert_eq!(reasons(&solo), [ObserverReason::Marked]);
    assert_eq!(solo.held, [], "the mark is there already");
}

/// What the chain database or a peer shows is looked at before anything is signed.
#[test]
fn a_statement_met_before_the_start_keeps_the_first_vote_back() {
    let world = World::equal(4);
    let me = world.primary(1, 0);
    let record = SignRecord { height: Height(1), view: View(3), ..SignRecord::default() };
    let mut start = world.first();
    start.min_interval_ms = 0;
    let signed = world.sign(me, 1, 5, StatementBody::Commit { digest: no_block(1) });
    for looks in [true, false] {
        let past = record.clone().into();
        let mut solo = Solo::before_start(world.clone(), me, past, start.clone());
        if looks {
            solo.step(Input::Met(met(&solo, signed)));
        }
        solo.begin();
        assert_eq!((solo.consensus.is_observing(), solo.sent.is_empty()), (looks, looks));
    }
}

#[test]
fn a_statement_met_later_stops_at_once_and_others_are_none_of_its_business() {
    let (mut solo, block) = judge();
    let other = solo.others()[0];
    let body = StatementBody::Commit { digest: no_block(1) };
    let foreign = met(&solo, solo.world.sign(other, 1, 5, body));
    solo.step(Input::Met(foreign));
    assert!(!solo.consensus.is_observing());
    let own = solo.world.sign(solo.me, 1, 5, body);
    let set = World::with_powers(&[1, 1, 1, 2]).set;
    let elsewhere = verify::statement(own, &solo.world.context, &set).unwrap();
    solo.step(Input::Met(elsewhere));
    assert!(!solo.consensus.is_observing(), "under a set that is not known here");
    let own = met(&solo, own);
    solo.step(Input::Met(own));
    assert!(solo.consensus.is_observing());
    propose(&mut solo, &block);
    assert_eq!(solo.sent, []);
}

/// A peer answers before the epoch begins whose set the statement was verified against.
#[test]
fn a_statement_under_the_next_set_keeps_the_first_vote_under_it_back() {
    for looks in [true, false] {
        let (mut solo, block) = judge();
        propose(&mut solo, &block);
        for other in solo.others() {
            solo.hear(solo.world.commit(other, 1, 0, block.header().digest()));
        }
        let next = World::with_powers(&[1, 1, 1, 2]);
        let signed = next.sign(solo.me, 2, 5, StatementBody::Commit { digest: no_block(1) });
        solo.world = next;
        if looks {
            solo.step(Input::Met(met(&solo, signed)));
        }
        assert!(!solo.consensus.is_observing(), "whose index it is, is not known yet");
        solo.sent.clear();
        propose_next(&mut solo, &block);
        assert_eq!(solo.consensus.is_observing(), looks);
        assert_eq!(solo.sent.is_empty(), looks, "{:?}", solo.sent);
    }
}

/// An echo may come before the signer's answer: what was asked for is known.
#[test]
fn a_vote_on_its_way_is_not_news() {
    let (mut solo, block) = judge();
    solo.holds_votes = true;
    propose(&mut solo, &block);
    let vote = solo.held.pop().unwrap();
    let digest = block.header().digest();
    solo.hear(solo.world.prepare(solo.me, 1, 0, digest));
    assert!(!solo.consensus.is_observing());
    // Another one is; its mark waits until the signer has answered, so that no record is lost.
    solo.hear(solo.world.prepare(solo.me, 1, 0, no_block(1)));
    assert!(solo.consensus.is_observing());
    assert_eq!(solo.held, []);
    solo.holds_votes = false;
    solo.complete(vote);
    assert!(solo.record.observing);
    assert_eq!((solo.record.messages.len(), solo.sent.len()), (1, 1));
}

#[test]
fn who_rejoins_signs_only_above_the_height_of_its_entry() {
    let (mut solo, block) = with_past(Past::Lost);
    solo.begin();
    let digest = block.header().digest();
    propose(&mut solo, &block);
    for other in solo.others() {
        solo.hear(solo.world.commit(other, 1, 0, digest));
    }
    solo.step(Input::Rejoined(Height(1)));
    assert!(!solo.consensus.is_observing());
    assert_eq!((solo.sent.len(), solo.record.guard), (0, None), "nothing at its height");
    propose_next(&mut solo, &block);
    let signed = solo.sent.iter().filter_map(Message::signed).map(|signed| signed.statement);
    assert!(signed.clone().count() > 0 && signed.clone().all(|s| s.height == Height(2)));
    assert!(!solo.record.observing);
    // What it said at or below that height before the loss is no reason any more; above it is.
    solo.hear(solo.world.commit(solo.me, 1, 9, no_block(1)));
    assert!(!solo.consensus.is_observing());
    solo.hear(solo.world.commit(solo.me, 3, 0, no_block(1)));
    assert!(solo.consensus.is_observing());
}

#[test]
fn the_guard_of_a_rejoin_is_above_every_view_of_its_height() {
    let (mut solo, block) = with_past(Past::Lost);
    solo.begin();
    solo.step(Input::Rejoined(Height(1)));
    let guard = |solo: &Solo| solo.record.guard.map(|g| (g.height, g.view, g.step));
    solo.holds_votes = true;
    propose_next(&mut solo, &block);
    let record = solo.held.pop().unwrap().record;
    let guard_of = record.guard.unwrap();
    assert_eq!(guard(&solo), None);
    let top = (Height(1), View(u64::MAX), Step::Commit);
    assert_eq!((guard_of.height, guard_of.view, guard_of.step), top);
    assert_eq!((record.prepared, record.messages), (None, Vec::new()));
}

#[test]
fn a_rejoin_lowers_no_guard_and_is_nothing_to_who_does_not_observe() {
    let (mut solo, block) = judge();
    propose(&mut solo, &block);
    let before = solo.consensus.clone();
    solo.step(Input::Rejoined(Height(9)));
    assert_eq!(solo.consensus, before, "it does not observe");
    // Own signatures reach height 20; the entry stands at 1.
    let body = StatementBody::Prepare { digest: no_block(1) };
    let statement = solo.world.sign(solo.me, 20, 0, body).statement;
    let hash = statement.signing_hash(&solo.world.context);
    let guard = Guard { height: Height(20), view: View(0), step: Step::Prepare, body: hash };
    let record = SignRecord {
        guard: Some(guard),
        height: Height(20),
        observing: true,
        ..SignRecord::default()
    };
    let mut solo = Solo::recover(solo.world.clone(), solo.me, record);
    solo.step(Input::Rejoined(Height(1)));
    propose_next(&mut solo, &block);
    assert_eq!(solo.sent, [], "it signs only above 20");
}

#[test]
fn an_observer_does_not_propose() {
    let world = World::equal(4);
    let me = world.primary(1, 0);
    let mut solo = Solo::before_start(world.clone(), me, Past::Lost, world.first());
    solo.begin();
    solo.step(Input::WorkWaiting);
    solo.fire(quorate_consensus::TimerKind::Interval, 0);
    let builds = solo.actions.iter().filter(|action| matches!(action, Action::Build { .. }));
    assert_eq!(builds.count(), 0);
}
