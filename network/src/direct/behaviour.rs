//! The direct streams' part in the swarm: a handler for each connection, and the peer table.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::behaviour::{
    ConnectionClosed, ConnectionEstablished, DialFailure, ListenFailure,
};
use libp2p::swarm::{
    CloseConnection, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler,
    THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, StreamProtocol};

use super::handler::{Common, Handler, HandlerEvent};
use super::outbox::Outbox;
use crate::channel::Channel;
use crate::lanes::{InboundBudgets, Lanes};
use crate::limits::{Bans, FAULT_BAN};
use crate::metrics::{Metrics, Refusal};
use crate::peers::{Link, PeerTable};

/// What the swarm loop hears of the direct streams.
#[derive(Debug)]
pub(crate) enum DirectEvent {
    /// The first usable connection to a peer of this network.
    Connected { peer: PeerId, address: Multiaddr },
    /// A peer's record, unchecked.
    Record { peer: PeerId, bytes: Vec<u8> },
}

/// What the direct streams are built from.
pub(crate) struct Settings {
    /// The name of each channel's stream.
    pub(crate) protocols: Vec<(Channel, StreamProtocol)>,
    /// Where messages go.
    pub(crate) lanes: Lanes,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// This node's own record, encoded.
    pub(crate) record: Option<Vec<u8>>,
}

pub(crate) struct Behaviour {
    common: Common,
    record: Option<Vec<u8>>,
    peers: Arc<PeerTable>,
    bans: Bans,
    /// Links of connections that another behaviour may still refuse.
    pending: BTreeMap<ConnectionId, Link>,
    events: VecDeque<ToSwarm<DirectEvent, THandlerInEvent<Self>>>,
}

impl Behaviour {
    pub(crate) fn new(settings: Settings, peers: Arc<PeerTable>) -> Self {
        let Settings { protocols, lanes, metrics, record } = settings;
        let common = Common { protocols: protocols.into(), lanes, metrics };
        Self {
            common,
            record,
            peers,
            bans: Bans::default(),
            pending: BTreeMap::new(),
            events: VecDeque::new(),
        }
    }

    /// Accepts no connection of `peer` for `duration`.
    pub(crate) fn ban(&mut self, peer: PeerId, duration: Duration) {
        self.bans.add(peer, duration, Instant::now());
    }

    fn accept(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        dialled: bool,
    ) -> Result<Handler, ConnectionDenied> {
        self.bans.check(&peer, Instant::now()).map_err(ConnectionDenied::new)?;
        let (outbox, queues) = Outbox::new(&self.common.metrics);
        if let Some(record) = &self.record {
            outbox
                .push(Channel::PeerRecord, record.clone())
                .expect("a checked record fits into an empty queue");
        }
        let budgets = InboundBudgets::new();
        let handler = Handler::new(peer, self.common.clone(), budgets.clone(), queues);
        let address = address.clone();
        let link = Link { connection, address, dialled, outbox, budgets, ready: false };
        self.pending.insert(connection, link);
        Ok(handler)
    }

    /// Closes a connection by the peer's own fault.
    fn close(&mut self, peer: PeerId, connection: ConnectionId, refusal: Refusal) {
        self.common.metrics.refused(refusal);
        self.ban(peer, FAULT_BAN);
        let connection = CloseConnection::One(connection);
        self.events.push_back(ToSwarm::CloseConnection { peer_id: peer, connection });
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = DirectEvent;

    fn handle_pending_outbound_connection(
        &mut self,
        _connection: ConnectionId,
        peer: Option<PeerId>,
        _addresses: &[Multiaddr],
        _role: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        if let Some(peer) = peer {
            self.bans.check(&peer, Instant::now()).map_err(ConnectionDenied::new)?;
        }
        Ok(Vec::new())
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _local: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.accept(connection, peer, remote, false)
    }

    fn handle_established_outbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        address: &Multiaddr,
        _role: Endpoint,
        _port: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.accept(connection, peer, address, true)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id,
                connection_id,
                ..
            }) => {
                if let Some(link) = self.pending.remove(&connection_id) {
                    self.peers.add(peer_id, link);
                }
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { peer_id, connection_id, .. }) => {
                self.peers.remove(&peer_id, connection_id);
            }
            FromSwarm::DialFailure(DialFailure { connection_id, .. })
            | FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.remove(&connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {
            HandlerEvent::Ready => {
                if let Some(address) = self.peers.set_ready(&peer, connection) {
                    let event = DirectEvent::Connected { peer, address };
                    self.events.push_back(ToSwarm::GenerateEvent(event));
                }
            }
            HandlerEvent::WrongNetwork => {
                tracing::warn!(%peer, "closing: the peer is of another network");
                self.close(peer, connection, Refusal::WrongNetwork);
            }
            HandlerEvent::Record(bytes) => {
                let event = DirectEvent::Record { peer, bytes };
                self.events.push_back(ToSwarm::GenerateEvent(event));
            }
            HandlerEvent::FrameTooLong(channel) => {
                tracing::warn!(%peer, channel = channel.name(), "closing: frame above the limit");
                self.close(peer, connection, Refusal::FrameTooLong);
            }
        }
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<DirectEvent, THandlerInEvent<Self>>> {
        self.events.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}
