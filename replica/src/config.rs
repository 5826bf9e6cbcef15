//! What a replica is told at its start beside what is stored.

use quorate_consensus::Timeouts;
use quorate_crypto::ValidatorPublicKey;
use quorate_mempool::Limits;
use quorate_types::{ChainContext, Timestamp};

/// What the host knows of the chain and of this node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The chain.
    pub context: ChainContext,
    /// The genesis time, which is the parent time of height 1 (B-9).
    pub genesis_time: Timestamp,
    /// The key that this node signs with; none for a full node.
    pub key: Option<ValidatorPublicKey>,
    /// How long a view may take; local, safety never depends on it (T-2).
    pub timeouts: Timeouts,
    /// How much may wait in the mempool.
    pub mempool: Limits,
}
