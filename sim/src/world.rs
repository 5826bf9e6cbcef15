//! The world of a run: nodes, network, clients, time. One event after the other; everything that
//! happens is a function of options and seed.

use std::collections::BTreeSet;

use quorate_crypto::Hash;
use quorate_replica::{Input, SyncState, Timeouts};
use quorate_types::{Height, Step};

use crate::byzantine::Adversary;
use crate::churn;
use crate::clock::{Clock, DRIFT, TRUE_RATE};
use crate::disk::Disk;
use crate::event::{Event, NodeId, Schedule};
use crate::faults::{Fault, FaultPlace};
use crate::journal::Journal;
use crate::links::{LINKS, Links};
use crate::network::Network;
use crate::node::Node;
use crate::options::Options;
use crate::oracles::{Oracles, Place, Violation};
use crate::plan::{MS, Plan, SECOND};
use crate::post::Post;
use crate::random::Random;
use crate::report::Counts;
use crate::setup::{Setup, Terms};
use crate::sign_file::SignFile;
use crate::signers::Signers;
use crate::store::MemoryStore;
use crate::trace::Trace;
use crate::trouble::Trouble;
use crate::workload::Clients;

/// Keeps the draws for disks apart from the others.
const DISKS: u64 = 0x6469_736b_735f_6661;

/// What a run breaks on purpose, to see an oracle fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sabotage {
    /// The first validator signs another block beside each that it prepares.
    SignTwice,
    /// Disks lose what was synced.
    LoseStore,
    /// Sign-state is not written.
    LoseRecord,
    /// A failed write is taken for a done one.
    SendUnsynced,
    /// A damaged sign-state is taken for one that never signed.
    StartFresh,
}

/// The world of a run. Scenarios drive it step by step; [`crate::run`] runs a whole seed.
#[derive(Debug)]
pub struct World {
    pub(crate) seed: u64,
    pub(crate) options: Options,
    pub(crate) plan: Plan,
    pub(crate) setup: Setup,
    pub(crate) genesis_store: MemoryStore,
    pub(crate) random: Random,
    /// Draws what disks do, apart from all else.
    pub(crate) disk_random: Random,
    pub(crate) now_us: u64,
    pub(crate) schedule: Schedule,
    pub(crate) nodes: Vec<Node>,
    pub(crate) network: Network,
    pub(crate) links: Links,
    pub(crate) post: Post,
    pub(crate) clients: Clients,
    pub(crate) oracles: Oracles,
    pub(crate) adversary: Adversary,
    /// Signers in processes of their own.
    pub(crate) signers: Signers,
    pub(crate) trace: Trace,
    pub(crate) journal: Journal,
    pub(crate) counts: Counts,
    /// The plan at the start, in words.
    pub(crate) account: String,
    pub(crate) sabotage: Option<Sabotage>,
    /// Whether faults still strike.
    pub(crate) faulty: bool,
    /// Whether nodes pass gossip on.
    pub(crate) passes_on: bool,
    /// The links of a mesh; none where all nodes connect with all.
    pub(crate) mesh: Option<BTreeSet<(NodeId, NodeId)>>,
    /// Nodes that nobody starts again.
    pub(crate) kept_down: BTreeSet<NodeId>,
    /// Validators whose disks lie. They count as Byzantine.
    pub(crate) liars: BTreeSet<NodeId>,
}

impl World {
    /// A world before its first event; every node is about to start.
    #[must_use]
    pub fn new(options: &Options, seed: u64) -> World {
        World::with(options, &Terms::default(), seed)
    }

