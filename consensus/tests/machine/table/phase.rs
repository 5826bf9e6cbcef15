//! The phases of a height, each reached by inputs, and the block that matters there.

use quorate_consensus::{Consensus, Input, Timeouts, TimerKind};
use quorate_types::{
    BlockPayload, Digest, Height, Justification, Message, SignRecord, Timestamp, View,
};

use crate::solo::{Solo, bystander};
use crate::world::{BlockSpec, EPOCH_MS, World, no_block};

/// Where a node stands. The node is primary of none of views 0 to 2, but in
/// `Building` of view 0 and in `PrimaryShort` of view 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Before the first start.
    Off,
    /// View 0, its timer not started.
    Idle,
    /// View 0, its timer started, nothing accepted.
    Timed,
    /// View 0, the block accepted, its prepare signed.
    Accepted,
    /// View 0, the block prepared, its commit signed.
    Prepared,
    /// View 1, nothing accepted, the gate shut.
    Shut,
    /// View 1, nothing accepted, the timer started.
    Open,
    /// View 1, the block accepted.
    Accepted1,
    /// Primary of view 0 that waits for its block.
    Building,
    /// Decided by a certificate, the block is missing.
    NoBlock,
    /// Decided, the next start awaited.
    Done,
    /// A full node that has seen the pre-prepare of view 0 judged.
    Observer,
    /// The record is of a height above.
    Above,
    /// A certificate of a height above is known.
    Outrun,
    /// View 0, the application judges the block.
    Judging,
    /// View 0, the block accepted but not durable, a quorum has prepared it.
    Storing,
    /// View 0, the valid block is held until its time.
    Held,
    /// View 0, one prepare short of prepared.
    PrepareShort,
    /// View 0, one commit short of decided.
    CommitShort,
    /// View 0, one other has reached view 2.
    JumpShort,
    /// View 1, the gate one short of open.
    GateShort,
    /// Primary of view 1, one view change short of a proposal.
    PrimaryShort,
}

/// Phases in which one more message of one validator changes little.
pub const RESTING: [Stand; 14] = [
    Stand::Off,
    Stand::Idle,
    Stand::Timed,
    Stand::Accepted,
    Stand::Prepared,
    Stand::Shut,
    Stand::Open,
    Stand::Accepted1,
    Stand::Building,
    Stand::NoBlock,
    Stand::Done,
    Stand::Observer,
    Stand::Above,
    Stand::Outrun,
];

/// Phases in which one more input makes the node act.
pub const BRINK: [Stand; 8] = [
    Stand::Judging,
    Stand::Storing,
    Stand::Held,
    Stand::PrepareShort,
    Stand::CommitShort,
    Stand::JumpShort,
    Stand::GateShort,
    Stand::PrimaryShort,
];

/// The block of view 0's primary, at height 1.
pub fn block(world: &World) -> BlockPayload {
    block_by(world, world.primary(1, 0), 0)
}

/// A block of height 1.
pub fn block_by(world: &World, proposer: usize, salt: u64) -> BlockPayload {
    let time = Timestamp(EPOCH_MS + 1);
    world.block(&world.first(), BlockSpec { proposer, time, salt }, None)
}

pub fn digest(world: &World) -> Digest {
    block(world).header().digest()
}

/// The pre-prepare of the block in view 0, and in view 1 of one of its primary's own, justified by
/// all but `me`.
pub fn pre_prepare(world: &World, me: usize, view: u64) -> Message {
    let primary = world.primary(1, view);
    let signers = (0..4).filter(|i| view > 0 && *i != me);
    let view_changes = signers.map(|i| world.view_change(i, 1, view, None).signed).collect();
    let justification = Justification { view_changes, certificate: None };
    world.pre_prepare(primary, view, &block_by(world, primary, 0), justification)
}

/// Brings a node into a phase.
pub fn reach(stand: Stand) -> Solo {
    let world = World::equal(4);
    let me = if stand == Stand::Building {
        world.primary(1, 0)
    } else if stand == Stand::PrimaryShort {
        world.primary(1, 1)
    } else {
        bystander(&world, &[0, 1, 2])
    };
    let mut solo = Solo::new(world, me);
    walk(&mut solo, stand);
    solo
}

