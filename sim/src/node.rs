//! One simulated node: what outlives its process, and the process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quorate_crypto::Hash;
use quorate_replica::{
    Application, Completed, Input, Job, JobDone, KeySigner, Replica, RequestId, Timer, Verifier,
};
use quorate_types::wire::FetchRequest;
use quorate_types::{Digest, SignRecord};

use crate::clock::Clock;
use crate::disk::Disk;
use crate::event::NodeId;
use crate::sign_file::SignFile;
use crate::trouble::Trouble;

/// A node of the run.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    /// The seed of its validator key; none for a full node.
    pub(crate) key_seed: Option<[u8; 32]>,
    pub(crate) disk: Disk,
    /// The latest record that was acknowledged as durable.
    pub(crate) record: SignRecord,
    /// The file that it is in; none for a full node.
    pub(crate) sign_file: Option<SignFile>,
    /// The file is missing or damaged, which is not fresh (S-5).
    pub(crate) has_lost_record: bool,
    /// What is wrong with its disk.
    pub(crate) trouble: Trouble,
    /// Blocks that it has built or judged valid, ever.
    pub(crate) judged_valid: BTreeSet<Digest>,
    /// How often its process was started.
    pub(crate) boot: u64,
    pub(crate) clock: Clock,
    pub(crate) signer_fails: bool,
    /// The running process; none when it is down.
    pub(crate) process: Option<Process>,
}

impl Node {
    /// The process, if it is the one that an event is for.
    pub(crate) fn of_boot(&mut self, boot: u64) -> Option<&mut Process> {
        self.process.as_mut().filter(|_| self.boot == boot)
    }
}

/// A running timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    /// Which of those that were set one after the other.
    pub(crate) generation: u64,
    /// When it fires, in microseconds of the monotonic clock.
    pub(crate) due_us: u64,
}

/// What a crash takes.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) replica: Replica,
    pub(crate) application: Application,
    pub(crate) verifier: Verifier,
    /// Consensus inputs, fed before the others.
    pub(crate) urgent: VecDeque<Input>,
    /// Transactions and queries.
    pub(crate) bulk: VecDeque<Input>,
    /// The vote whose record is being written; nothing is fed meanwhile.
    pub(crate) voting: Option<Completed>,
    /// The record of that vote was written while the process stood still.
    pub(crate) written: bool,
    pub(crate) paused: bool,
    /// None for a full node.
    pub(crate) signer: Option<KeySigner>,
    /// What the application is to do, in order.
    pub(crate) jobs: VecDeque<Job>,
    /// What the running job will have found.
    pub(crate) working: Option<JobDone>,
    pub(crate) timers: BTreeMap<Timer, Running>,
    pub(crate) generations: u64,
    /// When the last write that was asked for will be done, in microseconds.
    pub(crate) store_busy_until_us: u64,
    /// Connected peers.
    pub(crate) peers: BTreeSet<NodeId>,
    /// Own requests without an answer, those among them that were given up: an answer may come late.
    pub(crate) requests: BTreeMap<RequestId, FetchRequest>,
    /// Requests of peers that are being served: who asked under which number.
    pub(crate) serving: BTreeMap<RequestId, (NodeId, RequestId)>,
    pub(crate) served: u64,
    /// Hashes of what was gossiped: gossip sends nothing twice.
    pub(crate) gossiped: BTreeSet<Hash>,
    /// What was published again and has passed here, and when, in microseconds.
    pub(crate) passed: BTreeMap<Hash, u64>,
    /// Whole blocks that this process has had in its hands.
    pub(crate) held: BTreeSet<Digest>,
}

impl Process {
    pub(crate) fn new(
        replica: Replica,
        application: Application,
        verifier: Verifier,
        signer: Option<KeySigner>,
    ) -> Process {
        Process {
            replica,
            application,
            verifier,
            urgent: VecDeque::new(),
            bulk: VecDeque::new(),
            voting: None,
            written: false,
            paused: false,
            signer,
            jobs: VecDeque::new(),
            working: None,
            timers: BTreeMap::new(),
            generations: 0,
            store_busy_until_us: 0,
            peers: BTreeSet::new(),
            requests: BTreeMap::new(),
            serving: BTreeMap::new(),
            served: 0,
            gossiped: BTreeSet::new(),
            passed: BTreeMap::new(),
            held: BTreeSet::new(),
        }
    }

    /// The next input, while the core may be fed.
    pub(crate) fn next_input(&mut self) -> Option<Input> {
        if self.paused || self.voting.is_some() {
            return None;
        }
        self.urgent.pop_front().or_else(|| self.bulk.pop_front())
    }

    pub(crate) fn push(&mut self, input: Input) {
        match input {
            Input::Transactions { .. } | Input::Query { .. } => self.bulk.push_back(input),
            Input::PeerConnected(_)
            | Input::PeerDisconnected(_)
            | Input::Message(_)
            | Input::Evidence(_)
            | Input::Status { .. }
            | Input::Request { .. }
            | Input::Answer { .. }
            | Input::Signer(_)
            | Input::RejoinSigned(_)
            | Input::Timer(_)
            | Input::Done(_)
            | Input::Stored(_) => self.urgent.push_back(input),
        }
    }
}
