//! The swarm: TCP, Noise, Yamux, and the behaviours that share each connection.
//!
//! Every protocol name of ours starts with `/quorate/<chain tag>/`.

use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use hickory_resolver::system_conf::read_system_conf;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{
    PeerId, StreamProtocol, Swarm, SwarmBuilder, connection_limits, identify, noise, ping, tcp,
    yamux,
};

use crate::channel::Channel;
use crate::config::{Config, StartError, keypair};
use crate::direct::{self, Settings};
use crate::gossip::{self, Gossip, Topics};
use crate::lanes::Lanes;
use crate::limits;
use crate::metrics::Metrics;
use crate::peers::PeerTable;

/// A handshake, or an attempt to connect, that takes longer is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A silent peer is asked for a sign of life so often, and given as long to answer.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Streams on one connection: ours, gossipsub's, and a few short-lived ones.
const MAX_STREAMS: usize = 64;

/// What runs on each connection. The limits come first, so that what they refuse costs the others
/// nothing; the direct streams come last, so that what they list has been accepted by all.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    limits: connection_limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(crate) gossip: Gossip,
    pub(crate) direct: direct::Behaviour,
}

/// What the behaviours share with the rest of the network.
pub(crate) struct Parts<'a> {
    pub(crate) topics: &'a Topics,
    pub(crate) lanes: Lanes,
    pub(crate) metrics: Metrics,
    pub(crate) peers: Arc<PeerTable>,
    /// Peers that no limit keeps out.
    pub(crate) persistent: Vec<PeerId>,
}

/// Builds the swarm; nothing is listened to or dialled yet.
pub(crate) fn swarm(config: &Config, parts: Parts<'_>) -> Result<Swarm<Behaviour>, StartError> {
    let keypair = keypair(&config.node_key);
    let behaviour = behaviour(config, parts, &keypair.public())?;
    let (dns_config, dns_options) = dns();
    let multiplexer = || {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(MAX_STREAMS);
        config
    };
    let swarm = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::new().nodelay(true), noise::Config::new, multiplexer)?
        .with_dns_config(dns_config, dns_options)
        .with_behaviour(|_| behaviour)
        .expect("the behaviour is built already")
        .with_swarm_config(|config| config)
        .with_connection_timeout(CONNECT_TIMEOUT)
        .build();
    Ok(swarm)
}

fn behaviour(
    config: &Config,
    parts: Parts<'_>,
    public: &libp2p::identity::PublicKey,
) -> Result<Behaviour, StartError> {
    let name = |suffix: &str| {
        StreamProtocol::try_from_owned(format!("/quorate/{}/{suffix}/1", config.chain))
            .expect("it starts with a slash")
    };
    let protocols =
        Channel::ALL.into_iter().map(|channel| (channel, name(channel.name()))).collect();
    let settings = Settings {
        protocols,
        lanes: parts.lanes,
        metrics: parts.metrics,
        record: config.record.as_ref().map(|record| record.encode()),
    };
    let identify = identify::Config::new(name("identify").to_string(), public.clone())
        .with_agent_version(concat!("quorate/", env!("CARGO_PKG_VERSION")).to_owned());
    let ping = ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_INTERVAL);
    Ok(Behaviour {
        limits: limits::connections(config.max_peers, &parts.persistent),
        identify: identify::Behaviour::new(identify),
        ping: ping::Behaviour::new(ping),
        gossip: gossip::behaviour(parts.topics, &name("gossip"))?,
        direct: direct::Behaviour::new(settings, parts.peers),
    })
}

/// The system's name servers, without a cache: where nodes are containers, a name that is unknown
/// now is there a moment later, and its address changes when it is restarted.
fn dns() -> (ResolverConfig, ResolverOpts) {
    let (config, mut options) = read_system_conf().unwrap_or_else(|error| {
        tracing::warn!(%error, "no name servers: addresses with names cannot be dialled");
        (ResolverConfig::default(), ResolverOpts::default())
    });
    options.cache_size = 0;
    (config, options)
}
