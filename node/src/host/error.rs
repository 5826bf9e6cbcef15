//! Why a node does not start, or stops by itself; each with the exit code that says so.

use std::net::SocketAddr;
use std::path::PathBuf;

use quorate_home::{ConfigError, KeyError, LockError};
use quorate_network::StartError;
use quorate_replica::OpenError;
use quorate_rpc::BindError;
use quorate_storage::{SignStateError, StorageError};

use super::port_holder;
use crate::signer::CallError;

/// What stopped the node.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The configuration does not hold.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A key file does not hold.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The genesis document, or something else of the home, does not hold.
    #[error("{problem}")]
    Home {
        /// What is wrong, and with which file.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// Another process has the home.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The sign-state does not allow signing.
    #[error(transparent)]
    SignState(#[from] SignStateError),
    /// The chain database does not open, or failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What is stored does not hold.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The network does not start.
    #[error(transparent)]
    Network(#[from] StartError),
    /// The RPC or metrics port cannot be had.
    #[error(transparent)]
    Bind(BindError),
    /// Another process has the port.
    #[error("{address} is taken {holder}")]
    PortTaken {
        /// The address.
        address: SocketAddr,
        /// By whom, as far as the system tells.
        holder: String,
    },
    /// The signer does not answer, or answers as another's.
    #[error("{}: {error}", path.display())]
    Signer {
        /// Its socket.
        path: PathBuf,
        /// What happened.
        error: CallError,
    },
    /// Another signer has the socket.
    #[error("{} is in use by another signer", .0.display())]
    SocketTaken(PathBuf),
    /// The system refused something that a node needs.
    #[error("{what}: {source}")]
    System {
        /// What the node wanted.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The core, or a thread that it needs, found that this node is broken.
    #[error("{0}")]
    Halted(String),
}

impl From<BindError> for HostError {
    fn from(error: BindError) -> HostError {
        match error {
            BindError::Taken(address) => HostError::port_taken(address),
            BindError::Other { .. } => HostError::Bind(error),
        }
    }
}

impl HostError {
    /// Another process has a port; asks the system which.
    pub(crate) fn port_taken(address: SocketAddr) -> HostError {
        HostError::PortTaken { address, holder: port_holder::describe(address) }
    }

    /// The process's exit code: 75 for what another process has, 78 for what the operator has to
    /// mend, 70 for the rest.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            HostError::Lock(LockError::Taken { .. })
            | HostError::SignState(SignStateError::Locked { .. })
            | HostError::Storage(StorageError::Locked { .. })
            | HostError::PortTaken { .. }
            | HostError::SocketTaken(_)
            | HostError::Signer {
                error: CallError::Refused(_) | CallError::Unreachable(_), ..
            } => 75,
            HostError::Config(_)
            | HostError::Key(_)
            | HostError::Home { .. }
            | HostError::Signer { error: CallError::Stranger(_), .. }
            | HostError::SignState(_)
            | HostError::Storage(
                StorageError::OtherChain { .. } | StorageError::OtherSchema { .. },
            )
            | HostError::Network(_)
            | HostError::Bind(_) => 78,
            HostError::Lock(_)
            | HostError::Storage(_)
            | HostError::Open(_)
            | HostError::System { .. }
            | HostError::Halted(_) => 70,
        }
    }

    /// What to do about it, where there is something to say beside the error itself.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        match self {
            HostError::Home { remedy, .. } => Some(remedy),
            HostError::Lock(_)
            | HostError::SignState(SignStateError::Locked { .. })
            | HostError::Storage(StorageError::Locked { .. }) => {
                Some("stop the other node, or start this one with another --home")
            }
            HostError::SignState(_) => Some(
                "a key without its sign-state must not sign: restore sign-state/ from the machine \
                 that used the key last, or make a new validator key",
            ),
            HostError::PortTaken { .. } => Some(
                "stop the process that has the port, or change p2p.listen, rpc.listen or \
                 metrics.listen",
            ),
            HostError::Signer { .. } => Some(
                "start it with `quorate signer` for the same chain, or correct validator.signer; \
                 one node at a time may use it",
            ),
            HostError::SocketTaken(_) => Some("stop the other signer, or name another --socket"),
            HostError::Config(_)
            | HostError::Key(_)
            | HostError::Storage(_)
            | HostError::Open(_)
            | HostError::Network(_)
            | HostError::Bind(_)
            | HostError::System { .. }
            | HostError::Halted(_) => None,
        }
    }
}
