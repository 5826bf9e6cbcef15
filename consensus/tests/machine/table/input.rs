//! How the inputs of the table are made.

use quorate_consensus::{Input, TimerId, TimerKind};
use quorate_types::{
    Digest, Evidence, Height, Justification, Message, OwnMessage, RejoinBody, SignedStatement,
    StatementBody, Timestamp, Verified, View, verify,
};

use super::given::Given;
use super::phase::{block, block_by, digest, pre_prepare};
use crate::solo::Solo;
use crate::world::{BlockSpec, EPOCH_MS, World, key, no_block};

/// The input that a row names, for a node that stands somewhere.
#[rustfmt::skip]
#[allow(clippy::too_many_lines, reason = "one line for each row of the table")]
pub fn input(given: Given, solo: &Solo) -> Input {
    let (world, me, first) = (&solo.world, solo.me, solo.others()[0]);
    let hear = |message| Input::Message(world.verified(message));
    let d = digest(world);
    let d1 = block_by(world, world.primary(1, 1), 0).header().digest();
    match given {
        Given::PrePrepare0 => hear(pre_prepare(world, me, 0)),
        Given::PrePrepare1 => hear(pre_prepare(world, me, 1)),
        Given::PrePrepare2 => hear(pre_prepare(world, me, 2)),
        Given::PrePrepareSecond => hear(unjustified(world, world.primary(1, 0), 0, 1)),
        Given::PrePrepareUnjustified => hear(unjustified(world, world.primary(1, 1), 1, 0)),
        Given::PrePrepareByAnother => hear(unjustified(world, world.primary(1, 1), 0, 0)),
        Given::PrePrepareAbove => hear(pre_prepare_above(world)),
        Given::PrepareOf0 => hear(world.prepare(first, 1, 0, d)),
        Given::PrepareOf1 => hear(world.prepare(first, 1, 1, d1)),
        Given::PrepareOf2 => hear(world.prepare(first, 1, 2, d)),
        Given::PrepareOther => hear(world.prepare(first, 1, 0, no_block(3))),
        Given::PrepareFar => hear(world.prepare(first, 1, 9, d)),
        Given::PrepareAbove => hear(world.prepare(first, 2, 0, d)),
        Given::PrepareBelow => hear(world.prepare(first, 0, 0, d)),
        Given::PrepareOwn => hear(world.prepare(me, 1, 0, d)),
        Given::PrepareOtherSet => other_set(first, d),
        Given::CommitOf0 => hear(world.commit(first, 1, 0, d)),
        Given::CommitOf1 => hear(world.commit(first, 1, 1, d1)),
        Given::CommitOf2 => hear(world.commit(first, 1, 2, d)),
        Given::CommitFar => hear(world.commit(first, 1, 9, d)),
        Given::CommitAbove => hear(world.commit(first, 2, 0, d)),
        Given::CommitBelow => hear(world.commit(first, 0, 0, d)),
        Given::CommitOwn => hear(world.commit(me, 1, 0, d)),
        Given::ViewChangeTo1 => hear(view_change(world, first, 1, 1)),
        Given::ViewChangeTo2 => hear(view_change(world, first, 1, 2)),
        Given::ViewChangeProven => hear(proven(solo, first)),
        Given::ViewChangeAbove => hear(view_change(world, first, 2, 1)),
        Given::ViewChangeBelow => hear(view_change(world, first, 0, 1)),
        Given::ViewChangeOwn => hear(view_change(world, me, 1, 1)),
        Given::CertificateHere => hear(certificate(solo, 1, d)),
        Given::CertificateAbove => hear(certificate(solo, 2, no_block(2))),
        Given::CertificateBelow => hear(certificate(solo, 0, no_block(2))),
        Given::SignedAsked => signed(solo, me),
        Given::SignedForeign => signed(solo, first),
        Given::NotSigned => not_signed(solo, d),
        Given::RecordWritten => {
            Input::RecordWritten { height: Height(1), prepared: Some(View(0)) }
        }
        Given::TimerView0 => timer(1, 0, TimerKind::View),
        Given::TimerView1 => timer(1, 1, TimerKind::View),
        Given::TimerView2 => timer(1, 2, TimerKind::View),
        Given::TimerInterval => timer(1, 0, TimerKind::Interval),
        Given::TimerIdle => timer(1, 0, TimerKind::Idle),
        Given::TimerResend => timer(1, 0, TimerKind::Resend),
        Given::TimerHold => timer(1, 0, TimerKind::Hold),
        Given::TimerAbove => timer(2, 0, TimerKind::View),
        Given::TimerBelow => timer(0, 0, TimerKind::View),
        Given::WorkWaiting => Input::WorkWaiting,
        Given::Built0 => built(solo, 1, 0),
        Given::Built1 => built(solo, 1, 1),
        Given::BuiltAbove => built(solo, 2, 0),
        Given::Valid => Input::Validated { digest: d, valid: true },
        Given::Invalid => Input::Validated { digest: d, valid: false },
        Given::ValidUnknown => Input::Validated { digest: no_block(7), valid: true },
        Given::Fetched => Input::Fetched(block(world)),
        Given::FetchedUnknown => Input::Fetched(block_by(world, 0, 7)),
        Given::BlockStored => Input::BlockStored(d),
        Given::BlockStoredUnknown => Input::BlockStored(no_block(7)),
        Given::CertificateStored => Input::CertificateStored(Height(1)),
        Given::Evidence => evidence(world, first),
        Given::Met => Input::Met(met(world, me)),
        Given::Rejoined => Input::Rejoined(Height(0)),
        Given::Rejoin => hear(rejoin(world, first)),
        Given::EvidenceHeard => hear(evidence_heard(world, first)),
        Given::StartSame => start(solo, 1),
        Given::StartNext => start(solo, 2),
        Given::StartBelow => start(solo, 0),
    }
}

