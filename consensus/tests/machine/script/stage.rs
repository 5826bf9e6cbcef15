//! The world of a script: nodes with what they have durably, messages on their way, timers that
//! are set, and questions whose answer the script holds back. Nothing moves by itself.

use std::collections::{BTreeMap, BTreeSet};

use quorate_consensus::{HeightStart, Input, Now, TimerId};
use quorate_types::{BlockPayload, Digest, Height, Message, Timestamp, ValidatorIndex, Verified};

use super::words::{Names, letter};
use crate::node::Node;
use crate::oracle::Oracle;
use crate::world::{BlockSpec, EPOCH_MS, IDLE_MS, World, index};

/// Milliseconds between blocks above height 1.
const INTERVAL_MS: u64 = 1_000;

/// What a node asks its replica for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    Build,
    Validate,
    Store,
    Fetch,
    /// The chain database writes a decided height.
    Chain,
}

pub struct Envelope {
    pub from: usize,
    pub to: usize,
    pub message: Verified<Message>,
}

pub struct Stage {
    pub world: World,
    pub nodes: Vec<Node>,
    pub oracle: Oracle,
    pub names: Names,
    pub now_ms: u64,
    /// The primaries of height 1; every height begins one further.
    pub order: Vec<ValidatorIndex>,
    /// Whether work waits, and whether parents have content, at the start of heights.
    pub has_work: bool,
    pub has_content: bool,
    /// Milliseconds between blocks; by default only heights above 1 wait.
    pub interval_ms: Option<u64>,
    pub on_way: Vec<Envelope>,
    pub timers: BTreeMap<(usize, TimerId), u64>,
    pub held: BTreeSet<(usize, Question)>,
    pub unanswered: Vec<(usize, Question, Input)>,
    /// The side of each node; messages between sides are lost.
    pub side: BTreeMap<usize, usize>,
    /// Milliseconds by which wall clocks are ahead.
    pub skew_ms: BTreeMap<usize, i64>,
    /// Every block that was made.
    pub blocks: BTreeMap<Digest, BlockPayload>,
    trace: Vec<String>,
    /// What the next event of the trace follows from.
    cause: Option<String>,
    salt: u64,
}

impl Stage {
    /// Nodes that are off; those beyond the validators are full nodes.
    pub fn new(powers: &[u64], full: usize) -> Stage {
        let n = powers.len();
        let number = |i: usize| (i < n).then(|| u8::try_from(i).unwrap());
        Stage {
            world: World::with_powers(powers),
            nodes: (0..n + full).map(|i| Node::new(number(i))).collect(),
            oracle: Oracle::default(),
            names: Names::default(),
            now_ms: 0,
            order: (0..n).map(index).collect(),
            has_work: true,
            has_content: false,
            interval_ms: None,
            on_way: Vec::new(),
            timers: BTreeMap::new(),
            held: BTreeSet::new(),
            unanswered: Vec::new(),
            side: BTreeMap::new(),
            skew_ms: BTreeMap::new(),
            blocks: BTreeMap::new(),
            trace: Vec::new(),
            cause: None,
            salt: 0,
        }
    }

    /// A line of its own.
    pub fn note(&mut self, line: String) {
        self.cause = None;
        self.trace.push(line);
    }

    /// What the next events follow from; it is told with the first of them.
    pub fn because(&mut self, cause: String) {
        self.cause = Some(cause);
    }

    /// Something that a node does.
    pub fn say(&mut self, what: &str) {
        self.trace.extend(self.cause.take());
        self.trace.push(format!("  {what}"));
    }

    /// Tells a cause from which nothing followed.
    pub fn say_if_nothing(&mut self) {
        if self.cause.is_some() {
            self.say("nothing follows");
        }
    }

    pub fn take_trace(&mut self) -> Vec<String> {
        self.cause = None;
        std::mem::take(&mut self.trace)
    }

    pub fn now(&self, i: usize) -> Now {
        let skew = self.skew_ms.get(&i).copied().unwrap_or(0);
        let wall = (EPOCH_MS + self.now_ms).checked_add_signed(skew).unwrap();
        Now { monotonic_ms: self.now_ms, wall: Timestamp(wall) }
    }

