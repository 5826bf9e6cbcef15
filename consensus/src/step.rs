//! What one call of the state machine results in: a vote to sign, and actions for the replica.

use quorate_types::{
    BlockPayload, Certificate, ChainContext, Digest, Evidence, Height, HeightArchive, Message,
    SignRecord, ValidatorIndex, VerifiedCertificate, View,
};

use crate::fork::Fork;
use crate::input::TimerId;
use crate::observer::ObserverReason;
use crate::vote::UnsignedMessage;

/// The result of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Step {
    /// Actions that wait for nothing, in order.
    pub now: Vec<Action>,
    /// A record to write, with the statements to be signed for it. The host signs, writes once,
    /// sends, and feeds each signed message back (S-2), and `RecordWritten` for a vote without
    /// statements, whoever the signer is. Never beside `Decided`: nothing is signed for a height
    /// with a known commit certificate.
    pub vote: Option<Vote>,
}

/// A sign-state record and what it asks the signer for (S-2). At most one is on its way: the next
/// comes when every statement of this one has been answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vote {
    /// The record without the new signatures; completing it adds guard, commit mark and messages.
    pub record: SignRecord,
    /// What to sign, in order. Empty when only the record has to become durable.
    pub statements: Vec<UnsignedMessage>,
    /// The signer's index in V(height) of the statements.
    pub signer: ValidatorIndex,
    /// What the signatures cover beside the statements (B-3).
    pub context: ChainContext,
}

/// One thing for the replica to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start a timer; an earlier one of the same identity is replaced.
    SetTimer {
        /// Its identity.
        timer: TimerId,
        /// Milliseconds from now.
        after_ms: u64,
    },
    /// Build a block on the parent. Answered by `Built`.
    Build {
        /// The height to build for.
        height: Height,
        /// The view to build for.
        view: View,
    },
    /// Judge a block: hold the whole of it, check deterministic validity. Answered by
    /// `Validated`, at any time or never.
    Validate {
        /// The block's digest.
        digest: Digest,
        /// The block as it came.
        payload: BlockPayload,
    },
    /// Store a block that was judged valid or that this node built, by digest (S-2). Answered by
    /// `BlockStored`.
    StoreBlock(Digest),
    /// Get the whole block of a digest: from the store or from peers. Answered by `Fetched`; asked
    /// again with each tick of the resend timer until then.
    Fetch {
        /// The height it belongs to.
        height: Height,
        /// Its digest.
        digest: Digest,
    },
    /// Publish own messages again, byte for byte as they were: gossip passes them on anew.
    Resend(Vec<Message>),
    /// Send the certificate that decided to everybody, once.
    PublishCertificate(Certificate),
    /// A validator broke the protocol: keep the proof. At most one per offender and height.
    Evidence(Box<Evidence>),
    /// This node signs nothing from now on until it has rejoined (S-5). Said once when it begins.
    Observing {
        /// Why.
        reason: ObserverReason,
    },
    /// Keep what a height that took more than one view has shown (protocol section 8).
    Archive(Box<HeightArchive>),
    /// Safety is broken: stop now, sign nothing, keep the proof (protocol section 8). The last
    /// thing that a state machine asks for.
    Fork(Box<Fork>),
    /// A block is decided; the replica stores, executes, and answers with `Start` of the next
    /// height. The whole block is in the replica's hands.
    Decided(VerifiedCertificate),
    /// Verified messages show that others are at this height, above this node's, so that every
    /// height below it is decided: get those blocks and certificates. Repeated with
    /// each tick of the resend timer while it holds.
    Behind(Height),
}
