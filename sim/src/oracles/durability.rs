//! What was reported final stays: the final prefix of a node never shrinks, over restarts and power
//! losses, and heights are reported in order, none left out.

use std::collections::BTreeMap;

use quorate_types::{ChainReader, Height};

use super::Verdict;
use super::agreement::Agreement;
use crate::event::NodeId;
use crate::store::MemoryStore;

/// What one node has reported.
#[derive(Debug, Default)]
struct Reported {
    /// The highest final height ever, over all its processes.
    highest: Height,
    /// The last one that this process reported.
    last: Option<Height>,
}

/// What every node has reported.
#[derive(Debug, Default)]
pub(crate) struct Durability(BTreeMap<NodeId, Reported>);

impl Durability {
    /// A node reports a height final.
    pub(crate) fn report(&mut self, node: NodeId, height: Height) -> Verdict {
        let reported = self.0.entry(node).or_default();
        let expected = reported.last.map(Height::next);
        reported.last = Some(height);
        reported.highest = reported.highest.max(height);
        match expected {
            Some(expected) if expected != height => {
                Err(format!("height {height} is reported final instead of {expected}"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A node says where its final prefix ends.
    pub(crate) fn progress(&mut self, node: NodeId, height: Height) -> Verdict {
        let reported = self.0.entry(node).or_default();
        let highest = reported.highest;
        reported.highest = highest.max(height);
        if height < highest {
            return Err(format!("final was {highest}, and is {height} now"));
        }
        Ok(())
    }

    /// A node's disk was replaced by an earlier one.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.0.remove(&node);
    }

    /// A node starts from what is stored.
    pub(crate) fn start(
        &mut self,
        node: NodeId,
        store: &MemoryStore,
        agreement: &Agreement,
    ) -> Verdict {
        let reported = self.0.entry(node).or_default();
        reported.last = None;
        let mut height = Height::GENESIS;
        while height < reported.highest {
            height = height.next();
            let digest = store.digest_at(height).ok().flatten();
            if digest.is_none() || digest != agreement.at(height) {
                return Err(format!("height {height} was reported final and is not stored"));
            }
            let whole = digest.is_some_and(|digest| store.holds(&digest));
            if !whole {
                return Err(format!("the block of final height {height} is not stored"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shrinking_prefix_and_a_gap_are_noticed() {
        let mut durability = Durability::default();
        let node = NodeId(0);
        assert_eq!(durability.report(node, Height(1)), Ok(()));
        assert_eq!(durability.progress(node, Height(1)), Ok(()));
        assert_eq!(durability.report(node, Height(2)), Ok(()));
        assert!(durability.progress(node, Height(1)).is_err());
        assert!(durability.report(node, Height(4)).is_err());
    }

    #[test]
    fn a_store_without_what_was_reported_is_noticed() {
        let mut durability = Durability::default();
        let (empty, agreement) = (MemoryStore::default(), Agreement::default());
        assert_eq!(durability.start(NodeId(0), &empty, &agreement), Ok(()));
        assert_eq!(durability.report(NodeId(0), Height(1)), Ok(()));
        assert!(durability.start(NodeId(0), &empty, &agreement).is_err());
    }
}
