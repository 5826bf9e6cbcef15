//! Why a network cannot be made or run.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use quorate_genesis::GenesisError;
use quorate_home::{ConfigError, FileError, KeyError};

/// A failure, by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum TestnetError {
    /// The network that was asked for is none.
    #[error("{0}")]
    Spec(String),
    /// A file cannot be made or read, or holds something else.
    #[error(transparent)]
    File(#[from] FileError),
    /// A key cannot be made or read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The genesis document there is none.
    #[error("{}: {source}", path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: GenesisError,
    },
    /// A configuration there is none.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something else is there than this network has.
    #[error("{} exists already and is not of the network asked for", .0.display())]
    Differs(PathBuf),
    /// The network was made before, but a part of it is gone. A validator's home is never made
    /// anew beside the others: its key may have signed.
    #[error("{} is missing from a network that was complete", .0.display())]
    Missing(PathBuf),
    /// A sign-state cannot be made.
    #[error("the sign-state of {home}: {reason}", home = home.display())]
    SignState {
        /// The home.
        home: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The system has no free port.
    #[error("no free port: {0}")]
    NoFreePort(io::Error),
    /// A node's process cannot be started.
    #[error("{name} cannot be started: {source}")]
    Start {
        /// The node.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// A node ended before the network was ready.
    #[error("{name} ended ({status}) before the network was ready; its log: {log}")]
    Ended {
        /// The node.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// Its log's file, and its last lines.
        log: String,
    },
    /// Some nodes are not ready in time.
    #[error("{nodes} not ready within {} s", limit.as_secs())]
    NotReady {
        /// Which nodes.
        nodes: String,
        /// How long they had.
        limit: Duration,
    },
    /// The folder cannot be made, or has no name.
    #[error("no folder for the network: {0}")]
    NoFolder(io::Error),
    /// Signals cannot be listened to.
    #[error("no signals: {0}")]
    Signals(io::Error),
}

impl TestnetError {
    /// The process's exit code: 2 for a wrong wish, 78 for files that do not fit, that of a node
    /// which says 75 or 78 by itself, 1 for the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            TestnetError::Spec(_) => 2,
            TestnetError::File(_)
            | TestnetError::Key(_)
            | TestnetError::Genesis { .. }
            | TestnetError::Config(_)
            | TestnetError::Differs(_)
            | TestnetError::Missing(_)
            | TestnetError::SignState { .. } => 78,
            TestnetError::Ended { status, .. } => match status.code() {
                Some(75) => 75,
                Some(78) => 78,
                Some(_) | None => 1,
            },
            TestnetError::NoFreePort(_)
            | TestnetError::NotReady { .. }
            | TestnetError::Start { .. }
            | TestnetError::NoFolder(_)
            | TestnetError::Signals(_) => 1,
        }
    }

    /// What to do about it, where there is something to say beside the error itself.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            TestnetError::File(FileError::Differs(_)) | TestnetError::Differs(_) => Some(
                "nothing is overwritten: give the flags that it was made with, or another folder",
            ),
            TestnetError::Missing(_) => Some(
                "put it back, or make a new network in another folder: a validator's key that may \
                 have signed never starts anew",
            ),
            TestnetError::Ended { status, .. } if status.code() == Some(75) => {
                Some("is another network running? --ephemeral takes free ports")
            }
            TestnetError::Spec(_)
            | TestnetError::File(_)
            | TestnetError::Key(_)
            | TestnetError::Genesis { .. }
            | TestnetError::Config(_)
            | TestnetError::SignState { .. }
            | TestnetError::NoFreePort(_)
            | TestnetError::Start { .. }
            | TestnetError::Ended { .. }
            | TestnetError::NotReady { .. }
            | TestnetError::NoFolder(_)
            | TestnetError::Signals(_) => None,
        }
    }
}
