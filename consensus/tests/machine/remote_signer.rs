//! A signer with a guard of its own (S-2, S-4): it may remember what the node's record does not. It
//! must never hold a node back for ever, and what it signed last is taken over.

use quorate_consensus::{Action, Input, Timeouts};
use quorate_types::{
    Certificate, Digest, Height, Message, PreparedMark, SignRecord, SignedStatement, StatementBody,
    Step, View,
};

use crate::net::Net;
use crate::node::{CrashPoint, OwnGuard};
use crate::solo::{Solo, bystander};
use crate::world::{World, no_block};

/// A network, still off, whose validators' signers keep guards.
fn guarded(n: usize) -> Net {
    let mut net = Net::off(World::equal(n), n);
    net.nodes.iter_mut().for_each(|node| node.signer.guard = Some(OwnGuard::default()));
    net
}

/// The primary of view 0, another validator A, and the rest: one more and the silent D.
fn roles(world: &World) -> (usize, usize, usize) {
    let primary = world.primary(1, 0);
    let others: Vec<usize> = (0..4).filter(|i| *i != primary).collect();
    (primary, others[0], others[1])
}

/// Schedule: A's signer records its Commit and the power goes. The others have left the view, so
/// nothing brings the certificate back; without it A's view changes are refused, and D is silent.
#[test]
fn a_certificate_is_durable_before_its_commit_is_asked_for() {
    let mut net = guarded(4);
    let (primary, a, other) = roles(&net.world);
    [primary, a, other].into_iter().for_each(|i| net.power_on(i));
    net.filter = Box::new(move |_, to, message| to == a || !matches!(message, Message::Prepare(_)));
    net.nodes[a].crash_signing = Some(Step::Commit);
    net.run_until(1_000, |net| !net.nodes[a].is_up);
    assert!(net.nodes[a].record.prepared.is_some(), "the record has what the signer relies on");
    net.run_until(5_000, |net| {
        let views = net.heights();
        [primary, other].into_iter().all(|i| views[i] == Some((1, 1)))
    });
    net.heal();
    net.power_on(a);
    let took = net.run_to(1, 30_000);
    assert!(took <= 15_000, "{took} ms");
    assert_eq!(net.nodes[a].signer.guard.as_ref().unwrap().refusals, 0);
}

/// Schedule: A's signer signs a view change and the power goes. Back in view 0, A would prepare
/// there, and its signer would refuse both the Commit and any other view change; D is silent.
#[test]
fn a_view_change_that_only_the_signer_has_is_taken_over() {
    let mut net = guarded(4);
    let (primary, a, other) = roles(&net.world);
    net.filter = Box::new(|_, _, message| !matches!(message, Message::Prepare(_)));
    net.power_on(a);
    net.run_for(400);
    net.timeouts = Timeouts { initial_ms: 4_000, ..Timeouts::default() };
    [primary, other].into_iter().for_each(|i| net.power_on(i));
    net.nodes[a].crash_signing = Some(Step::ViewChange);
    net.run_until(3_000, |net| !net.nodes[a].is_up);
    assert_eq!(net.nodes[a].record.view, View(0), "not even the view is recorded");
    net.heal();
    net.power_on(a);
    assert_eq!(net.heights()[a], Some((1, 1)));
    let took = net.run_to(1, 60_000);
    assert!(took <= 20_000, "{took} ms");
    assert_eq!(net.nodes[a].signer.guard.as_ref().unwrap().refusals, 0);
}

/// Power goes at every point of a vote, of one node and where every vote is needed.
#[test]
fn power_goes_at_every_point() {
    for n in [1, 2, 4] {
        for i in 0..n {
            for votes in 0..10 {
                for point in [CrashPoint::Write, CrashPoint::Send, CrashPoint::Answer] {
                    crash_one(n, i, votes, point, 3);
                    crash_one(n, i, votes, point, 1_000);
                }
            }
        }
    }
}

fn crash_one(n: usize, i: usize, votes: u64, point: CrashPoint, off_ms: u64) {
    let mut net = guarded(n);
    (0..n).for_each(|i| net.power_on(i));
    net.nodes[i].crash_in = Some((votes, point));
    net.run_until(20_000, |net| !net.nodes[i].is_up);
    net.run_for(off_ms);
    net.power_on(i);
    let height = net.heights().iter().flatten().map(|(height, _)| *height).max().unwrap();
    net.run_to(height + 3, 20_000);
}

