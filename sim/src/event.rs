//! The events of a run and the queue that orders them: by time, and at one time by when they were
//! scheduled. Nothing else decides what comes next.

use std::collections::BTreeMap;
use std::fmt;

use quorate_crypto::Hash;
use quorate_replica::{JobDone, Timer};

use crate::faults::Fault;
use crate::parcel::Parcel;

/// A node of the run: validators first, then full nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

impl NodeId {
    pub(crate) fn position(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "node {}", self.0)
    }
}

/// One thing that happens at a node. `boot` names the process that it is for: one that was started
/// again knows nothing of it.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A parcel arrives over gossip, which carries each id to everybody once.
    Gossip { from: NodeId, to: NodeId, id: Hash, parcel: Parcel },
    /// A parcel arrives over a connection, if it still is that one.
    Direct { from: NodeId, to: NodeId, connection: u64, parcel: Parcel },
    /// Two nodes that can reach each other connect.
    Connect { a: NodeId, b: NodeId },
    /// A node notices that a connection is gone.
    Disconnected { node: NodeId, peer: NodeId },
    /// A timer fires, if it was not set again.
    Timer { node: NodeId, boot: u64, timer: Timer, generation: u64 },
    /// The record of a vote is durable.
    RecordWritten { node: NodeId, boot: u64 },
    /// The oldest request to the store is done.
    Stored { node: NodeId, boot: u64 },
    /// The job that the application works on is done.
    JobDone { node: NodeId, boot: u64 },
    /// A job that reads the store is done.
    ReadDone { node: NodeId, boot: u64, done: Box<JobDone> },
    /// A process starts.
    Start { node: NodeId },
    /// A paused process goes on.
    Resume { node: NodeId, boot: u64 },
    /// A signer works again.
    SignerBack { node: NodeId },
    /// The partition of this number ends.
    PartitionEnds { number: u64 },
    /// It is time for a fault of this kind.
    Strike { fault: Fault },
    /// A client submits transactions.
    Submit,
    /// A Byzantine validator may do something.
    ByzantineTick { node: NodeId },
}

/// Events to come.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    events: BTreeMap<(u64, u64), Event>,
    count: u64,
}

impl Schedule {
    /// Adds an event at a time in microseconds.
    pub(crate) fn at(&mut self, time_us: u64, event: Event) {
        self.count = self.count.saturating_add(1);
        self.events.insert((time_us, self.count), event);
    }

    /// The next event, unless it lies after `until_us`.
    pub(crate) fn next(&mut self, until_us: u64) -> Option<(u64, Event)> {
        let entry = self.events.first_entry().filter(|entry| entry.key().0 <= until_us)?;
        let (time_us, _) = *entry.key();
        Some((time_us, entry.remove()))
    }
}
