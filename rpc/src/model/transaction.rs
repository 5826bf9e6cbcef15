//! Transactions, what became of them, and the answers to submitting them.

use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, AddressText, Decimal, HexBytes, HexHash, Receipt};
use crate::backend::{self, TransactionState};
use crate::error::ErrorKind;

/// A transaction's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transaction {
    /// The hash of its bytes, signatures included.
    pub hash: HexHash,
    /// The account that sends and pays.
    pub sender: AddressText,
    /// The accounts that sign beside the sender: operators, where parameters are changed.
    pub cosigners: Vec<AddressText>,
    /// The sender's nonce.
    pub nonce: u64,
    /// The last height that may include it; null: none.
    pub expiry: Option<u64>,
    /// The fee that it pays, in base units.
    pub fee: Decimal,
    /// Free bytes.
    pub memo: HexBytes,
    /// What it does, in order.
    pub actions: Vec<Action>,
}

impl From<&types::Transaction> for Transaction {
    fn from(transaction: &types::Transaction) -> Self {
        let body = transaction.body();
        Transaction {
            hash: transaction.id().into(),
            sender: transaction.sender().into(),
            cosigners: transaction.signers().into_iter().skip(1).map(Into::into).collect(),
            nonce: body.nonce.0,
            expiry: (body.expiry != types::Height::GENESIS).then_some(body.expiry.0),
            fee: body.fee.into(),
            memo: body.memo.as_slice().into(),
            actions: body.actions.iter().map(Action::from).collect(),
        }
    }
}

/// Where a transaction is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TransactionStatus {
    /// It waits, or stands in a block that is not final yet.
    Pending,
    /// It is in a final block and has a receipt.
    Final,
    /// It left the mempool without being included.
    Dropped,
}

/// Why a transaction was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum DropReason {
    /// The mempool was full, and a transaction that is worth more came.
    Evicted,
    /// The sender replaced it by one with a higher fee.
    Replaced,
    /// Another transaction with its nonce was executed.
    NonceUsed,
    /// Its expiry height has passed.
    Expired,
    /// It waited longer than a transaction may.
    TimedOut,
    /// The balance no longer covers its fee.
    InsufficientFunds,
    /// An epoch began whose parameters ask for a higher fee.
    FeeTooLow,
}

/// The answer of `tx_get` and `tx_submitAndWait`, and an entry of the notes of `tx_subscribe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionInfo {
    /// Which transaction.
    pub hash: HexHash,
    /// Where it is on its way.
    pub status: TransactionStatus,
    /// The block that holds it, when final.
    pub height: Option<u64>,
    /// Its place in that block, when final.
    pub index: Option<u32>,
    /// Its result, when final.
    pub receipt: Option<Receipt>,
    /// Why it was dropped, if it was.
    pub reason: Option<DropReason>,
    /// Its content, in the answer of `tx_get` unless it was dropped.
    pub transaction: Option<Transaction>,
}

impl TransactionInfo {
    /// The form of a transaction that waits.
    #[must_use]
    pub fn pending(id: types::TransactionId) -> TransactionInfo {
        TransactionInfo {
            hash: id.into(),
            status: TransactionStatus::Pending,
            height: None,
            index: None,
            receipt: None,
            reason: None,
            transaction: None,
        }
    }

    /// The form of a transaction with its result.
    #[must_use]
    pub fn included(location: types::TransactionLocation, receipt: &types::Receipt) -> Self {
        TransactionInfo {
            status: TransactionStatus::Final,
            height: Some(location.height.0),
            index: Some(location.index),
            receipt: Some(Receipt::from(receipt)),
            ..TransactionInfo::pending(receipt.transaction)
        }
    }

    /// The form of a transaction that left the mempool.
    #[must_use]
    pub fn dropped(id: types::TransactionId, reason: DropReason) -> TransactionInfo {
        TransactionInfo {
            status: TransactionStatus::Dropped,
            reason: Some(reason),
            ..TransactionInfo::pending(id)
        }
    }

    /// The form of what the node knows, content included.
    #[must_use]
    pub fn of(id: types::TransactionId, state: &TransactionState) -> TransactionInfo {
        match state {
            TransactionState::Pending(transaction) => TransactionInfo {
                transaction: Some(transaction.into()),
                ..TransactionInfo::pending(id)
            },
            TransactionState::Final { transaction, location, receipt } => TransactionInfo {
                transaction: Some(transaction.into()),
                ..TransactionInfo::included(*location, receipt)
            },
            TransactionState::Dropped(reason) => TransactionInfo::dropped(id, *reason),
        }
    }
}

/// The answer of `tx_submit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Submitted {
    /// The transaction's hash.
    pub hash: HexHash,
    /// Whether the node had it already, waiting or final.
    pub known: bool,
}

/// The answer of `tx_simulate`: what the transaction would come to if the block above `at_height` had
/// it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Simulated {
    /// The transaction's hash.
    pub hash: HexHash,
    /// The receipt that it would have.
    pub receipt: Receipt,
}

/// The answer of `tx_submitBatch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedBatch {
    /// One verdict for each transaction, in order.
    pub verdicts: Vec<Verdict>,
}

/// What the node says of one submitted transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The transaction's hash; null when the bytes are no transaction.
    pub hash: Option<HexHash>,
    /// Whether the node had it already, waiting or final.
    pub known: bool,
    /// Why it was refused, if it was.
    pub error: Option<VerdictError>,
}

/// Why one transaction of a batch was refused: what `tx_submit` answers as an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictError {
    /// The error's code.
    pub code: i32,
    /// Its stable name.
    pub kind: ErrorKind,
    /// What is wrong, for people.
    pub message: String,
}

impl From<backend::Refusal> for VerdictError {
    fn from(refusal: backend::Refusal) -> Self {
        let backend::Refusal { kind, message } = refusal;
        VerdictError { code: kind.code(), kind, message }
    }
}

/// The answer of `tx_search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryPage {
    /// The account's final transactions, newest first.
    pub transactions: Vec<HistoryEntry>,
    /// Give it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// A final transaction of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryEntry {
    /// Which transaction.
    pub hash: HexHash,
    /// The block that holds it.
    pub height: u64,
    /// Its place in that block.
    pub index: u32,
}

impl From<&types::AccountEntry> for HistoryEntry {
    fn from(entry: &types::AccountEntry) -> Self {
        HistoryEntry {
            hash: entry.transaction.into(),
            height: entry.location.height.0,
            index: entry.location.index,
        }
    }
}
