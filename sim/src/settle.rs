//! The end of faults in a run whose sets change: everybody runs and is heard until sets rest, so that
//! the quorum that is drawn then is one for good.

use std::collections::BTreeSet;

use quorate_types::Height;

use crate::event::NodeId;
use crate::plan::SECOND;
use crate::world::World;

/// How long sets take to rest at most, in microseconds.
const SETTLED_US: u64 = 1_200 * SECOND;
/// Epochs between the last change of stake and the first set that nothing of it changes; and between
/// the last absence and the first set that its jail does not change.
const EPOCHS: u64 = 3;

impl World {
    /// Faults end for everybody. Goes on until nothing that has happened changes a set any more.
    pub(crate) fn settle(&mut self) {
        self.faulty = false;
        self.plan.heal();
        self.signers.heal();
        self.network.mend_all();
        let nodes: BTreeSet<NodeId> = self.nodes().into_iter().collect();
        self.link(&nodes);
        for id in &nodes {
            self.mend_disk(*id);
            self.mend_clock(*id);
            self.recover(*id);
        }
        // Those who lag are absent until they have caught up.
        let last_move = self.clients.moves.until.max(self.oracles.highest());
        self.reach_all(last_move);
        let length = self.plan.epoch_length;
        let epochs = self.oracles.highest().0.saturating_sub(1) / length;
        self.reach_all(Height((epochs + EPOCHS) * length + 1));
    }

    /// Everybody decides a height before long.
    fn reach_all(&mut self, height: Height) {
        let limit_us = self.now_us.saturating_add(SETTLED_US);
        let there = |world: &World| {
            let mut decided = world.nodes.iter().map(|node| world.decided(node.id));
            decided.all(|decided| decided.is_some_and(|decided| decided >= height))
        };
        if !self.run_until(limit_us, there) && self.violation().is_none() {
            let detail = format!("not everybody decides height {height} after healing");
            self.violated(NodeId(0), "liveness", detail);
        }
    }
}
