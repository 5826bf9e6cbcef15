//! Transactions, what became of them, and the answers to submitting them.

use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, Decimal, HexBytes, HexHash};
use crate::backend::{self, TransactionState};
use crate::error::ErrorKind;

/// A transaction's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transaction {
    /// The hash of its bytes, signatures included.
    pub hash: HexHash,
    /// The account that sends and pays.
    pub sender: AddressText,
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
            nonce: body.nonce.0,
            expiry: (body.expiry != types::Height::GENESIS).then_some(body.expiry.0),
            fee: body.fee.into(),
            memo: body.memo.as_slice().into(),
            actions: body.actions.iter().map(Action::from).collect(),
        }
    }
}

/// One thing that a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Moves money.
    Transfer {
        /// To whom.
        to: AddressText,
        /// How much, in base units.
        amount: Decimal,
    },
    /// Keeps a value under a key of the sender's, whatever is there.
    PutRecord {
        /// Where.
        key: HexBytes,
        /// What.
        value: HexBytes,
    },
    /// Replaces the value of a record of the sender's that is there.
    UpdateRecord {
        /// Where.
        key: HexBytes,
        /// What.
        value: HexBytes,
    },
    /// Removes a record of the sender's that is there.
    DeleteRecord {
        /// Where.
        key: HexBytes,
    },
}

impl From<&types::Action> for Action {
    fn from(action: &types::Action) -> Self {
        match action {
            types::Action::Transfer(transfer) => {
                Action::Transfer { to: transfer.to.into(), amount: transfer.amount.into() }
            }
            types::Action::PutRecord { key, value } => {
                Action::PutRecord { key: key.as_bytes().into(), value: value.as_bytes().into() }
            }
            types::Action::UpdateRecord { key, value } => {
                Action::UpdateRecord { key: key.as_bytes().into(), value: value.as_bytes().into() }
            }
            types::Action::DeleteRecord { key } => {
                Action::DeleteRecord { key: key.as_bytes().into() }
            }
        }
    }
}

impl TryFrom<Action> for types::Action {
    type Error = types::RecordError;

    fn try_from(action: Action) -> Result<Self, Self::Error> {
        Ok(match action {
            Action::Transfer { to, amount } => types::Action::Transfer(types::Transfer {
                to: to.0,
                amount: types::Amount(amount.0),
            }),
            Action::PutRecord { key, value } => types::Action::PutRecord {
                key: types::RecordKey::new(key.0)?,
                value: types::RecordValue::new(value.0)?,
            },
            Action::UpdateRecord { key, value } => types::Action::UpdateRecord {
                key: types::RecordKey::new(key.0)?,
                value: types::RecordValue::new(value.0)?,
            },
            Action::DeleteRecord { key } => {
                types::Action::DeleteRecord { key: types::RecordKey::new(key.0)? }
            }
        })
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

/// Something that a transaction made happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Money moved.
    Transfer {
        /// From whom.
        from: AddressText,
        /// To whom.
        to: AddressText,
        /// How much, in base units.
        amount: Decimal,
    },
    /// A record was created or replaced.
    RecordPut {
        /// Whose it is.
        owner: AddressText,
        /// Where it stands.
        key: HexBytes,
    },
    /// A record was removed.
    RecordDeleted {
        /// Whose it was.
        owner: AddressText,
        /// Where it stood.
        key: HexBytes,
    },
}

impl From<&types::Event> for Event {
    fn from(event: &types::Event) -> Self {
        match event {
            types::Event::Transfer { from, to, amount } => {
                Event::Transfer { from: (*from).into(), to: (*to).into(), amount: (*amount).into() }
            }
            types::Event::RecordPut { owner, key } => {
                Event::RecordPut { owner: (*owner).into(), key: key.as_bytes().into() }
            }
            types::Event::RecordDeleted { owner, key } => {
                Event::RecordDeleted { owner: (*owner).into(), key: key.as_bytes().into() }
            }
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
