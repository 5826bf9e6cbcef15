//! A chain with keys, validator set and blocks to test with.

use std::sync::Arc;

use quorate_consensus::{HeightStart, primaries};
use quorate_crypto::{Domain, Hash, ValidatorSecretKey};
use quorate_types::{
    Address, Block, BlockPayload, Certificate, ChainContext, Digest, Header, Height, Justification,
    Message, Power, PrePrepare, SignedStatement, Statement, StatementBody, Timestamp, Validator,
    ValidatorIndex, ValidatorSet, Verified, View, ViewChange, last_commit_hash, receipts_root,
    transactions_root, verify,
};

/// Unix time at which every test begins, in milliseconds.
pub const EPOCH_MS: u64 = 1_700_000_000_000;
/// Milliseconds between blocks while there is work.
pub const INTERVAL_MS: u64 = 5;
/// Milliseconds after which an idle chain makes a block.
pub const IDLE_MS: u64 = 2_000;

/// What tells one empty block of a height from another.
#[derive(Clone, Copy)]
pub struct BlockSpec {
    pub proposer: usize,
    pub time: Timestamp,
    /// Tells blocks of one proposer and time apart.
    pub salt: u64,
}

/// The constants of a test network.
#[derive(Clone)]
pub struct World {
    pub context: ChainContext,
    pub set: ValidatorSet,
}

impl World {
    /// `n` validators of power 1.
    pub fn equal(n: usize) -> World {
        World::with_powers(&vec![1; n])
    }

    /// Validators of given powers; index i has key i and power i.
    pub fn with_powers(powers: &[u64]) -> World {
        let validators = powers.iter().enumerate().map(|(i, power)| {
            let i = u8::try_from(i).unwrap();
            Validator { address: Address([i; 20]), key: key(i).public(), power: Power(*power) }
        });
        let context = ChainContext {
            chain_id: "local-test".parse().unwrap(),
            genesis_hash: Domain::new("quorate v1 test genesis").hash(b""),
            protocol_version: 1,
        };
        World { context, set: ValidatorSet::new(validators.collect()).unwrap() }
    }

    /// The digest of the block below height 1.
    pub fn genesis(&self) -> Digest {
        Digest(self.context.genesis_hash)
    }

    /// The start of a height on a parent.
    pub fn start(&self, height: Height, parent: Digest, parent_time: Timestamp) -> HeightStart {
        HeightStart {
            height,
            context: self.context.clone(),
            set: self.set.clone(),
            primaries: self.primaries(height).into(),
            parent,
            parent_time,
            parent_has_content: false,
            min_interval_ms: INTERVAL_MS,
            idle_interval_ms: IDLE_MS,
            work_waiting: true,
        }
    }

    /// The start of height 1.
    pub fn first(&self) -> HeightStart {
        self.start(Height(1), self.genesis(), Timestamp(EPOCH_MS))
    }

    /// The order of primaries of a height.
    pub fn primaries(&self, height: Height) -> Vec<ValidatorIndex> {
        primaries(&self.context.genesis_hash, &self.set, height)
    }

    /// The primary of a view, as a key's number.
    pub fn primary(&self, height: u64, view: u64) -> usize {
        let order = self.primaries(Height(height));
        order[usize::try_from(view).unwrap() % order.len()].position()
    }

    /// An empty block.
    pub fn block(
        &self,
        start: &HeightStart,
        spec: BlockSpec,
        last_commit: Option<Certificate>,
    ) -> BlockPayload {
        let BlockSpec { proposer, time, salt } = spec;
        let header = Header {
            version: start.context.protocol_version,
            height: start.height,
            parent: start.parent,
            time,
            proposer: self.set.validators()[proposer].address,
            transactions_root: transactions_root(&[]),
            transaction_count: 0,
            body_bytes: 0,
            parent_state_root: Domain::new("quorate v1 test salt").hash(&salt.to_be_bytes()),
            parent_receipts_root: receipts_root(&[]),
            validators_hash: self.set.id(),
            next_validators_hash: self.set.id(),
            last_commit_hash: last_commit_hash(last_commit.as_ref()),
            evidence_root: Header::empty_evidence_root(),
        };
        let (evidence, rejoins, transactions) = (Vec::new(), Vec::new(), Vec::new());
        let block = Block { header, last_commit, evidence, rejoins, transactions };
        BlockPayload::Whole(Arc::new(block))
    }

    /// Validator `i` signs, whatever it has signed before.
    pub fn sign(&self, i: usize, height: u64, view: u64, body: StatementBody) -> SignedStatement {
        let statement = Statement { height: Height(height), view: View(view), body };
        statement.sign_unguarded(&self.context, index(i), &key(u8::try_from(i).unwrap()))
    }

    pub fn prepare(&self, i: usize, height: u64, view: u64, digest: Digest) -> Message {
        Message::Prepare(self.sign(i, height, view, StatementBody::Prepare { digest }))
    }

    pub fn commit(&self, i: usize, height: u64, view: u64, digest: Digest) -> Message {
        Message::Commit(self.sign(i, height, view, StatementBody::Commit { digest }))
    }

    /// A view change; `prepared` is a certificate to claim.
    pub fn view_change(
        &self,
        i: usize,
        height: u64,
        view: u64,
        prepared: Option<&Certificate>,
    ) -> ViewChange {
        let claim = prepared.map(|certificate| (certificate.view, certificate.digest));
        let body = StatementBody::ViewChange { prepared: claim };
        let signed = self.sign(i, height, view, body);
        ViewChange { signed, certificate: prepared.cloned() }
    }

    pub fn pre_prepare(
        &self,
        i: usize,
        view: u64,
        payload: &BlockPayload,
        justification: Justification,
    ) -> Message {
        let digest = payload.header().digest();
        let body = StatementBody::PrePrepare { digest, justification: justification.hash() };
        let signed = self.sign(i, payload.header().height.0, view, body);
        Message::PrePrepare(Box::new(PrePrepare {
            signed,
            payload: payload.clone(),
            justification,
        }))
    }

    /// The certificate of these signers' Prepares or Commits.
    pub fn certificate(
        &self,
        signers: &[usize],
        height: u64,
        view: u64,
        body: StatementBody,
    ) -> Certificate {
        let votes: Vec<_> = signers
            .iter()
            .map(|i| verify::statement(self.sign(*i, height, view, body), &self.context, &self.set))
            .map(Result::unwrap)
            .collect();
        let statement = votes[0].value().statement;
        verify::assemble(&statement, &votes, &self.set).unwrap().into_inner()
    }

    pub fn prepared(
        &self,
        signers: &[usize],
        height: u64,
        view: u64,
        digest: Digest,
    ) -> Certificate {
        self.certificate(signers, height, view, StatementBody::Prepare { digest })
    }

    pub fn committed(
        &self,
        signers: &[usize],
        height: u64,
        view: u64,
        digest: Digest,
    ) -> Certificate {
        self.certificate(signers, height, view, StatementBody::Commit { digest })
    }

    /// The message, checked as the replica would.
    pub fn verified(&self, message: Message) -> Verified<Message> {
        verify::message(message, &self.context, &self.set).unwrap()
    }
}

/// The secret key of validator `i`.
pub fn key(i: u8) -> ValidatorSecretKey {
    ValidatorSecretKey::from_seed([i.wrapping_add(1); 32])
}

pub fn index(i: usize) -> ValidatorIndex {
    ValidatorIndex(u16::try_from(i).unwrap())
}

/// A digest that no block has.
pub fn no_block(salt: u8) -> Digest {
    Digest(Hash::from_bytes([salt; 32]))
}
