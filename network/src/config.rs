//! What the network is started with, and what can be wrong with it.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use crate::gossip::GossipError;
use crate::peer_record::{RecordError, SignedPeerRecord};

/// Longest chain tag, in bytes.
const CHAIN_MAX_BYTES: usize = 100;

/// How to start the network.
pub struct Config {
    /// The seed of this node's Ed25519 network key.
    pub node_key: [u8; 32],
    /// Names the network: chain id and genesis hash. It is part of every protocol name and topic,
    /// so that nodes of different networks have nothing to say to each other. ASCII letters,
    /// digits, `-`, `_` and `.`.
    pub chain: String,
    /// Where to listen. Port 0 takes a free one.
    pub listen: Vec<Multiaddr>,
    /// Peers to stay connected to, each with or without a final `/p2p/…`.
    pub persistent_peers: Vec<Multiaddr>,
    /// Most incoming connections.
    pub max_peers: u32,
    /// What this node's validator states about it, if it has one.
    pub record: Option<SignedPeerRecord>,
}

/// Why the network cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The chain tag is empty, too long, or has other characters than it may.
    #[error("bad chain tag {0:?}")]
    Chain(String),
    /// Somebody else listens at the address.
    #[error("{0} is taken")]
    AddressInUse(Multiaddr),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// The address.
        address: Multiaddr,
        /// What the system says.
        source: io::Error,
    },
    /// This node's own record is not a valid statement about it.
    #[error("own {0}")]
    Record(#[from] RecordError),
    /// Noise cannot be set up with the node key.
    #[error("noise: {0}")]
    Noise(#[from] libp2p::noise::Error),
    /// Gossipsub cannot be set up.
    #[error(transparent)]
    Gossip(#[from] GossipError),
}

/// The network identity of the node key with this seed.
#[must_use]
pub fn peer_id(node_key: &[u8; 32]) -> PeerId {
    keypair(node_key).public().to_peer_id()
}

pub(crate) fn keypair(node_key: &[u8; 32]) -> Keypair {
    Keypair::ed25519_from_bytes(*node_key).expect("any 32 bytes are the seed of a key")
}

impl Config {
    /// Checks what can be checked before anything is started.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let length = 1..=CHAIN_MAX_BYTES;
        if !length.contains(&self.chain.len()) || !self.chain.chars().all(allowed) {
            return Err(StartError::Chain(self.chain.clone()));
        }
        if let Some(record) = &self.record {
            record.clone().verify(&self.chain, &peer_id(&self.node_key))?;
        }
        self.listen.iter().try_for_each(check_free)
    }
}

/// libp2p listens with `SO_REUSEPORT`, so that a second node on a port would get half of the
/// first one's connections instead of an error. A plain attempt to bind finds that out.
fn check_free(address: &Multiaddr) -> Result<(), StartError> {
    let Some(socket) = socket_address(address) else {
        return Ok(());
    };
    TcpListener::bind(socket).map(drop).map_err(|source| listen_error(address.clone(), source))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum of every protocol there is")]
fn socket_address(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => IpAddr::V4(ip),
        Protocol::Ip6(ip) => IpAddr::V6(ip),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
        _ => None,
    }
}

/// Tells a taken address from one that cannot be used.
pub(crate) fn listen_error(address: Multiaddr, source: io::Error) -> StartError {
    if is_in_use(&source) {
        StartError::AddressInUse(address)
    } else {
        StartError::Listen { address, source }
    }
}

/// The transports wrap each other's errors, and an `io::Error` hides what it wraps from `source`.
fn is_in_use(error: &(dyn Error + 'static)) -> bool {
    let io_error = error.downcast_ref::<io::Error>();
    if io_error.is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse) {
        return true;
    }
    let inner = io_error.and_then(io::Error::get_ref);
    inner.is_some_and(|inner| is_in_use(inner)) || error.source().is_some_and(is_in_use)
}