/// All lose power at once while the database is slow: signers and records may be a height apart.
#[test]
fn all_at_once_at_every_moment() {
    for n in [1, 2, 4] {
        for at_ms in 1..80 {
            for signing in [None, Some(Step::Prepare), Some(Step::Commit)] {
                let mut net = guarded(n);
                net.work_ms = 10;
                (0..n).for_each(|i| net.power_on(i));
                net.run_for(at_ms);
                net.nodes[0].crash_signing = signing;
                if signing.is_some() {
                    net.run_until(20_000, |net| !net.nodes[0].is_up);
                } else {
                    net.power_off(0);
                }
                (1..n).for_each(|i| net.power_off(i));
                let durable = net.nodes.iter().map(|node| node.tip()).max().unwrap();
                (0..n).for_each(|i| net.power_on(i));
                net.run_to(durable.0 + 4, 30_000);
            }
        }
    }
}

/// A signer that cannot be reached stalls nothing else: its node follows, and signs again with the
/// next tick after it is back.
#[test]
fn an_unreachable_signer_stalls_only_its_own_votes() {
    let mut net = guarded(4);
    net.nodes[0].signer.fails = true;
    (0..4).for_each(|i| net.power_on(i));
    net.run_to(6, 30_000);
    assert_eq!(net.nodes[0].record.guard, None);
    assert!(net.nodes[0].tip() >= Height(5), "it decides with the others' votes");
    net.nodes[0].signer.fails = false;
    let back = net.nodes[0].tip();
    net.run_until(10_000, |net| net.nodes[0].record.guard.is_some());
    net.run_to(back.0 + 3, 10_000);
}

/// A refusal is an answer: the record goes on without the statement, and so does the height.
#[test]
fn a_refusal_is_an_answer() {
    let mut net = guarded(4);
    let world = net.world.clone();
    let ahead = world.sign(0, 3, 0, StatementBody::Prepare { digest: no_block(9) });
    let mut signer = crate::node::TestSigner::of(0);
    signer.guard = Some(OwnGuard::default());
    quorate_consensus::Signer::sign(&mut signer, &ahead.statement, &world.context).unwrap();
    net.nodes[0].signer = signer;
    // The node never asked for that: it does not even know of it.
    net.nodes[0].signer.guard.as_mut().unwrap().last = None;
    (0..4).for_each(|i| net.power_on(i));
    net.run_to(6, 30_000);
    assert!(net.nodes[0].signer.guard.as_ref().unwrap().refusals > 0);
    net.run_until(20_000, |net| net.nodes[0].record.guard.is_some_and(|g| g.height > Height(3)));
}

/// What came of taking over one statement.
struct Taken {
    view: u64,
    accepted: Option<Digest>,
    /// Steps among the record's own messages.
    kept: Vec<Step>,
    /// Steps that were sent, after the record was written.
    sent: Vec<Step>,
}

fn resent(solo: &Solo) -> Vec<Step> {
    let mut steps = Vec::new();
    for action in &solo.actions {
        if let Action::Resend(messages) = action {
            steps.extend(messages.iter().filter_map(Message::signed).map(|s| s.statement.step()));
        }
    }
    steps
}

/// Starts with a record and what the signer signed last; nothing may leave before the write.
fn take_over(world: &World, me: usize, record: &SignRecord, last: SignedStatement) -> Taken {
    let mut solo = Solo::guarded(world.clone(), me, record.clone(), Some(last));
    assert_eq!(resent(&solo), [], "nothing leaves before it is written");
    assert_eq!(solo.consensus.own_messages(), []);
    let vote = solo.held.pop().expect("a record to write");
    assert_eq!((vote.statements.len(), solo.held.len()), (0, 0));
    let guard = vote.record.guard.unwrap();
    assert_eq!(guard.body, last.statement.signing_hash(&world.context));
    let written = vote.record.clone();
    solo.complete(vote);
    let kept = written.messages.iter().map(|m| m.signed().statement.step()).collect();
    let (view, accepted) = (written.view.0, written.accepted);
    Taken { view, accepted, kept, sent: resent(&solo) }
}

fn prepared(world: &World, digest: Digest) -> (SignRecord, Certificate) {
    let certificate = world.prepared(&[0, 1, 2], 1, 0, digest);
    let mark = PreparedMark { view: View(0), digest, certificate: certificate.clone() };
    let record = SignRecord {
        height: Height(1),
        accepted: Some(digest),
        prepared: Some(mark),
        ..SignRecord::default()
    };
    (record, certificate)
}

