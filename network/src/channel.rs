//! The closed list of channels and every limit that belongs to one.
//!
//! A channel names what bytes are for, never what is in them. Each has a largest message, checked
//! before memory is taken for it, and a budget in bytes of what may wait to leave. So no channel
//! can crowd out another.

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Longest consensus message, in bytes: a pre-prepare carries a whole block of up to 1 MiB.
pub const CONSENSUS_MAX_BYTES: usize = 2 * MIB;
/// Longest batch of transactions, in bytes.
pub const TRANSACTIONS_MAX_BYTES: usize = 256 * KIB;
/// Longest status, in bytes.
pub const STATUS_MAX_BYTES: usize = KIB;
/// Longest fetch request, in bytes.
pub const FETCH_REQUEST_MAX_BYTES: usize = KIB;
/// Longest fetch answer, in bytes.
pub const FETCH_ANSWER_MAX_BYTES: usize = 4 * MIB;
/// Longest encoded peer record, in bytes.
pub const PEER_RECORD_MAX_BYTES: usize = KIB;

/// What a message is for. Its name is part of the protocol name or topic that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Consensus messages: published, and sent to one peer that lacks them.
    Consensus,
    /// Batches of transactions: published only.
    Transactions,
    /// Status hints: sent only.
    Status,
    /// Requests for blocks and certificates: sent only.
    FetchRequest,
    /// What a request asked for: sent only.
    FetchAnswer,
    /// The proof of a validator's key: exchanged by this crate itself, once per connection.
    PeerRecord,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] = [
        Self::Consensus,
        Self::Transactions,
        Self::Status,
        Self::FetchRequest,
        Self::FetchAnswer,
        Self::PeerRecord,
    ];

    /// The channel's name in protocol names, topics and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consensus => "consensus",
            Self::Transactions => "transactions",
            Self::Status => "status",
            Self::FetchRequest => "fetch-request",
            Self::FetchAnswer => "fetch-answer",
            Self::PeerRecord => "peer-record",
        }
    }

    /// Longest message of this channel, in bytes.
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Consensus => CONSENSUS_MAX_BYTES,
            Self::Transactions => TRANSACTIONS_MAX_BYTES,
            Self::Status => STATUS_MAX_BYTES,
            Self::FetchRequest => FETCH_REQUEST_MAX_BYTES,
            Self::FetchAnswer => FETCH_ANSWER_MAX_BYTES,
            Self::PeerRecord => PEER_RECORD_MAX_BYTES,
        }
    }

    /// What may wait to be published, and what may wait to be sent over one connection, in bytes.
    pub(crate) const fn outbound_bytes(self) -> usize {
        match self {
            Self::Consensus | Self::Transactions => 8 * MIB,
            Self::Status | Self::FetchRequest => 32 * KIB,
            Self::FetchAnswer => 12 * MIB,
            Self::PeerRecord => 2 * KIB,
        }
    }

    /// Whether `publish` takes this channel.
    #[must_use]
    pub const fn is_published(self) -> bool {
        match self {
            Self::Consensus | Self::Transactions => true,
            Self::Status | Self::FetchRequest | Self::FetchAnswer | Self::PeerRecord => false,
        }
    }

    /// Whether `send` takes this channel.
    #[must_use]
    pub const fn is_sent(self) -> bool {
        match self {
            Self::Consensus | Self::Status | Self::FetchRequest | Self::FetchAnswer => true,
            Self::Transactions | Self::PeerRecord => false,
        }
    }
}
