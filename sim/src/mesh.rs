//! Gossip over a mesh with gaps: a node passes on what came by gossip and holds, once, to everybody
//! that it is connected to. Where all are connected this only costs, so it is off unless the run's
//! faults or a scenario want it. A Byzantine node passes nothing on.

use std::collections::BTreeSet;

use quorate_crypto::Hash;

use crate::event::{NodeId, Parcel};
use crate::world::World;

/// Each node with the next one, and the last with the first.
fn ring(nodes: &[NodeId]) -> BTreeSet<(NodeId, NodeId)> {
    let next = nodes.iter().cycle().skip(1);
    nodes.iter().zip(next).map(|(a, b)| link(*a, *b)).collect()
}

/// A link by its ends in order.
fn link(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    (a.min(b), a.max(b))
}

/// Who passes a parcel on, and to whom.
type Ends = (NodeId, NodeId);

/// Links that a mesh has beside its ring, for each node.
const CHORDS: u64 = 1;

impl World {
    /// Only few nodes are connected with each other: a ring of all in random order, and a few more
    /// links.
    pub(crate) fn draw_mesh(&mut self) {
        let mut nodes = self.nodes();
        self.random.shuffle(&mut nodes);
        let mut links = ring(&nodes);
        for node in &nodes {
            for _ in 0..CHORDS {
                links.extend(self.random.pick(&nodes).map(|other| link(*node, other)));
            }
        }
        self.mesh = Some(links);
        self.passes_on = true;
    }

    /// Links these nodes over each other, if they are part of a mesh: no other has to pass on.
    pub(crate) fn link(&mut self, nodes: &BTreeSet<NodeId>) {
        let mut nodes: Vec<NodeId> = nodes.iter().copied().collect();
        if let Some(mesh) = &mut self.mesh {
            self.random.shuffle(&mut nodes);
            mesh.extend(ring(&nodes));
        }
    }

    /// Whether two nodes connect at all.
    pub(crate) fn are_linked(&self, a: NodeId, b: NodeId) -> bool {
        self.mesh.as_ref().is_none_or(|mesh| mesh.contains(&link(a, b)))
    }

    /// How many links lie between any two of these nodes, at most, over the others of them.
    pub(crate) fn hops(&self, nodes: &BTreeSet<NodeId>) -> u64 {
        nodes.iter().map(|node| self.hops_from(*node, nodes)).max().unwrap_or(0).max(1)
    }

    fn hops_from(&self, from: NodeId, nodes: &BTreeSet<NodeId>) -> u64 {
        let mut left = nodes.clone();
        let mut reached = BTreeSet::from([from]);
        let mut hops = 0;
        loop {
            left.retain(|node| !reached.contains(node));
            let next = |node: &&NodeId| reached.iter().any(|one| self.are_linked(*one, **node));
            reached = left.iter().filter(next).copied().collect();
            if reached.is_empty() {
                return hops;
            }
            hops += 1;
        }
    }

    /// From now on, nodes pass gossip on.
    pub fn pass_gossip_on(&mut self) {
        self.passes_on = true;
    }

    /// From now on nothing is sent in these directions, and in no others. What is on its way
    /// arrives: gossip that is passed on misses nobody that it can reach.
    pub fn silence(&mut self, directions: BTreeSet<(NodeId, NodeId)>) {
        self.network.silence(directions);
    }

    /// A parcel arrives over gossip.
    pub(crate) fn deliver_gossip(&mut self, (from, to): Ends, id: Hash, parcel: Parcel) {
        let onward = (self.passes_on && !self.is_byzantine(to)).then(|| parcel.clone());
        let holds = self.deliver(from, to, parcel);
        if let Some(parcel) = onward.filter(|_| holds) {
            self.gossip(to, id, &parcel);
        }
    }
}