#[test]
fn each_step_is_taken_over_as_far_as_it_can_be_proven() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let (mine, other) = (no_block(1), no_block(2));
    let (record, _) = prepared(&world, mine);
    let fresh = SignRecord { height: Height(1), ..SignRecord::default() };
    let empty = SignRecord::default();
    let claim = |digest| StatementBody::ViewChange { prepared: Some((View(0), digest)) };
    let none = StatementBody::ViewChange { prepared: None };
    let prepare = StatementBody::Prepare { digest: other };
    let proposal = |justification| StatementBody::PrePrepare { digest: other, justification };
    let zero = quorate_types::Justification::default().hash();
    let (vc, prep, comm) = (Step::ViewChange, Step::Prepare, Step::Commit);
    // Record, view, body; then the view, accepted, the messages kept, those sent.
    let table = [
        (&fresh, 3, none, 3, None, vec![vc], vec![vc]),
        (&empty, 1, prepare, 1, Some(other), vec![prep], vec![prep]),
        (&record, 2, claim(mine), 2, None, vec![vc], vec![vc]),
        (&record, 2, claim(other), 2, None, vec![], vec![]),
        (&record, 1, prepare, 1, Some(other), vec![prep], vec![prep]),
        (&record, 0, StatementBody::Commit { digest: mine }, 0, Some(mine), vec![comm], vec![comm]),
        (&record, 0, StatementBody::Commit { digest: other }, 0, Some(mine), vec![], vec![]),
        // The block of a proposal is not at hand yet; the justification of a new view never is.
        (&fresh, 0, proposal(zero), 0, Some(other), vec![Step::PrePrepare], vec![]),
        (&fresh, 1, proposal(no_block(7).0), 1, None, vec![], vec![]),
    ];
    for (place, (record, view, body, entered, accepted, kept, sent)) in (0..).zip(table) {
        let last = world.sign(me, 1, view, body);
        let taken = take_over(&world, me, record, last);
        assert_eq!((taken.view, taken.accepted), (entered, accepted), "row {place}");
        assert_eq!((taken.kept, taken.sent), (kept, sent), "row {place}");
    }
}

/// A taken-over Prepare counts like any own one, and a Commit follows its quorum.
#[test]
fn what_was_taken_over_counts() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let reference = Solo::new(world.clone(), me);
    let block = reference.block(reference.primary(0), 0);
    let digest = block.header().digest();
    let last = world.sign(me, 1, 0, StatementBody::Prepare { digest });
    let mut solo = Solo::guarded(world.clone(), me, SignRecord::default(), Some(last));
    let vote = solo.held.pop().unwrap();
    solo.complete(vote);
    assert!(solo.has_fetched(digest));
    solo.step(Input::Fetched(block));
    for other in solo.others().into_iter().take(2) {
        solo.hear(world.prepare(other, 1, 0, digest));
    }
    // First the certificate alone, then the Commit.
    let alone = solo.held.pop().unwrap();
    assert!(alone.statements.is_empty() && alone.record.prepared.is_some() && solo.held.is_empty());
    solo.complete(alone);
    let commit = solo.held.pop().unwrap();
    let steps: Vec<_> = commit.statements.iter().map(|s| s.statement().step()).collect();
    assert_eq!(steps, [Step::Commit]);
    solo.complete(commit);
    assert_eq!(solo.sent(Step::Commit).len(), 1);
}

#[test]
fn what_does_not_lie_above_the_record_is_ignored() {
    let world = World::equal(4);
    let me = bystander(&world, &[0, 1]);
    let digest = no_block(1);
    let (mut record, _) = prepared(&world, digest);
    let own = world.sign(me, 1, 0, StatementBody::Prepare { digest });
    quorate_consensus::remember(&mut record, &own.statement, &world.context);
    let forged = SignedStatement {
        signature: world.sign(me, 1, 4, StatementBody::Prepare { digest }).signature,
        ..world.sign(me, 1, 5, StatementBody::Prepare { digest })
    };
    let ignored = [
        own,
        world.sign(me, 1, 0, StatementBody::Prepare { digest: no_block(2) }),
        world.sign(me, 1, 0, StatementBody::ViewChange { prepared: None }),
        world.sign((me + 1) % 4, 1, 3, StatementBody::Prepare { digest }),
        world.sign(me, 2, 0, StatementBody::Prepare { digest }),
        forged,
    ];
    for last in ignored {
        let solo = Solo::guarded(world.clone(), me, record.clone(), Some(last));
        // Taken over, it would be recorded.
        assert!(solo.held.is_empty(), "{last:?}");
        assert_eq!(solo.view(), 0);
    }
}

/// A statement of the next height waits for that height.
#[test]
fn a_statement_of_the_next_height_waits_for_it() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let last = world.sign(me, 2, 1, StatementBody::ViewChange { prepared: None });
    let mut solo = Solo::guarded(world.clone(), me, SignRecord::default(), Some(last));
    let block = solo.block(solo.primary(0), 0);
    let certificate = world.committed(&solo.others(), 1, 0, block.header().digest());
    solo.hear(Message::Certificate(certificate));
    solo.step(Input::Fetched(block.clone()));
    assert_eq!(solo.view(), 0);
    solo.held.clear();
    solo.start_next(&block);
    assert_eq!(solo.view(), 1);
    assert_eq!(solo.held.pop().unwrap().record.messages.len(), 1);
}
