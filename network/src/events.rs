//! What the network tells its host.
//!
//! Four lanes, so that a flood on one never delays another; how they are filled is in `lanes`.

use libp2p::gossipsub::MessageId;
use libp2p::{Multiaddr, PeerId};
use quorate_crypto::{Hash, ValidatorPublicKey};
use tokio::sync::mpsc;

use crate::budget::Charge;
use crate::channel::Channel;

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// This node can be reached at `address`.
    Listening {
        /// With the port that was really taken.
        address: Multiaddr,
    },
    /// A peer of the same network is connected; `send` to it works from now on.
    PeerConnected {
        /// Who.
        peer: PeerId,
        /// Where it was dialled, or from where it came.
        address: Multiaddr,
    },
    /// The last connection to `peer` is gone.
    PeerDisconnected {
        /// Who.
        peer: PeerId,
    },
    /// `peer` has proved that it acts for the holder of `validator`. Replaces what another peer
    /// may have proved for the same key before.
    PeerProved {
        /// Who.
        peer: PeerId,
        /// The validator's key.
        validator: ValidatorPublicKey,
    },
    /// Bytes arrived. May come before the sender's `PeerConnected`.
    Message(Message),
}

/// Bytes from a peer. Dropping the message gives its size back to the peer's budget.
#[derive(Debug)]
pub struct Message {
    /// Who sent or forwarded it; of a published message not necessarily the author.
    pub peer: PeerId,
    /// What it is for.
    pub channel: Channel,
    /// The payload, at most [`Channel::max_bytes`] long.
    pub bytes: Vec<u8>,
    /// Of a published message: what to hand to [`crate::Handle::report`], exactly once.
    pub gossip: Option<GossipId>,
    /// The message's share of the sender's budget.
    pub(crate) _charge: Charge,
}

/// Names a published message that waits for the host's verdict.
#[derive(Clone, Debug)]
pub struct GossipId {
    pub(crate) id: MessageId,
    pub(crate) source: PeerId,
    pub(crate) channel: Channel,
    /// Length of the message, in bytes.
    pub(crate) length: usize,
    /// The hash of its bytes, if they are published again.
    pub(crate) repeats: Option<Hash>,
}

/// The host's judgement of a published message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Valid: forward it.
    Accept,
    /// Invalid: do not forward it; the peer that forwarded it is at fault.
    Reject,
    /// Neither: do not forward it.
    Ignore,
}

/// The receiving ends of the lanes. The host reads all of them, most urgent first.
#[derive(Debug)]
pub struct Events {
    /// Everything but messages.
    pub peers: mpsc::Receiver<Event>,
    /// Messages of [`Channel::Consensus`] and [`Channel::Status`].
    pub consensus: mpsc::UnboundedReceiver<Message>,
    /// Messages of [`Channel::FetchRequest`] and [`Channel::FetchAnswer`].
    pub fetch: mpsc::UnboundedReceiver<Message>,
    /// Messages of [`Channel::Transactions`].
    pub transactions: mpsc::UnboundedReceiver<Message>,
}

impl Events {
    /// The next event of the most urgent lane that has one; `None` once the network has stopped.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            Some(event) = self.peers.recv() => Some(event),
            Some(message) = self.consensus.recv() => Some(Event::Message(message)),
            Some(message) = self.fetch.recv() => Some(Event::Message(message)),
            Some(message) = self.transactions.recv() => Some(Event::Message(message)),
            else => None,
        }
    }
}