    /// The start of the height above the highest that a node has decided.
    pub fn start_of(&self, i: usize) -> HeightStart {
        let below = self.nodes[i].decided.last_key_value();
        let (height, parent) = match below {
            None => (Height(1), self.world.genesis()),
            Some((height, (digest, _))) => (height.next(), *digest),
        };
        let time = self.nodes[i].body(parent).map_or(Timestamp(EPOCH_MS), |p| p.header().time);
        self.start_on(height, parent, time)
    }

    pub fn start_on(&self, height: Height, parent: Digest, time: Timestamp) -> HeightStart {
        let mut start = self.world.start(height, parent, time);
        let turn = usize::try_from(height.0 - 1).unwrap() % self.order.len();
        let mut order = self.order.clone();
        order.rotate_left(turn);
        start.primaries = order.into();
        start.work_waiting = self.has_work;
        start.parent_has_content = self.has_content && height > Height(1);
        let usual = if height == Height(1) { 0 } else { INTERVAL_MS };
        start.min_interval_ms = self.interval_ms.unwrap_or(usual);
        start.idle_interval_ms = IDLE_MS;
        start
    }

    /// A block as a node builds it now, named after it.
    pub fn build(&mut self, i: usize) -> BlockPayload {
        let start = self.start_of(i);
        let time = self.now(i).wall.max(start.parent_time.plus(1));
        let fullest = self.nodes[i].consensus.last_commit().map(|c| c.value().clone());
        let stored = self.nodes[i].decided.last_key_value().map(|(_, (_, c))| c.clone());
        let payload = self.block(&start, i, time, fullest.or(stored));
        let name = self.names.next(i);
        self.names.name(payload.header().digest(), name);
        payload
    }

    /// A block like no other.
    pub fn block(
        &mut self,
        start: &HeightStart,
        proposer: usize,
        time: Timestamp,
        last_commit: Option<quorate_types::Certificate>,
    ) -> BlockPayload {
        self.salt += 1;
        let spec = BlockSpec { proposer, time, salt: self.salt };
        let payload = self.world.block(start, spec, last_commit);
        self.blocks.insert(payload.header().digest(), payload.clone());
        payload
    }

    /// Whether messages of one node reach another.
    pub fn reaches(&self, from: usize, to: usize) -> bool {
        from != to && self.side.get(&from) == self.side.get(&to)
    }

    /// Puts a message on its way to every other node.
    pub fn broadcast(&mut self, from: usize, message: Message) {
        let verified = self.world.verified(message);
        for to in 0..self.nodes.len() {
            if self.reaches(from, to) {
                self.on_way.push(Envelope { from, to, message: verified.clone() });
            }
        }
    }

    /// The whole block from memory, the store, or a peer that is up and reached.
    pub fn find_block(&self, i: usize, digest: Digest) -> Option<BlockPayload> {
        let near = |other: usize| other == i || (self.nodes[other].is_up && self.reaches(other, i));
        let holders = (0..self.nodes.len()).filter(|other| near(*other));
        holders.filter_map(|other| self.nodes[other].body(digest).cloned()).next()
    }

    /// A block that somebody made, whoever holds it now.
    pub fn find(&self, digest: Digest) -> BlockPayload {
        let made = self.blocks.get(&digest);
        made.unwrap_or_else(|| panic!("no such block: {}", self.names.of(digest))).clone()
    }

    /// Where a node stands.
    pub fn describe(&self, i: usize) -> String {
        let node = &self.nodes[i];
        let decided: Vec<String> = node
            .decided
            .values()
            .map(|(digest, certificate)| {
                format!("{} in {}", self.names.of(*digest), certificate.view.0)
            })
            .collect();
        let decided = if decided.is_empty() { "nothing".to_owned() } else { decided.join(", ") };
        let place = match node.consensus.progress().filter(|_| node.is_up) {
            None => "off".to_owned(),
            Some(progress) => {
                let prepared = progress.prepared.map_or("none".to_owned(), |v| v.0.to_string());
                format!("at {}/{}, prepared {prepared}", progress.height.0, progress.view.0)
            }
        };
        format!("{} is {place}, has decided {decided}", letter(i))
    }
}
