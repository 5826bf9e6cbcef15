//! Where this node stands, as it says to those who ask.

use quorate_types::{Digest, Height, Timestamp, View};

/// Whether this node keeps up. Judged by verified certificates and messages, not by hope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncState {
    /// Within one height of the highest verified height heard of.
    InSync,
    /// Below it, and fetching.
    Syncing,
}

/// A snapshot of the core for status answers and metrics.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeStatus {
    /// The highest final height: block, certificate and result are stored.
    pub final_height: Height,
    /// The block there.
    pub final_digest: Digest,
    /// Its time.
    pub final_time: Timestamp,
    /// The highest decided height.
    pub decided: Height,
    /// The highest height that verified messages prove others to have decided.
    pub heard: Height,
    /// The height that consensus works on.
    pub height: Height,
    /// Its view there.
    pub view: View,
    /// Whether this node keeps up.
    pub sync: SyncState,
    /// Connected peers.
    pub peers: usize,
    /// Whether this node's key is in the validator set.
    pub is_validator: bool,
    /// Whether this node signs nothing until it has rejoined (S-5).
    pub is_observing: bool,
    /// When the last height was decided, on the monotonic clock in milliseconds.
    pub decided_at_ms: u64,
}
