//! The parameters of every method. Each struct is read from an object by name or from an array in
//! order of its fields; a name that is not here is refused.

use quorate_types::{Epoch, Height, TransactionLocation};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{AddressText, HexBytes, HexHash, KeyKind, KeyParts};

/// No parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct None {}

/// A height, or the newest one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtHeight {
    /// Which height; the newest when absent.
    #[serde(default)]
    pub(crate) height: Option<u64>,
}

/// Which block, and how much of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichBlock {
    /// Which height; the newest when absent.
    #[serde(default)]
    pub(crate) height: Option<u64>,
    /// Whether to answer the transactions beside their hashes.
    #[serde(default)]
    pub(crate) full: Option<bool>,
}

/// A transaction's bytes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submit {
    /// The canonical bytes, signatures included.
    pub(crate) transaction: HexBytes,
}

/// Many transactions' bytes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitBatch {
    /// The canonical bytes of each, 1 to 256 of them.
    #[schemars(length(min = 1, max = 256))]
    pub(crate) transactions: Vec<HexBytes>,
}

/// A transaction's bytes and how long to wait.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitAndWait {
    /// The canonical bytes, signatures included.
    pub(crate) transaction: HexBytes,
    /// Milliseconds to wait, at most 60000; 10000 when absent.
    #[serde(default)]
    #[schemars(range(max = 60_000))]
    pub(crate) timeout_ms: Option<u64>,
}

/// A transaction's hash.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByHash {
    /// Which transaction.
    pub(crate) hash: HexHash,
}

/// A transaction, or all.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaybeHash {
    /// Which transaction; all when absent.
    #[serde(default)]
    pub(crate) hash: Option<HexHash>,
}

/// A page of an account's history.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// Whose transactions: sent or received.
    pub(crate) address: AddressText,
    /// The `next_cursor` of the page before; the newest page when absent.
    #[serde(default)]
    pub(crate) cursor: Option<Cursor>,
    /// How many, 1 to 100; 20 when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) limit: Option<u32>,
}

/// An account and a height.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichAccount {
    /// Whose account.
    pub(crate) address: AddressText,
    /// After which height; the newest final one when absent.
    #[serde(default)]
    pub(crate) height: Option<u64>,
}

/// A key of the state.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichKey {
    /// What kind of thing.
    pub(crate) kind: KeyKind,
    /// Whose, for an account, a record, a delegation or a delegator; absent for the others.
    #[serde(default)]
    pub(crate) address: Option<AddressText>,
    /// The record's key, or the consensus key; absent for other kinds.
    #[serde(default)]
    pub(crate) key: Option<HexBytes>,
    /// The operator, for a validator, a delegation or an unbonding pool; absent for the others.
    #[serde(default)]
    pub(crate) validator: Option<AddressText>,
    /// The epoch's number, for an epoch or an unbonding pool; absent for the others.
    #[serde(default)]
    pub(crate) epoch: Option<u64>,
}

impl WhichKey {
    /// What names the key beside its kind.
    pub(crate) fn parts(self) -> KeyParts {
        KeyParts {
            address: self.address.map(|address| address.0),
            key: self.key,
            validator: self.validator.map(|validator| validator.0),
            epoch: self.epoch.map(Epoch),
        }
    }
}

/// What is to be proved, and from where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichBundle {
    /// What kind of thing of the state; absent for a transaction or receipt.
    #[serde(default)]
    pub(crate) kind: Option<KeyKind>,
    /// Whose, for an account, a record, a delegation or a delegator; absent for the others.
    #[serde(default)]
    pub(crate) address: Option<AddressText>,
    /// The record's key, or the consensus key; absent for other kinds.
    #[serde(default)]
    pub(crate) key: Option<HexBytes>,
    /// The operator, for a validator, a delegation or an unbonding pool; absent for the others.
    #[serde(default)]
    pub(crate) validator: Option<AddressText>,
    /// The epoch's number, for an epoch or an unbonding pool; absent for the others.
    #[serde(default)]
    pub(crate) epoch: Option<u64>,
    /// The hash of a transaction that a block includes.
    #[serde(default)]
    pub(crate) transaction: Option<HexHash>,
    /// The hash of a transaction whose receipt is meant.
    #[serde(default)]
    pub(crate) receipt: Option<HexHash>,
    /// The height of the header that is trusted; the genesis is when absent.
    #[serde(default)]
    pub(crate) checkpoint: Option<u64>,
    /// Whether to leave the epoch steps out.
    #[serde(default)]
    pub(crate) without_steps: Option<bool>,
}

