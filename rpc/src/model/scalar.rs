//! The JSON forms of bytes, addresses and sums: one text per value, and nothing else accepted.
//! Heights, views and nonces are plain numbers. Source: the interface's conventions.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use quorate_crypto::{Hash, hex};
use quorate_types::{Address, Amount, Digest, Power, TransactionId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A hash: `0x` and 64 lower-case hex digits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct HexHash(pub Hash);

/// An account's address: bech32m with the prefix `quo`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct AddressText(pub Address);

/// A sum of base units, or voting power: a decimal string, since it may exceed 2^53.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(pub u64);

/// A byte string: `0x` and lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, std::hash::Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HexBytes(pub Vec<u8>);

/// A text that is not the decimal form of a number below 2^64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a decimal number below 2^64 without sign or leading zeros is expected")]
pub struct DecimalError;

impl fmt::Display for HexHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for AddressText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for HexBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl FromStr for HexHash {
    type Err = quorate_crypto::HexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(HexHash)
    }
}

impl FromStr for AddressText {
    type Err = quorate_types::AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(AddressText)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let number: u64 = text.parse().map_err(|_| DecimalError)?;
        // The parser of the standard library takes a sign and leading zeros; one form is enough.
        if number.to_string() == text { Ok(Decimal(number)) } else { Err(DecimalError) }
    }
}

impl FromStr for HexBytes {
    type Err = quorate_crypto::HexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hex::decode(text).map(HexBytes)
    }
}

/// What serde and schemars need of a text form, the same for each.
macro_rules! text_form {
    ($name:ident, $pattern:literal) => {
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = <$name as FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

text_form!(HexHash, "^0x[0-9a-f]{64}$");
text_form!(AddressText, "^quo1[02-9ac-hj-np-z]+$");
text_form!(Decimal, "^(0|[1-9][0-9]{0,19})$");
text_form!(HexBytes, "^0x([0-9a-f]{2})*$");

impl From<Hash> for HexHash {
    fn from(hash: Hash) -> Self {
        HexHash(hash)
    }
}

impl From<Digest> for HexHash {
    fn from(digest: Digest) -> Self {
        HexHash(digest.0)
    }
}

impl From<TransactionId> for HexHash {
    fn from(id: TransactionId) -> Self {
        HexHash(id.0)
    }
}

impl From<Address> for AddressText {
    fn from(address: Address) -> Self {
        AddressText(address)
    }
}

impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Self {
        Decimal(amount.0)
    }
}

impl From<Power> for Decimal {
    fn from(power: Power) -> Self {
        Decimal(power.0)
    }
}

impl From<&[u8]> for HexBytes {
    fn from(bytes: &[u8]) -> Self {
        HexBytes(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_one_form() {
        assert_eq!("0".parse(), Ok(Decimal(0)));
        assert_eq!("18446744073709551615".parse(), Ok(Decimal(u64::MAX)));
        for text in ["", "+5", "-1", "05", "00", "1.0", "1e3", " 1", "0x1", "18446744073709551616"]
        {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError), "{text:?}");
        }
    }

    #[test]
    fn forms_are_strings_in_json() {
        let hash = serde_json::to_string(&HexHash(Hash::ZERO)).unwrap();
        assert_eq!(hash, format!("\"0x{}\"", "00".repeat(32)));
        assert_eq!(serde_json::from_str::<HexHash>(&hash).unwrap(), HexHash(Hash::ZERO));
        assert_eq!(serde_json::to_string(&HexBytes(vec![0, 255])).unwrap(), "\"0x00ff\"");
        assert!(serde_json::from_str::<HexBytes>("\"00ff\"").is_err());
        assert!(serde_json::from_str::<HexBytes>("\"0x00FF\"").is_err());
        assert!(serde_json::from_str::<Decimal>("5").is_err(), "numbers lose digits in browsers");
    }
}
