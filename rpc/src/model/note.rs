//! The notes of the subscriptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HeaderInfo, HexHash, TransactionInfo};
use crate::backend::FinalBlock;

/// A note of `chain_subscribeHeads`: a block has become final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Its header and the roots of executing it.
    #[serde(flatten)]
    pub info: HeaderInfo,
    /// The hashes of its transactions, in order of execution.
    pub transaction_hashes: Vec<HexHash>,
}

impl From<&FinalBlock> for Head {
    fn from(block: &FinalBlock) -> Self {
        let hashes = block.block.transactions.iter().map(|transaction| transaction.id().into());
        Head { info: HeaderInfo::from(block), transaction_hashes: hashes.collect() }
    }
}

/// A note of `tx_subscribe`: transactions have become final, or were dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionResults {
    /// What became of each.
    pub transactions: Vec<TransactionInfo>,
}
