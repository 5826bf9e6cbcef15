//! Who can reach whom, who is connected to whom, and what a parcel meets on its way.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::NodeId;

/// Directions that are cut, and connections.
#[derive(Debug, Default)]
pub(crate) struct Network {
    /// Directions cut by each partition.
    cuts: BTreeMap<u64, BTreeSet<(NodeId, NodeId)>>,
    /// The number of each connection, by its ends in order.
    connections: BTreeMap<(NodeId, NodeId), u64>,
    count: u64,
    /// Directions in which nothing is sent.
    silent: BTreeSet<(NodeId, NodeId)>,
}

impl Network {
    /// Cuts directions; the number ends it.
    pub(crate) fn cut(&mut self, directions: BTreeSet<(NodeId, NodeId)>) -> u64 {
        self.count = self.count.saturating_add(1);
        self.cuts.insert(self.count, directions);
        self.count
    }

    /// Ends a partition; gives its directions.
    pub(crate) fn mend(&mut self, number: u64) -> BTreeSet<(NodeId, NodeId)> {
        self.cuts.remove(&number).unwrap_or_default()
    }

    /// Ends every partition.
    pub(crate) fn mend_all(&mut self) {
        self.cuts.clear();
        self.silent.clear();
    }

    pub(crate) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.values().any(|cut| cut.contains(&(from, to)))
    }

    /// Nothing is sent in these directions, and in no others; what is on its way arrives.
    pub(crate) fn silence(&mut self, directions: BTreeSet<(NodeId, NodeId)>) {
        self.silent = directions;
    }

    /// Whether nothing is sent in a direction.
    pub(crate) fn is_silent(&self, from: NodeId, to: NodeId) -> bool {
        self.silent.contains(&(from, to)) || self.is_cut(from, to)
    }

    /// A new connection.
    pub(crate) fn connect(&mut self, a: NodeId, b: NodeId) -> u64 {
        self.count = self.count.saturating_add(1);
        self.connections.insert(ends(a, b), self.count);
        self.count
    }

    /// Breaks a connection; gives its number.
    pub(crate) fn disconnect(&mut self, a: NodeId, b: NodeId) -> Option<u64> {
        self.connections.remove(&ends(a, b))
    }

    pub(crate) fn connection(&self, a: NodeId, b: NodeId) -> Option<u64> {
        self.connections.get(&ends(a, b)).copied()
    }
}

fn ends(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    (a.min(b), a.max(b))
}