impl WhichBundle {
    /// What names the key beside its kind.
    pub(crate) fn parts(self) -> KeyParts {
        KeyParts {
            address: self.address.map(|address| address.0),
            key: self.key,
            validator: self.validator.map(|validator| validator.0),
            epoch: self.epoch.map(Epoch),
        }
    }
}

/// Which epoch steps.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichSteps {
    /// The epoch whose validators are known.
    pub(crate) from: u64,
    /// The epoch whose validators are to be known.
    pub(crate) to: u64,
}

/// A validator.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichValidator {
    /// Whose it is.
    pub(crate) operator: AddressText,
    /// After which height; the newest final one when absent.
    #[serde(default)]
    pub(crate) height: Option<u64>,
}

/// An account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByAccount {
    /// Whose stake.
    pub(crate) account: AddressText,
}

/// An epoch: by number or by height, or the one at work.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichEpoch {
    /// Its number, counted from 0.
    #[serde(default)]
    pub(crate) number: Option<u64>,
    /// A height of it.
    #[serde(default)]
    pub(crate) height: Option<u64>,
}

/// An epoch whose parameters are asked for: by number or by height, or the one at work.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichParams {
    /// The epoch's number, counted from 0.
    #[serde(default)]
    pub(crate) epoch: Option<u64>,
    /// A height of it.
    #[serde(default)]
    pub(crate) height: Option<u64>,
}

/// A record.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichRecord {
    /// Whose it is.
    pub(crate) owner: AddressText,
    /// Its key, 1 to 128 bytes.
    pub(crate) key: HexBytes,
    /// After which height; the newest final one when absent.
    #[serde(default)]
    pub(crate) height: Option<u64>,
}

/// Which subscription to end.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unsubscribe {
    /// The answer of the subscription.
    pub(crate) subscription: u64,
}

/// Where a page ends: `height-index` of its last entry. Clients pass it on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(crate) struct Cursor(pub(crate) TransactionLocation);

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.0.height, self.0.index)
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = || {
            let (height, index) = text.split_once('-')?;
            let height = Height(height.parse().ok()?);
            let cursor = Cursor(TransactionLocation { height, index: index.parse().ok()? });
            (cursor.to_string() == text).then_some(cursor)
        };
        read().ok_or("a cursor is the next_cursor of another answer")
    }
}

/// A height as the node knows it.
pub(crate) fn height(height: Option<u64>) -> Option<Height> {
    height.map(Height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_round_trips_and_nothing_else_is_one() {
        let location = TransactionLocation { height: Height(u64::MAX), index: u32::MAX };
        assert_eq!(Cursor::try_from(Cursor(location).to_string()), Ok(Cursor(location)));
        for text in ["", "-", "1", "1-", "-1", "+1-1", "1-01", "1-1-1", "1-4294967296"] {
            assert!(Cursor::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn parameters_come_by_name_or_by_position() {
        let read =
            |text: &str| serde_json::from_str::<WhichBlock>(text).map(|p| (p.height, p.full));
        for text in ["{}", "[]", "[null]", r#"{"height":null}"#] {
            assert_eq!(read(text).unwrap(), (None, None), "{text}");
        }
        assert_eq!(read("[5,true]").unwrap(), (Some(5), Some(true)));
        assert_eq!(read(r#"{"full":true,"height":5}"#).unwrap(), (Some(5), Some(true)));
        for text in ["[5,true,1]", r#"{"hight":5}"#, "[-1]", "[1.5]", r#"["5"]"#, "5", "null"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