fn walk(solo: &mut Solo, stand: Stand) {
    let world = solo.world.clone();
    let others = solo.others();
    let digest = digest(&world);
    match stand {
        Stand::Off => solo.consensus = Consensus::new(None, Timeouts::default()),
        Stand::Idle => {}
        Stand::Timed | Stand::Building => solo.step(Input::WorkWaiting),
        Stand::Accepted => solo.hear(pre_prepare(&world, solo.me, 0)),
        Stand::Prepared => {
            solo.hear(pre_prepare(&world, solo.me, 0));
            others.iter().for_each(|i| solo.hear(world.prepare(*i, 1, 0, digest)));
        }
        Stand::Shut => {
            solo.step(Input::WorkWaiting);
            solo.fire(TimerKind::View, 0);
        }
        Stand::Open => {
            walk(solo, Stand::Shut);
            let view_change = |i: &usize| Message::ViewChange(world.view_change(*i, 1, 1, None));
            others[..2].iter().for_each(|i| solo.hear(view_change(i)));
        }
        Stand::Accepted1 => solo.hear(pre_prepare(&world, solo.me, 1)),
        Stand::NoBlock => solo.hear(Message::Certificate(world.committed(&others, 1, 0, digest))),
        Stand::Done => {
            solo.hear(pre_prepare(&world, solo.me, 0));
            others.iter().for_each(|i| solo.hear(world.commit(*i, 1, 0, digest)));
        }
        Stand::Observer => {
            solo.consensus = Consensus::new(None, Timeouts::default());
            solo.step(Input::Start(Box::new(solo.start.clone())));
            solo.hear(pre_prepare(&world, solo.me, 0));
        }
        Stand::Above => {
            let record = SignRecord { height: Height(2), view: View(1), ..SignRecord::default() };
            *solo = Solo::recover(world, solo.me, record);
        }
        Stand::Outrun => {
            let above = world.committed(&others, 9, 0, no_block(9));
            solo.hear(Message::Certificate(above));
        }
        Stand::Judging
        | Stand::Storing
        | Stand::Held
        | Stand::PrepareShort
        | Stand::CommitShort
        | Stand::JumpShort
        | Stand::GateShort
        | Stand::PrimaryShort => walk_to_the_brink(solo, stand),
    }
}

fn walk_to_the_brink(solo: &mut Solo, stand: Stand) {
    let world = solo.world.clone();
    let (last, digest) = (solo.others()[2], digest(&world));
    match stand {
        Stand::Judging => {
            solo.answers_validate = false;
            solo.hear(pre_prepare(&world, solo.me, 0));
        }
        Stand::Storing => {
            solo.answers_store = false;
            walk(solo, Stand::Prepared);
        }
        Stand::Held => {
            // The node's clock is behind.
            solo.now_ms = 0;
            let time = Timestamp(EPOCH_MS + 700);
            let primary = world.primary(1, 0);
            let spec = BlockSpec { proposer: primary, time, salt: 0 };
            let block = world.block(&world.first(), spec, None);
            solo.hear(world.pre_prepare(primary, 0, &block, Justification::default()));
        }
        Stand::PrepareShort => {
            walk(solo, Stand::Accepted);
            solo.hear(world.prepare(last, 1, 0, digest));
        }
        Stand::CommitShort => {
            walk(solo, Stand::Prepared);
            solo.hear(world.commit(last, 1, 0, digest));
        }
        Stand::JumpShort => {
            walk(solo, Stand::Timed);
            solo.hear(Message::ViewChange(world.view_change(last, 1, 2, None)));
        }
        Stand::GateShort | Stand::PrimaryShort => {
            walk(solo, Stand::Shut);
            solo.hear(Message::ViewChange(world.view_change(last, 1, 1, None)));
        }
        Stand::Off
        | Stand::Idle
        | Stand::Timed
        | Stand::Accepted
        | Stand::Prepared
        | Stand::Shut
        | Stand::Open
        | Stand::Accepted1
        | Stand::Building
        | Stand::NoBlock
        | Stand::Done
        | Stand::Observer
        | Stand::Above
        | Stand::Outrun => walk(solo, stand),
    }
}
