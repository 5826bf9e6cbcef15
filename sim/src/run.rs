//! A whole run of a seed: first faults, while only safety is judged; then just a quorum is healed
//! and has to finalise ten more heights, each within the bound of section 10.

use std::collections::BTreeSet;

use quorate_crypto::{ValidatorPublicKey, ValidatorSecretKey};
use quorate_types::Height;

use crate::churn::Churn;
use crate::event::NodeId;
use crate::faults::Fault;
use crate::node::Node;
use crate::options::Options;
use crate::oracles::Healed;
use crate::plan::SECOND;
use crate::report::Report;
use crate::world::World;

/// How long faults strike at most, in microseconds.
const FAULTY_US: u64 = 90 * SECOND;
/// Heights that are due after healing.
pub(crate) const HEALED_HEIGHTS: u64 = 10;
/// Byzantine validators that stay connected after healing, of a thousand.
const STAYS: u64 = 850;

/// Runs a seed.
#[must_use]
pub fn run(options: &Options, seed: u64) -> Report {
    World::new(options, seed).run()
}

impl World {
    /// Runs this world's seed from its first event, and gives the account.
    pub fn run(&mut self) -> Report {
        let faulty_heights = self.options.heights.saturating_sub(HEALED_HEIGHTS);
        self.run_until(FAULTY_US, |world| world.oracles.highest().0 >= faulty_heights);
        if self.plan.churn == Churn::Sets && self.violation().is_none() {
            self.settle();
        }
        self.heal_a_quorum();
        let wanted = self.oracles.highest().plus(HEALED_HEIGHTS);
        let wanted = wanted.max(Height(self.options.heights));
        self.run_until(World::LONGEST_US, |world| world.all_final(wanted));
        self.report()
    }

    /// Faults end. A random quorum of the honest, as small as it comes, is connected with all full
    /// nodes, its clocks right (M-2); the other honest validators are down or cut off for good, or
    /// go on with their wrong clocks. Byzantine validators may stay and go on. All these count as
    /// silent, as primaries that fail.
    pub(crate) fn heal_a_quorum(&mut self) {
        if self.violation().is_some() {
            return;
        }
        for id in self.nodes() {
            self.mend_disk(id);
        }
        let (healed, observing) = self.draw_quorum();
        self.faulty = false;
        self.signers.heal();
        self.network.mend_all();
        self.link(&healed);
        self.plan.heal();
        let bytes = self.plan.bytes_of_blocks(self.oracles.highest());
        self.links.heal(self.plan.links.delay, self.hops(&healed), bytes);
        let wrong_clocks = [Fault::ClockDrift, Fault::ClockJump]
            .into_iter()
            .any(|fault| self.plan.faults.contains(fault));
        let silent: Vec<NodeId> =
            self.nodes().into_iter().filter(|id| !healed.contains(id)).collect();
        for id in &silent {
            if self.is_byzantine(*id) && self.random.chance(STAYS) {
                self.recover(*id);
                continue;
            }
            if wrong_clocks && self.random.chance(500) {
                self.recover(*id);
                self.kept_down.insert(*id);
                continue;
            }
            self.kept_down.insert(*id);
            if self.random.chance(500) {
                self.kill(*id);
            } else {
                self.isolate(*id);
            }
        }
        for id in &healed {
            if wrong_clocks {
                self.mend_clock(*id);
            }
            self.recover(*id);
        }
        let silent = u64::try_from(silent.len()).unwrap_or(u64::MAX);
        self.expect_progress(healed, silent.saturating_add(observing));
    }

    /// A node runs, signs and stands still no longer, and dials those that it lost.
    pub(crate) fn recover(&mut self, id: NodeId) {
        self.mend_signer(id);
        if self.is_running(id) {
            let boot = self.node(id).boot;
            self.resume(id, boot);
            for other in self.nodes() {
                if other != id {
                    self.dial(id, other);
                }
            }
        } else {
            self.start(id);
        }
    }

    /// From now on, these nodes have to decide each height within the bound of section 10 (I-12),
    /// while `silent` validators take no part.
    pub fn expect_progress(&mut self, nodes: BTreeSet<NodeId>, silent: u64) {
        let standing: Vec<_> = nodes
            .iter()
            .filter_map(|id| Some((*id, self.node(*id).process.as_ref()?.replica.status())))
            .collect();
        let decided = standing.iter().map(|(_, status)| status.decided).max();
        let delay_us = self.links.longest_us(&nodes).max(self.plan.delta_us);
        let hops = self.hops(&nodes);
        let view = standing.iter().map(|(_, status)| status.view.0).max();
        self.oracles.on_healed(Healed {
            time_us: self.now_us,
            nodes,
            height: decided.unwrap_or(Height::GENESIS),
            view: view.unwrap_or(0),
            silent,
            delay_us,
            hops,
            idle_ms: u64::from(self.setup.genesis.document().params.idle_block_interval_ms),
            timeouts: World::timeouts(),
        });
        for (id, status) in standing {
            let place = self.place(id);
            self.oracles.on_progress(place, &status);
        }
    }

    /// Honest validators in random order until they are a quorum, every full node, and those that have
    /// lost their records, or whose disks were damaged, with the count of these: they may take no part
    /// until they have rejoined, or have caught up.
    fn draw_quorum(&mut self) -> (BTreeSet<NodeId>, u64) {
        let validators = self.nodes.iter().filter(|node| node.key_seed.is_some());
        let validators = validators
            .map(|node| node.id)
            .filter(|id| !self.is_byzantine(*id) && !self.liars.contains(id));
        let (lost, mut validators): (Vec<NodeId>, Vec<NodeId>) =
            validators.partition(|id| !self.is_sound(*id));
        self.random.shuffle(&mut validators);
        let mut chosen = BTreeSet::new();
        for id in validators {
            if self.oracles.is_quorum(&self.keys_of(chosen.iter().copied())) {
                break;
            }
            chosen.insert(id);
        }
        let full = self.nodes.iter().filter(|node| node.key_seed.is_none());
        chosen.extend(full.map(|node| node.id));
        chosen.extend(&lost);
        (chosen, u64::try_from(lost.len()).unwrap_or(u64::MAX))
    }

    /// The keys of those that are validators.
    pub(crate) fn keys_of(&self, nodes: impl Iterator<Item = NodeId>) -> Vec<ValidatorPublicKey> {
        let seeds = nodes.filter_map(|id| self.node(id).key_seed);
        seeds.map(|seed| ValidatorSecretKey::from_seed(seed).public()).collect()
    }

    /// Whether every node that has to has reported a height final.
    fn all_final(&self, height: Height) -> bool {
        let mut due: Vec<&Node> = self.nodes.iter().collect();
        due.retain(|node| !self.kept_down.contains(&node.id) && !self.is_byzantine(node.id));
        let mut reported = due.into_iter().map(|node| self.finalized(node.id));
        reported.all(|reported| reported.is_some_and(|reported| reported >= height))
    }
}
