//! Feeds consensus what it is to be told and carries out what it asks for.
//!
//! Invariant: a step hands out at most one vote with statements, and consensus is told nothing more
//! until the signer has answered for all of them: the next record is built on those answers (S-2).

use std::sync::Arc;

use quorate_consensus::{Action as Asked, Input as ConsensusInput, Now, Step as ConsensusStep};
use quorate_types::{Block, BlockPayload, Digest, Height, Message, Persist, Timestamp, View};

use crate::blocks::{self, Stored};
use crate::chain::StoreMark;
use crate::input::Timer;
use crate::job::{BuildRequest, Job, ReadJob};
use crate::replica::Replica;
use crate::step::{Action, StoreRequest};

/// Bytes of transactions up to which a proposal carries them; above, it names them by id.
const WHOLE_BLOCK_BYTES: usize = 16 * 1024;

impl Replica {
    /// Tells consensus what waits, until a vote needs the signer.
    pub(crate) fn drive(&mut self, now: Now) {
        while !self.awaits_signer() {
            let Some(input) = self.inbox.pop_front() else {
                return;
            };
            let step = self.consensus.step(now, input);
            self.carry_out(now, step);
        }
    }

    fn awaits_signer(&self) -> bool {
        self.out.vote.as_ref().is_some_and(|vote| !vote.statements.is_empty())
    }

    fn carry_out(&mut self, now: Now, step: ConsensusStep) {
        if step.vote.is_some() {
            // An earlier record without statements is superseded: this one says all of it.
            self.out.vote = step.vote;
        }
        for asked in step.now {
            self.carry_out_one(now, asked);
        }
    }

    fn carry_out_one(&mut self, now: Now, asked: Asked) {
        match asked {
            Asked::SetTimer { timer, after_ms } => {
                let timer = Timer::Consensus(timer);
                self.out.now.push(Action::SetTimer { timer, after_ms });
            }
            Asked::Build { height, view } => {
                self.build = Some((height, view));
                self.try_build(now);
            }
            Asked::Validate { digest, payload } => self.validate(digest, &payload),
            Asked::StoreBlock(digest) => self.store_block(now, digest),
            Asked::Fetch { height: _, digest } => self.fetch(digest),
            Asked::Resend(messages) => {
                self.out.now.push(Action::Resend(messages));
                self.send_status(None);
            }
            Asked::PublishCertificate(certificate) => {
                self.out.now.push(Action::Publish(Message::Certificate(certificate)));
            }
            Asked::Evidence(evidence) => self.on_evidence_found(evidence),
            Asked::Archive(archive) => self.store_aside(Persist::Archive(*archive)),
            Asked::Observing { reason } => self.out.now.push(Action::Observing { reason }),
            Asked::Fork(fork) => self.out.now.push(Action::Fork(fork)),
            Asked::Decided(certificate) => self.on_decided(now, certificate.into_inner()),
            Asked::Behind(height) => {
                let decided = height.previous().unwrap_or(Height::GENESIS);
                self.chain.heard = self.chain.heard.max(decided);
                self.sync_above(self.chain.tip.height);
            }
        }
    }

    /// Stores what nothing waits for.
    pub(crate) fn store_aside(&mut self, item: Persist) {
        let token = self.chain.token(Vec::new());
        self.out.store.push(StoreRequest { token, items: vec![item] });
    }

    /// builds once the parent is executed, so that its roots and the mempool are known.
    pub(crate) fn try_build(&mut self, now: Now) {
        let (Some((height, view)), Some(proposer)) = (self.build, self.operator) else {
            return;
        };
        if self.chain.executed.height.next() != height {
            return;
        }
        self.build = None;
        let bytes = usize::try_from(self.params().max_block_bytes).unwrap_or(usize::MAX);
        let count = usize::try_from(self.params().max_block_transactions).unwrap_or(usize::MAX);
        let request = BuildRequest {
            height,
            view,
            time: self.block_time(now.wall),
            proposer,
            // Consensus has the fuller one, unless it did not see the decision.
            last_commit: match self.consensus.last_commit() {
                Some(certificate) => Some(certificate.value().clone()),
                None => self.chain.tip.certificate.clone(),
            },
            rejoins: self.rejoins.for_block(height),
            evidence: self.evidence.waiting(),
            candidates: self.mempool.ready(bytes, count),
        };
        self.out.now.push(Action::Run(Job::Build(Box::new(request))));
    }

