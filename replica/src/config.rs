//! What a replica is told at its start beside what is stored.

use quorate_consensus::Timeouts;
use quorate_crypto::{Hash, ValidatorPublicKey};
use quorate_mempool::Limits;
use quorate_types::{ChainContext, SignedStatement, Timestamp};

/// Where the guard of a key is (S-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignerGuard {
    /// In the record of this node: the signer is a key file.
    Record,
    /// With the signer too, which has signed this last (S-4).
    Own(Option<SignedStatement>),
}

/// What the host knows of the chain and of this node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The chain.
    pub context: ChainContext,
    /// The genesis time, which is the parent time of height 1 (B-9).
    pub genesis_time: Timestamp,
    /// The key that this node signs with; none for a full node.
    pub key: Option<ValidatorPublicKey>,
    /// What keeps that key from signing twice.
    pub guard: SignerGuard,
    /// How long a view may take; local, safety never depends on it (T-2).
    pub timeouts: Timeouts,
    /// How much may wait in the mempool.
    pub mempool: Limits,
    /// 32 bytes drawn at random at this start, kept nowhere else: what a key that has lost its
    /// records rejoins with (S-5).
    pub rejoin_value: Hash,
}
