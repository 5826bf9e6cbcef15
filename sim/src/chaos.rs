//! Faults that strike: partitions, crashes, power losses, pauses, signers that fail. Clocks are in
//! `clock.rs`, disks in `trouble.rs`. What is lost, late or doubled on links is in the plan.

use std::collections::BTreeSet;

use crate::event::{Event, NodeId};
use crate::faults::Fault;
use crate::plan::{MS, SECOND, Span};
use crate::world::World;

/// How long a partition lasts, in microseconds.
const PARTITION: Span = Span::new(100 * MS, 8 * SECOND);
/// How long a process stands still, in microseconds.
const PAUSE: Span = Span::new(10 * MS, 5 * SECOND);
/// How long a signer fails, in microseconds.
const SIGNER: Span = Span::new(10 * MS, 5 * SECOND);

impl World {
    /// A fault strikes, and the next of its kind is due later.
    pub(crate) fn strike(&mut self, fault: Fault) {
        if !self.faulty {
            return;
        }
        match fault {
            Fault::Delay | Fault::Loss | Fault::Duplication | Fault::Slow => return,
            Fault::Clock | Fault::ClockDrift | Fault::Mesh => return,
            Fault::UnequalLinks | Fault::Wan | Fault::Bandwidth => return,
            Fault::ClockJump => self.jump_clocks(),
            Fault::Partition => self.partition(),
            Fault::Crash => {
                let running = self.running();
                if let Some(id) = self.random.pick(&running) {
                    self.crash_for_a_while(id);
                }
            }
            Fault::PowerLoss => {
                for id in self.running() {
                    self.crash_for_a_while(id);
                }
                self.kill_some_signers();
            }
            Fault::Signer => self.stop_signer(),
            Fault::Pause => self.pause(),
            Fault::Records => self.lose_some_record(),
            Fault::FailedSync => self.fail_a_sync(),
            Fault::FullDisk => self.fill_a_disk(),
            Fault::BitRot => self.let_rot(),
            Fault::LyingSync => self.lie_or_lose_power(),
        }
        let calm_us = self.plan.calm.draw(&mut self.random);
        self.after(calm_us, Event::Strike { fault });
    }

    /// Cuts the nodes in two, or single directions between them.
    fn partition(&mut self) {
        self.counts.partitions += 1;
        let nodes = self.nodes();
        let mut cut = BTreeSet::new();
        if self.random.chance(700) {
            let side: BTreeSet<NodeId> =
                nodes.iter().copied().filter(|_| self.random.chance(500)).collect();
            let crosses = |a: &NodeId, b: &NodeId| side.contains(a) != side.contains(b);
            for a in &nodes {
                cut.extend(nodes.iter().filter(|b| crosses(a, b)).map(|b| (*a, *b)));
            }
        } else {
            for a in &nodes {
                let some = nodes.iter().filter(|b| *b != a);
                cut.extend(some.filter(|_| self.random.chance(200)).map(|b| (*a, *b)));
            }
        }
        let hangs_up = self.random.chance(500);
        let number = self.cut(cut, hangs_up);
        let lasts_us = PARTITION.draw(&mut self.random);
        self.after(lasts_us, Event::PartitionEnds { number });
    }

    /// Cuts directions, until [`World::rejoin`]; with `hangs_up`, connections cut both ways break.
    pub fn cut(&mut self, cut: BTreeSet<(NodeId, NodeId)>, hangs_up: bool) -> u64 {
        if hangs_up {
            for (a, b) in &cut {
                if a < b && cut.contains(&(*b, *a)) {
                    self.hang_up(*a, *b);
                }
            }
        }
        self.network.cut(cut)
    }

    pub(crate) fn end_partition(&mut self, number: u64) {
        for (a, b) in self.network.mend(number) {
            if a < b {
                self.dial(a, b);
            }
        }
    }

    fn stop_signer(&mut self) {
        let nodes = self.nodes();
        let Some(id) = self.random.pick(&nodes) else { return };
        if self.has_own_signer(id) {
            return self.trouble_signer(id);
        }
        self.node_mut(id).signer_fails = true;
        let lasts_us = SIGNER.draw(&mut self.random);
        self.after(lasts_us, Event::SignerBack { node: id });
    }

    fn pause(&mut self) {
        let running = self.running();
        let Some(id) = self.random.pick(&running) else { return };
        let node = self.node_mut(id);
        let boot = node.boot;
        if let Some(process) = &mut node.process {
            process.paused = true;
        }
        let lasts_us = PAUSE.draw(&mut self.random);
        self.after(lasts_us, Event::Resume { node: id, boot });
    }

    /// Cuts a node off from all others, until [`World::rejoin`].
    pub fn isolate(&mut self, id: NodeId) -> u64 {
        let others: Vec<NodeId> = self.nodes().into_iter().filter(|other| *other != id).collect();
        let cut = others.iter().flat_map(|other| [(id, *other), (*other, id)]).collect();
        self.cut(cut, true)
    }

    /// From now on every link of a node passes so many Mbit/s, in each direction.
    pub fn narrow(&mut self, id: NodeId, mbit_per_s: u64) {
        self.links.narrow(id, mbit_per_s, self.plan.links.delay);
    }

    /// From now on every way to and from a node takes so long, in microseconds.
    pub fn move_away(&mut self, id: NodeId, delay_us: u64) {
        self.links.stretch(id, delay_us, self.plan.links.delay);
    }

    /// Ends what [`World::isolate`] or [`World::cut`] began.
    pub fn rejoin(&mut self, number: u64) {
        self.end_partition(number);
    }
}
