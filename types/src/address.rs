//! Account addresses: 20 bytes derived from scheme and key, shown as bech32m with prefix `quo`
//!

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use quorate_crypto::AccountPublicKey;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::reader::Reader;
use crate::transaction::SignatureScheme;

/// The prefix of the text form.
const PREFIX: Hrp = Hrp::parse_unchecked("quo");

/// An account: the first 20 bytes of the hash of (scheme, key).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

/// Text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not bech32m.
    #[error("not a bech32m address: {0}")]
    Encoding(String),
    /// Another prefix.
    #[error("prefix {0:?}, not \"quo\"")]
    Prefix(String),
    /// Not 20 bytes.
    #[error("{0} bytes, not 20")]
    Length(usize),
}

impl Address {
    /// The address of an Ed25519 account key.
    #[must_use]
    pub fn of(key: &AccountPublicKey) -> Address {
        let scheme = [SignatureScheme::Ed25519.code()];
        let hash = domains::ADDRESS.hash_parts(&[&scheme, key.as_bytes()]);
        let (head, _) = hash.as_bytes().split_first_chunk().expect("32 bytes hold 20");
        Address(*head)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32m, _>(formatter, PREFIX, &self.0)
            .map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let checked = CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|error| AddressError::Encoding(error.to_string()))?;
        if checked.hrp() != PREFIX {
            return Err(AddressError::Prefix(checked.hrp().to_string()));
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let array = bytes.as_slice().try_into().map_err(|_| AddressError::Length(bytes.len()))?;
        let address = Address(array);
        // The decoder drops the bits that padding leaves over: another text of the same bytes.
        if address.to_string() != text.to_ascii_lowercase() {
            return Err(AddressError::Encoding("padding".to_owned()));
        }
        Ok(address)
    }
}

impl Canonical for Address {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(&self.0);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array().map(Address)
    }
}
