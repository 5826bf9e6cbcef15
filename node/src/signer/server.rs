//! The signer's side of a connection. The lease on the key is a lock that one connection holds for
//! as long as it lives: a second node is refused with a reason, whatever it asks for.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use quorate_storage::SignStateError;
use quorate_types::Canonical;

use super::frame::{Answer, Hello, Request, read_frame, write_frame};
use super::guard::{GuardError, GuardedKey};

/// How long a node may take to say hello, or to take an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves a node until it leaves. Faults of the node end its connection and are logged.
///
/// # Errors
/// When the sign-state failed: nothing may be signed any more.
pub(crate) fn serve(mut stream: UnixStream, key: &Mutex<GuardedKey>) -> Result<(), SignStateError> {
    let hello = match greet(&mut stream) {
        Ok(hello) => hello,
        Err(reason) => {
            tracing::warn!(reason, "a connection without a hello");
            return Ok(());
        }
    };
    let mut key = match lease(key) {
        Ok(key) => key,
        Err(reason) => {
            tracing::warn!(reason, "a node was refused");
            answer(&mut stream, &Answer::Refused(reason));
            return Ok(());
        }
    };
    let own = key.hello();
    let stranger = stranger(&own, &hello);
    let is_greeted = answer(&mut stream, &Answer::Hello(own));
    if let Some(reason) = stranger {
        tracing::warn!(reason, "a node was sent away"); // it sees the same in the hello
        return Ok(());
    }
    tracing::info!("a node is connected");
    if is_greeted {
        serve_requests(&mut stream, &mut key)?;
    }
    tracing::info!("the node has left");
    Ok(())
}

fn greet(stream: &mut UnixStream) -> Result<Hello, String> {
    stream.set_write_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    let frame = read_frame(stream).map_err(|error| error.to_string())?;
    let request = Request::from_bytes(&frame.unwrap_or_default());
    stream.set_read_timeout(None).map_err(|error| error.to_string())?;
    match request {
        Ok(Request::Hello(hello)) => Ok(hello),
        Ok(
            Request::Sign(_) | Request::Last | Request::SignPeerRecord(_) | Request::SignRejoin(_),
        ) => Err(String::from("another request came first")),
        Err(error) => Err(error.to_string()),
    }
}

/// The key, unless a connection has it.
fn lease(key: &Mutex<GuardedKey>) -> Result<MutexGuard<'_, GuardedKey>, String> {
    key.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => String::from("another node is connected to this signer"),
        TryLockError::Poisoned(_) => String::from("this signer is broken"),
    })
}

/// Why these two do not belong together.
fn stranger(own: &Hello, node: &Hello) -> Option<String> {
    let (here, there) = (&own.context, &node.context);
    if here != there {
        return Some(format!(
            "this signer is for chain {} with genesis {} and protocol version {}, not {} with {} and {}",
            here.chain_id,
            here.genesis_hash,
            here.protocol_version,
            there.chain_id,
            there.genesis_hash,
            there.protocol_version
        ));
    }
    let is_other = node.key.is_some() && node.key != own.key;
    is_other.then(|| String::from("this signer has another key"))
}

/// One request at a time, in order.
fn serve_requests(stream: &mut UnixStream, key: &mut GuardedKey) -> Result<(), SignStateError> {
    loop {
        let frame = match read_frame(stream) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::warn!(%error, "the connection failed");
                return Ok(());
            }
        };
        let (found, broken) = match grant(&frame, key) {
            Ok(found) => (found, None),
            Err(GuardError::Refused(reason)) => {
                tracing::warn!(reason, "refused");
                (Answer::Refused(reason), None)
            }
            Err(GuardError::Broken(error)) => (Answer::Refused(error.to_string()), Some(error)),
        };
        let is_taken = answer(stream, &found);
        match broken {
            Some(error) => return Err(error),
            None if !is_taken => return Ok(()),
            None => {}
        }
    }
}

/// What a request gets; one that is unknown or malformed is refused.
fn grant(frame: &[u8], key: &mut GuardedKey) -> Result<Answer, GuardError> {
    let request =
        Request::from_bytes(frame).map_err(|error| GuardError::Refused(error.to_string()))?;
    match request {
        Request::Hello(_) => Err(GuardError::Refused(String::from("a second hello"))),
        Request::Sign(statement) => key.sign(&statement).map(Answer::Signature),
        Request::Last => Ok(Answer::Last(key.last())),
        Request::SignPeerRecord(record) => key.sign_peer_record(&record).map(Answer::Signature),
        Request::SignRejoin(body) => key.sign_rejoin(body).map(Answer::Signature),
    }
}

/// Says whether the node has taken it.
fn answer(stream: &mut UnixStream, answer: &Answer) -> bool {
    write_frame(stream, answer)
        .inspect_err(|error| tracing::warn!(%error, "an answer was not taken"))
        .is_ok()
}
