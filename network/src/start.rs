//! Puts the parts together and starts the swarm task.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use libp2p::TransportError;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::behaviour::{self, Parts};
use crate::config::{Config, StartError, listen_error, peer_id};
use crate::dialer::Dialer;
use crate::events::Events;
use crate::gossip::Topics;
use crate::handle::{Handle, Shared};
use crate::lanes::Lanes;
use crate::limits::{Repeats, TRANSACTIONS_BYTES_PER_SECOND, Throttle};
use crate::metrics::Metrics;
use crate::peers::PeerTable;
use crate::roster::Roster;
use crate::swarm::Network;

/// Events of peers that may wait for the host, for each peer that may be connected.
const PEER_EVENTS_PER_PEER: usize = 8;
/// And for addresses that this node begins to listen at.
const LISTEN_EVENTS: usize = 64;

/// Starts the network on `runtime`. It listens when this returns, and stops when the last clone of
/// the handle is dropped.
///
/// # Errors
/// The configuration is wrong, or an address is taken or cannot be listened at.
pub fn start(
    config: &Config,
    registry: &mut Registry,
    runtime: &tokio::runtime::Handle,
) -> Result<(Handle, Events), StartError> {
    config.check()?;
    // Sockets and timers need the runtime's context from the start.
    let _context = runtime.enter();
    let local = peer_id(&config.node_key);
    let metrics = Metrics::register(registry);
    let peers = Arc::new(PeerTable::default());
    let topics = Topics::new(&config.chain);
    let dialer = Dialer::new(local, &config.persistent_peers, Instant::now());
    let (lanes, events_in, events) = Lanes::new(peer_events(config));
    let parts = Parts {
        topics: &topics,
        lanes: lanes.clone(),
        metrics: metrics.clone(),
        peers: Arc::clone(&peers),
        persistent: dialer.named_peers(),
    };
    let mut swarm = behaviour::swarm(config, parts)?;
    for address in &config.listen {
        swarm.listen_on(address.clone()).map_err(|error| match error {
            TransportError::Other(error) => listen_error(address.clone(), error),
            TransportError::MultiaddrNotSupported(_) => {
                listen_error(address.clone(), io::Error::from(io::ErrorKind::Unsupported))
            }
        })?;
    }
    let (listening_in, listening) = watch::channel(Vec::new());
    let shared = Shared { local, peers: Arc::clone(&peers), metrics: metrics.clone(), listening };
    let (handle, commands) = Handle::new(shared);
    let network = Network {
        swarm,
        topics,
        dialer,
        roster: Roster::new(config.chain.clone(), Arc::clone(&peers), events_in, metrics.clone()),
        peers,
        lanes,
        listening: listening_in,
        metrics,
        transactions: Throttle::new(TRANSACTIONS_BYTES_PER_SECOND, Instant::now()),
        repeats: Repeats::default(),
    };
    runtime.spawn(network.run(commands));
    Ok((handle, events))
}

fn peer_events(config: &Config) -> usize {
    let incoming = usize::try_from(config.max_peers).unwrap_or(usize::MAX);
    let peers = incoming.saturating_add(config.persistent_peers.len());
    peers.saturating_mul(PEER_EVENTS_PER_PEER).saturating_add(LISTEN_EVENTS)
}
