//! Blocks, whole and compact. A block's bytes are canonical; whether its body fits its header is
//! checked by `validate_shape` before anything else looks at it.

use std::sync::Arc;

use quorate_crypto::{Hash, merkle};

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::certificate::Certificate;
use crate::evidence::Evidence;
use crate::header::{Digest, Header, evidence_root};
use crate::limits::{
    MAX_BLOCK_BYTES, MAX_BLOCK_EVIDENCE, MAX_BLOCK_REJOINS, MAX_BLOCK_TRANSACTIONS,
};
use crate::numbers::Height;
use crate::reader::{Reader, check_limit};
use crate::rejoin::Rejoin;
use crate::transaction::{Transaction, TransactionId};

/// A header and its body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The commit certificate of height - 1; none at height 1.
    pub last_commit: Option<Certificate>,
    /// What convicts validators.
    pub evidence: Vec<Evidence>,
    /// Who rejoins, strictly ascending by address (S-5).
    pub rejoins: Vec<Rejoin>,
    /// The transactions, in order of execution.
    pub transactions: Vec<Transaction>,
}

impl Block {
    /// The block's digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.header.digest()
    }

    /// The block's height.
    #[must_use]
    pub fn height(&self) -> Height {
        self.header.height
    }

    /// Bytes of all transactions together.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        self.transactions.iter().map(|transaction| transaction.bytes().len()).sum()
    }

    /// Whether the body is the one that the header commits to, within the limits of B-6.
    ///
    /// # Errors
    /// Names the header's field that the body contradicts.
    pub fn validate_shape(&self) -> Result<(), DecodeError> {
        let bytes = self.body_bytes();
        check_limit("block bytes", bytes, MAX_BLOCK_BYTES)?;
        if u32::try_from(bytes) != Ok(self.header.body_bytes) {
            return Err(DecodeError::Invalid("body bytes"));
        }
        let ids: Vec<Hash> = self.transactions.iter().map(|t| t.id().0).collect();
        validate_body(&self.header, self.last_commit.as_ref(), &ids)?;
        validate_entries(&self.header, &self.evidence, &self.rejoins)
    }

    /// The block with ids in place of its transactions.
    #[must_use]
    pub fn compact(&self) -> CompactBlock {
        CompactBlock {
            header: self.header.clone(),
            last_commit: self.last_commit.clone(),
            evidence: self.evidence.clone(),
            rejoins: self.rejoins.clone(),
            transactions: self.transactions.iter().map(Transaction::id).collect(),
        }
    }
}

/// Whether a header commits to a body of this certificate and these transaction ids.
fn validate_body(
    header: &Header,
    last_commit: Option<&Certificate>,
    ids: &[Hash],
) -> Result<(), DecodeError> {
    let count = u32::try_from(ids.len());
    let checks = [
        ("transaction count", count == Ok(header.transaction_count)),
        ("last commit hash", last_commit_hash(last_commit) == header.last_commit_hash),
        ("transactions root", merkle::root(ids) == header.transactions_root),
    ];
    match checks.iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((field, _)) => Err(DecodeError::Invalid(field)),
    }
}

/// Whether a header commits to these entries, within the limits of B-6 and in their one order.
fn validate_entries(
    header: &Header,
    evidence: &[Evidence],
    rejoins: &[Rejoin],
) -> Result<(), DecodeError> {
    check_limit("evidence", evidence.len(), MAX_BLOCK_EVIDENCE)?;
    check_limit("rejoins", rejoins.len(), MAX_BLOCK_REJOINS)?;
    if !rejoins.is_sorted_by(|one, next| one.body.validator < next.body.validator) {
        return Err(DecodeError::Invalid("rejoins: order"));
    }
    if evidence_root(evidence, rejoins) != header.evidence_root {
        return Err(DecodeError::Invalid("evidence root"));
    }
    Ok(())
}

