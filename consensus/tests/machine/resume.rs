//! What a record brings back (S-4), seen from one node; and how a vote is completed (S-2).

use std::sync::Arc;

use quorate_consensus::{
    Action, Completed, Input, KeySigner, Signer, SignerError, TimerKind, UnsignedMessage, Vote,
    complete,
};
use quorate_crypto::Signature;
use quorate_types::{
    BlockPayload, ChainContext, Height, Justification, Message, SignRecord, Statement,
    StatementBody, Step, View,
};

use crate::solo::{Solo, bystander};
use crate::world::{World, index, key, no_block};

/// A primary that has proposed at height 1, and the block.
fn proposed() -> (Solo, BlockPayload) {
    let world = World::equal(4);
    let me = world.primary(1, 0);
    let mut solo = Solo::new(world, me);
    let block = solo.block(me, 0);
    solo.step(Input::WorkWaiting);
    let (height, view) = (Height(1), View(0));
    solo.step(Input::Built { height, view, payload: block.clone() });
    assert_eq!(solo.sent.len(), 2);
    (solo, block)
}

fn resent(solo: &Solo) -> Vec<Message> {
    let messages = solo.actions.iter().filter_map(|action| {
        let Action::Resend(messages) = action else {
            return None;
        };
        Some(messages.clone())
    });
    messages.flatten().collect()
}

#[test]
fn own_messages_are_sent_again_byte_for_byte() {
    let (before, block) = proposed();
    let digest = block.header().digest();
    let mut after = Solo::recover(before.world.clone(), before.me, before.record.clone());
    assert_eq!(resent(&after), [before.sent[1].clone()], "the pre-prepare wants its block");
    assert!(after.has_fetched(digest));
    after.actions.clear();
    after.step(Input::Fetched(block));
    assert_eq!(resent(&after), before.sent[..1]);
    assert!(after.actions.contains(&Action::StoreBlock(digest)), "its write may have been lost");
    assert_eq!(after.sent, [], "nothing is signed anew");
    assert_eq!(after.consensus.own_messages(), before.sent);
    // The own Prepare counts: with two others it is a quorum.
    for other in after.others().into_iter().take(2) {
        after.hear(after.world.prepare(other, 1, 0, digest));
    }
    assert_eq!(after.sent(Step::Commit).len(), 1);
}

#[test]
fn accepted_without_a_prepare_prepares_once_the_block_is_back() {
    let (before, block) = proposed();
    let digest = block.header().digest();
    let record = SignRecord { messages: Vec::new(), guard: None, ..before.record.clone() };
    let me = bystander(&before.world, &[0]);
    let mut after = Solo::recover(before.world.clone(), me, record);
    assert_eq!(after.sent, []);
    after.step(Input::Fetched(block));
    assert_eq!(after.prepares(), [(0, digest)]);
}

/// The store may have lost the block with the chain: until it is durable again, no Commit (I-6).
#[test]
fn prepared_without_a_commit_commits_once_the_block_is_durable() {
    let (before, block) = proposed();
    let digest = block.header().digest();
    let mut before = before;
    before.holds_votes = true;
    for other in before.others() {
        before.hear(before.world.prepare(other, 1, 0, digest));
    }
    let record = before.held.pop().unwrap().record;
    let mut after = Solo::recover(before.world.clone(), before.me, record);
    let commits = |after: &Solo| -> Vec<_> {
        after.sent(Step::Commit).iter().map(Statement::digest).collect()
    };
    assert_eq!(commits(&after), []);
    assert!(after.has_fetched(digest));
    after.answers_store = false;
    after.step(Input::Fetched(block));
    assert_eq!(commits(&after), []);
    after.step(Input::BlockStored(digest));
    assert_eq!(commits(&after), [Some(digest)]);
}

#[test]
fn a_view_above_0_with_nothing_signed_asks_for_its_view_change() {
    let world = World::equal(4);
    let record = SignRecord { height: Height(1), view: View(3), ..SignRecord::default() };
    let solo = Solo::recover(world, 0, record);
    assert_eq!(solo.view(), 3);
    let views: Vec<u64> = solo.sent(Step::ViewChange).iter().map(|s| s.view.0).collect();
    assert_eq!(views, [3]);
}

#[test]
fn a_record_of_a_lower_height_leaves_guard_and_commit_mark() {
    let (before, _) = proposed();
    let mut start = before.world.start(Height(5), no_block(4), before.start.parent_time);
    start.min_interval_ms = 0;
    let mut solo = Solo::recover_at(before.world.clone(), before.me, before.record.clone(), start);
    assert_eq!((solo.view(), solo.prepared_view(), solo.sent.len()), (0, None, 0));
    solo.fire(TimerKind::View, 0);
    assert_eq!(solo.record.height, Height(5));
    assert_eq!(solo.record.messages.len(), 1);
    assert_eq!(solo.record.guard.unwrap().height, Height(5));
}

/// The chain database lost a height that the record is above of: it is decided again from the
/// record's certificate; until then nothing is signed or recorded, and then the record stands.
#[test]
fn a_record_above_the_chain_waits_for_its_height() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut before = Solo::new(world.clone(), me);
    let block = before.block(before.primary(0), 0);
    let digest = block.header().digest();
    let certificate = world.committed(&before.others(), 1, 0, digest);
    before.hear(Message::Certificate(certificate.clone()));
    before.step(Input::Fetched(block.clone()));
    before.start_next(&block);
    before.step(Input::WorkWaiting);
    before.fire(TimerKind::View, 0);
    assert_eq!(before.record.parent_certificate.as_ref(), Some(&certificate));

    let mut after = Solo::recover(world.clone(), me, before.record.clone());
    after.hear(world.pre_prepare(after.primary(0), 0, &block, Justification::default()));
    after.step(Input::WorkWaiting);
    after.fire(TimerKind::View, 0);
    assert_eq!((after.view(), after.sent.len()), (1, 0));
    assert_eq!(after.record, before.record, "not written");
    after.hear(Message::Certificate(certificate));
    assert_eq!(after.has_decided(), Some(digest));
    after.start_next(&block);
    assert_eq!(after.consensus.progress().unwrap().view, View(1));
    assert_eq!(after.consensus.own_messages(), before.consensus.own_messages());
}

