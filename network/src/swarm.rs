//! The swarm task: turns what the swarm reports into events, and commands into calls.
//!
//! It never waits for the host: what the host has no room for is dropped by the rules of `lanes`
//! and `roster`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libp2p::gossipsub::{self, MessageAcceptance, PublishError};
use libp2p::swarm::{ConnectionId, DialError, ListenError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, ping};
use tokio::sync::watch;
use tokio::time::sleep_until;

use crate::behaviour::{Behaviour, BehaviourEvent};
use crate::channel::Channel;
use crate::dialer::Dialer;
use crate::direct::DirectEvent;
use crate::events::{GossipId, Message, Verdict};
use crate::gossip::{self, Edition, Topics};
use crate::handle::{Command, Commands};
use crate::lanes::Lanes;
use crate::limits::{FAULT_BAN, HOST_BAN, Repeats, Throttle};
use crate::metrics::{Direction, DropCause, Metrics, Refusal};
use crate::peers::PeerTable;
use crate::roster::Roster;

/// Everything that the swarm task owns.
pub(crate) struct Network {
    pub(crate) swarm: Swarm<Behaviour>,
    pub(crate) topics: Topics,
    pub(crate) dialer: Dialer,
    pub(crate) roster: Roster,
    pub(crate) peers: Arc<PeerTable>,
    pub(crate) lanes: Lanes,
    pub(crate) listening: watch::Sender<Vec<Multiaddr>>,
    pub(crate) metrics: Metrics,
    pub(crate) transactions: Throttle,
    pub(crate) repeats: Repeats,
}

impl Network {
    /// Runs until the last handle is gone.
    pub(crate) async fn run(mut self, mut commands: Commands) {
        use futures::StreamExt;
        loop {
            let redial = self.dialer.next_at();
            tokio::select! {
                command = commands.urgent.recv() => match command {
                    Some(command) => self.on_command(command),
                    None => return,
                },
                Some(command) = commands.bulk.recv() => self.on_command(command),
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
                () = wait_until(redial) => self.dial(),
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Publish { channel, bytes, edition, .. } => {
                self.publish(channel, edition.append(bytes));
            }
            Command::Report { id, verdict } => self.report(&id, verdict),
            Command::Disconnect(peer) => self.disconnect(peer),
            Command::Ban(peer) => self.ban(peer, HOST_BAN),
        }
    }

    fn publish(&mut self, channel: Channel, bytes: Vec<u8>) {
        let length = bytes.len();
        if channel == Channel::Transactions && !self.transactions.take(length, Instant::now()) {
            self.metrics.dropped(channel, DropCause::Throttled, 1);
            return;
        }
        let topic = self.topics.of(channel).expect("the handle checks the verb").hash();
        match self.swarm.behaviour_mut().gossip.publish(topic, bytes) {
            Ok(_) => self.metrics.count(channel, Direction::Out, length),
            // A re-publication within a minute: everybody has been sent it already.
            Err(PublishError::Duplicate) => {}
            Err(PublishError::NoPeersSubscribedToTopic) => {
                self.metrics.dropped(channel, DropCause::NoPeers, 1);
            }
            Err(error) => {
                tracing::debug!(channel = channel.name(), %error, "not published");
                self.metrics.dropped(channel, DropCause::OutboundFull, 1);
            }
        }
    }

    fn report(&mut self, id: &GossipId, verdict: Verdict) {
        let mut acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Ignore => MessageAcceptance::Ignore,
            Verdict::Reject => {
                self.metrics.refused(Refusal::InvalidMessage);
                MessageAcceptance::Reject
            }
        };
        if let (Verdict::Accept, Some(hash)) = (verdict, id.repeats) {
            self.repeats.passed(hash, Instant::now());
        }
        // Forwarding fills the same queues as publishing.
        let is_forwarded = verdict == Verdict::Accept && id.channel == Channel::Transactions;
        if is_forwarded && !self.transactions.take(id.length, Instant::now()) {
            self.metrics.dropped(id.channel, DropCause::Throttled, 1);
            acceptance = MessageAcceptance::Ignore;
        }
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        gossip.report_message_validation_result(&id.id, &id.source, acceptance);
    }

    fn ban(&mut self, peer: PeerId, duration: Duration) {
        self.swarm.behaviour_mut().direct.ban(peer, duration);
        self.disconnect(peer);
    }

    fn disconnect(&mut self, peer: PeerId) {
        // An error only says that it was not connected.
        let _gone_already = self.swarm.disconnect_peer_id(peer);
    }

