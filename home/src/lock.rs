//! One process per home: an advisory lock on a file that names its holder. The kernel drops it
//! with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::paths::Home;

/// Bytes of the file that are read for the holder's process id.
const MAX_HOLDER_BYTES: u64 = 32;

/// The lock of a home. Held as long as it lives.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

/// Why a home was not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process runs here.
    #[error("{} is in use by {}", path.display(), describe(*holder))]
    Taken {
        /// The lock file.
        path: PathBuf,
        /// The other's process id, where it could be read.
        holder: Option<u32>,
    },
    /// The file cannot be made or locked.
    #[error("{}: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl HomeLock {
    /// Takes the lock at once or not at all.
    ///
    /// # Errors
    /// [`LockError::Taken`] when another process has it; or the file cannot be made.
    pub fn take(home: &Home) -> Result<HomeLock, LockError> {
        let path = home.lock_file();
        let mut file = match open(home) {
            Ok(file) => file,
            Err(source) => return Err(LockError::Io { path, source }),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Taken { path, holder: read_holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(LockError::Io { path, source }),
        }
        name_holder(&mut file).map_err(|source| LockError::Io { path, source })?;
        Ok(HomeLock { _file: file })
    }
}

fn open(home: &Home) -> io::Result<File> {
    // Not truncated: until the lock is ours, what stands in it is another's.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(home.lock_file())
}

fn name_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn read_holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(MAX_HOLDER_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn describe(holder: Option<u32>) -> String {
    holder.map_or_else(|| String::from("another process"), |id| format!("process {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_learns_who_has_it_and_may_have_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        let first = HomeLock::take(&home).unwrap();
        let error = HomeLock::take(&home).unwrap_err();
        let expected = format!("is in use by process {}", std::process::id());
        assert!(error.to_string().ends_with(&expected), "{error}");
        assert!(matches!(error, LockError::Taken { holder: Some(_), .. }));
        drop(first);
        HomeLock::take(&home).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let home = Home::new("/nonexistent/home");
        let error = HomeLock::take(&home).unwrap_err();
        assert!(error.to_string().starts_with("/nonexistent/home/lock: "), "{error}");
    }
}