    /// The same on a chain of these terms.
    #[must_use]
    pub fn with(options: &Options, terms: &Terms, seed: u64) -> World {
        quorate_crypto::remember_verdicts();
        let mut random = Random::of_seed(seed);
        let mut disk_random = Random::apart(seed, DISKS);
        let mut link_random = Random::apart(seed, LINKS);
        let mut plan = Plan::draw(options, &mut random, &mut disk_random, &mut link_random);
        plan.draw_stake(options, &mut Random::apart(seed, churn::SALT));
        let links = Links::draw(&plan, link_random);
        let setup = Setup::draw(&plan, terms, &mut random);
        plan.epoch_length = setup.genesis.document().params.epoch_length;
        let mut genesis_store = MemoryStore::default();
        genesis_store.init_genesis(&setup.initial.changes, &setup.initial.tip);
        let mut oracles = Oracles::new(&setup);
        let adversary = Adversary::draw(options, &setup, &oracles, seed);
        oracles.distrust(adversary.nodes());
        let account = match adversary.account() {
            None => format!("{plan}{links}"),
            Some(members) => format!("{plan}{links}; Byzantine: {members}"),
        };
        let mut world = World {
            seed,
            options: options.clone(),
            account,
            oracles,
            adversary,
            signers: Signers::new(seed),
            clients: Clients::new(&setup),
            nodes: Vec::new(),
            network: Network::default(),
            links,
            post: Post::default(),
            now_us: 0,
            schedule: Schedule::default(),
            trace: Trace::default(),
            journal: Journal::default(),
            counts: Counts::default(),
            sabotage: None,
            faulty: true,
            passes_on: false,
            mesh: None,
            kept_down: BTreeSet::new(),
            liars: BTreeSet::new(),
            plan,
            setup,
            genesis_store,
            random,
            disk_random,
        };
        world.populate();
        world.draw_signers();
        world
    }

    fn populate(&mut self) {
        let count = self.plan.validators.saturating_add(self.plan.full_nodes);
        let drifts = self.plan.faults.contains(Fault::ClockDrift);
        for id in (0..count).map(NodeId) {
            let rate = if drifts { DRIFT.draw(&mut self.random) } else { TRUE_RATE };
            self.nodes.push(Node {
                id,
                key_seed: self.setup.validator_seeds.get(id.position()).copied(),
                disk: Disk::new(self.genesis_store.clone()),
                record: quorate_types::SignRecord::default(),
                sign_file: self.setup.log_owner(id).map(SignFile::new),
                has_lost_record: false,
                trouble: Trouble::default(),
                judged_valid: BTreeSet::new(),
                boot: 0,
                clock: Clock::new(self.random.between(0, self.plan.clock_ms), rate),
                signer_fails: false,
                process: None,
            });
            let start_us = self.random.between(0, 50 * MS);
            self.schedule.at(start_us, Event::Start { node: id });
        }
        if self.plan.faults.contains(Fault::Mesh) {
            self.draw_mesh();
        }
        let strikes = |fault: &Fault| fault.place() != FaultPlace::Links;
        for fault in self.plan.faults.clone().iter().filter(strikes) {
            let first_us = self.plan.calm.draw(&mut self.random);
            self.schedule.at(first_us, Event::Strike { fault });
        }
        self.schedule_ticks();
        if self.options.workload {
            self.schedule.at(100 * MS, Event::Submit);
        }
    }

    /// Breaks something on purpose.
    pub fn sabotage(&mut self, sabotage: Sabotage) {
        self.sabotage = Some(sabotage);
    }

    /// Keeps a readable account from now on, see [`World::journal`].
    pub fn keep_journal(&mut self) {
        self.journal.switch_on();
    }

    /// The newest lines of the readable account.
    pub fn journal(&self) -> impl Iterator<Item = &str> {
        self.journal.lines()
    }

