//! A node under test: its handle, its events, its counters.

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use quorate_network::{
    Config, Event, Events, Handle, Message, Multiaddr, PeerId, StartError, Verdict, peer_id, start,
};

pub const CHAIN: &str = "local-test.0123abcd";

/// Nothing here takes a tenth of this on an idle machine.
const LIMIT: Duration = Duration::from_secs(60);
/// Between two looks at something that no event tells of.
const LOOK: Duration = Duration::from_millis(20);

pub struct Node {
    pub handle: Handle,
    pub events: Events,
    pub peer: PeerId,
    pub address: Multiaddr,
    registry: Registry,
}

/// The seed of node `n`.
pub fn key(n: u8) -> [u8; 32] {
    [n; 32]
}

/// Node `n`, which dials `peers`.
pub fn config(n: u8, peers: &[&Multiaddr]) -> Config {
    Config {
        node_key: key(n),
        chain: CHAIN.to_owned(),
        listen: vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()],
        persistent_peers: peers.iter().map(|address| (*address).clone()).collect(),
        max_peers: 16,
        record: None,
    }
}

impl Node {
    pub async fn start(config: &Config) -> Self {
        Self::try_start(config).await.unwrap()
    }

    pub async fn try_start(config: &Config) -> Result<Self, StartError> {
        let mut registry = Registry::default();
        let runtime = tokio::runtime::Handle::current();
        let (handle, mut events) = start(config, &mut registry, &runtime)?;
        let Some(Event::Listening { address }) = within(events.peers.recv()).await else {
            panic!("a node first says where it listens")
        };
        Ok(Self { handle, events, peer: peer_id(&config.node_key), address, registry })
    }

    /// The address with the node's identity.
    pub fn named_address(&self) -> Multiaddr {
        format!("{}/p2p/{}", self.address, self.peer).parse().unwrap()
    }

    pub async fn next_peer_event(&mut self) -> Event {
        within(self.events.peers.recv()).await.unwrap()
    }

    pub async fn connected(&mut self) -> PeerId {
        let event = self.next_peer_event().await;
        let Event::PeerConnected { peer, .. } = event else {
            panic!("expected a connection, not {event:?}")
        };
        peer
    }

    pub async fn disconnected(&mut self) -> PeerId {
        let event = self.next_peer_event().await;
        let Event::PeerDisconnected { peer } = event else {
            panic!("expected a disconnection, not {event:?}")
        };
        peer
    }

    pub async fn consensus(&mut self) -> Message {
        within(self.events.consensus.recv()).await.unwrap()
    }

    /// The next published consensus message; accepted, so that it is forwarded.
    pub async fn accept(&mut self) -> Vec<u8> {
        let message = self.consensus().await;
        self.handle.report(message.gossip.unwrap(), Verdict::Accept);
        message.bytes
    }

    /// The counter with this name and these labels; 0 if nothing was counted yet.
    pub fn counter(&self, name: &str) -> u64 {
        let mut text = String::new();
        encode(&mut text, &self.registry).unwrap();
        let name = format!("quorate_network_{name} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        line.map_or(0, |value| value.parse().unwrap())
    }

    pub async fn counted(&self, name: &str) {
        until(|| self.counter(name) > 0).await;
    }
}

/// Two nodes; the second has dialled the first.
pub async fn pair() -> (Node, Node) {
    let mut first = Node::start(&config(1, &[])).await;
    let mut second = Node::start(&config(2, &[&first.address])).await;
    assert_eq!(first.connected().await, second.peer);
    assert_eq!(second.connected().await, first.peer);
    (first, second)
}

pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(LIMIT, future).await.expect("it happens within the limit")
}

pub async fn until(mut holds: impl FnMut() -> bool) {
    let looking = async {
        while !holds() {
            tokio::time::sleep(LOOK).await;
        }
    };
    within(looking).await;
}
