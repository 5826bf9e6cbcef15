//! Proof bundles as answers: canonical bytes (docs/wire-format.md, section 14) and what they reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HexBytes, KeyKind, KeyParts};
use quorate_types::TransactionId;

/// The answer of `proof_getBundle`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofBundle {
    /// The sealed bundle.
    pub bundle: HexBytes,
    /// The height of the header that proves the claim.
    pub header_height: u64,
    /// The epoch that the way begins in: that of the checkpoint, or 0.
    pub first_epoch: u64,
    /// The epoch of the header. A bundle that was asked for without steps lacks those from the one
    /// to the other.
    pub epoch: u64,
}

/// The answer of `proof_getSteps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofSteps {
    /// The steps, each in canonical bytes, one for each epoch from `from` on.
    pub steps: Vec<HexBytes>,
    /// The epoch that they lead to; where it is not the one asked for, the next page starts there.
    pub next: u64,
}

/// What a client asks to be proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// What the state holds under a key, or that it holds nothing there.
    State(KeyKind, KeyParts),
    /// That a block includes a transaction.
    Transaction(TransactionId),
    /// What became of one.
    Receipt(TransactionId),
}
