//! The node's side: a signer that is reached over its socket. A call takes [`CALL_LIMIT`] at most;
//! after a failure calls fail at once until the time to try again has come, so that a signer that
//! is away or hangs stalls nothing but its own votes.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use quorate_crypto::{Signature, ValidatorPublicKey};
use quorate_network::{PeerRecord, SignedPeerRecord};
use quorate_replica::{Signer, SignerError};
use quorate_types::{Canonical, ChainContext, Rejoin, RejoinBody, SignedStatement, Statement};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use super::frame::{Answer, Hello, Request, read_frame, write_frame};

/// How long one call may take, a new connection and its hello included.
const CALL_LIMIT: Duration = Duration::from_millis(500);
/// The first pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long a node that starts waits for its signer.
const START_LIMIT: Duration = Duration::from_secs(10);

/// A signer in a process of its own.
pub(crate) struct RemoteSigner {
    path: PathBuf,
    context: ChainContext,
    key: ValidatorPublicKey,
    /// None after a failure: what comes late on the old one answers nothing.
    stream: Option<UnixStream>,
    pause: Duration,
    try_at: Instant,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The signer is there and says no.
    #[error("the signer refuses: {0}")]
    Refused(String),
    /// It is of another chain or key, or no signer.
    #[error("{0}")]
    Stranger(String),
    /// It is away, or does not answer in time.
    #[error("the signer is out of reach: {0}")]
    Unreachable(#[from] io::Error),
}

impl RemoteSigner {
    /// Connects, and learns the key. Waits for a signer that starts beside the node.
    pub(crate) fn connect(path: &Path, context: &ChainContext) -> Result<Self, CallError> {
        let end = Instant::now() + START_LIMIT;
        let mut pause = FIRST_PAUSE;
        loop {
            let deadline = Instant::now() + CALL_LIMIT;
            match open(path, context, None, deadline) {
                Ok((stream, key)) => return Ok(RemoteSigner::new(path, context, key, stream)),
                Err(error @ CallError::Stranger(_)) => return Err(error),
                Err(error) if Instant::now() + pause >= end => return Err(error),
                Err(error) => tracing::info!(%error, "waiting for the signer"),
            }
            thread::sleep(pause);
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    pub(super) fn new(
        path: &Path,
        context: &ChainContext,
        key: ValidatorPublicKey,
        stream: UnixStream,
    ) -> RemoteSigner {
        RemoteSigner {
            path: path.to_owned(),
            context: context.clone(),
            key,
            stream: Some(stream),
            pause: FIRST_PAUSE,
            try_at: Instant::now(),
        }
    }

    /// The key that it signs with.
    pub(crate) fn key(&self) -> ValidatorPublicKey {
        self.key
    }

    /// What it signed last (S-4).
    pub(crate) fn last(&mut self) -> Result<Option<SignedStatement>, CallError> {
        let Answer::Last(last) = self.call(&Request::Last)? else {
            return Err(self.strange("an answer to something else"));
        };
        Ok(last)
    }

    /// Has a record signed that says which peer acts for the key.
    pub(crate) fn sign_peer_record(
        &mut self,
        record: PeerRecord,
    ) -> Result<SignedPeerRecord, CallError> {
        let signature = Signature::from_bytes([0; 64]);
        let unsigned = SignedPeerRecord { record, signature };
        let signature = self.signature(&Request::SignPeerRecord(unsigned.encode()))?;
        Ok(SignedPeerRecord { signature, ..unsigned })
    }

    fn try_sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, CallError> {
        if *context != self.context {
            return Err(CallError::Stranger(String::from("a statement of another chain")));
        }
        let signature = self.signature(&Request::Sign(*statement))?;
        let hash = statement.signing_hash(context);
        match self.key.verify(hash.as_bytes(), &signature) {
            Ok(()) => Ok(signature),
            Err(_) => Err(self.strange("a signature that does not verify")),
        }
    }

    fn try_sign_rejoin(
        &mut self,
        body: RejoinBody,
        context: &ChainContext,
    ) -> Result<Rejoin, CallError> {
        if *context != self.context {
            return Err(CallError::Stranger(String::from("a rejoin entry of another chain")));
        }
        let signature = self.signature(&Request::SignRejoin(body))?;
        match self.key.verify(body.signing_hash(context).as_bytes(), &signature) {
            Ok(()) => Ok(Rejoin { body, signature }),
            Err(_) => Err(self.strange("a signature that does not verify")),
        }
    }

    fn signature(&mut self, request: &Request) -> Result<Signature, CallError> {
        let Answer::Signature(signature) = self.call(request)? else {
            return Err(self.strange("an answer to something else"));
        };
        Ok(signature)
    }

    /// One request and its answer. What fails closes the connection.
    fn call(&mut self, request: &Request) -> Result<Answer, CallError> {
        let now = Instant::now();
        if self.stream.is_none() && now < self.try_at {
            return Err(io::Error::from(io::ErrorKind::NotConnected).into());
        }
        let deadline = now + CALL_LIMIT;
        let connected = match self.stream.take() {
            Some(stream) => Ok(stream),
            None => open(&self.path, &self.context, Some(self.key), deadline).map(|(s, _)| s),
        };
        let called = connected.and_then(|mut stream| {
            let answer = exchange(&mut stream, request, deadline)?;
            Ok((stream, answer))
        });
        match called {
            Ok((stream, answer)) => {
                self.stream = Some(stream);
                self.pause = FIRST_PAUSE;
                match answer {
                    Answer::Refused(reason) => Err(CallError::Refused(reason)),
                    Answer::Hello(_) | Answer::Signature(_) | Answer::Last(_) => Ok(answer),
                }
            }
            Err(error) => {
                self.try_at = Instant::now() + self.pause;
                self.pause = LONGEST_PAUSE.min(self.pause * 2);
                Err(error)
            }
        }
    }

    /// What no signer says: nothing on this connection is of use any more.
    fn strange(&mut self, what: &str) -> CallError {
        self.stream = None;
        CallError::Stranger(format!("the signer sent {what}"))
    }
}

impl Signer for RemoteSigner {
    fn sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, SignerError> {
        self.try_sign(statement, context).map_err(|error| {
            tracing::warn!(%error, height = statement.height.0, view = statement.view.0, "no vote");
            SignerError(error.to_string())
        })
    }

    fn sign_rejoin(
        &mut self,
        body: RejoinBody,
        context: &ChainContext,
    ) -> Result<Rejoin, SignerError> {
        self.try_sign_rejoin(body, context).map_err(|error| SignerError(error.to_string()))
    }
}

/// A connection whose other end has said that it is a signer of this chain and, if one is known,
/// this key.
fn open(
    path: &Path,
    context: &ChainContext,
    key: Option<ValidatorPublicKey>,
    deadline: Instant,
) -> Result<(UnixStream, ValidatorPublicKey), CallError> {
    let mut stream = dial(path)?;
    let hello = Hello { context: context.clone(), key };
    let answer = exchange(&mut stream, &Request::Hello(hello), deadline)?;
    let found = match answer {
        Answer::Hello(found) => found,
        Answer::Refused(reason) => return Err(CallError::Refused(reason)),
        Answer::Signature(_) | Answer::Last(_) => {
            return Err(CallError::Stranger(String::from("no hello")));
        }
    };
    if found.context != *context {
        let (id, hash) = (&found.context.chain_id, found.context.genesis_hash);
        return Err(CallError::Stranger(format!("the signer is of chain {id}, genesis {hash}")));
    }
    match found.key {
        Some(found) if key.is_none_or(|key| key == found) => Ok((stream, found)),
        Some(_) | None => Err(CallError::Stranger(String::from("the signer has another key"))),
    }
}

/// Without blocking: a signer that stands still takes no connections.
fn dial(path: &Path) -> io::Result<UnixStream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

pub(super) fn exchange(
    stream: &mut UnixStream,
    request: &Request,
    deadline: Instant,
) -> Result<Answer, CallError> {
    stream.set_write_timeout(Some(left(deadline)?))?;
    write_frame(stream, request)?;
    let frame = read_frame(&mut Until { stream, deadline })?;
    let frame = frame.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    Answer::from_bytes(&frame).map_err(|error| CallError::Stranger(error.to_string()))
}

/// Reads up to a moment, however the bytes trickle in.
struct Until<'a> {
    stream: &'a mut UnixStream,
    deadline: Instant,
}

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        self.stream.read(buffer)
    }
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
