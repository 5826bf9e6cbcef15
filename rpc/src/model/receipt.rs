//! What a transaction brought about: its receipt.

use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, Event};

/// Whether a transaction's actions took effect; the fee is paid either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ReceiptStatus {
    /// All of them.
    Success,
    /// None of them.
    Failed,
}

/// A final transaction's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// Whether the actions took effect.
    pub status: ReceiptStatus,
    /// Why not, when they did not.
    pub failure: Option<Failure>,
    /// The fee that was paid, in base units.
    pub fee: Decimal,
    /// What happened; empty when the actions failed.
    pub events: Vec<Event>,
}

/// Why a transaction's actions failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The number in the receipt's bytes.
    pub code: u16,
    /// Its stable name.
    pub kind: String,
    /// Which action failed, counted from 0.
    pub action: u16,
}

impl From<&types::Receipt> for Receipt {
    fn from(receipt: &types::Receipt) -> Self {
        let (status, failure) = match receipt.outcome {
            types::Outcome::Success => (ReceiptStatus::Success, None),
            types::Outcome::Failed { code, action } => {
                let (code, kind) = (code.code(), code.name().to_owned());
                (ReceiptStatus::Failed, Some(Failure { code, kind, action }))
            }
        };
        let events = receipt.events.iter().map(Event::from).collect();
        Receipt { status, failure, fee: receipt.fee.into(), events }
    }
}
