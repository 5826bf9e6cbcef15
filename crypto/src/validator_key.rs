//! The keys that sign consensus messages, and the one function that judges them (B-4).
//!
//! Strict: the key is canonical and torsion-free, R is not of small order, and the equation holds
//! without the cofactor. So one (key, message) of an honest signer has one signature.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use zeroize::Zeroize;

use crate::hex;
use crate::key_error::{KeyError, check_encoding};
use crate::signature::{Signature, SignatureError};
use crate::verdicts;

/// A validator's public key: a canonical point of the prime-order subgroup, not the identity.
///
/// Keeps the decompressed point (192 bytes in all), so that only its construction is dear. Equal,
/// ordered and hashed by its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ValidatorPublicKey(VerifyingKey);

impl ValidatorPublicKey {
    /// Checks the bytes of a key. Costs about a verification: do it once per key.
    ///
    /// # Errors
    /// The bytes are not canonical, not a point, of small order, or have a torsion part.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        check_encoding(&bytes)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::NotOnCurve)?;
        if !key.to_edwards().is_torsion_free() && !museum!(TorsionKey) {
            return Err(KeyError::Torsion);
        }
        Ok(Self(key))
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether `signature` is this key's signature of `message`: the only verification of
    /// consensus messages.
    ///
    /// # Errors
    /// It is not.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let valid = verdicts::remembered(self.as_bytes(), message, signature.as_bytes(), || {
            let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
            self.0.verify_strict(message, &signature).is_ok()
        });
        if valid { Ok(()) } else { Err(SignatureError) }
    }
}

impl PartialOrd for ValidatorPublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ValidatorPublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for ValidatorPublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for ValidatorPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValidatorPublicKey({})", hex::abbreviate(self.as_bytes()))
    }
}

/// A validator's secret key. Erased from memory when dropped; never shown.
pub struct ValidatorSecretKey(SigningKey);

impl ValidatorSecretKey {
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
    /// [`ValidatorPublicKey::from_bytes`].
    #[must_use]
    pub fn public(&self) -> ValidatorPublicKey {
        ValidatorPublicKey(self.0.verifying_key())
    }

    /// Signs `message` deterministically (RFC 8032).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for ValidatorSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValidatorSecretKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compiles only while the library erases its keys, for both kinds of secret key.
    #[test]
    fn dropping_a_secret_key_erases_it() {
        fn is_erased<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        is_erased(&ValidatorSecretKey::from_seed([1; 32]).0);
    }
}
