//! The lanes from the network to its host, and what each connection may have waiting on them.
//!
//! A message is charged to a budget of the connection that brought it: a peer that floods uses up
//! its own share and nobody else's. What was published and does not fit is dropped and counted;
//! what was sent waits in its stream, which slows down that peer alone. The swarm task never waits.

use tokio::sync::mpsc;

use crate::budget::Budget;
use crate::channel::{CONSENSUS_MAX_BYTES, Channel, FETCH_ANSWER_MAX_BYTES};
use crate::events::{Event, Events, Message};

/// What one connection may have waiting on the consensus lane, in bytes.
const CONSENSUS_INBOUND_BYTES: usize = 2 * CONSENSUS_MAX_BYTES;
/// The same on the transactions lane.
const TRANSACTIONS_INBOUND_BYTES: usize = 2 * 1024 * 1024;
/// The same on the fetch lane.
const FETCH_INBOUND_BYTES: usize = 2 * FETCH_ANSWER_MAX_BYTES;

/// The sending ends of the message lanes.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    consensus: mpsc::UnboundedSender<Message>,
    fetch: mpsc::UnboundedSender<Message>,
    transactions: mpsc::UnboundedSender<Message>,
}

impl Lanes {
    /// The lanes, with room for `peer_events` events of peers.
    pub(crate) fn new(peer_events: usize) -> (Self, mpsc::Sender<Event>, Events) {
        let (consensus, consensus_end) = mpsc::unbounded_channel();
        let (fetch, fetch_end) = mpsc::unbounded_channel();
        let (transactions, transactions_end) = mpsc::unbounded_channel();
        let (peers, peers_end) = mpsc::channel(peer_events);
        let events = Events {
            peers: peers_end,
            consensus: consensus_end,
            fetch: fetch_end,
            transactions: transactions_end,
        };
        (Self { consensus, fetch, transactions }, peers, events)
    }

    /// Hands a charged message to the host. A host that no longer listens is no error here: the
    /// network stops when its last handle is dropped.
    pub(crate) fn deliver(&self, message: Message) {
        let lane = match message.channel {
            Channel::Consensus | Channel::Status => &self.consensus,
            Channel::FetchRequest | Channel::FetchAnswer => &self.fetch,
            Channel::Transactions => &self.transactions,
            Channel::PeerRecord => return,
        };
        let _stopped = lane.send(message);
    }
}

/// What one connection may have waiting for the host, by lane.
#[derive(Clone, Debug)]
pub(crate) struct InboundBudgets {
    consensus: Budget,
    fetch: Budget,
    transactions: Budget,
}

impl InboundBudgets {
    pub(crate) fn new() -> Self {
        Self {
            consensus: Budget::new(CONSENSUS_INBOUND_BYTES),
            fetch: Budget::new(FETCH_INBOUND_BYTES),
            transactions: Budget::new(TRANSACTIONS_INBOUND_BYTES),
        }
    }

    /// The budget that messages of `channel` are charged to.
    pub(crate) fn of(&self, channel: Channel) -> &Budget {
        match channel {
            Channel::Consensus | Channel::Status | Channel::PeerRecord => &self.consensus,
            Channel::FetchRequest | Channel::FetchAnswer => &self.fetch,
            Channel::Transactions => &self.transactions,
        }
    }
}
