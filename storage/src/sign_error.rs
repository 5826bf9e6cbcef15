//! Why a key's sign-state cannot be used. Each of these forbids signing: missing is not fresh and
//! damaged is not older (S-3).

use std::io;
use std::path::PathBuf;

use crate::folder::{LockError, describe_holder};

/// A failure of the sign-state.
#[derive(Debug, thiserror::Error)]
pub enum SignStateError {
    /// There is none. It is made once, with the key, never by starting a node.
    #[error("{} is missing", .0.display())]
    Missing(PathBuf),
    /// There is one already; it is never overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// It belongs to another chain or key.
    #[error("{} is of another {what}: {found}, not {expected}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What differs: chain, genesis or key.
        what: &'static str,
        /// What the file says.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// It is damaged, or it cannot be ruled out that a newer record was lost.
    #[error("{} is unreadable: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong, and at which byte.
        reason: String,
    },
    /// Another process signs with it.
    #[error("{} is in use by {}", path.display(), describe_holder(*holder))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id, where known.
        holder: Option<u32>,
    },
    /// A record is longer than any that the protocol's limits allow.
    #[error("a sign-state record of {found} bytes exceeds the limit of {limit}")]
    TooLong {
        /// Its canonical length.
        found: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// An earlier write failed, so nobody knows what the disk holds: only a restart helps.
    #[error("{}: an earlier write failed", .0.display())]
    Failed(PathBuf),
    /// The disk failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl SignStateError {
    pub(crate) fn of_lock(path: PathBuf, error: LockError) -> SignStateError {
        match error {
            LockError::Taken(holder) => SignStateError::Locked { path, holder },
            LockError::Io(source) => SignStateError::Io { path, source },
        }
    }
}
