//! What the mempool says of a transaction: when it comes, and when it goes without being included.

use quorate_types::{Amount, Height, Nonce, TransactionId};

/// The answer to one inserted transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It waits now.
    Accepted,
    /// It waited already: a result, not an error.
    Known,
    /// It does not wait, and nothing has changed.
    Refused(Refusal),
}

/// Why a transaction may not wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// A transaction with its nonce was executed, perhaps this very one.
    #[error("the nonce is used; the account's next one is {expected}")]
    NonceTooLow {
        /// The account's nonce.
        expected: Nonce,
    },
    /// Its nonce lies too far ahead of the account's.
    #[error("the nonce is more than {limit} ahead of the account's, {expected}")]
    NonceGap {
        /// The account's nonce.
        expected: Nonce,
        /// How far ahead it may lie.
        limit: u64,
    },
    /// Another transaction with its nonce waits, and it does not pay enough to replace it.
    #[error("a transaction with this nonce waits; replacing it takes a fee of {required}")]
    NonceTaken {
        /// Which one waits.
        waiting: TransactionId,
        /// The lowest fee that replaces it, in base units; more than 64 bits cannot be paid.
        required: u128,
    },
    /// The balance does not cover its fee and those of the sender's waiting transactions below it.
    #[error("fees of {required} up to this transaction, but a balance of {balance}")]
    InsufficientFunds {
        /// All those fees, in base units.
        required: u128,
        /// The balance, in base units.
        balance: Amount,
    },
    /// As many of its sender's transactions wait as may, none of them with a higher nonce.
    #[error("{0} transactions of this sender wait already")]
    SenderLimit(usize),
    /// The mempool is full of transactions that are worth as much or more.
    #[error("the mempool is full, and others pay as much per byte or more")]
    Full,
    /// Its expiry height lies below the next block.
    #[error("expired at height {expiry}; the next block is {next}")]
    Expired {
        /// Its expiry height.
        expiry: Height,
        /// The next block's height.
        next: Height,
    },
    /// Its fee is below what the parameters of the next block ask for.
    #[error("fee {found} is below {required}")]
    FeeTooLow {
        /// The fee offered, in base units.
        found: Amount,
        /// The lowest fee for its length and actions, in base units.
        required: Amount,
    },
}

/// A transaction that left the mempool without being included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dropped {
    /// Which one.
    pub id: TransactionId,
    /// Why.
    pub reason: DropReason,
}

/// Why a waiting transaction was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DropReason {
    /// The mempool was full, and a transaction that is worth more came.
    #[error("evicted: the mempool was full")]
    Evicted,
    /// The sender replaced it by one with a higher fee.
    #[error("replaced by {by}")]
    Replaced {
        /// The one that waits in its place.
        by: TransactionId,
    },
    /// Another transaction with its nonce was executed.
    #[error("another transaction with its nonce was executed")]
    NonceUsed,
    /// Its expiry height has passed.
    #[error("expired at height {expiry}")]
    Expired {
        /// Its expiry height.
        expiry: Height,
    },
    /// It waited longer than a transaction may.
    #[error("waited too long")]
    TimedOut,
    /// The balance no longer covers its fee and those of the sender's transactions below it.
    #[error("the balance does not cover its fee")]
    InsufficientFunds,
    /// An epoch began whose parameters ask for more than its fee.
    #[error("its fee is below {required} since the parameters changed")]
    FeeTooLow {
        /// The lowest fee for its length and actions, in base units.
        required: Amount,
    },
}
