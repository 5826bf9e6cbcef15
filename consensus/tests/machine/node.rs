//! One node of a test network: the state machine, and what survives a crash.

use std::collections::{BTreeMap, BTreeSet};

use quorate_consensus::{
    Completed, Consensus, KeySigner, Signer, SignerError, Timeouts, Vote, complete,
};
use quorate_crypto::Signature;
use quorate_types::{
    BlockPayload, Certificate, ChainContext, Digest, Height, HeightArchive, SignRecord, Statement,
};

use crate::world::key;

/// What a node does not come to any more within a vote when its power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CrashPoint {
    /// The record is not written.
    Write,
    /// The record is written, nothing is sent.
    Send,
    /// Messages are sent, the state machine does not hear of it.
    Answer,
}

pub struct Node {
    pub consensus: Consensus,
    pub signer: TestSigner,
    /// Off nodes hear nothing and say nothing.
    pub is_up: bool,
    /// Counts power cycles: what was scheduled for an earlier life is void.
    pub life: u64,
    /// A validator has a key; a full node has none.
    pub key: Option<u8>,
    /// Durable: the sign-state.
    pub record: SignRecord,
    /// Durable: blocks by digest.
    pub stored: BTreeMap<Digest, BlockPayload>,
    /// Durable: decided heights.
    pub chain: BTreeMap<Height, (Digest, Certificate)>,
    /// Blocks in memory.
    pub bodies: BTreeMap<Digest, BlockPayload>,
    /// Heights decided in this life, durable or not.
    pub decided: BTreeMap<Height, (Digest, Certificate)>,
    /// When to lose power: after so many more votes, at a point.
    pub crash_in: Option<(u64, CrashPoint)>,
    /// Digests that the application refuses.
    pub refuses: BTreeSet<Digest>,
    /// The height that `Behind` named.
    pub behind: Height,
    /// Votes completed so far.
    pub votes: u64,
    /// What was kept of heights of several views.
    pub archives: Vec<HeightArchive>,
}

impl Node {
    pub fn new(number: Option<u8>) -> Node {
        Node {
            consensus: Consensus::new(None, Timeouts::default()),
            signer: TestSigner { inner: KeySigner::new(key(number.unwrap_or(255))), fails: false },
            is_up: false,
            life: 0,
            key: number,
            record: SignRecord::default(),
            stored: BTreeMap::new(),
            chain: BTreeMap::new(),
            bodies: BTreeMap::new(),
            decided: BTreeMap::new(),
            crash_in: None,
            refuses: BTreeSet::new(),
            behind: Height::GENESIS,
            votes: 0,
            archives: Vec::new(),
        }
    }

    /// A second node with a validator's key, which knows nothing of the first.
    pub fn twin(number: u8) -> Node {
        Node::new(Some(number))
    }

    /// The block, from memory or the store.
    pub fn body(&self, digest: Digest) -> Option<&BlockPayload> {
        self.bodies.get(&digest).or_else(|| self.stored.get(&digest))
    }

    /// Has a vote signed; says whether the power goes, and where.
    pub fn complete(&mut self, vote: Vote) -> (Completed, Option<CrashPoint>) {
        self.votes += 1;
        let crash = match &mut self.crash_in {
            Some((0, point)) => Some(*point),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        if crash.is_some() {
            self.crash_in = None;
        }
        (complete(vote, &mut self.signer), crash)
    }

    /// The highest height whose block and certificate are durable.
    pub fn tip(&self) -> Height {
        self.chain.keys().next_back().copied().unwrap_or(Height::GENESIS)
    }
}

/// A key in memory that can be made to fail.
pub struct TestSigner {
    inner: KeySigner,
    pub fails: bool,
}

impl Signer for TestSigner {
    fn sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, SignerError> {
        if self.fails {
            return Err(SignerError("out of order".to_owned()));
        }
        self.inner.sign(statement, context)
    }
}