    fn dial(&mut self) {
        let Self { dialer, swarm, .. } = self;
        for dial in dialer.take_due(Instant::now(), |peer| swarm.is_connected(peer)) {
            let connection = dial.connection_id();
            if let Err(error) = self.swarm.dial(dial) {
                self.on_dial_error(connection, &error);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
    fn on_swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour_event(event),
            SwarmEvent::NewListenAddr { address, .. } => self.on_listening(address),
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.listening.send_modify(|known| known.retain(|one| *one != address));
            }
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                self.dialer.on_connected(connection_id, peer_id);
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established, cause, .. } => {
                tracing::debug!(peer = %peer_id, ?cause, "connection closed");
                self.on_closed(peer_id, num_established);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.on_dial_error(connection_id, &error);
            }
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                tracing::debug!(address = %send_back_addr, %error, "incoming connection failed");
                if matches!(error, ListenError::Denied { .. }) {
                    self.metrics.refused(Refusal::Denied);
                }
            }
            SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "listener"),
            SwarmEvent::ListenerClosed { reason: Err(error), .. } => {
                tracing::error!(%error, "listener closed");
            }
            _ => {}
        }
    }

    fn on_behaviour_event(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Gossip(event) => self.on_gossip_event(event),
            BehaviourEvent::Direct(event) => self.on_direct_event(event),
            BehaviourEvent::Ping(event) => self.on_ping(&event),
            BehaviourEvent::Identify(event) => tracing::trace!(?event, "identify"),
            BehaviourEvent::Limits(event) => match event {},
        }
    }

    /// A peer that does not answer is not there, whatever TCP still believes.
    fn on_ping(&mut self, event: &ping::Event) {
        match &event.result {
            // A peer that cannot be asked is there as long as its connection is.
            Ok(_) | Err(ping::Failure::Unsupported) => {}
            Err(error) => {
                tracing::debug!(peer = %event.peer, %error, "closing: no sign of life");
                self.swarm.close_connection(event.connection);
            }
        }
    }

    fn on_gossip_event(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                let Some(channel) = self.topics.channel(&message.topic) else {
                    return;
                };
                let length = message.data.len();
                let source = propagation_source;
                let mut id = GossipId { id: message_id, source, channel, length, repeats: None };
                let Some((bytes, edition)) = Edition::split(message.data) else {
                    return self.report(&id, Verdict::Reject);
                };
                if edition != Edition::FIRST {
                    let hash = gossip::hash(&message.topic, &bytes);
                    if self.repeats.is_early(&hash, Instant::now()) {
                        return self.report(&id, Verdict::Ignore);
                    }
                    id.repeats = Some(hash);
                }
                self.on_published(id, bytes);
            }
            gossipsub::Event::SlowPeer { peer_id, failed_messages } => {
                tracing::debug!(peer = %peer_id, ?failed_messages, "slow peer");
            }
            gossipsub::Event::Subscribed { .. }
            | gossipsub::Event::Unsubscribed { .. }
            | gossipsub::Event::GossipsubNotSupported { .. } => {}
        }
    }

    fn on_published(&mut self, id: GossipId, bytes: Vec<u8>) {
        let (peer, channel) = (id.source, id.channel);
        // The codec's own limit leaves room for an envelope that may be empty.
        if bytes.len() > channel.max_bytes() {
            self.report(&id, Verdict::Reject);
            return;
        }
        let budgets = self.peers.budgets(&peer);
        let charge = budgets.and_then(|budgets| budgets.of(channel).try_charge(bytes.len()));
        let Some(charge) = charge else {
            self.metrics.dropped(channel, DropCause::InboundFull, 1);
            self.report(&id, Verdict::Ignore);
            return;
        };
        self.metrics.count(channel, Direction::In, bytes.len());
        self.lanes.deliver(Message { peer, channel, bytes, gossip: Some(id), _charge: charge });
    }

    fn on_direct_event(&mut self, event: DirectEvent) {
        match event {
            DirectEvent::Connected { peer, address } => {
                if self.roster.on_connected(peer, address).is_err() {
                    self.disconnect(peer);
                }
            }
            DirectEvent::Record { peer, bytes } => {
                if let Err(error) = self.roster.on_record(peer, &bytes) {
                    tracing::warn!(%peer, %error, "closing: the peer proves nothing");
                    self.ban(peer, FAULT_BAN);
                }
            }
        }
    }

    fn on_closed(&mut self, peer: PeerId, connections_left: u32) {
        if connections_left == 0 {
            self.dialer.on_lost(peer, Instant::now());
        }
        self.roster.on_closed(peer);
    }

    fn on_listening(&mut self, address: Multiaddr) {
        self.listening.send_modify(|known| known.push(address.clone()));
        self.roster.on_listening(address);
    }

    fn on_dial_error(&mut self, connection: ConnectionId, error: &DialError) {
        tracing::debug!(%error, "dialling failed");
        if matches!(error, DialError::LocalPeerId { .. }) {
            self.dialer.on_own_address(connection);
        } else {
            self.dialer.on_failed(connection, Instant::now());
        }
    }
}

async fn wait_until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
