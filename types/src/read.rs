//! How pure code reads what is stored. RocksDB snapshots and the simulator's memory implement
//! these; the same conformance suite runs on both.

use std::sync::Arc;

use crate::address::Address;
use crate::block::Block;
use crate::certificate::Certificate;
use crate::epoch_entry::EpochEntry;
use crate::evidence::{Evidence, HeightArchive};
use crate::header::Digest;
use crate::numbers::{Epoch, Height};
use crate::persist::ExecutedTip;
use crate::receipt::Receipt;
use crate::state_key::StateKey;
use crate::transaction::TransactionId;

/// The store failed or holds what it never wrote. The node stops: nothing is guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("store: {0}")]
pub struct ReadError(pub String);

/// The flat state at the executed tip.
pub trait StateReader {
    /// The value under a key, if present.
    ///
    /// # Errors
    /// When the store fails.
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError>;
}

/// Where a transaction was included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionLocation {
    /// The block's height.
    pub height: Height,
    /// Its place in the block, from 0.
    pub index: u32,
}

/// One line of an account's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountEntry {
    /// Where the transaction was included.
    pub location: TransactionLocation,
    /// Which transaction.
    pub transaction: TransactionId,
}

/// Blocks, certificates, receipts and indexes.
pub trait ChainReader {
    /// The highest height whose block and commit certificate are stored; genesis when none is.
    ///
    /// # Errors
    /// When the store fails.
    fn decided(&self) -> Result<Height, ReadError>;

    /// The height that the flat state stands at; none before genesis is stored.
    ///
    /// # Errors
    /// When the store fails.
    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError>;

    /// The digest decided at a height.
    ///
    /// # Errors
    /// When the store fails.
    fn digest_at(&self, height: Height) -> Result<Option<Digest>, ReadError>;

    /// A stored block, decided or not.
    ///
    /// # Errors
    /// When the store fails.
    fn block(&self, digest: &Digest) -> Result<Option<Arc<Block>>, ReadError>;

    /// The commit certificate of a height.
    ///
    /// # Errors
    /// When the store fails.
    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError>;

    /// The receipts of an executed height, in block order.
    ///
    /// # Errors
    /// When the store fails.
    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError>;

    /// An epoch's entry as executing made it. The state forgets the entries of old epochs; who
    /// follows the validators from the genesis on needs them all (L-3).
    ///
    /// # Errors
    /// When the store fails.
    fn epoch_entry(&self, number: Epoch) -> Result<Option<EpochEntry>, ReadError>;

    /// Everything that convicts a validator, in order of height and index.
    ///
    /// # Errors
    /// When the store fails.
    fn evidence(&self) -> Result<Vec<Evidence>, ReadError>;

    /// What is kept of a height that took more than one view.
    ///
    /// # Errors
    /// When the store fails.
    fn archive(&self, height: Height) -> Result<Option<HeightArchive>, ReadError>;

    /// Where a transaction was included.
    ///
    /// # Errors
    /// When the store fails.
    fn transaction(&self, id: &TransactionId) -> Result<Option<TransactionLocation>, ReadError>;

    /// An account's transactions below `before`, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the store fails.
    fn account_history(
        &self,
        address: &Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Result<Vec<AccountEntry>, ReadError>;

    /// Calls `visit` with every (key bytes, value) of the flat state, ascending by key bytes.
    ///
    /// # Errors
    /// When the store fails.
    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError>;

    /// The decided block at a height.
    ///
    /// # Errors
    /// When the store fails.
    fn block_at(&self, height: Height) -> Result<Option<Arc<Block>>, ReadError> {
        match self.digest_at(height)? {
            None => Ok(None),
            Some(digest) => self.block(&digest),
        }
    }
}

/// Everything that a job may read, at one moment.
pub trait Store: StateReader + ChainReader {}

impl<T: StateReader + ChainReader> Store for T {}
