//! Gossip over a mesh with gaps: a node passes on what came by gossip and holds, once, to everybody
//! that it is connected to. Where all are connected this only costs, so it is off unless the run's
//! faults or a scenario want it. A Byzantine node passes nothing on unless that is how it misbehaves.

use std::collections::BTreeSet;

use quorate_crypto::Hash;

use crate::event::NodeId;
use crate::links::Ends;
use crate::parcel::Parcel;
use crate::plan::SECOND;
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

/// The same bytes pass a node once in so long, in microseconds.
const REPEAT_US: u64 = SECOND;
/// Of how many bytes it is remembered when they passed; those of long ago are forgotten first.
const MAX_PASSED: usize = 4_096;
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

    /// A parcel arrives over gossip, and is judged as a node's host judges it. The id of what
    /// was published again is not its hash; of that, the same bytes pass once a second.
    pub(crate) fn deliver_gossip(&mut self, (from, to): Ends, id: Hash, parcel: Parcel) {
        let hash = parcel.digest();
        let is_again = id != hash;
        let is_byzantine = self.is_byzantine(to);
        if is_again && !is_byzantine && self.has_just_passed(to, &id, &hash) {
            self.counts.early_repeats += 1;
            return;
        }
        let onward = (self.passes_on || is_byzantine).then(|| parcel.clone());
        let holds = self.deliver(from, to, parcel);
        let Some(parcel) = onward.filter(|_| holds) else { return };
        if is_byzantine {
            // Once, or what two of them pass on would go back and forth between them for ever.
            if self.is_new_to(to, id) {
                self.would_relay(to, id, parcel);
            }
            return;
        }
        if self.is_over(to, &hash) {
            self.counts.late_gossip += 1;
            return;
        }
        if is_again {
            self.pass(to, hash);
        }
        self.gossip(to, id, &parcel);
    }

    /// Whether a node has neither published nor passed on anything under an id; from now on it has.
    pub(crate) fn is_new_to(&mut self, node: NodeId, id: Hash) -> bool {
        self.node_mut(node).process.as_mut().is_some_and(|process| process.gossiped.insert(id))
    }

    /// Whether a node has passed the same bytes on within the last second, under another id.
    fn has_just_passed(&self, node: NodeId, id: &Hash, hash: &Hash) -> bool {
        let Some(process) = &self.node(node).process else { return false };
        let passed_us = process.passed.get(hash).filter(|_| !process.gossiped.contains(id));
        passed_us.is_some_and(|at_us| self.now_us.saturating_sub(*at_us) < REPEAT_US)
    }

    fn pass(&mut self, node: NodeId, hash: Hash) {
        let now_us = self.now_us;
        let Some(process) = &mut self.node_mut(node).process else { return };
        if process.passed.len() >= MAX_PASSED {
            process.passed.retain(|_, at_us| now_us.saturating_sub(*at_us) < REPEAT_US);
        }
        process.passed.insert(hash, now_us);
    }

    /// Whether a message is of a height below the final one of a node.
    fn is_over(&self, node: NodeId, hash: &Hash) -> bool {
        let height = self.post.height_of(hash);
        height.is_some_and(|height| Some(height) < self.finalized(node))
    }
}
