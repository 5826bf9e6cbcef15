//! One node of a test network: the state machine, and what survives a crash.

use std::collections::{BTreeMap, BTreeSet};

use quorate_consensus::{
    Completed, Consensus, KeySigner, ObserverReason, Past, Permit, Signer, SignerError, Timeouts,
    Vote, complete, permit, remember,
};
use quorate_crypto::Signature;
use quorate_types::{
    BlockPayload, Certificate, ChainContext, Digest, Height, HeightArchive, SignRecord,
    SignedStatement, Statement, Step,
};

use crate::world::{index, key};

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
    /// Power goes when this step has been signed, before its record is written.
    pub crash_signing: Option<Step>,
    /// Digests that the application refuses.
    pub refuses: BTreeSet<Digest>,
    /// The height that `Behind` named.
    pub behind: Height,
    /// Votes completed so far.
    pub votes: u64,
    /// What was kept of heights of several views.
    pub archives: Vec<HeightArchive>,
    /// Shares its key with another node, and looks for nothing that the other signs.
    pub is_heedless: bool,
    /// Its records are gone (S-5).
    pub has_lost_records: bool,
    /// Why it began to observe, each time (S-5).
    pub observing: Vec<ObserverReason>,
}

impl Node {
    pub fn new(number: Option<u8>) -> Node {
        Node {
            consensus: Consensus::new(None, Timeouts::default()),
            signer: TestSigner::of(number.unwrap_or(255)),
            is_up: false,
            life: 0,
            key: number,
            record: SignRecord::default(),
            stored: BTreeMap::new(),
            chain: BTreeMap::new(),
            bodies: BTreeMap::new(),
            decided: BTreeMap::new(),
            crash_in: None,
            crash_signing: None,
            refuses: BTreeSet::new(),
            behind: Height::GENESIS,
            votes: 0,
            archives: Vec::new(),
            is_heedless: false,
            has_lost_records: false,
            observing: Vec::new(),
        }
    }

    /// A second node with a validator's key, which knows nothing of the first.
    pub fn twin(number: u8) -> Node {
        Node::new(Some(number))
    }

    /// What it knows of its key's past when it starts.
    pub fn past(&self) -> Past {
        match self.record.clone() {
            _ if self.has_lost_records => Past::Lost,
            record if self.is_heedless => Past::Heedless(Box::new(record)),
            record => record.into(),
        }
    }

    /// The block, from memory or the store.
    pub fn body(&self, digest: Digest) -> Option<&BlockPayload> {
        self.bodies.get(&digest).or_else(|| self.stored.get(&digest))
    }

    /// Has a vote signed; says whether the power goes, and where.
    pub fn complete(&mut self, vote: Vote) -> (Completed, Option<CrashPoint>) {
        self.votes += 1;
        let steps = vote.statements.iter().map(|asked| asked.statement().step());
        if self.crash_signing.is_some_and(|step| steps.into_iter().any(|asked| asked == step)) {
            self.crash_signing = None;
            return (complete(vote, &mut self.signer), Some(CrashPoint::Write));
        }
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

/// A key in memory that can be made to fail, alone or with a guard of its own.
pub struct TestSigner {
    inner: KeySigner,
    pub fails: bool,
    /// Durable. None for the signer that is a key file.
    pub guard: Option<OwnGuard>,
}

/// What a signer remembers by itself.
#[derive(Default)]
pub struct OwnGuard {
    record: SignRecord,
    /// What it signed last.
    pub last: Option<SignedStatement>,
    /// How often it refused.
    pub refusals: u64,
}

impl TestSigner {
    pub fn of(number: u8) -> TestSigner {
        TestSigner { inner: KeySigner::new(key(number)), fails: false, guard: None }
    }
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
        let signature = self.inner.sign(statement, context)?;
        let Some(guard) = &mut self.guard else {
            return Ok(signature);
        };
        match permit(&guard.record, statement, context) {
            Ok(Permit::New) => {
                remember(&mut guard.record, statement, context);
                let signer = index(0); // not covered by the signature
                guard.last = Some(SignedStatement { statement: *statement, signer, signature });
            }
            Ok(Permit::Again) => {}
            Err(refusal) => {
                guard.refusals += 1;
                return Err(SignerError(refusal.to_string()));
            }
        }
        Ok(signature)
    }
}