    /// Virtual time, in microseconds.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Every node, validators first.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        self.nodes.iter().map(|node| node.id).collect()
    }

    /// The highest height that a running node has decided; none when it is down.
    #[must_use]
    pub fn decided(&self, id: NodeId) -> Option<Height> {
        let process = self.nodes.get(id.position())?.process.as_ref()?;
        Some(process.replica.status().decided)
    }

    /// The highest height that a running node has reported final; none when it is down.
    #[must_use]
    pub fn finalized(&self, id: NodeId) -> Option<Height> {
        let process = self.nodes.get(id.position())?.process.as_ref()?;
        Some(process.replica.status().final_height)
    }

    /// The view that a running node is in; none when it is down.
    #[must_use]
    pub fn view(&self, id: NodeId) -> Option<u64> {
        let process = self.nodes.get(id.position())?.process.as_ref()?;
        Some(process.replica.status().view.0)
    }

    /// Whether a running node says that it keeps up; none when it is down.
    #[must_use]
    pub fn is_in_sync(&self, id: NodeId) -> Option<bool> {
        let process = self.nodes.get(id.position())?.process.as_ref()?;
        Some(process.replica.status().sync == SyncState::InSync)
    }

    /// How much a running node's core remembers, as the length of its account of itself; none when
    /// it is down.
    #[must_use]
    pub fn footprint(&self, id: NodeId) -> Option<usize> {
        let process = self.nodes.get(id.position())?.process.as_ref()?;
        Some(format!("{:?}", process.replica).len())
    }

    /// The height of the last statement that a node's key signed.
    #[must_use]
    pub fn last_signed(&self, id: NodeId) -> Option<Height> {
        self.nodes.get(id.position())?.record.guard.map(|guard| guard.height)
    }

    /// The step of that statement.
    #[must_use]
    pub fn last_step(&self, id: NodeId) -> Option<Step> {
        self.nodes.get(id.position())?.record.guard.map(|guard| guard.step)
    }

    /// Heights in an epoch.
    #[must_use]
    pub fn epoch_length(&self) -> u64 {
        self.plan.epoch_length
    }

    /// The first thing that an oracle found.
    #[must_use]
    pub fn violation(&self) -> Option<&Violation> {
        self.oracles.violation()
    }

    /// The hash over every event so far.
    pub fn trace_hash(&mut self) -> Hash {
        self.trace.finish()
    }

    /// Runs for a while of virtual time, in microseconds. Stops early at a violation.
    pub fn run_for(&mut self, time_us: u64) {
        let until_us = self.now_us.saturating_add(time_us);
        self.run_until(until_us, |_| false);
    }

    /// Runs until `done`, at most to `limit_us` of virtual time or a violation. Says whether it is
    /// done.
    pub fn run_until(&mut self, limit_us: u64, done: impl Fn(&World) -> bool) -> bool {
        while self.violation().is_none() {
            if done(self) {
                return true;
            }
            let Some((time_us, event)) = self.schedule.next(limit_us) else {
                self.now_us = limit_us.max(self.now_us);
                self.oracles.on_time(self.now_us);
                return done(self);
            };
            self.now_us = time_us;
            self.oracles.on_time(time_us);
            self.handle(event);
        }
        false
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Gossip { from, to, id, parcel } => self.deliver_gossip((from, to), id, parcel),
            Event::Direct { from, to, connection, parcel } => {
                if self.network.connection(from, to) == Some(connection) {
                    let _ = self.deliver(from, to, parcel);
                }
            }
            Event::Connect { a, b } => self.connect(a, b),
            Event::Disconnected { node, peer } => self.disconnected(node, peer),
            Event::Timer { node, boot, timer, generation } => {
                self.on_timer((node, boot), timer, generation);
            }
            Event::RecordWritten { node, boot } => self.on_record_written(node, boot),
            Event::Stored { node, boot } => self.on_stored(node, boot),
            Event::JobDone { node, boot } => self.on_job_done(node, boot),
            Event::ReadDone { node, boot, done } => {
                if self.node_mut(node).of_boot(boot).is_some() {
                    self.note_held(node, &done);
                    self.feed(node, Input::Done(*done));
                }
            }
            Event::Start { node } => self.start(node),
            Event::Resume { node, boot } => self.resume(node, boot),
            Event::SignerBack { node } => self.signer_back(node),
            Event::PartitionEnds { number } => self.end_partition(number),
            Event::Strike { fault } => self.strike(fault),
            Event::Submit => self.submit(),
            Event::ByzantineTick { node } => self.on_tick(node),
        }
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        self.nodes.get_mut(id.position()).expect("ids are handed out for existing nodes only")
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id.position()).expect("ids are handed out for existing nodes only")
    }

    pub(crate) fn is_running(&self, id: NodeId) -> bool {
        self.node(id).process.is_some()
    }

    /// The ids of the running nodes.
    pub(crate) fn running(&self) -> Vec<NodeId> {
        let running = self.nodes.iter().filter(|node| node.process.is_some());
        running.map(|node| node.id).collect()
    }

    pub(crate) fn place(&self, node: NodeId) -> Place {
        Place { time_us: self.now_us, node }
    }

    pub(crate) fn after(&mut self, delay_us: u64, event: Event) {
        self.schedule.at(self.now_us.saturating_add(delay_us), event);
    }

    /// How long views may last; the same on all nodes.
    pub(crate) fn timeouts() -> Timeouts {
        Timeouts::default()
    }

    /// Where virtual time ends at the latest, in microseconds, whatever a run does.
    pub(crate) const LONGEST_US: u64 = 24 * 3_600 * SECOND;
}