fn unjustified(world: &World, i: usize, view: u64, salt: u64) -> Message {
    world.pre_prepare(i, view, &block_by(world, i, salt), Justification::default())
}

fn met(world: &World, me: usize) -> Verified<SignedStatement> {
    let body = StatementBody::Prepare { digest: no_block(9) };
    verify::statement(world.sign(me, 1, 7, body), &world.context, &world.set).unwrap()
}

fn rejoin(world: &World, i: usize) -> Message {
    let validator = world.set.validators()[i].address;
    let body = RejoinBody { validator, height: Height(0), value: no_block(1).0 };
    Message::Rejoin(body.sign(&world.context, &key(u8::try_from(i).unwrap())))
}

fn evidence(world: &World, i: usize) -> Input {
    let pre_prepare = *unjustified(world, i, 1, 0).signed().unwrap();
    let justification = Justification::default();
    Input::Evidence(Box::new(Evidence::Unjustified { pre_prepare, justification }))
}

/// Two Prepares of one view, which only the replica keeps.
fn evidence_heard(world: &World, i: usize) -> Message {
    let [one, other] = [no_block(1), no_block(2)]
        .map(|digest| world.sign(i, 1, 0, StatementBody::Prepare { digest }));
    Message::Evidence(Box::new(Evidence::conflict(one, other)))
}

fn pre_prepare_above(world: &World) -> Message {
    let start = world.start(Height(2), digest(world), Timestamp(EPOCH_MS + 1));
    let proposer = world.primary(2, 0);
    let spec = BlockSpec { proposer, time: Timestamp(EPOCH_MS + 2), salt: 0 };
    world.pre_prepare(proposer, 0, &world.block(&start, spec, None), Justification::default())
}

fn other_set(i: usize, digest: Digest) -> Input {
    let other = World::equal(5);
    Input::Message(other.verified(other.prepare(i, 1, 0, digest)))
}

fn view_change(world: &World, i: usize, height: u64, view: u64) -> Message {
    Message::ViewChange(world.view_change(i, height, view, None))
}

/// To view 1, with the block of view 0.
fn proven(solo: &Solo, i: usize) -> Message {
    let proof = solo.world.prepared(&solo.others(), 1, 0, digest(&solo.world));
    Message::ViewChange(solo.world.view_change(i, 1, 1, Some(&proof)))
}

fn certificate(solo: &Solo, height: u64, digest: Digest) -> Message {
    Message::Certificate(solo.world.committed(&solo.others(), height, 0, digest))
}

fn signed(solo: &Solo, by: usize) -> Input {
    let body = StatementBody::Prepare { digest: digest(&solo.world) };
    Input::Signed(OwnMessage::Prepare(solo.world.sign(by, 1, 0, body)))
}

fn not_signed(solo: &Solo, digest: Digest) -> Input {
    let body = StatementBody::Prepare { digest };
    Input::NotSigned(solo.world.sign(solo.me, 1, 0, body).statement)
}

fn timer(height: u64, view: u64, kind: TimerKind) -> Input {
    Input::Timer(TimerId { height: Height(height), view: View(view), kind })
}

fn built(solo: &Solo, height: u64, view: u64) -> Input {
    let (height, view) = (Height(height), View(view));
    Input::Built { height, view, payload: block_by(&solo.world, solo.me, 0) }
}

/// Nothing waits at the start, and the target interval has passed.
fn start(solo: &Solo, height: u64) -> Input {
    let parent = if height > 1 { digest(&solo.world) } else { solo.world.genesis() };
    let mut start = solo.world.start(Height(height), parent, Timestamp(EPOCH_MS + 1));
    start.work_waiting = false;
    start.min_interval_ms = 0;
    Input::Start(Box::new(start))
}
