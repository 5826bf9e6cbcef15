//! What the network counts, in the process-wide registry.
//!
//! `quorate_network_peers`, `_messages_total` and `_bytes_total` by channel and direction,
//! `_dropped_total` by channel and cause, `_refused_total` by cause.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::channel::Channel;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TrafficLabels {
    channel: &'static str,
    direction: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DropLabels {
    channel: &'static str,
    cause: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RefusalLabels {
    cause: &'static str,
}

/// Whether bytes came or went. A published message counts once, however many peers get it.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    In,
    Out,
}

/// Why a message was lost here.
#[derive(Clone, Copy)]
pub(crate) enum DropCause {
    /// The host reads more slowly than this peer brings.
    InboundFull,
    /// The peer, or our own task, takes less than the host hands over.
    OutboundFull,
    /// The topic's rate to the gossip queues is used up.
    Throttled,
    /// Nobody is subscribed.
    NoPeers,
    /// The connection ended with messages still in its queue.
    Disconnected,
}

/// What a peer did that was refused.
#[derive(Clone, Copy)]
pub(crate) enum Refusal {
    /// A frame says that it is longer than its channel allows.
    FrameTooLong,
    /// The peer does not speak this network's protocols.
    WrongNetwork,
    /// A peer record that proves nothing.
    BadRecord,
    /// A connection, while the host's queue for peer events is full.
    HostBusy,
    /// A connection above the limits, or of a peer that is kept out.
    Denied,
    /// The host rejected a published message that the peer forwarded.
    InvalidMessage,
}

/// Handles on the counters; cloning shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    peers: Gauge,
    messages: Family<TrafficLabels, Counter>,
    bytes: Family<TrafficLabels, Counter>,
    dropped: Family<DropLabels, Counter>,
    refused: Family<RefusalLabels, Counter>,
}

impl Metrics {
    /// Counters that `registry` shows.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let registry = registry.sub_registry_with_prefix("quorate_network");
        registry.register("peers", "Connected peers of this network", metrics.peers.clone());
        registry.register("messages", "Messages by channel", metrics.messages.clone());
        registry.register("bytes", "Payload bytes by channel", metrics.bytes.clone());
        registry.register("dropped", "Messages lost here", metrics.dropped.clone());
        registry.register("refused", "Faults of peers", metrics.refused.clone());
        metrics
    }

    pub(crate) fn set_peers(&self, peers: usize) {
        self.peers.set(i64::try_from(peers).unwrap_or(i64::MAX));
    }

    pub(crate) fn count(&self, channel: Channel, direction: Direction, bytes: usize) {
        let direction = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let labels = TrafficLabels { channel: channel.name(), direction };
        self.messages.get_or_create(&labels).inc();
        self.bytes.get_or_create(&labels).inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    pub(crate) fn dropped(&self, channel: Channel, cause: DropCause, messages: u64) {
        let cause = match cause {
            DropCause::InboundFull => "inbound_full",
            DropCause::OutboundFull => "outbound_full",
            DropCause::Throttled => "throttled",
            DropCause::NoPeers => "no_peers",
            DropCause::Disconnected => "disconnected",
        };
        let labels = DropLabels { channel: channel.name(), cause };
        self.dropped.get_or_create(&labels).inc_by(messages);
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        let cause = match refusal {
            Refusal::FrameTooLong => "frame_too_long",
            Refusal::WrongNetwork => "wrong_network",
            Refusal::BadRecord => "bad_record",
            Refusal::HostBusy => "host_busy",
            Refusal::Denied => "denied",
            Refusal::InvalidMessage => "invalid_message",
        };
        self.refused.get_or_create(&RefusalLabels { cause }).inc();
    }
}
