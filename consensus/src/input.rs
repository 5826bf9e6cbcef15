//! What the state machine consumes. Time, randomness, messages, answers of the application and of
//! the store: everything that influences it comes in here.

use std::sync::Arc;

use quorate_types::{
    BlockPayload, ChainContext, Digest, Evidence, Height, Message, OwnMessage, SignedStatement,
    Statement, Timestamp, ValidatorIndex, ValidatorSet, Verified, View,
};

/// The two clocks at the moment of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Now {
    /// Milliseconds on a clock that never jumps; all timers run on it.
    pub monotonic_ms: u64,
    /// Unix time in milliseconds; only T-1 and a new block's time read it.
    pub wall: Timestamp,
}

/// Which timer fired. An identity, so that a late one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId {
    /// The height that it belongs to.
    pub height: Height,
    /// The view that it belongs to; zero for timers of the whole height.
    pub view: View,
    /// What it is for.
    pub kind: TimerKind,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// The view has lasted too long.
    View,
    /// The target interval since the parent has passed.
    Interval,
    /// The idle interval has passed: a block is due though nothing waits.
    Idle,
    /// Own messages are due again.
    Resend,
    /// The time of a held pre-prepare has come (T-1).
    Hold,
}

/// What the state machine needs to know to start a height.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeightStart {
    /// The height that starts.
    pub height: Height,
    /// The chain, with the protocol version in force at this height.
    pub context: ChainContext,
    /// V(height).
    pub set: ValidatorSet,
    /// Whose turn it is, view by view: view v belongs to entry v mod n (T-4).
    pub primaries: Arc<[ValidatorIndex]>,
    /// The digest of the block below; the genesis hash at height 1.
    pub parent: Digest,
    /// The time of the block below; the genesis time at height 1.
    pub parent_time: Timestamp,
    /// Whether the block below carries transactions or evidence or ends an epoch, so that its
    /// roots want certifying.
    pub parent_has_content: bool,
    /// Milliseconds between blocks while there is work.
    pub min_interval_ms: u64,
    /// Milliseconds after which an idle chain makes a block.
    pub idle_interval_ms: u64,
    /// Whether an includable transaction waits in the mempool now.
    pub work_waiting: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The answer to [`crate::Action::Decided`]: the next height may start. Also the first input.
    Start(Box<HeightStart>),
    /// A verified message of a peer; own messages come as [`Input::Signed`].
    Message(Verified<Message>),
    /// What a message proves against its signer that does not verify as a whole (E-6).
    Evidence(Box<Evidence>),
    /// A message that this node's key signed; it is durable and sent.
    Signed(OwnMessage),
    /// The signer refused or failed; the record was written without the statement.
    NotSigned(Statement),
    /// A vote without statements was written: its record is durable (S-2).
    RecordWritten {
        /// The record's height.
        height: Height,
        /// The view of its prepared certificate, if it has one.
        prepared: Option<View>,
    },
    /// A timer fired.
    Timer(TimerId),
    /// A transaction that the next block could include waits in the mempool.
    WorkWaiting,
    /// The answer to [`crate::Action::Build`].
    Built {
        /// The height it was asked for.
        height: Height,
        /// The view it was asked for.
        view: View,
        /// The block, whole or compact as it is to be sent.
        payload: BlockPayload,
    },
    /// The answer to [`crate::Action::Validate`].
    Validated {
        /// The block.
        digest: Digest,
        /// The verdict of deterministic validity on everything but signatures of consensus.
        valid: bool,
    },
    /// The answer to [`crate::Action::Fetch`]: the whole block is in the replica's hands. The
    /// payload is what a pre-prepare that carries it over would be sent with.
    Fetched(BlockPayload),
    /// The whole validated block is durable, by digest (S-2).
    BlockStored(Digest),
    /// The commit certificates up to this height are durable in the chain database: records need
    /// not carry them any more (S-2).
    CertificateStored(Height),
    /// A statement that was found in the chain database, or that a peer has kept; the own key may
    /// have signed it (S-5).
    Met(Verified<SignedStatement>),
    /// The decided block of this height carries the own rejoin value (S-5).
    Rejoined(Height),
}
