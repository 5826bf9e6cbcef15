//! The application of an instance, for the twins and the fuzzer alike. Blocks are empty but for the
//! certificate of the height below.

use std::sync::Arc;

use quorate_crypto::Hash;
use quorate_replica::HeightStart;
use quorate_types::{
    Block, BlockPayload, Certificate, Digest, Header, Height, Timestamp, ValidatorIndex,
    last_commit_hash, receipts_root, transactions_root,
};

use super::instance::Instance;
use super::lab::{GENESIS_MS, Lab};

/// Milliseconds between blocks while there is work.
const INTERVAL_MS: u64 = 5;
/// Milliseconds after which an idle chain makes a block.
pub(super) const IDLE_MS: u64 = 2_000;

impl Lab {
    /// The start of the height above the highest decided one; none if a decided block is gone.
    pub(crate) fn start(
        &self,
        instance: &Instance,
        primaries: &[ValidatorIndex],
    ) -> Option<HeightStart> {
        let height = instance.tip().next();
        let (parent, parent_time) = self.parent(instance, height)?;
        Some(HeightStart {
            height,
            context: self.context.clone(),
            set: self.set.clone(),
            primaries: primaries.into(),
            parent,
            parent_time,
            parent_has_content: false,
            min_interval_ms: INTERVAL_MS,
            idle_interval_ms: IDLE_MS,
            work_waiting: true,
        })
    }

    /// A block of an instance on its parent; the state root tells its blocks of a height apart. Its
    /// time is the earliest allowed, so that chains of different cases meet in the same bytes.
    pub(crate) fn block(
        &self,
        instance: &Instance,
        height: Height,
        state_root: Hash,
    ) -> Option<BlockPayload> {
        let (parent, time) = self.parent(instance, height)?;
        let proposer = self.set.validators().get(instance.validator)?.address;
        let last_commit = instance.certificate_below(height);
        let header = Header {
            version: self.context.protocol_version,
            height,
            parent,
            time: time.plus(1),
            proposer,
            transactions_root: transactions_root(&[]),
            transaction_count: 0,
            body_bytes: 0,
            parent_state_root: state_root,
            parent_receipts_root: receipts_root(&[]),
            validators_hash: self.set.id(),
            next_validators_hash: self.set.id(),
            last_commit_hash: last_commit_hash(last_commit.as_ref()),
            evidence_root: Header::empty_evidence_root(),
        };
        let block = Block {
            header,
            last_commit,
            evidence: Vec::new(),
            rejoins: Vec::new(),
            transactions: Vec::new(),
        };
        Some(BlockPayload::Whole(Arc::new(block)))
    }

    /// What the application judges of R-2: the last commit is a certificate of exactly the parent.
    pub(crate) fn is_valid(&mut self, instance: &Instance, payload: &BlockPayload) -> bool {
        let BlockPayload::Whole(block) = payload else { return false };
        let Some((parent, _)) = self.parent(instance, block.header.height) else { return false };
        let below = block.header.height.previous();
        let fits = |of: &Certificate| (Some(of.height), of.digest) == (below, parent);
        match &block.last_commit {
            None => below == Some(Height::GENESIS),
            Some(of) => fits(of) && self.certificates.check(of, &self.stakes).is_ok(),
        }
    }

    /// The parent of a height at an instance: digest and time.
    fn parent(&self, instance: &Instance, height: Height) -> Option<(Digest, Timestamp)> {
        let below = height.previous()?;
        if below == Height::GENESIS {
            return Some((Digest(self.context.genesis_hash), Timestamp(GENESIS_MS)));
        }
        let digest = instance.decided.get(&below)?.digest;
        Some((digest, instance.body(digest)?.header().time))
    }
}
