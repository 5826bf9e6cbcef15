//! Whoever has been shown that others have decided more does not say that it keeps up: one height
//! above the own is what every decision looks like for a moment, two are not.

use std::collections::BTreeMap;

use quorate_replica::{NodeStatus, SyncState};
use quorate_types::Height;

use super::Verdict;
use crate::event::NodeId;

/// The highest height that each process was shown a verified commit certificate of.
#[derive(Debug, Default)]
pub(crate) struct InSync(BTreeMap<NodeId, Height>);

impl InSync {
    /// A process is handed a verified certificate of a height.
    pub(crate) fn show(&mut self, node: NodeId, decided: Height) {
        let shown = self.0.entry(node).or_default();
        *shown = decided.max(*shown);
    }

    /// A process starts anew, and knows nothing of it.
    pub(crate) fn start(&mut self, node: NodeId) {
        self.0.remove(&node);
    }

    /// A process says where it stands.
    pub(crate) fn says(&self, node: NodeId, status: &NodeStatus) -> Verdict {
        let shown = self.0.get(&node).copied().unwrap_or_default();
        if status.sync == SyncState::InSync && shown > status.decided.next() {
            let decided = status.decided;
            return Err(format!(
                "in sync at {decided}, and was shown that {shown} is decided (R-12)"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use quorate_replica::NodeStatus;
    use quorate_types::{Digest, Timestamp, View};

    use super::*;

    fn status(decided: u64, sync: SyncState) -> NodeStatus {
        NodeStatus {
            final_height: Height(decided),
            final_digest: Digest::default(),
            final_time: Timestamp(0),
            decided: Height(decided),
            heard: Height(decided),
            height: Height(decided + 1),
            view: View(0),
            sync,
            peers: 1,
            is_validator: true,
            is_observing: false,
            decided_at_ms: 0,
        }
    }

    #[test]
    fn who_was_shown_more_than_one_height_above_its_own_does_not_keep_up() {
        let (node, mut oracle) = (NodeId(1), InSync::default());
        oracle.show(node, Height(7));
        oracle.show(node, Height(3));
        assert!(oracle.says(node, &status(6, SyncState::InSync)).is_ok());
        assert!(oracle.says(node, &status(5, SyncState::InSync)).is_err());
        assert!(oracle.says(node, &status(5, SyncState::Syncing)).is_ok());
        assert!(oracle.says(NodeId(2), &status(5, SyncState::InSync)).is_ok(), "it was not shown");
        oracle.start(node);
        assert!(oracle.says(node, &status(5, SyncState::InSync)).is_ok(), "it knows no more");
    }
}
