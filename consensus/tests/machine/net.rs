//! A network on virtual time. Messages, answers of the application and of the store, and timers are
//! events in one queue; a script says which links work and when nodes lose power.

use std::collections::{BTreeMap, BTreeSet};

use quorate_consensus::{Action, Consensus, Input, Now, Offence, Step, Timeouts, TimerKind, judge};
use quorate_types::{Certificate, Digest, Height, Message, Timestamp, Verified};

use crate::node::{CrashPoint, Node};
use crate::oracle::Oracle;
use crate::world::{EPOCH_MS, INTERVAL_MS, World};

/// Decides whether a message gets through: sender, receiver, message.
pub type Filter = Box<dyn FnMut(usize, usize, &Message) -> bool>;
/// Milliseconds that a message takes: sender, receiver.
pub type Delay = Box<dyn FnMut(usize, usize) -> u64>;

#[derive(Clone)]
pub enum Event {
    Deliver { from: usize, message: Verified<Message> },
    Input { life: u64, input: Input },
    BlockDurable { life: u64, digest: Digest },
    ChainDurable { life: u64, height: Height },
}

pub struct Net {
    pub world: World,
    pub nodes: Vec<Node>,
    pub oracle: Oracle,
    pub now_ms: u64,
    pub filter: Filter,
    pub delay: Delay,
    /// Milliseconds that the application and the store take.
    pub work_ms: u64,
    /// Whether work waits at the start of each height.
    pub has_work: bool,
    /// Nodes whose messages no oracle judges.
    pub byzantine: Vec<usize>,
    pub timeouts: Timeouts,
    /// Milliseconds between blocks while there is work.
    pub interval_ms: u64,
    /// Milliseconds by which each node's wall clock is ahead.
    pub skew_ms: BTreeMap<usize, i64>,
    events: BTreeMap<(u64, u64), (usize, Event)>,
    timers: BTreeMap<(u64, u64), (usize, u64, quorate_consensus::TimerId)>,
    sequence: u64,
    /// Makes every block another.
    pub salt: u64,
    /// More power than the model allows is Byzantine: forks are collected, not refused.
    pub may_fork: bool,
    /// Two certificates of one height for different blocks.
    pub forks: Vec<(Certificate, Certificate)>,
    /// What nodes have found out about others.
    pub offences: BTreeSet<Offence>,
}

impl Net {
    /// All validators up, at height 1, with 2 ms between any two.
    pub fn new(world: World) -> Net {
        let n = world.set.len();
        let mut net = Net::off(world, n);
        (0..n).for_each(|i| net.power_on(i));
        net
    }

    /// `total` nodes, all off; those beyond the validators are full nodes.
    pub fn off(world: World, total: usize) -> Net {
        let n = world.set.len();
        let number = |i: usize| (i < n).then(|| u8::try_from(i).unwrap());
        Net {
            nodes: (0..total).map(|i| Node::new(number(i))).collect(),
            world,
            oracle: Oracle::default(),
            now_ms: 0,
            filter: Box::new(|_, _, _| true),
            delay: Box::new(|_, _| 2),
            work_ms: 1,
            has_work: true,
            byzantine: Vec::new(),
            timeouts: Timeouts::default(),
            interval_ms: INTERVAL_MS,
            skew_ms: BTreeMap::new(),
            events: BTreeMap::new(),
            timers: BTreeMap::new(),
            sequence: 0,
            salt: 0,
            may_fork: false,
            forks: Vec::new(),
            offences: BTreeSet::new(),
        }
    }

    /// Starts a node from what it has durably.
    pub fn power_on(&mut self, i: usize) {
        let node = &mut self.nodes[i];
        assert!(!node.is_up);
        node.is_up = true;
        node.decided = node.chain.clone();
        let me = node.key.map(|number| crate::world::key(number).public());
        let parent = node.record.parent_certificate.clone();
        node.is_heedless |= self.byzantine.contains(&i);
        node.consensus = Consensus::recover(me, self.timeouts, node.past());
        if let Some(guard) = &node.signer.guard {
            node.consensus = node.consensus.clone().guarded_by_signer(guard.last);
        }
        let tip = node.tip();
        self.feed(i, Input::CertificateStored(tip));
        self.start_next(i);
        if let Some(certificate) = parent.filter(|certificate| certificate.height > tip) {
            let message = self.world.verified(Message::Certificate(certificate));
            self.feed(i, Input::Message(message));
        }
    }

