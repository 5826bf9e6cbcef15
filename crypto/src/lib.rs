//! Hashes with domains, Ed25519 keys and signatures, Merkle and state-tree proofs (B-3 to B-7).
//!
//! Nothing here knows of blocks, transactions or votes: callers bring bytes and a [`Domain`].
//! Everything is a function of its arguments: no clock, no randomness, no hidden state (a thread may
//! remember verdicts that it has computed, which changes none).

#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

/// Whether a bug of the museum is seeded: a literal `false` but for tests with the feature `museum`.
#[cfg(feature = "museum")]
#[macro_export]
macro_rules! museum {
    ($bug:ident) => {
        $crate::museum::is_seeded($crate::museum::Bug::$bug)
    };
}

/// Whether a bug of the museum is seeded: a literal `false` but for tests with the feature `museum`.
#[cfg(not(feature = "museum"))]
#[macro_export]
macro_rules! museum {
    ($bug:ident) => {
        false
    };
}

mod account_key;
mod batch;
mod hash;
pub mod hex;
mod key_error;
pub mod merkle;
#[cfg(feature = "museum")]
pub mod museum;
mod signature;
pub mod state_tree;
mod validator_key;
mod verdicts;

pub use account_key::{AccountPublicKey, AccountSecretKey};
pub use batch::{BATCH_LIMIT, BatchItem, EmptyBatch, verify_batch};
pub use hash::{Domain, Hash, Xof};
pub use hex::HexError;
pub use key_error::KeyError;
pub use signature::{Signature, SignatureError};
pub use validator_key::{ValidatorPublicKey, ValidatorSecretKey};
pub use verdicts::remember_verdicts;
