//! I-10, the gate's bound (T-3): no honest node is more than one view above the highest view at
//! which a quorum was present. And I-1 within a process: (height, view) never decreases.

use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{Height, Statement, ValidatorIndex, View};

use super::Verdict;
use super::stakes::Stakes;
use crate::event::NodeId;

/// Heights that are remembered.
const HEIGHTS: usize = 64;

/// Who has signed in which view, and where each process stands.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    reached: BTreeMap<Height, BTreeMap<ValidatorIndex, View>>,
    stands: BTreeMap<NodeId, (Height, View)>,
}

impl Gate {
    /// A validator's message is durable: it counts as present in its view.
    pub(crate) fn note(&mut self, statement: &Statement, signer: ValidatorIndex) {
        let reached = self.reached.entry(statement.height).or_default();
        let view = reached.entry(signer).or_insert(statement.view);
        *view = statement.view.max(*view);
        while self.reached.len() > HEIGHTS {
            self.reached.pop_first();
        }
    }

    /// A process starts anew.
    pub(crate) fn start(&mut self, node: NodeId) {
        self.stands.remove(&node);
    }

    /// Where a process stands now.
    pub(crate) fn progress(
        &mut self,
        node: NodeId,
        now: (Height, View),
        stakes: &Stakes,
    ) -> Verdict {
        let before = self.stands.insert(node, now);
        if before == Some(now) {
            return Ok(());
        }
        if before.is_some_and(|before| now < before) {
            return Err(format!("goes from {before:?} back to {now:?} (I-1)"));
        }
        let (height, view) = now;
        let present = self.highest_quorum(height, stakes);
        if view.0 > present.saturating_add(1) {
            return Err(format!(
                "in view {view} of height {height}, but a quorum was present only up to \
                 {present} (I-10)"
            ));
        }
        Ok(())
    }

    fn highest_quorum(&self, height: Height, stakes: &Stakes) -> u64 {
        let Some(reached) = self.reached.get(&height) else { return 0 };
        let at_least = |view: &View| -> BTreeSet<u16> {
            reached.iter().filter(|(_, at)| *at >= view).map(|(signer, _)| signer.0).collect()
        };
        let views: BTreeSet<View> = reached.values().copied().collect();
        let highest = views.iter().rev().find(|view| stakes.is_quorum(&at_least(view)));
        highest.map_or(0, |view| view.0)
    }
}
