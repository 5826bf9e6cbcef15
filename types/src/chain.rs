//! Which chain: its name, the hash of its genesis, the protocol version in force. Every signed
//! statement and transaction covers them (B-3), so nothing of one chain is valid on another.

use std::fmt;
use std::str::FromStr;

use quorate_crypto::Hash;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::limits::MAX_CHAIN_ID_BYTES;
use crate::reader::Reader;

/// A chain's name: 1 to 48 bytes of `a-z`, `0-9` and `-`, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(String);

/// A chain id that breaks the rule for names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("chain id {0:?}: 1 to 48 of a-z, 0-9 and '-', starting with a letter")]
pub struct ChainIdError(pub String);

impl ChainId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a local test network, where plain keys on disk are accepted.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.0.starts_with("local-")
    }
}

impl FromStr for ChainId {
    type Err = ChainIdError;

    fn from_str(name: &str) -> Result<Self, ChainIdError> {
        let lengths = 1..=MAX_CHAIN_ID_BYTES;
        let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if lengths.contains(&name.len()) && starts && name.bytes().all(allowed) {
            Ok(ChainId(name.to_owned()))
        } else {
            Err(ChainIdError(name.to_owned()))
        }
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Canonical for ChainId {
    fn encode(&self, writer: &mut Writer) {
        writer.bytes_u8(self.0.as_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.bytes_u8("chain id", MAX_CHAIN_ID_BYTES)?;
        let name = std::str::from_utf8(bytes).map_err(|_| DecodeError::Invalid("chain id"))?;
        name.parse().map_err(|_| DecodeError::Invalid("chain id"))
    }
}

/// The first 8 bytes of the genesis hash: lets a transaction of another chain be refused early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainTag(pub [u8; 8]);

/// What every signature covers beside its statement (B-3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChainContext {
    /// The chain's name.
    pub chain_id: ChainId,
    /// The hash of the genesis document's canonical bytes (B-9).
    pub genesis_hash: Hash,
    /// The protocol version in force, a chain parameter.
    pub protocol_version: u32,
}

impl ChainContext {
    /// The tag that transactions of this chain carry.
    #[must_use]
    pub fn tag(&self) -> ChainTag {
        let [a, b, c, d, e, f, g, h, ..] = *self.genesis_hash.as_bytes();
        ChainTag([a, b, c, d, e, f, g, h])
    }

    /// Appends (version, chain id, genesis hash), the prefix of everything that is signed.
    pub(crate) fn encode_prefix(&self, writer: &mut Writer) {
        writer.u32(self.protocol_version);
        self.chain_id.encode(writer);
        self.genesis_hash.encode(writer);
    }
}
