//! What can be wrong: with a transaction in its place, with a block, with the ledger itself.

use quorate_crypto::Hash;
use quorate_types::{
    Address, Amount, DecodeError, Digest, Height, Nonce, ReadError, TransactionError,
    ValidatorIndex,
};

/// Why a transaction cannot stand where it stands in a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum InclusionError {
    /// A rule that needs no state, or its expiry.
    #[error(transparent)]
    Static(#[from] TransactionError),
    /// Its nonce is not the one that its sender's account asks for at this place.
    #[error("nonce {found}, but the sender's next is {expected}")]
    WrongNonce {
        /// The nonce that the account asks for.
        expected: Nonce,
        /// The transaction's nonce.
        found: Nonce,
    },
    /// The account has used its last nonce.
    #[error("the sender has no nonce left")]
    NoncesExhausted,
    /// What is left of the sender's balance after its earlier fees in the block is below the fee.
    #[error("fee {fee}, but the sender has {balance} left for fees")]
    FeeNotCovered {
        /// What is left, in base units.
        balance: Amount,
        /// The fee, in base units.
        fee: Amount,
    },
}

/// Why a piece of evidence cannot stand in a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The height of the offence is above the block's epoch, or too far below.
    #[error("height {0} belongs to no epoch of which evidence may come")]
    EpochGone(Height),
    /// The set of that height has no such validator.
    #[error("the set of the offence's height has no validator {0}")]
    NobodyAccused(ValidatorIndex),
    /// The accused is out for ever already, or an earlier piece accuses it.
    #[error("{0} is tombstoned already")]
    Tombstoned(Address),
}

/// Why lists of transactions and evidence are no valid block body. Its proposer is faulty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// More transactions than the parameters allow.
    #[error("{found} transactions, more than {limit}")]
    TooManyTransactions {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More bytes of transactions than the parameters allow.
    #[error("{found} bytes of transactions, more than {limit}")]
    TooManyBytes {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// One transaction may not stand at its place.
    #[error("transaction {index}: {error}")]
    Transaction {
        /// Its place in the block, from 0.
        index: usize,
        /// What is wrong with it.
        error: InclusionError,
    },
    /// One piece of evidence may not stand in the block.
    #[error("evidence {index}: {error}")]
    Evidence {
        /// Its place in the block, from 0.
        index: usize,
        /// What is wrong with it.
        error: EvidenceError,
    },
    /// The fees do not fit the fee pool; no state with a valid supply leads here.
    #[error("the fees overflow the fee pool")]
    FeePoolOverflow,
}

/// Why the ledger has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The block is invalid: whoever proposed it is faulty.
    #[error("invalid block: {0}")]
    Block(#[from] BlockError),
    /// The store failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The flat state lacks a value that genesis wrote.
    #[error("the state has no {0}")]
    Missing(&'static str),
    /// The flat state holds something that no execution wrote.
    #[error("the state's {what} does not decode: {error}")]
    Corrupt {
        /// The value.
        what: &'static str,
        /// Why it does not decode.
        error: DecodeError,
    },
    /// Figures of the flat state contradict each other, as no execution leaves them.
    #[error("the state does not add up: {0}")]
    Unsound(&'static str),
    /// The flat state does not have the root that was stored with it.
    #[error("the stored state at height {height} has root {found}, not {expected}")]
    DamagedState {
        /// The height that it claims to stand at.
        height: Height,
        /// The root stored with it.
        expected: Hash,
        /// The root of what is there.
        found: Hash,
    },
    /// The state of this height is not, or no longer, at hand.
    #[error("the state of height {0} is not at hand")]
    NotAtHand(Height),
    /// The block does not stand on the newest executed one.
    #[error("block {height} on {parent}, but {tip} at height {tip_height} was executed last")]
    NotNext {
        /// The block's height.
        height: Height,
        /// The block's parent.
        parent: Digest,
        /// The newest executed block.
        tip: Digest,
        /// Its height.
        tip_height: Height,
    },
    /// The block carries other roots of the height below than executing it gave here.
    #[error("block {0} carries other roots than this node computed for its parent")]
    OtherRoots(Height),
}
