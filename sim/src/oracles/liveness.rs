//! I-12, the bound of section 10: with a quorum connected after the network healed, a height is
//! decided by all of it within Timeout(view in progress) + the timeouts of later views of faulty
//! primaries + the idle interval + 3 s + 10 delta. Timeouts are taken at the largest base, and delta
//! is what messages between those nodes do take: it has to stay below the cap's tenth.

use std::collections::{BTreeMap, BTreeSet};

use quorate_replica::Timeouts;
use quorate_types::Height;

use super::Verdict;
use crate::event::NodeId;
use crate::plan::{MS, SECOND};

/// What each view beyond the first at the cap adds, in milliseconds (T-2).
const TAIL_MS: u64 = 100;
/// The allowance of section 10 beside timeouts and delays.
const ALLOWANCE_US: u64 = 3 * SECOND;

/// The world after healing.
#[derive(Clone, Debug)]
pub(crate) struct Healed {
    pub(crate) time_us: u64,
    /// The nodes that must decide.
    pub(crate) nodes: BTreeSet<NodeId>,
    /// The highest height that one of them has decided.
    pub(crate) height: Height,
    /// The highest view that one of them is in.
    pub(crate) view: u64,
    /// Validators that take no part.
    pub(crate) silent: u64,
    /// The longest delay of a link between two of the nodes, without what waits in queues before.
    pub(crate) delay_us: u64,
    /// Links between any two of the nodes, at most.
    pub(crate) hops: u64,
    pub(crate) idle_ms: u64,
    pub(crate) timeouts: Timeouts,
}

/// The clock of the height that is due.
#[derive(Debug)]
pub(crate) struct Liveness {
    healed: Healed,
    decided: BTreeMap<NodeId, Height>,
    due: Height,
    since_us: u64,
    limit_us: u64,
    slowest: (u64, u64),
}

impl Liveness {
    pub(crate) fn new(healed: Healed) -> Liveness {
        let limit_us = limit_us(&healed, healed.view);
        Liveness {
            decided: BTreeMap::new(),
            due: healed.height,
            since_us: healed.time_us,
            limit_us,
            slowest: (0, limit_us),
            healed,
        }
    }

    /// A node says which height it has decided.
    pub(crate) fn progress(&mut self, time_us: u64, node: NodeId, decided: Height) {
        if !self.healed.nodes.contains(&node) {
            return;
        }
        self.decided.insert(node, decided);
        let is_there = |node: &NodeId| self.decided.get(node).is_some_and(|at| *at >= self.due);
        if !self.healed.nodes.iter().all(is_there) {
            return;
        }
        let took = time_us.saturating_sub(self.since_us);
        if took > self.slowest.0 {
            self.slowest = (took, self.limit_us);
        }
        let lowest = self.decided.values().min().copied().unwrap_or(self.due);
        self.due = lowest.next();
        self.since_us = time_us;
        // The height above the highest one at healing may have been in a higher view already.
        let is_first = self.due <= self.healed.height.next();
        self.limit_us = limit_us(&self.healed, if is_first { self.healed.view } else { 0 });
    }

    /// A parcel takes so long from one node to another.
    pub(crate) fn way(&mut self, (from, to): (NodeId, NodeId), takes_us: u64) {
        let nodes = &self.healed.nodes;
        if takes_us > self.healed.delay_us && nodes.contains(&from) && nodes.contains(&to) {
            let before_us = ten_deltas_us(&self.healed);
            self.healed.delay_us = takes_us;
            let more_us = ten_deltas_us(&self.healed).saturating_sub(before_us);
            self.limit_us = self.limit_us.saturating_add(more_us);
        }
    }

    /// Whether the height that is due is late, or messages are too late for the bound to hold.
    pub(crate) fn check(&self, time_us: u64) -> Verdict {
        let took = time_us.saturating_sub(self.since_us);
        if ten_deltas_us(&self.healed) > self.healed.timeouts.cap_ms.saturating_mul(MS) {
            let Healed { delay_us, hops, .. } = self.healed;
            return Err(format!("{delay_us} us over {hops} links is more than section 10 allows"));
        }
        if took <= self.limit_us {
            return Ok(());
        }
        Err(format!(
            "height {} is not decided {took} us after healing or the height below; the limit is {} \
             us; decided: {:?} (I-12)",
            self.due, self.limit_us, self.decided
        ))
    }

    /// The longest that a height took, in microseconds, beside its limit.
    pub(crate) fn slowest(&self) -> (u64, u64) {
        self.slowest
    }
}

fn limit_us(healed: &Healed, view: u64) -> u64 {
    let views = view..=view.saturating_add(healed.silent);
    let timeouts_ms: u64 = views.map(|view| timeout_ms(&healed.timeouts, view)).sum();
    timeouts_ms
        .saturating_add(healed.idle_ms)
        .saturating_mul(MS)
        .saturating_add(ALLOWANCE_US)
        .saturating_add(ten_deltas_us(healed))
}

fn ten_deltas_us(healed: &Healed) -> u64 {
    healed.delay_us.saturating_mul(healed.hops).saturating_mul(10)
}

/// T-2 at the largest base.
fn timeout_ms(timeouts: &Timeouts, view: u64) -> u64 {
    let cap = timeouts.cap_ms;
    let doubled = |view: u64| {
        let factor = u32::try_from(view).ok().and_then(|view| 1_u64.checked_shl(view));
        timeouts.max_ms.saturating_mul(factor.unwrap_or(u64::MAX))
    };
    let first_at_cap = (0..=view).find(|view| doubled(*view) >= cap);
    match first_at_cap {
        None => doubled(view),
        Some(first) => {
            let tail = view.saturating_sub(first).saturating_mul(TAIL_MS);
            cap.saturating_add(tail).min(cap.saturating_mul(2))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_double_to_the_cap_and_creep_on_to_twice_of_it() {
        let timeouts = Timeouts { min_ms: 1, initial_ms: 1, max_ms: 4_000, cap_ms: 10_000 };
        let of = |view| timeout_ms(&timeouts, view);
        assert_eq!([of(0), of(1), of(2), of(3)], [4_000, 8_000, 10_000, 10_100]);
        assert_eq!(of(1_000), 20_000);
    }
}
