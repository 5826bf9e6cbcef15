//! The place of a sign-state that is missing or unreadable. A node without its records observes
//! (S-5) and writes none; when its key has rejoined, the first record makes the file anew. What was
//! damaged is moved aside then, never deleted.

use std::fs;
use std::path::{Path, PathBuf};

use quorate_crypto::ValidatorPublicKey;
use quorate_types::{ChainContext, SignRecord};

use crate::folder::FolderLock;
use crate::sign_error::SignStateError;
use crate::sign_state::{LOG_FILE, SignStateFile, hold_folder, io_error};

/// How a damaged log is called, with a number behind it.
const DAMAGED_FILE: &str = "log.damaged";
/// Damaged logs that may lie in one folder.
const MAX_DAMAGED: u32 = 1_000;

/// Held while the node observes, so that no other process signs with the key.
#[derive(Debug)]
pub struct LostSignState {
    folder: PathBuf,
    chain: ChainContext,
    key: ValidatorPublicKey,
    /// None once the sign-state is made.
    lock: Option<FolderLock>,
}

impl LostSignState {
    /// Takes the folder of a sign-state that [`SignStateFile::open`] found missing or unreadable,
    /// and changes nothing in it.
    ///
    /// # Errors
    /// [`SignStateError::Locked`] when another process has it, or the disk fails.
    pub fn hold(
        folder: &Path,
        chain: &ChainContext,
        key: &ValidatorPublicKey,
    ) -> Result<LostSignState, SignStateError> {
        let lock = Some(hold_folder(folder)?);
        Ok(LostSignState { folder: folder.to_owned(), chain: chain.clone(), key: *key, lock })
    }

    /// Makes the sign-state anew with the first record after rejoining; it is durable on return. A
    /// crash in between leaves it missing, so that the next start observes again.
    ///
    /// # Errors
    /// When the record is too long, or the disk fails; nothing may be signed then.
    pub fn make(&mut self, record: &SignRecord) -> Result<SignStateFile, SignStateError> {
        let path = self.folder.join(LOG_FILE);
        let lock = self.lock.take().ok_or_else(|| SignStateError::Failed(path.clone()))?;
        if path.try_exists().map_err(io_error(&path))? {
            let aside = self.free_name()?;
            fs::rename(&path, &aside).map_err(io_error(&path))?;
            tracing::warn!(path = %aside.display(), "the damaged sign-state is kept here");
        }
        SignStateFile::begin(&self.folder, &self.chain, &self.key, (record, lock))
    }

    fn free_name(&self) -> Result<PathBuf, SignStateError> {
        for number in 1..MAX_DAMAGED {
            let path = self.folder.join(format!("{DAMAGED_FILE}.{number}"));
            if !path.try_exists().map_err(io_error(&path))? {
                return Ok(path);
            }
        }
        Err(SignStateError::Exists(self.folder.join(DAMAGED_FILE)))
    }
}
