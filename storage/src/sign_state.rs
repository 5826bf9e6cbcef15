//! The sign-state file of a key: what it has signed, durable before any of it leaves (S-2), apart
//! from the chain database (S-3). `quorate_types::sign_log` says what its bytes mean.
//!
//! A write is one append and one fdatasync into a file that has its full length from the start, so
//! that no metadata needs to follow. A full log is replaced by a new one that holds the newest
//! record only: written beside it, synced, renamed, the folder synced; so at every moment the name
//! leads to a log with every acknowledged record's latest.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use quorate_crypto::{Hash, ValidatorPublicKey};
use quorate_types::sign_log::{LogEnd, LogHeader, MAX_PAYLOAD, Owner, replay};
use quorate_types::{Canonical, ChainContext, SignRecord};

use crate::folder::{self, FolderLock};
use crate::sign_error::SignStateError;

/// Length of a log in bytes: a thousand heights between two replacements, with four validators.
const LOG_BYTES: u64 = 4 * 1024 * 1024;
pub(crate) const LOG_FILE: &str = "log";
/// The next log while it is being written.
const NEW_FILE: &str = "log.new";
const LOCK_FILE: &str = "lock";

/// The open sign-state of the key that this process signs with.
#[derive(Debug)]
pub struct SignStateFile {
    folder: PathBuf,
    owner: Owner,
    capacity: u64,
    file: File,
    end: LogEnd,
    failed: bool,
    _lock: FolderLock,
}

impl SignStateFile {
    /// Makes the sign-state of a key that never signed, in a folder whose parent exists.
    ///
    /// # Errors
    /// [`SignStateError::Exists`] when there is one, whatever its state;
    /// [`SignStateError::Locked`] when a node has it open; or the disk fails.
    pub fn create(
        folder: &Path,
        chain: &ChainContext,
        key: &ValidatorPublicKey,
    ) -> Result<(), SignStateError> {
        create_sized(folder, owner_of(chain, key), LOG_BYTES)
    }

    /// Opens the sign-state and reads the latest record. Never makes one.
    ///
    /// # Errors
    /// [`SignStateError::Missing`], [`SignStateError::Foreign`] or
    /// [`SignStateError::Unreadable`] when this key must not sign, [`SignStateError::Locked`] when
    /// another process does; or the disk fails.
    pub fn open(
        folder: &Path,
        chain: &ChainContext,
        key: &ValidatorPublicKey,
    ) -> Result<(SignStateFile, SignRecord), SignStateError> {
        let path = folder.join(LOG_FILE);
        if !path.try_exists().map_err(io_error(&path))? {
            return Err(SignStateError::Missing(path));
        }
        let lock = take_lock(folder)?;
        let log = fs::read(&path).map_err(io_error(&path))?;
        let unreadable = |reason| SignStateError::Unreadable { path: path.clone(), reason };
        let header = LogHeader::of(&log).map_err(|damage| unreadable(damage.to_string()))?;
        let owner = owner_of(chain, key);
        check_owner(&path, &header.owner, &owner)?;
        let last = replay(&log).map_err(|damage| unreadable(damage.to_string()))?;
        let record = SignRecord::from_bytes(&last.payload)
            .map_err(|error| unreadable(format!("the last record: {error}")))?;
        let file = OpenOptions::new().write(true).open(&path).map_err(io_error(&path))?;
        // The last process may have been killed between writing and syncing: what was read is
        // acted upon from here on, so a power cut must not take it back.
        file.sync_all().map_err(io_error(&path))?;
        folder::sync(folder).map_err(io_error(folder))?;
        let (folder, capacity, end) = (folder.to_owned(), header.capacity, last.end);
        let mut state =
            SignStateFile { folder, owner, capacity, file, end, failed: false, _lock: lock };
        if last.torn {
            tracing::warn!(path = %path.display(), "dropping a record that a crash cut off");
            state.replace(&last.payload)?;
        }
        Ok((state, record))
    }

    /// Writes a record; it is durable on return. After an error nothing may be sent, and every
    /// later write fails: a failed sync does not say what the disk holds.
    ///
    /// # Errors
    /// When the record is too long, or the disk fails or has failed.
    pub fn write(&mut self, record: &SignRecord) -> Result<(), SignStateError> {
        let path = self.folder.join(LOG_FILE);
        if self.failed {
            return Err(SignStateError::Failed(path));
        }
        let payload = record.to_bytes();
        if payload.len() > MAX_PAYLOAD {
            return Err(SignStateError::TooLong { found: payload.len(), limit: MAX_PAYLOAD });
        }
        self.failed = true;
        let (sectors, end) = self.end.append(&payload);
        if offset_of(end.offset) > self.capacity {
            self.replace(&payload)?;
        } else {
            self.file
                .write_all_at(&sectors, offset_of(self.end.offset))
                .and_then(|()| self.file.sync_data())
                .map_err(io_error(&path))?;
            self.end = end;
        }
        self.failed = false;
        Ok(())
    }

