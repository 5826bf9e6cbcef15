//! A peer that speaks libp2p and the network's protocols, but keeps to none of the rules: its
//! tests write what they like onto the streams.

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p_stream as stream;
use quorate_network::{Channel, Multiaddr, PeerId, peer_id};

use crate::node::{CHAIN, key, within};

pub struct Stranger {
    pub peer: PeerId,
    control: stream::Control,
    task: tokio::task::JoinHandle<()>,
}

/// What the stranger does with the streams that the node opens to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// Reads them to their end.
    Reads,
    /// Accepts them and never reads.
    Ignores,
}

fn protocol(channel: Channel) -> libp2p::StreamProtocol {
    let name = format!("/quorate/{CHAIN}/{}/1", channel.name());
    libp2p::StreamProtocol::try_from_owned(name).unwrap()
}

/// Holds on to the streams of one protocol.
async fn take_in(mut incoming: stream::IncomingStreams, manners: Manners) {
    let mut kept = Vec::new();
    while let Some((_, mut stream)) = incoming.next().await {
        match manners {
            Manners::Ignores => kept.push(stream),
            Manners::Reads => {
                tokio::spawn(async move { stream.read_to_end(&mut Vec::new()).await });
            }
        }
    }
}

impl Stranger {
    /// Connects to the node at `address`.
    pub async fn connect(address: &Multiaddr, manners: Manners) -> Self {
        let node_key = key(99);
        let keypair = libp2p::identity::Keypair::ed25519_from_bytes(node_key).unwrap();
        let mut swarm = libp2p::SwarmBuilder::with_existing_identity(keypair)
            .with_tokio()
            .with_tcp(
                libp2p::tcp::Config::new(),
                libp2p::noise::Config::new,
                libp2p::yamux::Config::default,
            )
            .unwrap()
            .with_behaviour(|_| stream::Behaviour::new())
            .unwrap()
            .build();
        let control = swarm.behaviour().new_control();
        for channel in Channel::ALL {
            let mut accepting = control.clone();
            let incoming = accepting.accept(protocol(channel)).unwrap();
            tokio::spawn(take_in(incoming, manners));
        }
        swarm.dial(address.clone()).unwrap();
        let task = tokio::spawn(async move {
            loop {
                swarm.next().await;
            }
        });
        Self { peer: peer_id(&node_key), control, task }
    }

    /// Opens the channel's stream to `peer` and writes `bytes` to it, as they are.
    pub async fn write(&mut self, peer: PeerId, channel: Channel, bytes: &[u8]) -> libp2p::Stream {
        let opening = self.control.open_stream(peer, protocol(channel));
        let mut stream = within(opening).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.flush().await.unwrap();
        stream
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A frame of the right form.
pub fn frame(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes(), bytes].concat()
}
