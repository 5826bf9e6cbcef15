//! The signer's socket: of mode 0600 in a folder that nobody else may enter, gone when the signer
//! ends, and taken over from a signer that was killed.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use quorate_home::ensure_folder;

use crate::host::HostError;

/// The permissions of group and others.
const OTHERS: u32 = 0o077;

/// A bound socket. Dropping it removes its name.
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    pub(super) fn bind(path: &Path) -> Result<Socket, HostError> {
        let system = |source| HostError::System { what: "cannot make the socket", source };
        check_folder(path)?;
        remove_left_over(path)?;
        let listener = UnixListener::bind(path).map_err(system)?;
        let socket = Socket { listener, path: path.to_owned() };
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(system)?;
        Ok(socket)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn listener(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The next signer removes it otherwise.
        drop(fs::remove_file(&self.path));
    }
}

/// Between bind and the socket's own mode the folder alone protects it.
fn check_folder(path: &Path) -> Result<(), HostError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let problem = |problem: String| HostError::Home {
        problem,
        remedy: String::from("put the socket into a folder of its own with mode 0700"),
    };
    ensure_folder(folder).map_err(|error| problem(error.to_string()))?;
    let found = fs::metadata(folder);
    let mode = found.map_err(|error| problem(error.to_string()))?.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(problem(format!("{} has mode {mode:04o}: others may reach the signer", folder.display())))
}

/// Removes the socket of a signer that was killed; one that answers is left alone.
fn remove_left_over(path: &Path) -> Result<(), HostError> {
    let is_socket = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(HostError::System { what: "cannot look at the socket", source }),
        Ok(found) => found.file_type().is_socket(),
    };
    if !is_socket {
        return Err(HostError::Home {
            problem: format!("{} exists and is no socket", path.display()),
            remedy: String::from("name another --socket"),
        });
    }
    if UnixStream::connect(path).is_ok() {
        return Err(HostError::SocketTaken(path.to_owned()));
    }
    fs::remove_file(path)
        .map_err(|source| HostError::System { what: "cannot remove the old socket", source })
}
