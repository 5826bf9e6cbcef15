//! Blocks, headers, certificates, validator sets, epochs and genesis.

use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, Decimal, HexBytes, HexHash, Params, Transaction};
use crate::backend::FinalBlock;

/// The answer of `chain_getBlock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    /// The header and the roots of executing the block.
    #[serde(flatten)]
    pub info: HeaderInfo,
    /// The commit certificate of the height below; none at height 1.
    pub last_commit: Option<Certificate>,
    /// The hashes of its transactions, in order of execution.
    pub transaction_hashes: Vec<HexHash>,
    /// The transactions themselves, where they were asked for.
    pub transactions: Option<Vec<Transaction>>,
}

impl Block {
    /// The JSON form of a block, with its transactions or with their hashes alone.
    #[must_use]
    pub fn of(block: &FinalBlock, full: bool) -> Block {
        let transactions = &block.block.transactions;
        Block {
            info: HeaderInfo::from(block),
            last_commit: block.block.last_commit.as_ref().map(Certificate::from),
            transaction_hashes: transactions.iter().map(|t| t.id().into()).collect(),
            transactions: full.then(|| transactions.iter().map(Transaction::from).collect()),
        }
    }
}

/// The answer of `chain_getHeader`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct HeaderInfo {
    /// The hash of the header: what the validators agreed on.
    pub digest: HexHash,
    /// The header.
    pub header: Header,
    /// The state root after executing this block; header height + 1 carries it. Null while unknown.
    pub state_root: Option<HexHash>,
    /// The root over this block's receipts; header height + 1 carries it. Null while unknown.
    pub receipts_root: Option<HexHash>,
}

impl From<&FinalBlock> for HeaderInfo {
    fn from(block: &FinalBlock) -> Self {
        HeaderInfo {
            digest: block.digest.into(),
            header: Header::from(&block.block.header),
            state_root: block.roots.map(|roots| roots.state.into()),
            receipts_root: block.roots.map(|roots| roots.receipts.into()),
        }
    }
}

/// A block's header, field by field: its canonical bytes can be made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// The protocol version in force.
    pub version: u32,
    /// The block's height.
    pub height: u64,
    /// The digest of the block below; the genesis hash at height 1.
    pub parent: HexHash,
    /// Unix time in milliseconds.
    pub time: u64,
    /// The operator address of the validator who built the block.
    pub proposer: AddressText,
    /// The root over the transactions' hashes.
    pub transactions_root: HexHash,
    /// How many transactions.
    pub transaction_count: u32,
    /// Bytes of all transactions together.
    pub body_bytes: u32,
    /// The state root of executing height - 1.
    pub parent_state_root: HexHash,
    /// The receipts root of executing height - 1.
    pub parent_receipts_root: HexHash,
    /// The hash of the validator set of this height.
    pub validators_hash: HexHash,
    /// The hash of the validator set of the next height.
    pub next_validators_hash: HexHash,
    /// The hash of the commit certificate of height - 1; zero at height 1.
    pub last_commit_hash: HexHash,
    /// The hash of the evidence in the block.
    pub evidence_root: HexHash,
}

impl From<&types::Header> for Header {
    fn from(header: &types::Header) -> Self {
        Header {
            version: header.version,
            height: header.height.0,
            parent: header.parent.into(),
            time: header.time.0,
            proposer: header.proposer.into(),
            transactions_root: header.transactions_root.into(),
            transaction_count: header.transaction_count,
            body_bytes: header.body_bytes,
            parent_state_root: header.parent_state_root.into(),
            parent_receipts_root: header.parent_receipts_root.into(),
            validators_hash: header.validators_hash.0.into(),
            next_validators_hash: header.next_validators_hash.0.into(),
            last_commit_hash: header.last_commit_hash.into(),
            evidence_root: header.evidence_root.into(),
        }
    }
}

/// The answer of `chain_getCommitCertificate`: a quorum's signatures under a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// The height that was decided.
    pub height: u64,
    /// The view that it was decided in; two nodes may hold certificates of different views.
    pub view: u64,
    /// The decided block.
    pub digest: HexHash,
    /// How many validators the set has.
    pub validators: u16,
    /// Who signed: indices in the validator set, ascending.
    pub signers: Vec<u16>,
    /// One signature for each signer, in the same order.
    pub signatures: Vec<HexBytes>,
}

impl From<&types::Certificate> for Certificate {
    fn from(certificate: &types::Certificate) -> Self {
        let signatures = certificate.signatures.iter();
        Certificate {
            height: certificate.height.0,
            view: certificate.view.0,
            digest: certificate.digest.into(),
            validators: u16::try_from(certificate.signers.size()).expect("at most MAX_VALIDATORS"),
            signers: certificate.signers.iter().map(|index| index.0).collect(),
            signatures: signatures.map(|s| s.as_bytes().as_slice().into()).collect(),
        }
    }
}

/// The answer of `chain_getValidators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Validators {
    /// The height whose set this is.
    pub height: u64,
    /// The hash that headers carry.
    pub validators_hash: HexHash,
    /// The power of all together; a quorum has more than two thirds of it.
    pub total_power: Decimal,
    /// The validators in order of index, which is ascending by address bytes.
    pub validators: Vec<Validator>,
}

/// One validator of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Validator {
    /// Its place in the set, and its bit in a certificate.
    pub index: u16,
    /// The operator's address.
    pub address: AddressText,
    /// The consensus key.
    pub key: HexBytes,
    /// Its voting power.
    pub power: Decimal,
}

impl Validators {
    /// The JSON form of the set of a height.
    #[must_use]
    pub fn of(height: types::Height, set: &types::ValidatorSet) -> Validators {
        let validators = set.iter().map(|(index, validator)| Validator {
            index: index.0,
            address: validator.address.into(),
            key: validator.key.as_bytes().as_slice().into(),
            power: validator.power.into(),
        });
        Validators {
            height: height.0,
            validators_hash: set.id().0.into(),
            total_power: set.total_power().into(),
            validators: validators.collect(),
        }
    }
}

/// The answer of `chain_getGenesis`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Genesis {
    /// The hash over the document's canonical bytes.
    pub genesis_hash: HexHash,
    /// The document.
    pub genesis: serde_json::Value,
}

/// The answer of `chain_getEpoch`: heights that have one validator set and one set of parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Epoch {
    /// Which epoch, counted from 0.
    pub number: u64,
    /// Its first height.
    pub first: u64,
    /// Its last height.
    pub last: u64,
    /// The parameters of its heights.
    pub params: Params,
    /// The hash of its set that headers carry.
    pub validators_hash: HexHash,
    /// The power of all together; a quorum has more than two thirds of it.
    pub total_power: Decimal,
    /// The validators in order of index, which is ascending by address bytes.
    pub validators: Vec<Validator>,
}

impl From<&types::EpochEntry> for Epoch {
    fn from(entry: &types::EpochEntry) -> Self {
        let set = Validators::of(entry.first, &entry.validators);
        Epoch {
            number: entry.number.0,
            first: entry.first.0,
            last: entry.last().0,
            params: Params::from(&entry.params),
            validators_hash: set.validators_hash,
            total_power: set.total_power,
            validators: set.validators,
        }
    }
}