/// What a header says of the certificate in its body: its hash, or zero for none.
#[must_use]
pub fn last_commit_hash(last_commit: Option<&Certificate>) -> Hash {
    last_commit.map_or(Hash::ZERO, Certificate::hash)
}

impl Canonical for Block {
    fn encode(&self, writer: &mut Writer) {
        self.header.encode(writer);
        writer.option(self.last_commit.as_ref());
        writer.list(&self.evidence);
        writer.list(&self.rejoins);
        writer.list(&self.transactions);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Block {
            header: Header::decode(reader)?,
            last_commit: reader.option("last commit")?,
            evidence: reader.list("evidence", MAX_BLOCK_EVIDENCE)?,
            rejoins: reader.list("rejoins", MAX_BLOCK_REJOINS)?,
            transactions: reader.list("transactions", MAX_BLOCK_TRANSACTIONS)?,
        })
    }
}

/// A block that names its transactions by id; the receiver has them or fetches the whole block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CompactBlock {
    /// The header.
    pub header: Header,
    /// The commit certificate of height - 1; none at height 1.
    pub last_commit: Option<Certificate>,
    /// What convicts validators.
    pub evidence: Vec<Evidence>,
    /// Who rejoins, strictly ascending by address (S-5).
    pub rejoins: Vec<Rejoin>,
    /// The transactions' ids, in order of execution.
    pub transactions: Vec<TransactionId>,
}

impl CompactBlock {
    /// Whether the body is the one that the header commits to, as far as ids can tell.
    ///
    /// # Errors
    /// Names the header's field that the body contradicts.
    pub fn validate_shape(&self) -> Result<(), DecodeError> {
        let ids: Vec<Hash> = self.transactions.iter().map(|id| id.0).collect();
        validate_body(&self.header, self.last_commit.as_ref(), &ids)?;
        validate_entries(&self.header, &self.evidence, &self.rejoins)
    }
}

impl Canonical for CompactBlock {
    fn encode(&self, writer: &mut Writer) {
        self.header.encode(writer);
        writer.option(self.last_commit.as_ref());
        writer.list(&self.evidence);
        writer.list(&self.rejoins);
        writer.list(&self.transactions);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(CompactBlock {
            header: Header::decode(reader)?,
            last_commit: reader.option("last commit")?,
            evidence: reader.list("evidence", MAX_BLOCK_EVIDENCE)?,
            rejoins: reader.list("rejoins", MAX_BLOCK_REJOINS)?,
            transactions: reader.list("transaction ids", MAX_BLOCK_TRANSACTIONS)?,
        })
    }
}

/// The block beside a pre-prepare: tag 0 whole, tag 1 compact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BlockPayload {
    /// Header and transactions.
    Whole(Arc<Block>),
    /// Header and transaction ids.
    Compact(Arc<CompactBlock>),
}

impl BlockPayload {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        match self {
            BlockPayload::Whole(block) => &block.header,
            BlockPayload::Compact(block) => &block.header,
        }
    }

    /// Whether the body is the one that the header commits to.
    ///
    /// # Errors
    /// Names the header's field that the body contradicts.
    pub fn validate_shape(&self) -> Result<(), DecodeError> {
        match self {
            BlockPayload::Whole(block) => block.validate_shape(),
            BlockPayload::Compact(block) => block.validate_shape(),
        }
    }
}

impl Canonical for BlockPayload {
    fn encode(&self, writer: &mut Writer) {
        match self {
            BlockPayload::Whole(block) => {
                writer.u8(0);
                block.encode(writer);
            }
            BlockPayload::Compact(block) => {
                writer.u8(1);
                block.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Block::decode(reader).map(|block| BlockPayload::Whole(Arc::new(block))),
            1 => CompactBlock::decode(reader).map(|block| BlockPayload::Compact(Arc::new(block))),
            other => Err(DecodeError::Unknown { what: "block payload", found: u64::from(other) }),
        }
    }
}
