//! Making files that are either whole or absent after a crash, and never overwritten.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The owner alone: mode 0600.
    Owner,
    /// Whoever may look into the folder: mode 0644.
    Everyone,
}

impl Audience {
    fn mode(self) -> u32 {
        match self {
            Audience::Owner => 0o600,
            Audience::Everyone => 0o644,
        }
    }
}

/// Why a file was not made or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It exists already; nothing is ever overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// It exists already with other content.
    #[error("{} exists already, with other content", .0.display())]
    Differs(PathBuf),
    /// It is longer than such a file may be.
    #[error("{} is longer than {limit} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: usize,
    },
    /// The system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl FileError {
    /// Whether there is no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, FileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io { path, source }
}

/// Makes a file that does not exist yet; it is durable on return. Its folder must exist.
///
/// # Errors
/// [`FileError::Exists`] when there is one; or the system refuses.
pub fn write_new(path: &Path, bytes: &[u8], audience: Audience) -> Result<(), FileError> {
    let folder = folder_of(path);
    let permissions = Permissions::from_mode(audience.mode());
    let mut file = Builder::new()
        .prefix(".new-")
        .permissions(permissions.clone())
        .tempfile_in(folder)
        .map_err(io_error(folder))?;
    // The mode given at creation is cut by the umask; this one is not.
    file.as_file().set_permissions(permissions).map_err(io_error(path))?;
    file.write_all(bytes).map_err(io_error(path))?;
    file.as_file().sync_all().map_err(io_error(path))?;
    // Fails where the name is taken, so two writers cannot both succeed.
    file.persist_noclobber(path).map_err(|error| {
        let (path, source) = (path.to_owned(), error.error);
        if source.kind() == io::ErrorKind::AlreadyExists {
            FileError::Exists(path)
        } else {
            FileError::Io { path, source }
        }
    })?;
    sync_folder(folder)
}

/// Makes a file, or finds it there with exactly this content. Says whether it made one.
///
/// # Errors
/// [`FileError::Differs`] when it is there with other content; or the system refuses.
pub fn ensure_file(path: &Path, bytes: &[u8], audience: Audience) -> Result<bool, FileError> {
    match read_file(path, bytes.len()) {
        Ok(found) if found == bytes => Ok(false),
        Ok(_) | Err(FileError::TooLong { .. }) => Err(FileError::Differs(path.to_owned())),
        Err(error) if error.is_missing() => {
            write_new(path, bytes, audience)?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Makes a folder of mode 0700 and those above it, where they are missing.
///
/// # Errors
/// When the system refuses, or something else has the name.
pub fn ensure_folder(path: &Path) -> Result<(), FileError> {
    // Then there is nothing to sync, and above it may be a file system that cannot be written.
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io_error(path))?;
    sync_folder(folder_of(path))
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// When it is longer, or the system refuses.
pub fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(io_error(path))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(io_error(path))?;
    if bytes.len() > limit {
        return Err(FileError::TooLong { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    }
}

fn sync_folder(folder: &Path) -> Result<(), FileError> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_has_its_mode_and_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for (name, audience, expected) in
            [("secret", Audience::Owner, 0o600), ("open", Audience::Everyone, 0o644)]
        {
            let path = folder.path().join(name);
            write_new(&path, b"first", audience).unwrap();
            assert_eq!(mode(&path), expected);
            let error = write_new(&path, b"second", audience).unwrap_err();
            assert!(matches!(error, FileError::Exists(_)), "{error}");
            assert_eq!(fs::read(&path).unwrap(), b"first");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "no temporary file stays behind");
    }

    #[test]
    fn ensuring_makes_finds_or_refuses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert!(ensure_file(&path, b"same", Audience::Everyone).unwrap());
        assert!(!ensure_file(&path, b"same", Audience::Everyone).unwrap());
        for other in [b"othe".as_slice(), b"sam", b"same and more", b""] {
            let error = ensure_file(&path, other, Audience::Everyone).unwrap_err();
            assert!(matches!(error, FileError::Differs(_)), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), b"same");
    }

    #[test]
    fn reading_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_file(&path, 5).unwrap(), b"12345");
        assert!(matches!(read_file(&path, 4), Err(FileError::TooLong { limit: 4, .. })));
        assert!(read_file(&folder.path().join("none"), 4).unwrap_err().is_missing());
    }
}
