//! The 32-byte hash and the domains it is taken in (B-3).
//!
//! A domain is a BLAKE3 `derive_key` context, so equal bytes of two domains have unrelated hashes.

use std::fmt;
use std::str::FromStr;

use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};

use crate::hex::{self, HexError};

/// A 32-byte BLAKE3 digest. Ordered by its bytes; text form is `0x` and 64 lower-case hex digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// 32 zero bytes: the empty subtree of the state tree, and a stand-in for "none".
    pub const ZERO: Self = Self([0; 32]);

    /// A digest from bytes that were stored or received.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        hex::decode_array(text).map(Self)
    }
}

/// One kind of hashed object: a context string that no other kind shares (B-3).
#[derive(Clone, Copy, Debug)]
pub struct Domain(&'static str);

impl Domain {
    /// The domain of `context`, a constant of the form `quorate v1 <what is hashed>`.
    #[must_use]
    pub const fn new(context: &'static str) -> Self {
        Self(context)
    }

    /// The hash of `bytes` in this domain.
    #[must_use]
    pub fn hash(&self, bytes: &[u8]) -> Hash {
        self.hash_parts(&[bytes])
    }

    /// The hash of the concatenation of `parts`. Where the parts end is not hashed: give at most
    /// one of them a variable length, or write the lengths into them.
    #[must_use]
    pub fn hash_parts(&self, parts: &[&[u8]]) -> Hash {
        self.derive().hash_parts(parts)
    }

    /// An endless stream of bytes that `seed` alone determines.
    #[must_use]
    pub fn xof(&self, seed: &[u8]) -> Xof {
        Xof(self.derive().hasher(&[seed]).finalize_xof())
    }

    /// The domain with its context already hashed, which is half of the price of a short input.
    pub(crate) fn derive(&self) -> DerivedDomain {
        DerivedDomain(hash_derive_key_context(self.0))
    }
}

/// A domain for the hashes that are taken by the thousand: same results as [`Domain`].
pub(crate) struct DerivedDomain(ContextKey);

impl DerivedDomain {
    pub(crate) fn hash_parts(&self, parts: &[&[u8]]) -> Hash {
        Hash(*self.hasher(parts).finalize().as_bytes())
    }

    fn hasher(&self, parts: &[&[u8]]) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_from_context_key(&self.0);
        for part in parts {
            hasher.update(part);
        }
        hasher
    }
}

/// The byte stream of [`Domain::xof`].
pub struct Xof(blake3::OutputReader);

impl Xof {
    /// Fills `out` with the next bytes of the stream.
    pub fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    /// The next eight bytes of the stream as a little-endian integer.
    pub fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Domain = Domain::new("quorate v1 test a");
    const B: Domain = Domain::new("quorate v1 test b");

    #[test]
    fn domains_separate_and_parts_concatenate() {
        assert_ne!(A.hash(b"x"), B.hash(b"x"));
        assert_eq!(A.hash_parts(&[b"ab", b"", b"c"]), A.hash(b"abc"));
        assert_eq!(A.hash_parts(&[]), A.hash(b""));
    }

    #[test]
    fn text_form_round_trips_and_is_strict() {
        let hash = A.hash(b"x");
        let text = hash.to_string();
        assert_eq!(text.parse(), Ok(hash));
        assert_eq!(format!("{hash:?}"), text);
        assert!(text.to_uppercase().parse::<Hash>().is_err());
        assert!(text.trim_start_matches("0x").parse::<Hash>().is_err());
        assert!(text[..64].parse::<Hash>().is_err());
        assert!(format!("{text}00").parse::<Hash>().is_err());
    }

    #[test]
    fn a_stream_does_not_depend_on_how_it_is_cut() {
        let mut whole = [0; 24];
        A.xof(b"seed").fill(&mut whole);
        let mut stream = A.xof(b"seed");
        let mut parts = [0; 16];
        stream.fill(&mut parts[..3]);
        stream.fill(&mut parts[3..]);
        assert_eq!(parts, whole[..16]);
        assert_eq!(stream.next_u64().to_le_bytes(), whole[16..]);
        assert_eq!(A.hash(b"seed").as_bytes()[..16], parts, "a digest is a stream's head");
    }
}
