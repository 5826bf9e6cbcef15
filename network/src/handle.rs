//! What the host tells the network: two verbs, verdicts, and a few questions.
//!
//! No call waits. What does not fit now is refused with the reason and counted; consensus and
//! transactions have queues of their own on the way to the swarm task.

use std::sync::Arc;

use libp2p::{Multiaddr, PeerId};
use tokio::sync::{mpsc, watch};

use crate::budget::{Budget, Charge};
use crate::channel::Channel;
use crate::events::{GossipId, Verdict};
use crate::gossip::Edition;
use crate::metrics::{DropCause, Metrics};
use crate::peers::{PeerInfo, PeerTable};

/// Commands that may wait in each of the two queues to the swarm task.
const QUEUED_COMMANDS: usize = 4096;

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// There is no connection to the peer.
    #[error("the peer is not connected")]
    NotConnected,
    /// The channel's queue is full: the message is dropped, and counted.
    #[error("the queue of channel {} is full", .0.name())]
    QueueFull(Channel),
    /// The message is longer than [`Channel::max_bytes`].
    #[error("the message is longer than channel {} allows", .0.name())]
    TooLong(Channel),
    /// The channel is not published, or not sent.
    #[error("channel {} does not go this way", .0.name())]
    WrongVerb(Channel),
    /// The network has stopped.
    #[error("the network has stopped")]
    Stopped,
}

/// Something for the swarm task to do.
pub(crate) enum Command {
    Publish { channel: Channel, bytes: Vec<u8>, edition: Edition, _charge: Charge },
    Report { id: GossipId, verdict: Verdict },
    Disconnect(PeerId),
    Ban(PeerId),
}

/// The receiving ends of the commands.
pub(crate) struct Commands {
    pub(crate) urgent: mpsc::Receiver<Command>,
    pub(crate) bulk: mpsc::Receiver<Command>,
}

/// What a handle shares with the rest of the network.
pub(crate) struct Shared {
    pub(crate) local: PeerId,
    pub(crate) peers: Arc<PeerTable>,
    pub(crate) metrics: Metrics,
    pub(crate) listening: watch::Receiver<Vec<Multiaddr>>,
}

/// The network as its host holds it. Cheap to clone; the network stops with the last one.
#[derive(Clone)]
pub struct Handle {
    urgent: mpsc::Sender<Command>,
    bulk: mpsc::Sender<Command>,
    consensus_budget: Budget,
    transactions_budget: Budget,
    shared: Arc<Shared>,
}

impl Handle {
    pub(crate) fn new(shared: Shared) -> (Self, Commands) {
        let (urgent, urgent_end) = mpsc::channel(QUEUED_COMMANDS);
        let (bulk, bulk_end) = mpsc::channel(QUEUED_COMMANDS);
        let handle = Self {
            urgent,
            bulk,
            consensus_budget: Budget::new(Channel::Consensus.outbound_bytes()),
            transactions_budget: Budget::new(Channel::Transactions.outbound_bytes()),
            shared: Arc::new(shared),
        };
        (handle, Commands { urgent: urgent_end, bulk: bulk_end })
    }

    /// Publishes `bytes` to everybody who is subscribed. The same bytes within a minute go once.
    ///
    /// # Errors
    /// Says why the message was not taken. Once it is, it may still be lost on the way.
    pub fn publish(&self, channel: Channel, bytes: Vec<u8>) -> Result<(), SendError> {
        self.publish_edition(channel, bytes, Edition::FIRST)
    }

    /// Publishes `bytes` that were published before, so that they get past whoever has seen them.
    /// The same bytes pass a node about once a second.
    ///
    /// # Errors
    /// As [`Handle::publish`].
    pub fn publish_again(&self, channel: Channel, bytes: Vec<u8>) -> Result<(), SendError> {
        self.publish_edition(channel, bytes, Edition::next())
    }

