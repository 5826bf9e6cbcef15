//! The keys that sign transactions, and the one rule that judges them: ZIP-215 (B-4).
//!
//! ZIP-215 multiplies by the cofactor, which is what makes a single verification and a batch
//! ([`crate::verify_batch`]) agree on every input.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use ed25519_zebra::VerificationKey;
use zeroize::Zeroize;

use crate::hex;
use crate::key_error::{KeyError, check_encoding};
use crate::signature::{Signature, SignatureError};

/// An account's public key: a canonical encoding, not of a point of small order. The point may have
/// a torsion part: the check for that would cost three quarters of a verification.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountPublicKey([u8; 32]);

impl AccountPublicKey {
    /// Checks the encoding of a key, by comparing bytes alone. Half of the encodings that pass are
    /// no point of the curve: under such a key nothing verifies, single or in a batch, and finding
    /// that out here would add a quarter to a batched verification.
    ///
    /// # Errors
    /// The bytes are not canonical, or of a point of small order.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        check_encoding(&bytes)?;
        Ok(Self(bytes))
    }

    /// The key's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's signature of `message`: the verification of one
    /// transaction signature. It agrees with [`crate::verify_batch`] on every input.
    ///
    /// # Errors
    /// It is not.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let signature = ed25519_zebra::Signature::from_bytes(signature.as_bytes());
        VerificationKey::try_from(self.0)
            .and_then(|key| key.verify(&signature, message))
            .map_err(|_| SignatureError)
    }
}

impl fmt::Debug for AccountPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountPublicKey({})", hex::abbreviate(&self.0))
    }
}

/// An account's secret key. Erased from memory when dropped; never shown.
pub struct AccountSecretKey(SigningKey);

impl AccountSecretKey {
    /// The key of a 32-byte seed (RFC 8032). Erase the caller's own copy of the seed.
    #[must_use]
    pub fn from_seed(mut seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        seed.zeroize();
        Self(key)
    }

    /// The seed, to be written to a key file and nowhere else.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public key. A clamped scalar times the base point always passes the checks of
    /// [`AccountPublicKey::from_bytes`].
    #[must_use]
    pub fn public(&self) -> AccountPublicKey {
        AccountPublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message` deterministically (RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for AccountSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountSecretKey(redacted)")
    }
}
