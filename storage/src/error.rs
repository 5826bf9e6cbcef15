//! Why the chain database cannot be opened or written.

use std::io;
use std::path::PathBuf;

use quorate_types::{Digest, Height, ReadError};

use crate::folder::{LockError, describe_holder};

/// A failure of the chain database.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another process has the folder open.
    #[error("{} is in use by {}", path.display(), describe_holder(*holder))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id, where known.
        holder: Option<u32>,
    },
    /// The folder belongs to another chain.
    #[error("{} is of {found}, not of {expected}", path.display())]
    OtherChain {
        /// The database's folder.
        path: PathBuf,
        /// The chain and genesis in it.
        found: String,
        /// The chain and genesis asked for.
        expected: String,
    },
    /// The folder was written with another layout.
    #[error("{} has layout {found}, this program reads {expected}", path.display())]
    OtherSchema {
        /// The database's folder.
        path: PathBuf,
        /// What the folder says.
        found: String,
        /// The one that this program reads.
        expected: u32,
    },
    /// Something to store does not follow what is stored.
    #[error("{what} of height {found} where height {expected} is next")]
    OutOfOrder {
        /// What was to be stored.
        what: &'static str,
        /// The only height that may come.
        expected: Height,
        /// The height that came.
        found: Height,
    },
    /// A block that is needed first is not stored.
    #[error("height {height}: block {digest} is not stored")]
    MissingBlock {
        /// Its height.
        height: Height,
        /// Its digest.
        digest: Digest,
    },
    /// A result of a height that is not decided.
    #[error("height {0} is not decided")]
    NotDecided(Height),
    /// A height has another digest than the one to be stored.
    #[error("height {height} has block {stored}, not {found}")]
    OtherDigest {
        /// The height.
        height: Height,
        /// The decided digest.
        stored: Digest,
        /// The one that came.
        found: Digest,
    },
    /// Only commit certificates decide.
    #[error("height {0}: the certificate is not a commit certificate")]
    NotACommit(Height),
    /// A block was to be executed before genesis was stored.
    #[error("genesis is not stored")]
    NoGenesis,
    /// Genesis is stored once.
    #[error("genesis is stored already")]
    GenesisStored,
    /// The database holds what it never wrote, or fails to read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// RocksDB failed.
    #[error("{}: {source}", path.display())]
    Database {
        /// The database's folder.
        path: PathBuf,
        /// RocksDB's own words.
        source: rocksdb::Error,
    },
    /// The folder cannot be made or locked.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl StorageError {
    pub(crate) fn of_lock(path: PathBuf, error: LockError) -> StorageError {
        match error {
            LockError::Taken(holder) => StorageError::Locked { path, holder },
            LockError::Io(source) => StorageError::Io { path, source },
        }
    }
}
