//! Processes starting, dying and connecting.

use quorate_crypto::ValidatorSecretKey;
use quorate_replica::{Config, Input, KeySigner, Limits, PeerId, Replica, SignerGuard, Verifier};
use quorate_types::KnownEpochs;

use crate::event::{Event, NodeId};
use crate::host::count;
use crate::node::Process;
use crate::plan::{MS, SECOND, Span};
use crate::world::{Sabotage, World};

/// How long a node is down after a crash, in microseconds.
const DOWN: Span = Span::new(20 * MS, 6 * SECOND);
/// When a connection is tried after it could be made.
const DIAL: Span = Span::new(MS, SECOND);
/// When the other end notices that a process is gone: at once, or after a time-out.
const NOTICE: [Span; 2] = [Span::new(0, 5 * MS), Span::new(SECOND, 5 * SECOND)];

impl World {
    /// Starts a node's process from what is stored. Nothing happens if it runs.
    pub fn start(&mut self, id: NodeId) {
        if self.is_running(id) || self.kept_down.contains(&id) {
            return;
        }
        let Some(guard) = self.signer_guard(id) else { return self.wait_for_signer(id) };
        self.note(id, "start", &[]);
        let place = self.place(id);
        if let Some(node) = self.nodes.get(id.position()) {
            self.oracles.on_start(place, node.disk.visible());
        }
        let origin_ms = self.random.below(1_000_000);
        let now_us = self.now_us;
        let context = self.setup.context.clone();
        let node = self.node_mut(id);
        node.boot += 1;
        node.clock.boot(now_us, origin_ms);
        let now = node.clock.now(now_us);
        self.open_sign_file(id);
        let (config, past) = (self.config(id, guard), self.past(id));
        let node = self.node_mut(id);
        let opened = Replica::open(now, config, past, node.disk.visible());
        let (replica, application, step) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.refuse_damage(id, "start", error.to_string()),
        };
        let verifier = Verifier::new(context, KnownEpochs::new(application.epochs()));
        let signer = node.key_seed.map(|seed| KeySigner::new(ValidatorSecretKey::from_seed(seed)));
        node.process = Some(Process::new(replica, application, verifier, signer));
        self.perform(id, step);
        self.pump(id);
        for other in self.nodes() {
            if other != id {
                self.dial(id, other);
            }
        }
    }

    fn config(&self, id: NodeId, guard: SignerGuard) -> Config {
        let seed = self.node(id).key_seed;
        Config {
            context: self.setup.context.clone(),
            genesis_time: self.setup.genesis.document().time,
            key: seed.map(|seed| ValidatorSecretKey::from_seed(seed).public()),
            guard,
            timeouts: World::timeouts(),
            mempool: Limits::default(),
            rejoin_value: self.rejoin_value(id),
        }
    }

    /// Kills a process: what was not durable is lost, in part or whole.
    pub fn kill(&mut self, id: NodeId) {
        let Some(process) = self.node_mut(id).process.take() else { return };
        self.note(id, "kill", &[]);
        self.counts.crashes += 1;
        let mut under_way = process.voting;
        if let Some(voting) = under_way.take_if(|_| self.random.chance(500)) {
            // The write of the record was done, and its messages had not left.
            self.write_record(id, &voting);
            self.counts.unsent_votes += u64::from(!voting.messages.is_empty());
        }
        self.crash_sign_file(id, under_way.as_ref());
        let World { nodes, random, .. } = self;
        match nodes.get_mut(id.position()).map(|node| node.disk.crash(random)) {
            Some(Ok(lost)) => self.counts.lost_writes += count(lost),
            Some(Err(error)) => self.violated(id, "store", error.to_string()),
            None => {}
        }
        if self.sabotage == Some(Sabotage::LoseStore) {
            let genesis = self.genesis_store.clone();
            self.node_mut(id).disk.lose_all(&genesis);
        }
        for other in self.nodes() {
            self.hang_up(id, other);
        }
    }

    /// Kills a process that will be started again.
    pub(crate) fn crash_for_a_while(&mut self, id: NodeId) {
        self.kill(id);
        self.start_later(id);
    }

    /// A process that was killed is started again after a while.
    pub(crate) fn start_later(&mut self, id: NodeId) {
        let down_us = DOWN.draw(&mut self.random);
        self.after(down_us, Event::Start { node: id });
    }

    pub(crate) fn resume(&mut self, id: NodeId, boot: u64) {
        if let Some(process) = self.node_mut(id).of_boot(boot) {
            process.paused = false;
            self.thaw(id);
            let Some(process) = self.node_mut(id).of_boot(boot) else { return };
            let was_written = std::mem::take(&mut process.written);
            self.note(id, "resume", &[]);
            if was_written {
                self.on_record_written(id, boot);
            }
            self.pump(id);
        }
    }

    /// Two nodes try to connect before long.
    pub(crate) fn dial(&mut self, a: NodeId, b: NodeId) {
        let delay_us = DIAL.draw(&mut self.random);
        self.after(delay_us, Event::Connect { a, b });
    }

    pub(crate) fn connect(&mut self, a: NodeId, b: NodeId) {
        let running = self.is_running(a) && self.is_running(b);
        if !running || !self.are_linked(a, b) || self.network.connection(a, b).is_some() {
            return;
        }
        if self.network.is_cut(a, b) || self.network.is_cut(b, a) {
            return self.dial(a, b);
        }
        self.network.connect(a, b);
        for (id, other) in [(a, b), (b, a)] {
            let peer = PeerId(u64::from(other.0));
            let Some(process) = &mut self.node_mut(id).process else { continue };
            // What was asked on an earlier connection is not answered on this one.
            process.serving.retain(|_, (asker, _)| *asker != other);
            let is_stale = !process.peers.insert(other);
            if is_stale {
                self.feed(id, Input::PeerDisconnected(peer));
            }
            self.note(id, "connect", &other.0.to_be_bytes());
            self.feed(id, Input::PeerConnected(peer));
        }
    }

    /// Breaks the connection of two nodes; each notices in its time.
    pub(crate) fn hang_up(&mut self, a: NodeId, b: NodeId) {
        if self.network.disconnect(a, b).is_none() {
            return;
        }
        for (node, peer) in [(a, b), (b, a)] {
            let notice = self.random.pick(&NOTICE).unwrap_or(DIAL);
            let delay_us = notice.draw(&mut self.random);
            self.after(delay_us, Event::Disconnected { node, peer });
        }
    }

    /// A node notices that a connection is gone, unless there is a new one by now.
    pub(crate) fn disconnected(&mut self, id: NodeId, other: NodeId) {
        if self.network.connection(id, other).is_some() {
            return;
        }
        let Some(process) = &mut self.node_mut(id).process else { return };
        if process.peers.remove(&other) {
            self.note(id, "disconnect", &other.0.to_be_bytes());
            self.feed(id, Input::PeerDisconnected(PeerId(u64::from(other.0))));
        }
    }
}
