//! libp2p over TCP, Noise and Yamux: moves bytes on named channels, with two verbs.
//!
//! `publish(channel)` reaches everybody by gossip and may lose; `send(peer, channel)` goes over one
//! persistent stream per channel and is what liveness rests on, together with the re-dialling of
//! persistent peers. The crate never looks into a payload: it knows channels, lengths and peers.
//!
//! - Nothing is unbounded: messages, queues, streams, connections, bans and proofs all have limits,
//!   and what does not fit is dropped and counted, or slows down the one peer that brings it.
//! - Nothing that a peer sends makes the node panic; a fault closes that peer's connection.
//! - A wrong network does not get as far as an event: the chain tag is in every protocol name, and
//!   a peer is announced only when a protocol of this network has been negotiated with it.

mod behaviour;
mod budget;
mod channel;
mod config;
mod dialer;
mod direct;
mod events;
mod gossip;
mod handle;
mod lanes;
mod limits;
mod metrics;
mod peer_record;
mod peers;
mod proofs;
mod roster;
mod start;
mod swarm;

pub use channel::{
    CONSENSUS_MAX_BYTES, Channel, FETCH_ANSWER_MAX_BYTES, FETCH_REQUEST_MAX_BYTES,
    PEER_RECORD_MAX_BYTES, STATUS_MAX_BYTES, TRANSACTIONS_MAX_BYTES,
};
pub use config::{Config, StartError, peer_id};
pub use events::{Event, Events, GossipId, Message, Verdict};
pub use gossip::GossipError;
pub use handle::{Handle, SendError};
pub use libp2p::{Multiaddr, PeerId};
pub use peer_record::{PeerRecord, RecordError, SignedPeerRecord};
pub use peers::PeerInfo;
pub use start::start;
