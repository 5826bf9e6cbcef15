//! `node_*`: what the node says of itself.

use std::sync::Arc;

use super::{Context, Registry, Spec, parameters};
use crate::error::CallError;
use crate::model::{At, NodeHealth, NodePeers, NodeStatus, NodeVersion, Peer};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary| Spec { name, summary, params: &[], cost: 1 };
    registry.call(spec("node_status", "Where the node stands."), status);
    registry.call(spec("node_health", "Whether the node and the chain are well."), health);
    registry.call(spec("node_peers", "The connected peers."), peers);
    registry.call(spec("node_version", "The release and the protocol version."), version);
}

async fn status(context: Arc<Context>, _: parameters::None) -> Result<At<NodeStatus>, CallError> {
    let facts = context.backend.status().await?;
    Ok(facts.map(|facts| NodeStatus::from(&facts)))
}

async fn health(context: Arc<Context>, _: parameters::None) -> Result<At<NodeHealth>, CallError> {
    let facts = context.backend.status().await?;
    Ok(facts.map(|facts| NodeHealth::from(&facts)))
}

async fn peers(context: Arc<Context>, _: parameters::None) -> Result<At<NodePeers>, CallError> {
    let peers = context.backend.peers().await?;
    Ok(peers.map(|peers| NodePeers { peers: peers.iter().map(Peer::from).collect() }))
}

async fn version(context: Arc<Context>, _: parameters::None) -> Result<At<NodeVersion>, CallError> {
    let facts = context.backend.status().await?;
    Ok(facts.map(|facts| NodeVersion {
        version: facts.version,
        protocol_version: facts.protocol_version,
    }))
}
