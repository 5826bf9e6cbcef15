//! Gossip over a mesh with gaps: a node passes on what came by gossip and holds, once, to everybody
//! that it is connected to. Where all are connected this only costs, so it is off unless a scenario
//! wants it. A Byzantine node passes nothing on.

use std::collections::BTreeSet;

use crate::event::{NodeId, Parcel};
use crate::world::World;

impl World {
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
    pub(crate) fn deliver_gossip(&mut self, from: NodeId, to: NodeId, parcel: Parcel) {
        let onward = (self.passes_on && !self.is_byzantine(to)).then(|| parcel.clone());
        let holds = self.deliver(from, to, parcel);
        if let Some(parcel) = onward.filter(|_| holds) {
            self.gossip(to, parcel);
        }
    }
}