    /// A node loses power with everything that is not durable.
    pub fn power_off(&mut self, i: usize) {
        let node = &mut self.nodes[i];
        node.is_up = false;
        node.life += 1;
        node.bodies.clear();
        node.decided.clear();
        self.timers.retain(|_, (owner, _, _)| *owner != i);
    }

    pub fn now(&self, i: usize) -> Now {
        let skew = self.skew_ms.get(&i).copied().unwrap_or(0);
        let wall = (EPOCH_MS + self.now_ms).checked_add_signed(skew).unwrap();
        Now { monotonic_ms: self.now_ms, wall: Timestamp(wall) }
    }

    /// Feeds one input and everything that follows at once.
    pub fn feed(&mut self, i: usize, input: Input) {
        let now = self.now(i);
        let step = self.nodes[i].consensus.step(now, input);
        self.perform(i, step);
    }

    fn perform(&mut self, i: usize, step: Step) {
        for action in step.now {
            if !self.nodes[i].is_up {
                return;
            }
            self.act(i, action);
        }
        let Some(vote) = step.vote else { return };
        let (completed, crash) = self.nodes[i].complete(vote);
        if crash == Some(CrashPoint::Write) {
            return self.power_off(i);
        }
        self.nodes[i].record = completed.record;
        self.nodes[i].has_lost_records = false;
        if crash == Some(CrashPoint::Send) {
            return self.power_off(i);
        }
        for message in completed.messages {
            if !self.byzantine.contains(&i) {
                self.oracle.on_sent(message.signed().unwrap());
            }
            self.broadcast(i, message);
        }
        if crash == Some(CrashPoint::Answer) {
            return self.power_off(i);
        }
        for answer in completed.answers {
            self.feed(i, answer);
        }
    }

    fn act(&mut self, i: usize, action: Action) {
        match action {
            Action::SetTimer { timer, after_ms } => self.set_timer(i, timer, after_ms),
            Action::Build { height, view } => {
                let payload = self.build(i, height);
                self.nodes[i].bodies.insert(payload.header().digest(), payload.clone());
                self.answer(i, Input::Built { height, view, payload });
            }
            Action::Validate { digest, payload } => {
                self.nodes[i].bodies.insert(digest, payload);
                let valid = !self.nodes[i].refuses.contains(&digest);
                self.answer(i, Input::Validated { digest, valid });
            }
            Action::StoreBlock(digest) => {
                let life = self.nodes[i].life;
                self.schedule(i, self.work_ms, Event::BlockDurable { life, digest });
            }
            Action::Fetch { digest, .. } => self.fetch(i, digest),
            Action::Resend(messages) => {
                for message in messages {
                    self.broadcast(i, message);
                }
            }
            Action::PublishCertificate(certificate) => {
                self.broadcast(i, Message::Certificate(certificate));
            }
            Action::Evidence(evidence) => {
                let World { context, set } = &self.world;
                let offence = judge(&evidence, context, set).expect("evidence convicts");
                let accused = offence.offender().position();
                assert!(
                    self.byzantine.contains(&accused),
                    "{accused} is honest: {evidence:?} (I-9)"
                );
                self.offences.insert(offence);
            }
            Action::Archive(archive) => self.nodes[i].archives.push(*archive),
            Action::Observing { reason } => self.nodes[i].observing.push(reason),
            Action::Fork(fork) => assert!(self.may_fork, "a fork: {fork:?} (I-8)"),
            Action::Decided(certificate) => self.decide(i, &certificate),
            Action::Behind(height) => {
                self.nodes[i].behind = height;
                self.catch_up(i);
            }
        }
    }

    pub fn set_timer(&mut self, i: usize, timer: quorate_consensus::TimerId, after_ms: u64) {
        self.timers.retain(|_, (owner, _, id)| (*owner, *id) != (i, timer));
        let key = (self.now_ms + after_ms, self.next());
        self.timers.insert(key, (i, self.nodes[i].life, timer));
    }

    pub fn answer(&mut self, i: usize, input: Input) {
        let life = self.nodes[i].life;
        self.schedule(i, self.work_ms, Event::Input { life, input });
    }