    fn publish_edition(
        &self,
        channel: Channel,
        bytes: Vec<u8>,
        edition: Edition,
    ) -> Result<(), SendError> {
        let (queue, budget) = match channel {
            Channel::Consensus => (&self.urgent, &self.consensus_budget),
            Channel::Transactions => (&self.bulk, &self.transactions_budget),
            Channel::Status
            | Channel::FetchRequest
            | Channel::FetchAnswer
            | Channel::PeerRecord => return Err(SendError::WrongVerb(channel)),
        };
        check_length(channel, &bytes)?;
        let charge = budget.try_charge(bytes.len()).ok_or_else(|| self.full(channel))?;
        let command = Command::Publish { channel, bytes, edition, _charge: charge };
        queue.try_send(command).map_err(|error| self.not_queued(&error, channel))
    }

    /// Sends `bytes` to `peer` over the channel's stream.
    ///
    /// # Errors
    /// Says why the message was not taken. Once it is, it is lost only with the connection.
    pub fn send(&self, peer: &PeerId, channel: Channel, bytes: Vec<u8>) -> Result<(), SendError> {
        if !channel.is_sent() {
            return Err(SendError::WrongVerb(channel));
        }
        check_length(channel, &bytes)?;
        let outbox = self.shared.peers.outbox(peer).ok_or(SendError::NotConnected)?;
        outbox.push(channel, bytes).inspect_err(|error| {
            if *error == SendError::QueueFull(channel) {
                self.shared.metrics.dropped(channel, DropCause::OutboundFull, 1);
            }
        })
    }

    /// Judges a published message; only an accepted one is forwarded. A verdict that finds no
    /// room is dropped, and counted: the message is then not forwarded by this node.
    pub fn report(&self, id: GossipId, verdict: Verdict) {
        let channel = id.channel;
        let queue = if channel == Channel::Transactions { &self.bulk } else { &self.urgent };
        if let Err(error) = queue.try_send(Command::Report { id, verdict }) {
            self.not_queued(&error, channel);
        }
    }

    /// Closes every connection to `peer`. It may come back at once.
    ///
    /// # Errors
    /// The queue of commands is full, or the network has stopped.
    pub fn disconnect(&self, peer: PeerId) -> Result<(), SendError> {
        self.command(Command::Disconnect(peer))
    }

    /// Closes every connection to `peer` and accepts none for ten minutes.
    ///
    /// # Errors
    /// The queue of commands is full, or the network has stopped.
    pub fn ban(&self, peer: PeerId) -> Result<(), SendError> {
        self.command(Command::Ban(peer))
    }

    /// The connected peers, by id.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.shared.peers.snapshot()
    }

    /// The addresses that this node can be reached at, as far as it knows.
    #[must_use]
    pub fn listen_addresses(&self) -> Vec<Multiaddr> {
        self.shared.listening.borrow().clone()
    }

    /// This node's own network identity.
    #[must_use]
    pub fn local_peer(&self) -> PeerId {
        self.shared.local
    }

    fn command(&self, command: Command) -> Result<(), SendError> {
        self.urgent.try_send(command).map_err(|error| self.not_queued(&error, Channel::Consensus))
    }

    fn full(&self, channel: Channel) -> SendError {
        self.shared.metrics.dropped(channel, DropCause::OutboundFull, 1);
        SendError::QueueFull(channel)
    }

    fn not_queued(
        &self,
        error: &mpsc::error::TrySendError<Command>,
        channel: Channel,
    ) -> SendError {
        match error {
            mpsc::error::TrySendError::Full(_) => self.full(channel),
            mpsc::error::TrySendError::Closed(_) => SendError::Stopped,
        }
    }
}

fn check_length(channel: Channel, bytes: &[u8]) -> Result<(), SendError> {
    if bytes.len() > channel.max_bytes() {
        return Err(SendError::TooLong(channel));
    }
    Ok(())
}
