//! Writing the chain database. A list is checked against what is stored, gathered into one batch
//! and written at once, so it is in the database as a whole or not at all.
//!
//! Order across lists: all column families share one log, a crash cuts a suffix off it, and a
//! synced write also syncs every unsynced one before it. So what executing a height yields may be
//! written unsynced: it is never found without the block and the certificate of its height.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};

use quorate_types::limits::EVIDENCE_WINDOW_HEIGHTS;
use quorate_types::{
    Block, Canonical, Certificate, CertificateKind, ChainReader, Digest, Evidence, ExecutedBlock,
    ExecutedTip, Height, Persist, StateChanges, StateKind, TransactionLocation, Writer,
};
use rocksdb::{WriteBatch, WriteOptions};

use crate::chain_db::ChainDb;
use crate::columns::Column;
use crate::error::StorageError;
use crate::keys::{
    EXECUTED, EvidenceKey, account_key, evidence_key, height_key, location_value, tip_value,
    undecided_key,
};
use crate::progress::Progress;

/// A longer list is written in several batches, so that memory stays bounded; in bytes.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

impl ChainDb {
    /// Stores a list, in order. With `sync` it is durable on return, and so is everything written
    /// before; blocks and certificates need it, results of executing do not.
    ///
    /// # Errors
    /// When something does not follow what is stored (nothing from there on is written), or the
    /// disk fails: then only opening again tells what is stored.
    pub fn write(&self, list: &[Persist], sync: bool) -> Result<(), StorageError> {
        let mut progress = self.lock_progress();
        let mut writing = Writing::after(self, &progress);
        for item in list {
            writing.add(item)?;
            if writing.batch.size_in_bytes() >= MAX_BATCH_BYTES {
                *progress = writing.commit(sync)?;
                writing = Writing::after(self, &progress);
            }
        }
        *progress = writing.commit(sync)?;
        Ok(())
    }

    /// Stores the state of genesis, durably.
    ///
    /// # Errors
    /// When it is stored already, or the disk fails.
    pub fn init_genesis(
        &self,
        state: &StateChanges,
        tip: &ExecutedTip,
    ) -> Result<(), StorageError> {
        let mut progress = self.lock_progress();
        if progress.executed.is_some() {
            return Err(StorageError::GenesisStored);
        }
        let mut writing = Writing::after(self, &progress);
        writing.add_state(state, tip);
        *progress = writing.commit(true)?;
        Ok(())
    }

    /// A panic between reading and committing leaves the progress as the database is: it changes
    /// only after the commit.
    fn lock_progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A batch under construction, and where the database will stand once it is written.
struct Writing<'a> {
    store: &'a ChainDb,
    batch: WriteBatch,
    progress: Progress,
    decided: BTreeMap<Height, Digest>,
    /// Keys of evidence in the batch.
    evidence: BTreeSet<EvidenceKey>,
}