    /// T-1: above the parent's time, and this node's clock otherwise.
    fn block_time(&self, wall: Timestamp) -> Timestamp {
        wall.max(self.chain.tip.time.plus(1))
    }

    pub(crate) fn on_built(&mut self, view: View, block: Arc<Block>) {
        let (height, digest) = (block.height(), block.digest());
        let payload = payload_of(&block);
        self.blocks.insert(digest, block, Stored::No);
        self.inbox.push_back(ConsensusInput::Built { height, view, payload });
    }

    fn validate(&mut self, digest: Digest, payload: &BlockPayload) {
        let held = self.blocks.get(&digest).cloned();
        match held.or_else(|| blocks::resolve(payload, &self.mempool)) {
            Some(block) => {
                self.blocks.insert(digest, Arc::clone(&block), Stored::No);
                self.run_validation(digest, block);
            }
            None => {
                self.blocks.awaited.insert(digest);
                self.ask_for_missing();
            }
        }
    }

    pub(crate) fn run_validation(&mut self, digest: Digest, block: Arc<Block>) {
        let unverified = (0..)
            .zip(&block.transactions)
            .filter(|(_, transaction)| !self.mempool.contains(&transaction.id()))
            .map(|(place, _)| place)
            .collect();
        self.out.now.push(Action::Run(Job::Validate { block, digest, unverified }));
    }

    pub(crate) fn on_validated(&mut self, digest: Digest, verdict: Result<(), String>) {
        let valid = verdict.is_ok();
        if let Err(reason) = verdict {
            self.out.now.push(Action::InvalidBlock { digest, reason });
        }
        self.inbox.push_back(ConsensusInput::Validated { digest, valid });
    }

    /// S-2: an accepted or built block goes to the store at once, and is executed while its votes
    /// travel.
    fn store_block(&mut self, now: Now, digest: Digest) {
        let Some(block) = self.blocks.get(&digest).cloned() else {
            return;
        };
        match self.blocks.stored(&digest) {
            Stored::Yes => self.inbox.push_back(ConsensusInput::BlockStored(digest)),
            Stored::Writing => {}
            Stored::No => {
                self.blocks.set_stored(&digest, Stored::Writing);
                let token = self.chain.token(vec![StoreMark::Block(digest)]);
                let items = vec![Persist::Block(Arc::clone(&block))];
                self.out.store.push(StoreRequest { token, items });
            }
        }
        self.execute(now, digest, block);
    }

    /// Hands a block to execution, unless it is the one that execution has last. Another one of
    /// its height is forgotten first.
    pub(crate) fn execute(&mut self, now: Now, digest: Digest, block: Arc<Block>) {
        let height = block.height();
        if self.chain.executing == (height, digest) {
            return;
        }
        if self.chain.executing.0 >= height {
            self.out.now.push(Action::Run(Job::Discard(height)));
            self.chain.discard_executions(height);
        }
        self.chain.start_execution(height, digest);
        self.pace.begin(now.monotonic_ms);
        self.out.now.push(Action::Run(Job::Execute { block, digest }));
    }

    /// Answers from memory, else from the store, else from peers.
    fn fetch(&mut self, digest: Digest) {
        match self.blocks.get(&digest) {
            Some(block) => {
                // Before what waits: the certificates of a synced range follow, and consensus keeps
                // only one above its height.
                self.inbox.push_front(ConsensusInput::Fetched(payload_of(block)));
            }
            None => {
                self.blocks.wanted.insert(digest);
                self.out.now.push(Action::Read(ReadJob::Load(digest)));
            }
        }
    }
}

/// How a block travels beside a pre-prepare.
pub(crate) fn payload_of(block: &Arc<Block>) -> BlockPayload {
    if block.body_bytes() <= WHOLE_BLOCK_BYTES {
        BlockPayload::Whole(Arc::clone(block))
    } else {
        BlockPayload::Compact(Arc::new(block.compact()))
    }
}
