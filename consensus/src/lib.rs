//! PBFT as a pure state machine: blocks are agreed one height at a time in three phases by
//! validators weighted by stake. The normative text is docs/protocol.md; every rule is cited where
//! it stands in the code.
//!
//! [`Consensus::step`] consumes one [`Input`] and returns one [`Step`]: actions for the replica, and
//! at most one [`Vote`], which [`complete`] has signed. Nothing here knows a clock, a key, a file, a
//! socket, or what is in a block: time, messages, answers of the application and of the store are
//! inputs.
//!
//! Invariants, asserted where they are cheap: views of a height ascend (I-1); one body is signed per
//! height, view and step, in ascending order (I-2, I-3); prepared views ascend (I-4); a Commit
//! follows its durable certificate and block (I-5, I-6); accepted proposals are justified (I-7);
//! memory per signer and height is a constant (I-13).
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod archive;
mod asking;
mod blocks;
mod buffer;
mod clock;
mod commit;
mod complete;
mod conflicts;
mod consensus;
mod evidence;
mod fork;
mod height;
mod input;
mod justification;
mod last_signed;
mod observer;
mod own_guard;
mod pre_prepare;
mod prepare;
mod presence;
mod primaries;
mod propose;
mod record;
mod rules;
mod signing;
mod state;
mod step;
mod timers;
mod view_change;
mod vote;
mod votes;

pub use archive::accuse;
pub use complete::{Completed, KeySigner, Signer, SignerError, complete};
pub use consensus::{Consensus, Progress};
pub use evidence::{EvidenceError, Offence, OffenceKind, judge, offence_of};
pub use fork::Fork;
pub use input::{HeightStart, Input, Now, TimerId, TimerKind};
pub use observer::{ObserverReason, Past};
pub use own_guard::{Granted, OwnKey, RejoinRefusal};
pub use primaries::{epoch_seed, primaries};
pub use signing::{Permit, Refusal, is_beyond, permit, remember};
pub use step::{Action, Step, Vote};
pub use timers::Timeouts;
pub use vote::UnsignedMessage;
