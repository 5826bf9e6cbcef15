//! The chain database: RocksDB in the node's `data` folder, bound to one genesis when it is made.
//!
//! After a crash `executed()` may stand below `decided()`: the blocks between are read with
//! `block_at` and executed again. It never stands above (see `write`), and opening checks that.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use quorate_types::{
    AccountEntry, Address, Block, Canonical, Certificate, ChainContext, ChainReader, Digest, Epoch,
    EpochEntry, Evidence, ExecutedTip, Height, HeightArchive, ReadError, Reader, Receipt, StateKey,
    StateReader, TransactionId, TransactionLocation,
};
use rocksdb::WriteOptions;

use crate::columns::{Column, Database};
use crate::error::StorageError;
use crate::folder::{self, FolderLock};
use crate::keys::{BINDING, Binding, SCHEMA};
use crate::options::{column_families, database_options};
use crate::progress::Progress;
use crate::snapshot::ChainSnapshot;

/// The file whose lock keeps a second process out of the folder.
const LOCK_FILE: &str = "node.lock";
/// RocksDB's file that exists in every database.
const CURRENT_FILE: &str = "CURRENT";

/// Blocks, certificates, flat state, receipts and indexes of one chain. One writer at a time, any
/// number of readers.
pub struct ChainDb {
    // Dropped in this order: the folder is unlocked only when the database is closed.
    pub(crate) database: Database,
    pub(crate) progress: Mutex<Progress>,
    pub(crate) path: PathBuf,
    _lock: FolderLock,
}

impl ChainDb {
    /// Opens the database in the folder `path`, making it if there is none; its parent exists.
    ///
    /// # Errors
    /// [`StorageError::Locked`] when a process has it open, [`StorageError::OtherChain`] and
    /// [`StorageError::OtherSchema`] when it was made for something else, another one when it is
    /// damaged or the disk fails.
    pub fn open(path: &Path, chain: &ChainContext) -> Result<ChainDb, StorageError> {
        folder::make(path).map_err(|source| StorageError::Io { path: path.to_owned(), source })?;
        let lock_path = path.join(LOCK_FILE);
        let lock = FolderLock::take(&lock_path)
            .map_err(|error| StorageError::of_lock(lock_path, error))?;
        let database = open_database(path)?;
        bind(&database, path, chain)?;
        let progress = Mutex::new(Progress::load(&ChainSnapshot::of(&database))?);
        Ok(ChainDb { database, progress, path: path.to_owned(), _lock: lock })
    }

    /// What the database holds now, unchanged by later writes.
    #[must_use]
    pub fn snapshot(&self) -> ChainSnapshot<'_> {
        ChainSnapshot::of(&self.database)
    }
}

fn open_database(path: &Path) -> Result<Database, StorageError> {
    let failed = |source| StorageError::Database { path: path.to_owned(), source };
    let options = database_options().map_err(failed)?;
    if path.join(CURRENT_FILE).exists() {
        let names = Database::list_cf(&options, path).map_err(failed)?;
        let known = |name: &String| Column::ALL.iter().any(|column| column.name() == name);
        if let Some(unknown) = names.iter().find(|name| !known(name)) {
            return Err(StorageError::OtherSchema {
                path: path.to_owned(),
                found: format!("with {unknown:?}"),
                expected: SCHEMA,
            });
        }
    }
    Database::open_cf_descriptors(&options, path, column_families()).map_err(failed)
}

/// Binds a fresh database to the chain, or checks that this one is bound to it.
fn bind(database: &Database, path: &Path, chain: &ChainContext) -> Result<(), StorageError> {
    let wanted = Binding {
        schema: SCHEMA,
        chain_id: chain.chain_id.clone(),
        genesis_hash: chain.genesis_hash,
    };
    let snapshot = ChainSnapshot::of(database);
    match snapshot.value(Column::Meta, BINDING)? {
        Some(bytes) => check_binding(&bytes, &wanted, path),
        None => {
            for column in Column::ALL {
                if snapshot.keys(column).next().is_some() {
                    return Err(ReadError(format!("{column:?} without a binding")).into());
                }
            }
            let mut synced = WriteOptions::default();
            synced.set_sync(true);
            database
                .put_cf_opt(&Column::Meta.of(database), BINDING, wanted.to_bytes(), &synced)
                .map_err(|source| StorageError::Database { path: path.to_owned(), source })
        }
    }
}

fn check_binding(bytes: &[u8], wanted: &Binding, path: &Path) -> Result<(), StorageError> {
    let corrupt = |error| ReadError(format!("binding: {error}"));
    let schema = Reader::new(bytes).u32().map_err(corrupt)?;
    if schema != SCHEMA {
        return Err(StorageError::OtherSchema {
            path: path.to_owned(),
            found: schema.to_string(),
            expected: SCHEMA,
        });
    }
    let found = Binding::from_bytes(bytes).map_err(corrupt)?;
    if found == *wanted {
        return Ok(());
    }
    let name = |of: &Binding| format!("chain {} with genesis {}", of.chain_id, of.genesis_hash);
    Err(StorageError::OtherChain {
        path: path.to_owned(),
        found: name(&found),
        expected: name(wanted),
    })
}

impl StateReader for ChainDb {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        self.snapshot().get(key)
    }
}

impl ChainReader for ChainDb {
    fn decided(&self) -> Result<Height, ReadError> {
        self.snapshot().decided()
    }

    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError> {
        self.snapshot().executed()
    }

    fn digest_at(&self, height: Height) -> Result<Option<Digest>, ReadError> {
        self.snapshot().digest_at(height)
    }

    fn block(&self, digest: &Digest) -> Result<Option<Arc<Block>>, ReadError> {
        self.snapshot().block(digest)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        self.snapshot().certificate(height)
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        self.snapshot().receipts(height)
    }

    fn epoch_entry(&self, number: Epoch) -> Result<Option<EpochEntry>, ReadError> {
        self.snapshot().epoch_entry(number)
    }

    fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        self.snapshot().evidence()
    }

    fn archive(&self, height: Height) -> Result<Option<HeightArchive>, ReadError> {
        self.snapshot().archive(height)
    }

    fn transaction(&self, id: &TransactionId) -> Result<Option<TransactionLocation>, ReadError> {
        self.snapshot().transaction(id)
    }

    fn account_history(
        &self,
        address: &Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Result<Vec<AccountEntry>, ReadError> {
        self.snapshot().account_history(address, before, limit)
    }

    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        self.snapshot().scan_state(visit)
    }

    fn block_at(&self, height: Height) -> Result<Option<Arc<Block>>, ReadError> {
        self.snapshot().block_at(height)
    }
}