struct Fails(usize, KeySigner);

impl Signer for Fails {
    fn sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, SignerError> {
        if self.0 == 0 {
            return Err(SignerError("no".to_owned()));
        }
        self.0 -= 1;
        self.1.sign(statement, context)
    }
}

fn vote(world: &World, record: SignRecord) -> Vote {
    let spec = crate::world::BlockSpec { proposer: 0, time: world.first().parent_time, salt: 0 };
    let payload = world.block(&world.first(), spec, None);
    let digest = payload.header().digest();
    let justification = Justification::default();
    let at = |body| Statement { height: Height(1), view: View(0), body };
    let body = StatementBody::PrePrepare { digest, justification: justification.hash() };
    let statements = vec![
        UnsignedMessage::PrePrepare { statement: at(body), payload, justification },
        UnsignedMessage::Prepare(at(StatementBody::Prepare { digest })),
    ];
    Vote { record, statements, signer: index(0), context: world.context.clone() }
}

fn completed(record: SignRecord, signatures: usize) -> Completed {
    let world = World::equal(4);
    let record = SignRecord { height: Height(1), ..record };
    complete(vote(&world, record), &mut Fails(signatures, KeySigner::new(key(0))))
}

#[test]
fn a_completed_vote_is_recorded_sent_and_answered() {
    let done = completed(SignRecord::default(), 2);
    let steps: Vec<_> = done.record.messages.iter().map(|m| m.signed().statement.step()).collect();
    assert_eq!(steps, [Step::PrePrepare, Step::Prepare]);
    assert_eq!(done.record.guard.unwrap().step, Step::Prepare);
    let answers: Vec<_> = done.record.messages.iter().cloned().map(Input::Signed).collect();
    assert_eq!(done.answers, answers);
    let world = World::equal(4);
    assert_eq!(done.messages.len(), 2);
    done.messages.into_iter().for_each(|message| drop(world.verified(message)));
}

#[test]
fn after_a_failure_the_rest_is_not_asked_for() {
    for (signatures, steps) in [(0, 0), (1, 1)] {
        let done = completed(SignRecord::default(), signatures);
        assert_eq!((done.record.messages.len(), done.messages.len()), (steps, steps));
        let refused = done.answers.iter().filter(|a| matches!(a, Input::NotSigned(_)));
        assert_eq!(refused.count(), 2 - steps);
    }
}

#[test]
fn the_last_statement_again_is_the_stored_signature() {
    let first = completed(SignRecord::default(), 1);
    let world = World::equal(4);
    let mut again = vote(&world, first.record.clone());
    again.statements.truncate(1);
    let second = complete(again, &mut Fails(0, KeySigner::new(key(0))));
    assert_eq!(second.messages, first.messages);
    assert_eq!(second.record, first.record);
}

#[test]
fn the_guard_is_asked_before_the_signer() {
    let first = completed(SignRecord::default(), 2);
    let world = World::equal(4);
    let second = complete(vote(&world, first.record), &mut KeySigner::new(key(0)));
    assert_eq!(second.messages, [], "the pre-prepare lies below the prepare");
}

/// Inputs that nothing asked for, or that name other heights, views and blocks, change nothing.
#[test]
fn what_was_not_asked_for_changes_nothing() {
    let (solo, block) = proposed();
    let mut consensus = solo.consensus.clone();
    let digest = no_block(1);
    let other = {
        let BlockPayload::Whole(whole) = &block else {
            return;
        };
        let mut whole = (**whole).clone();
        whole.header.time = whole.header.time.plus(1);
        BlockPayload::Whole(Arc::new(whole))
    };
    let timer = |height, view, kind| {
        let (height, view) = (Height(height), View(view));
        Input::Timer(quorate_consensus::TimerId { height, view, kind })
    };
    let statement = |height| Statement {
        height: Height(height),
        view: View(0),
        body: StatementBody::Commit { digest },
    };
    let inputs = [
        Input::Start(Box::new(solo.start.clone())),
        Input::Validated { digest, valid: true },
        Input::BlockStored(digest),
        Input::Fetched(other.clone()),
        Input::Built { height: Height(1), view: View(0), payload: other.clone() },
        Input::Built { height: Height(2), view: View(0), payload: other.clone() },
        Input::Built { height: Height(1), view: View(9), payload: other },
        timer(2, 0, TimerKind::View),
        timer(1, 7, TimerKind::View),
        timer(1, 7, TimerKind::Hold),
        timer(0, 0, TimerKind::Resend),
        Input::CertificateStored(Height(0)),
        Input::Message(solo.world.verified(solo.world.commit(1, 0, 0, digest))),
        Input::Message(World::equal(5).verified(World::equal(5).commit(1, 1, 0, digest))),
        Input::Message(solo.world.verified(solo.sent[0].clone())),
        Input::Signed(solo.record.messages[0].clone()),
    ];
    for input in inputs {
        let step = consensus.step(solo.now(), input.clone());
        assert_eq!(step, quorate_consensus::Step::default(), "{input:?}");
        assert_eq!(consensus, solo.consensus, "{input:?}");
    }
    consensus.step(solo.now(), Input::NotSigned(statement(1)));
    assert_eq!(consensus.own_messages(), solo.sent);
}