    /// Makes the file in a folder without one, under a lock that is held, with its first record.
    pub(crate) fn begin(
        folder: &Path,
        chain: &ChainContext,
        key: &ValidatorPublicKey,
        (record, lock): (&SignRecord, FolderLock),
    ) -> Result<SignStateFile, SignStateError> {
        let payload = record.to_bytes();
        if payload.len() > MAX_PAYLOAD {
            return Err(SignStateError::TooLong { found: payload.len(), limit: MAX_PAYLOAD });
        }
        let (owner, capacity, folder) = (owner_of(chain, key), LOG_BYTES, folder.to_owned());
        let header = LogHeader { owner: owner.clone(), capacity, first_sequence: 0 };
        let (file, end) = put_log(&folder, &header, &payload)?;
        Ok(SignStateFile { folder, owner, capacity, file, end, failed: false, _lock: lock })
    }

    /// Puts a new log that starts with this record in the place of the log.
    fn replace(&mut self, payload: &[u8]) -> Result<(), SignStateError> {
        let header = LogHeader {
            owner: self.owner.clone(),
            capacity: self.capacity,
            first_sequence: self.end.sequence,
        };
        (self.file, self.end) = put_log(&self.folder, &header, payload)?;
        Ok(())
    }
}

/// Takes the folder's lock, and makes the folder if it is missing.
pub(crate) fn hold_folder(folder: &Path) -> Result<FolderLock, SignStateError> {
    folder::make(folder).map_err(io_error(folder))?;
    take_lock(folder)
}

fn create_sized(folder: &Path, owner: Owner, capacity: u64) -> Result<(), SignStateError> {
    // Under the lock nobody else makes one between the check and the rename.
    let _lock = hold_folder(folder)?;
    let path = folder.join(LOG_FILE);
    if path.try_exists().map_err(io_error(&path))? {
        return Err(SignStateError::Exists(path));
    }
    let header = LogHeader { owner, capacity, first_sequence: 0 };
    put_log(folder, &header, &SignRecord::default().to_bytes()).map(drop)
}

/// Writes a log of one record beside the present one and renames it into its place.
fn put_log(
    folder: &Path,
    header: &LogHeader,
    payload: &[u8],
) -> Result<(File, LogEnd), SignStateError> {
    let path = folder.join(NEW_FILE);
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io_error(&path)(error)),
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(io_error(&path))?;
    let (mut log, start) = header.to_sector();
    let (sectors, end) = start.append(payload);
    log.extend_from_slice(&sectors);
    // The zeros are really written: blocks that are only reserved cost a metadata write each when
    // they are first used.
    log.resize(usize::try_from(header.capacity).expect("a few MiB"), 0);
    file.write_all(&log).and_then(|()| file.sync_all()).map_err(io_error(&path))?;
    fs::rename(&path, folder.join(LOG_FILE)).map_err(io_error(&path))?;
    folder::sync(folder).map_err(io_error(folder))?;
    Ok((file, end))
}

fn take_lock(folder: &Path) -> Result<FolderLock, SignStateError> {
    let path = folder.join(LOCK_FILE);
    FolderLock::take(&path).map_err(|error| SignStateError::of_lock(path, error))
}

fn owner_of(chain: &ChainContext, key: &ValidatorPublicKey) -> Owner {
    Owner {
        chain_id: chain.chain_id.clone(),
        genesis_hash: chain.genesis_hash,
        key: Hash::from_bytes(*key.as_bytes()),
    }
}

fn check_owner(path: &Path, found: &Owner, expected: &Owner) -> Result<(), SignStateError> {
    let facts = [
        ("chain", found.chain_id.to_string(), expected.chain_id.to_string()),
        ("genesis", found.genesis_hash.to_string(), expected.genesis_hash.to_string()),
        ("key", found.key.to_string(), expected.key.to_string()),
    ];
    match facts.into_iter().find(|(_, found, expected)| found != expected) {
        None => Ok(()),
        Some((what, found, expected)) => {
            Err(SignStateError::Foreign { path: path.to_owned(), what, found, expected })
        }
    }
}

fn offset_of(position: usize) -> u64 {
    u64::try_from(position).expect("a position in a file of a few MiB")
}

pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SignStateError + use<'_> {
    |source| SignStateError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
