//! Why a light client does not believe what it was told. Every error is final: the same words do not
//! get better by asking again, but for [`LightError::CheckpointAhead`], which a right clock mends.

use quorate_crypto::Hash;
use quorate_crypto::merkle::ProofError;
use quorate_crypto::state_tree::StateProofError;
use quorate_types::verify::VerifyError;
use quorate_types::{DecodeError, Epoch, Height, Timestamp};

/// Why nothing is proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LightError {
    /// Bytes that are no sealed bundle (L-6).
    #[error("no proof bundle: {0}")]
    Malformed(#[from] DecodeError),
    /// The bundle names another genesis hash.
    #[error("the bundle is of the chain with genesis {found}, not {expected}")]
    OtherChain {
        /// The trusted chain's genesis hash.
        expected: Hash,
        /// The bundle's.
        found: Hash,
    },
    /// Trust in a checkpoint calls for its header and validators, and the bundle has none (L-1).
    #[error("the bundle starts at genesis, not at the checkpoint of height {0}")]
    StartMissing(Height),
    /// Trust in the genesis calls for no header to start from, and the bundle has one (L-1).
    #[error("the bundle starts at height {0}, not at genesis")]
    StartUnknown(Height),
    /// The bundle starts from another header than the checkpoint's (L-1).
    #[error("the header that the bundle starts from is not the checkpoint of height {0}")]
    OtherCheckpoint(Height),
    /// Who signed at the checkpoint may have taken its stake away since (L-1).
    #[error("the checkpoint is {age_ms} ms old, and trusted for less than {period_ms} ms")]
    CheckpointExpired {
        /// Milliseconds since the checkpoint's header.
        age_ms: u64,
        /// The unbonding period in milliseconds.
        period_ms: u64,
    },
    /// The client's clock is wrong, so that no age can be told (L-1).
    #[error("the checkpoint is of {checkpoint}, but the clock shows {now} (Unix ms)")]
    CheckpointAhead {
        /// The time of the checkpoint's header.
        checkpoint: Timestamp,
        /// What the clock shows.
        now: Timestamp,
    },
    /// A header of height 0, which no chain has.
    #[error("genesis has no header")]
    NoHeader,
    /// A header of a protocol version that the client does not speak.
    #[error("the header of height {height} is of protocol version {found}, not {expected}")]
    OtherVersion {
        /// The header's height.
        height: Height,
        /// The version that the client speaks.
        expected: u32,
        /// The header's.
        found: u32,
    },
    /// A header of an epoch whose validators are not known: a step is missing, or one too many
    /// (L-3).
    #[error("height {height} is of epoch {found}, but the validators known are those of {known}")]
    OtherEpoch {
        /// The header's height.
        height: Height,
        /// The epoch whose validators are known.
        known: Epoch,
        /// The header's.
        found: Epoch,
    },
    /// An epoch's step whose header is not of the epoch's last height (L-3).
    #[error("height {height} is not the last of epoch {epoch}")]
    NotLast {
        /// The header's height.
        height: Height,
        /// Its epoch.
        epoch: Epoch,
    },
    /// A validator set that does not have the hash that the header names (L-1, L-2).
    #[error("the header of height {0} names another validator set")]
    OtherValidators(Height),
    /// A validator set that the last header of the epoch before does not announce (L-3).
    #[error("height {height} announces other validators for epoch {epoch}")]
    OtherNextValidators {
        /// The last height of the epoch before.
        height: Height,
        /// The epoch that the set was given for.
        epoch: Epoch,
    },
    /// A prepared certificate, which proves nothing final (L-2).
    #[error("the certificate of height {0} is not of commits")]
    NotCommitted(Height),
    /// A certificate of another height or digest than the header's (L-2).
    #[error("the certificate beside the header of height {0} is of another block")]
    OtherBlock(Height),
    /// A certificate that does not hold (L-2).
    #[error("the certificate of height {height}: {error}")]
    Certificate {
        /// The header's height.
        height: Height,
        /// What is wrong with it.
        error: VerifyError,
    },
    /// A final header that contradicts the checkpoint: the chain has forked (L-2).
    #[error("height {0} has two final headers: this one and the checkpoint's")]
    Fork(Height),
    /// A key of the state without any byte, not even a kind.
    #[error("an empty key of the state")]
    EmptyKey,
    /// A proof of the state that does not hold (L-4).
    #[error("the state after height {height}: {error}")]
    State {
        /// The height after which the state was said to be so.
        height: Height,
        /// What is wrong with the proof.
        error: StateProofError,
    },
    /// A transaction that the block does not hold where the proof says (L-5).
    #[error("the transaction in height {height}: {error}")]
    Transaction {
        /// The height that was said to include it.
        height: Height,
        /// What is wrong with the proof.
        error: ProofError,
    },
    /// A receipt that the block did not yield where the proof says (L-5).
    #[error("the receipt of height {height}: {error}")]
    Receipt {
        /// The height that was said to have yielded it.
        height: Height,
        /// What is wrong with the proof.
        error: ProofError,
    },
}
