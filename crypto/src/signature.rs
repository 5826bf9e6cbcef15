//! The 64 bytes of an Ed25519 signature, not yet judged.
//!
//! Any 64 bytes can be held and passed on: only a key's `verify` says whether they are a
//! signature of something (B-4).

use std::fmt;

use thiserror::Error;

use crate::hex;

/// A claimed Ed25519 signature: the encoded point R, then the scalar S.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature([u8; 64]);

impl Signature {
    /// How long a signature is.
    pub const BYTES: usize = 64;

    /// A claimed signature from bytes that were stored or received.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The signature's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The bytes are not a signature of this message by this key. Why is not said: no rule may
/// depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the signature does not verify")]
pub struct SignatureError;
