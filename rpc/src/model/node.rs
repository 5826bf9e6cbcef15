//! What a node says of itself, and the one judge of whether it is in sync.

use quorate_types::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, HexHash};
use crate::backend::{NodeFacts, PeerFacts};

/// Milliseconds without a final block, beyond two idle intervals, after which a chain is stalled:
/// some view changes at the cap of their time-outs.
pub const STALL_MS: u64 = 10_000;
/// Heights that a node may be behind the highest certificate heard of and still serve.
pub const READY_LAG: u64 = 1;

/// Whether a node's key is in the validator set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Role {
    /// It votes.
    Validator,
    /// It follows.
    Full,
}

/// Where the node stands against what it has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum SyncState {
    /// At the highest certified height, and blocks come.
    InSync,
    /// More than one height behind a certificate that it has heard of.
    Syncing,
    /// No peer to hear from, in a network of more than one validator: it cannot know.
    Isolated,
    /// At the highest height, but no block has become final for too long: no quorum.
    Stalled,
}

impl SyncState {
    /// Judges the facts. Behind comes first, so that no node that knows better says `in_sync`.
    #[must_use]
    pub fn of(facts: &NodeFacts) -> SyncState {
        let patience = STALL_MS.saturating_add(facts.idle_interval_ms.saturating_mul(2));
        if facts.highest.above(facts.height) > READY_LAG {
            SyncState::Syncing
        } else if is_alone(facts) {
            SyncState::Isolated
        } else if facts.final_age_ms > patience {
            SyncState::Stalled
        } else {
            SyncState::InSync
        }
    }
}

/// Without peers, where there should be some: a network of one validator needs none.
fn is_alone(facts: &NodeFacts) -> bool {
    facts.peers == 0 && facts.validators > 1
}

/// The answer of `node_status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeStatus {
    /// The chain's name.
    pub chain_id: String,
    /// The hash of the genesis document.
    pub genesis_hash: HexHash,
    /// The highest final height.
    pub height: u64,
    /// The highest height that a certificate has been heard of for.
    pub highest_height: u64,
    /// The view of the height in progress.
    pub view: u64,
    /// The primary of that view.
    pub primary: Option<AddressText>,
    /// Whether the node is in sync.
    pub sync: SyncState,
    /// Validator or full node.
    pub role: Role,
    /// The operator address of a validator.
    pub validator: Option<AddressText>,
    /// Whether a validator signs nothing until it has rejoined: its records of what it has signed are
    /// lost, or older than that.
    pub observing: bool,
    /// Connected peers.
    pub peers: u32,
    /// The release.
    pub version: String,
}

impl From<&NodeFacts> for NodeStatus {
    fn from(facts: &NodeFacts) -> Self {
        NodeStatus {
            chain_id: facts.chain_id.to_string(),
            genesis_hash: facts.genesis_hash.into(),
            height: facts.height.0,
            highest_height: highest(facts).0,
            view: facts.view.0,
            primary: facts.primary.map(AddressText),
            sync: SyncState::of(facts),
            role: facts.validator.map_or(Role::Full, |_| Role::Validator),
            validator: facts.validator.map(AddressText),
            observing: facts.is_observing,
            peers: facts.peers,
            version: facts.version.clone(),
        }
    }
}

/// A node has heard at least of what it has.
fn highest(facts: &NodeFacts) -> Height {
    facts.highest.max(facts.height)
}

/// The answer of `node_health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeHealth {
    /// In sync: the node and the chain are well.
    pub healthy: bool,
    /// Fit to serve, as `/readyz` says: a stalled chain is no fault of this node.
    pub ready: bool,
    /// Whether the node is in sync.
    pub sync: SyncState,
    /// The highest final height.
    pub height: u64,
    /// The highest height that a certificate has been heard of for.
    pub highest_height: u64,
    /// Connected peers.
    pub peers: u32,
    /// Milliseconds since a block became final here.
    pub final_age_ms: u64,
}

impl From<&NodeFacts> for NodeHealth {
    fn from(facts: &NodeFacts) -> Self {
        let sync = SyncState::of(facts);
        NodeHealth {
            healthy: sync == SyncState::InSync,
            ready: facts.highest.above(facts.height) <= READY_LAG && !is_alone(facts),
            sync,
            height: facts.height.0,
            highest_height: highest(facts).0,
            peers: facts.peers,
            final_age_ms: facts.final_age_ms,
        }
    }
}

/// The answer of `node_version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeVersion {
    /// The release.
    pub version: String,
    /// The protocol version in force.
    pub protocol_version: u32,
}

/// The answer of `node_peers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodePeers {
    /// The connected peers.
    pub peers: Vec<Peer>,
}

/// A connected peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Peer {
    /// Its network identity.
    pub peer_id: String,
    /// Where it is, as a multiaddr.
    pub address: String,
    /// The operator address of a validator that has proved that the peer is its own.
    pub validator: Option<AddressText>,
    /// The height that it says it has, once it has said so.
    pub height: Option<u64>,
}

impl From<&PeerFacts> for Peer {
    fn from(facts: &PeerFacts) -> Self {
        Peer {
            peer_id: facts.peer_id.clone(),
            address: facts.address.clone(),
            validator: facts.validator.map(AddressText),
            height: facts.height.map(|height| height.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quorate_types::View;

    fn facts() -> NodeFacts {
        NodeFacts {
            chain_id: "local-1".parse().unwrap(),
            genesis_hash: quorate_crypto::Hash::ZERO,
            protocol_version: 1,
            version: String::from("0.1.0"),
            validator: None,
            is_observing: false,
            height: Height(10),
            highest: Height(10),
            view: View::ZERO,
            primary: None,
            validators: 4,
            peers: 3,
            final_age_ms: 0,
            idle_interval_ms: 2_000,
        }
    }

    fn judged(facts: &NodeFacts) -> (SyncState, bool) {
        let health = NodeHealth::from(facts);
        assert_eq!(health.healthy, health.sync == SyncState::InSync);
        (health.sync, health.ready)
    }

    #[test]
    fn one_height_behind_is_in_sync_and_two_are_not() {
        assert_eq!(judged(&facts()), (SyncState::InSync, true));
        let behind = |highest| NodeFacts { highest: Height(highest), ..facts() };
        assert_eq!(judged(&behind(11)), (SyncState::InSync, true));
        assert_eq!(judged(&behind(12)), (SyncState::Syncing, false));
        assert_eq!(NodeStatus::from(&behind(0)).highest_height, 10);
    }

    #[test]
    fn a_node_that_is_behind_never_says_anything_better() {
        let behind = NodeFacts { highest: Height(99), peers: 0, final_age_ms: 99_999, ..facts() };
        assert_eq!(judged(&behind), (SyncState::Syncing, false));
    }

    #[test]
    fn only_a_single_validator_needs_no_peers() {
        let alone = NodeFacts { peers: 0, ..facts() };
        assert_eq!(judged(&alone), (SyncState::Isolated, false));
        assert_eq!(judged(&NodeFacts { validators: 1, ..alone }), (SyncState::InSync, true));
    }

    #[test]
    fn a_chain_without_quorum_is_stalled_but_ready() {
        let idle = |final_age_ms| NodeFacts { final_age_ms, ..facts() };
        assert_eq!(judged(&idle(14_000)), (SyncState::InSync, true));
        assert_eq!(judged(&idle(14_001)), (SyncState::Stalled, true));
    }
}
