//! A signer: a process that has the validator key and keeps a guard of its own, apart from the node
//! that asks it to sign (S-1, S-4). They speak over a Unix socket that their user alone can reach.
//!
//! Invariant: what is signed is durable in the signer's own sign-state before the signature leaves
//! it, so that no node, whatever it has lost, gets two signatures for one place.

mod client;
mod frame;
mod guard;
mod server;
mod socket;
#[cfg(test)]
mod tests;

use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use quorate_home::{Home, HomeLock, KeyFile, KeyKind, check_plain_key};
use quorate_replica::OwnKey;
use quorate_storage::{SignStateError, SignStateFile};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

pub(crate) use self::client::{CallError, RemoteSigner};
use self::guard::GuardedKey;
pub(crate) use self::guard::chain_tag;
use self::server::serve;
use self::socket::Socket;
use crate::host::{HostError, read_genesis};

/// Connections at the same time: one is served, the others wait to be refused.
const MAX_CONNECTIONS: usize = 16;

/// Runs a signer until it is told to stop, or its sign-state fails.
///
/// # Errors
/// When the home or the socket cannot be had, or the sign-state failed.
pub(crate) fn run(home: &Home, socket: &Path) -> Result<(), HostError> {
    let lock = HomeLock::take(home)?;
    let key = Arc::new(Mutex::new(open(home)?));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| HostError::System { what: "cannot start a runtime", source })?;
    let _entered = runtime.enter();
    let system = |source| HostError::System { what: "cannot wait for signals", source };
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    let (ended, mut failure) = mpsc::channel(1);
    let socket = Socket::bind(socket)?;
    let listener = socket
        .listener()
        .map_err(|source| HostError::System { what: "cannot use the socket", source })?;
    accept(listener, &key, ended)?;
    tracing::info!(socket = %socket.path().display(), "signer started");
    let outcome = runtime.block_on(async {
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
            error = failure.recv() => error.map_or(Ok(()), |error| Err(HostError::from(error))),
        }
    });
    // A request under way ends as if by a kill: what is not durable has not left.
    tracing::info!("stopping");
    drop(socket);
    drop(lock);
    outcome
}

/// The key and its sign-state, which is never made here (S-3). The two are bound to each other and
/// to the chain of the genesis document; whether that lists the key does not matter: a validator may
/// register later, or take another key.
fn open(home: &Home) -> Result<GuardedKey, HostError> {
    let genesis = read_genesis(home)?;
    let context = genesis.context();
    let path = home.validator_key();
    let secret = KeyFile::read(&path, KeyKind::Validator)?.validator_key();
    check_plain_key(&path, &context.chain_id)?;
    let (file, record) = SignStateFile::open(&home.sign_state(), &context, &secret.public())?;
    Ok(GuardedKey { key: OwnKey { secret, context }, file, record })
}

/// Takes connections on a thread of their own; what breaks the signer is reported.
fn accept(
    listener: UnixListener,
    key: &Arc<Mutex<GuardedKey>>,
    ended: mpsc::Sender<SignStateError>,
) -> Result<(), HostError> {
    let key = Arc::clone(key);
    let work = move || {
        for stream in listener.incoming() {
            match stream {
                // Each connection's thread holds the key once.
                Ok(_) if Arc::strong_count(&key) > MAX_CONNECTIONS => {}
                Ok(stream) => serve_apart(stream, Arc::clone(&key), ended.clone()),
                Err(error) => tracing::warn!(%error, "a connection failed"),
            }
        }
    };
    spawn("accept", work)
}

fn serve_apart(
    stream: UnixStream,
    key: Arc<Mutex<GuardedKey>>,
    ended: mpsc::Sender<SignStateError>,
) {
    let work = move || {
        if let Err(error) = serve(stream, &key) {
            // Full means that it is ending for this reason already.
            drop(ended.try_send(error));
        }
    };
    if let Err(error) = spawn("serve", work) {
        tracing::warn!(%error, "a connection was not served");
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), HostError> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).map_err(|source| HostError::System { what: "cannot start a thread", source })
}