impl<'a> Writing<'a> {
    fn after(store: &'a ChainDb, progress: &Progress) -> Writing<'a> {
        let progress = progress.clone();
        Writing {
            store,
            batch: WriteBatch::default(),
            progress,
            decided: BTreeMap::new(),
            evidence: BTreeSet::new(),
        }
    }

    fn commit(self, sync: bool) -> Result<Progress, StorageError> {
        let mut options = WriteOptions::default();
        options.set_sync(sync);
        let store = self.store;
        store
            .database
            .write_opt(self.batch, &options)
            .map_err(|source| StorageError::Database { path: store.path.clone(), source })?;
        Ok(self.progress)
    }

    fn add(&mut self, item: &Persist) -> Result<(), StorageError> {
        match item {
            Persist::Block(block) => self.add_block(block),
            Persist::Decided(certificate) => self.add_decided(certificate),
            Persist::Executed(executed) => self.add_executed(executed),
            Persist::Evidence(evidence) => self.add_evidence(evidence),
            Persist::Archive(archive) => {
                self.put(Column::Archives, &height_key(archive.height), &archive.to_bytes());
                self.forget(Column::Archives, archive.height);
                Ok(())
            }
        }
    }

    fn add_evidence(&mut self, evidence: &Evidence) -> Result<(), StorageError> {
        let key = evidence_key(evidence.height(), evidence.accused());
        let snapshot = self.store.snapshot();
        if self.evidence.insert(key) && snapshot.value(Column::Evidence, &key)?.is_none() {
            self.put(Column::Evidence, &key, &evidence.to_bytes());
        }
        self.forget(Column::Evidence, evidence.height());
        Ok(())
    }

    /// Deletes what is older than the evidence window of a height.
    fn forget(&mut self, column: Column, height: Height) {
        let first_kept = height_key(Height(height.0.saturating_sub(EVIDENCE_WINDOW_HEIGHTS)));
        let column = column.of(&self.store.database);
        self.batch.delete_range_cf(&column, &[][..], &first_kept[..]);
    }

    fn add_block(&mut self, block: &Block) -> Result<(), StorageError> {
        let (height, digest) = (block.height(), block.digest());
        // A decided block must not be listed as undecided again: it would be deleted.
        let stored = self.progress.undecided.contains(&(height, digest))
            || self.decided_at(height)? == Some(digest);
        if !stored {
            self.progress.undecided.insert((height, digest));
            self.put(Column::Blocks, digest.0.as_bytes(), &block.to_bytes());
            self.put(Column::Undecided, &undecided_key(height, &digest), &[]);
        }
        Ok(())
    }

    fn add_decided(&mut self, certificate: &Certificate) -> Result<(), StorageError> {
        let (height, digest) = (certificate.height, certificate.digest);
        if certificate.kind != CertificateKind::Commit {
            return Err(StorageError::NotACommit(height));
        }
        if let Some(stored) = self.decided_at(height)? {
            let found = digest;
            return if stored == found {
                Ok(())
            } else {
                Err(StorageError::OtherDigest { height, stored, found })
            };
        }
        check_next("certificate", self.progress.decided, height)?;
        if !self.progress.undecided.remove(&(height, digest)) {
            return Err(StorageError::MissingBlock { height, digest });
        }
        self.delete(Column::Undecided, &undecided_key(height, &digest));
        self.delete_undecided_below(height);
        self.put(Column::Heights, &height_key(height), digest.0.as_bytes());
        self.put(Column::Certificates, &height_key(height), &certificate.to_bytes());
        self.progress.decided = height;
        self.decided.insert(height, digest);
        Ok(())
    }

    fn delete_undecided_below(&mut self, height: Height) {
        let keep = self.progress.undecided.split_off(&(height, Digest::default()));
        let dropped = std::mem::replace(&mut self.progress.undecided, keep);
        for (height, digest) in dropped {
            self.delete(Column::Blocks, digest.0.as_bytes());
            self.delete(Column::Undecided, &undecided_key(height, &digest));
        }
    }

    fn add_executed(&mut self, executed: &ExecutedBlock) -> Result<(), StorageError> {
        let height = executed.height();
        let tip = self.progress.executed.as_ref().ok_or(StorageError::NoGenesis)?;
        check_next("result", tip.height, height)?;
        let found = executed.digest;
        match self.decided_at(height)? {
            None => return Err(StorageError::NotDecided(height)),
            Some(stored) if stored != found => {
                return Err(StorageError::OtherDigest { height, stored, found });
            }
            Some(_) => {}
        }
        let mut receipts = Writer::default();
        receipts.list(&executed.receipts);
        self.put(Column::Receipts, &height_key(height), &receipts.finish());
        self.add_indexes(&executed.block);
        self.add_state(&executed.changes, &executed.tip());
        Ok(())
    }

    /// Both indexes, each in the order of its keys: inserting in order is what costs least.
    fn add_indexes(&mut self, block: &Block) {
        let mut by_id = BTreeMap::new();
        let mut by_account = BTreeMap::new();
        for (index, transaction) in (0_u32..).zip(&block.transactions) {
            let location = TransactionLocation { height: block.height(), index };
            by_id.insert(transaction.id(), location);
            for address in transaction.accounts() {
                by_account.insert(account_key(&address, location), transaction.id());
            }
        }
        for (id, location) in by_id {
            self.put(Column::Transactions, id.0.as_bytes(), &location_value(location));
        }
        for (key, id) in by_account {
            self.put(Column::Accounts, &key, id.0.as_bytes());
        }
    }

    fn add_state(&mut self, changes: &StateChanges, tip: &ExecutedTip) {
        for (key, value) in changes {
            // L-3: the state forgets old epochs, and their sets are proved for ever.
            if let (StateKind::Epoch, Some(entry)) = (key.kind(), value) {
                self.put(Column::Epochs, key.name(), entry);
            }
            match value {
                Some(value) => self.put(Column::State, &key.to_bytes(), value),
                None => self.delete(Column::State, &key.to_bytes()),
            }
        }
        self.put(Column::Meta, EXECUTED, &tip_value(tip));
        self.progress.executed = Some(*tip);
    }

    /// The digest decided at a height, by this batch or before.
    fn decided_at(&self, height: Height) -> Result<Option<Digest>, StorageError> {
        if height > self.progress.decided {
            return Ok(None);
        }
        match self.decided.get(&height) {
            Some(digest) => Ok(Some(*digest)),
            None => Ok(self.store.digest_at(height)?),
        }
    }

    fn put(&mut self, column: Column, key: &[u8], value: &[u8]) {
        self.batch.put_cf(&column.of(&self.store.database), key, value);
    }

    fn delete(&mut self, column: Column, key: &[u8]) {
        self.batch.delete_cf(&column.of(&self.store.database), key);
    }
}

fn check_next(what: &'static str, last: Height, found: Height) -> Result<(), StorageError> {
    let expected = last.next();
    if found == expected { Ok(()) } else { Err(StorageError::OutOfOrder { what, expected, found }) }
}
