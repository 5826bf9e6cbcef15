//! What waits to be sent over one connection: a queue and a budget per channel.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::budget::{Budget, Charge};
use crate::channel::Channel;
use crate::handle::SendError;
use crate::metrics::{DropCause, Metrics};

/// A message that waits; its charge goes with it.
pub(super) struct Outgoing {
    pub(super) bytes: Vec<u8>,
    _charge: Charge,
}

struct Slot {
    queue: mpsc::UnboundedSender<Outgoing>,
    budget: Budget,
}

/// The filling ends of one connection's queues.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<BTreeMap<Channel, Slot>>);

/// The emptying end of one channel's queue. What is left in it at the end counts as dropped.
pub(crate) struct OutQueue {
    pub(super) channel: Channel,
    receiver: mpsc::UnboundedReceiver<Outgoing>,
    metrics: Metrics,
}

impl Outbox {
    /// Empty queues for every channel.
    pub(super) fn new(metrics: &Metrics) -> (Self, Vec<OutQueue>) {
        let mut slots = BTreeMap::new();
        let mut queues = Vec::new();
        for channel in Channel::ALL {
            let (queue, receiver) = mpsc::unbounded_channel();
            slots.insert(channel, Slot { queue, budget: Budget::new(channel.outbound_bytes()) });
            queues.push(OutQueue { channel, receiver, metrics: metrics.clone() });
        }
        (Self(Arc::new(slots)), queues)
    }

    /// Puts a message in, without waiting.
    pub(crate) fn push(&self, channel: Channel, bytes: Vec<u8>) -> Result<(), SendError> {
        let slot = self.0.get(&channel).expect("every channel has a queue");
        let charge = slot.budget.try_charge(bytes.len()).ok_or(SendError::QueueFull(channel))?;
        let outgoing = Outgoing { bytes, _charge: charge };
        slot.queue.send(outgoing).map_err(|_| SendError::NotConnected)
    }
}

impl OutQueue {
    /// The next message; `None` when nobody can put one in any more.
    pub(super) async fn next(&mut self) -> Option<Outgoing> {
        self.receiver.recv().await
    }

    /// The next message if one waits already.
    pub(super) fn next_waiting(&mut self) -> Option<Outgoing> {
        self.receiver.try_recv().ok()
    }
}

impl Drop for OutQueue {
    fn drop(&mut self) {
        self.receiver.close();
        let left = u64::try_from(self.receiver.len()).unwrap_or(u64::MAX);
        if left > 0 {
            self.metrics.dropped(self.channel, DropCause::Disconnected, left);
        }
    }
}
