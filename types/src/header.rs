//! The block header, whose hash is the digest that validators agree on (protocol section 3).

use quorate_crypto::{Hash, merkle};

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer, hash_newtype};
use crate::domains;
use crate::evidence::Evidence;
use crate::numbers::{Height, Timestamp};
use crate::reader::Reader;
use crate::receipt::Receipt;
use crate::rejoin::Rejoin;
use crate::transaction::Transaction;
use crate::validator_set::ValidatorSetId;

/// The hash of a header: what the validators agree on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub Hash);

hash_newtype!(Digest);

/// A block's header. It does not hold the view, so a carried-over block keeps its digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The protocol version in force at this height.
    pub version: u32,
    /// The block's height, at least 1.
    pub height: Height,
    /// The digest of the block below; the genesis hash at height 1 (B-9).
    pub parent: Digest,
    /// Unix time in milliseconds, above the parent's (T-1).
    pub time: Timestamp,
    /// The operator address of the validator who built the block.
    pub proposer: Address,
    /// Merkle root over the transactions' ids.
    pub transactions_root: Hash,
    /// How many transactions.
    pub transaction_count: u32,
    /// Bytes of all transactions together.
    pub body_bytes: u32,
    /// The state root of executing height - 1.
    pub parent_state_root: Hash,
    /// The receipts root of executing height - 1.
    pub parent_receipts_root: Hash,
    /// The hash of V(height).
    pub validators_hash: ValidatorSetId,
    /// The hash of V(height + 1).
    pub next_validators_hash: ValidatorSetId,
    /// The hash of the commit certificate of height - 1 in the body; zero at height 1.
    pub last_commit_hash: Hash,
    /// The hash of the evidence and rejoin entries in the body.
    pub evidence_root: Hash,
}

impl Header {
    /// The hash that validators agree on.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(domains::HEADER.hash(&self.to_bytes()))
    }

    /// The evidence root of a block that carries neither evidence nor rejoin entries.
    #[must_use]
    pub fn empty_evidence_root() -> Hash {
        evidence_root(&[], &[])
    }
}

/// The Merkle root over transaction ids, in block order (B-5).
#[must_use]
pub fn transactions_root(transactions: &[Transaction]) -> Hash {
    let ids: Vec<Hash> = transactions.iter().map(|transaction| transaction.id().0).collect();
    merkle::root(&ids)
}

/// The hash over a block's evidence and rejoin entries, both lists in block order.
#[must_use]
pub fn evidence_root(evidence: &[Evidence], rejoins: &[Rejoin]) -> Hash {
    let mut writer = Writer::default();
    writer.list(evidence);
    writer.list(rejoins);
    domains::EVIDENCE_LIST.hash(&writer.finish())
}

/// The Merkle root over receipts, in block order (B-5); the empty list has a root too.
#[must_use]
pub fn receipts_root(receipts: &[Receipt]) -> Hash {
    let hashes: Vec<Hash> = receipts.iter().map(Receipt::hash).collect();
    merkle::root(&hashes)
}

impl Canonical for Header {
    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.version);
        self.height.encode(writer);
        self.parent.encode(writer);
        self.time.encode(writer);
        self.proposer.encode(writer);
        self.transactions_root.encode(writer);
        writer.u32(self.transaction_count);
        writer.u32(self.body_bytes);
        self.parent_state_root.encode(writer);
        self.parent_receipts_root.encode(writer);
        self.validators_hash.encode(writer);
        self.next_validators_hash.encode(writer);
        self.last_commit_hash.encode(writer);
        self.evidence_root.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Header {
            version: reader.u32()?,
            height: Height::decode(reader)?,
            parent: Digest::decode(reader)?,
            time: Timestamp::decode(reader)?,
            proposer: Address::decode(reader)?,
            transactions_root: Hash::decode(reader)?,
            transaction_count: reader.u32()?,
            body_bytes: reader.u32()?,
            parent_state_root: Hash::decode(reader)?,
            parent_receipts_root: Hash::decode(reader)?,
            validators_hash: ValidatorSetId::decode(reader)?,
            next_validators_hash: ValidatorSetId::decode(reader)?,
            last_commit_hash: Hash::decode(reader)?,
            evidence_root: Hash::decode(reader)?,
        })
    }
}