    pub fn broadcast(&mut self, from: usize, message: Message) {
        let verified = self.world.verified(message);
        for to in 0..self.nodes.len() {
            self.send(from, to, &verified);
        }
    }

    pub fn send(&mut self, from: usize, to: usize, message: &Verified<Message>) {
        if to != from && (self.filter)(from, to, message.value()) {
            let after = (self.delay)(from, to);
            self.schedule(to, after, Event::Deliver { from, message: message.clone() });
        }
    }

    fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    pub fn schedule(&mut self, i: usize, after_ms: u64, event: Event) {
        let key = (self.now_ms + after_ms, self.next());
        self.events.insert(key, (i, event));
    }

    /// Runs the next event or timer, if one comes before `until_ms`.
    fn turn(&mut self, until_ms: u64) -> bool {
        let event = self.events.keys().next().copied();
        let timer = self.timers.keys().next().copied();
        let Some(first) = event.into_iter().chain(timer).min() else {
            return false;
        };
        if first.0 > until_ms {
            return false;
        }
        self.now_ms = first.0;
        if Some(first) == timer {
            let (i, life, id) = self.timers.remove(&first).unwrap();
            if self.nodes[i].life == life {
                self.fire(i, id);
            }
            return true;
        }
        let (i, event) = self.events.remove(&first).unwrap();
        self.happen(i, event);
        true
    }

    /// With each tick peers that see a node behind send what it lacks.
    fn fire(&mut self, i: usize, timer: quorate_consensus::TimerId) {
        self.feed(i, Input::Timer(timer));
        if timer.kind == TimerKind::Resend && self.nodes[i].is_up {
            self.catch_up(i);
        }
    }

    fn happen(&mut self, i: usize, event: Event) {
        let node = &mut self.nodes[i];
        match event {
            Event::Deliver { from, message } => {
                if node.is_up && from != i {
                    self.feed(i, Input::Message(message));
                }
            }
            Event::Input { life, input } if life == node.life => self.feed(i, input),
            Event::BlockDurable { life, digest } if life == node.life => {
                let payload =
                    node.bodies.get(&digest).or(node.stored.get(&digest)).unwrap().clone();
                node.stored.insert(digest, payload);
                self.feed(i, Input::BlockStored(digest));
            }
            Event::ChainDurable { life, height } if life == node.life => {
                let (digest, certificate) = node.decided[&height].clone();
                let payload = node.body(digest).unwrap().clone();
                node.stored.insert(digest, payload);
                node.chain.insert(height, (digest, certificate));
                self.feed(i, Input::CertificateStored(height));
            }
            Event::Input { .. } | Event::BlockDurable { .. } | Event::ChainDurable { .. } => {}
        }
    }

    /// Runs for so many milliseconds.
    pub fn run_for(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while self.turn(until) {}
        self.now_ms = until;
    }

    /// Runs until the condition holds; fails after `limit_ms`. Returns the milliseconds it took.
    pub fn run_until(&mut self, limit_ms: u64, condition: impl Fn(&Net) -> bool) -> u64 {
        let start = self.now_ms;
        while !condition(self) {
            let more = self.turn(start + limit_ms);
            assert!(more, "not within {limit_ms} ms: {:?}", self.heights());
        }
        self.now_ms - start
    }

    /// Runs until every node that is up has decided `height`.
    pub fn run_to(&mut self, height: u64, limit_ms: u64) -> u64 {
        self.run_until(limit_ms, |net| {
            let up = net.nodes.iter().filter(|node| node.is_up);
            up.into_iter().all(|node| node.decided.contains_key(&Height(height)))
        })
    }

    /// Where every node stands, for messages and assertions.
    pub fn heights(&self) -> Vec<Option<(u64, u64)>> {
        let place = |node: &Node| {
            let progress = node.consensus.progress().filter(|_| node.is_up)?;
            Some((progress.height.0, progress.view.0))
        };
        self.nodes.iter().map(place).collect()
    }

    /// The highest view that any running node is in.
    pub fn highest_view(&self) -> u64 {
        self.heights().into_iter().flatten().map(|(_, view)| view).max().unwrap_or(0)
    }

    /// Lets every link work.
    pub fn heal(&mut self) {
        self.filter = Box::new(|_, _, _| true);
    }
}
