//! The transport encoding of what nodes send each other. Invariant: a message is accepted only if
//! encoding what was understood yields the received bytes (B-2), and every length is checked before
//! anything is allocated for it (B-6).

use std::sync::Arc;

use prost::Message as _;

use crate::address::Address;
use crate::block::Block;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::certificate::Certificate;
use crate::evidence::Evidence;
use crate::header::Digest;
use crate::limits::{
    MAX_CONSENSUS_MESSAGE_BYTES, MAX_FETCH_ANSWER_BYTES, MAX_FETCH_BLOCKS, MAX_FETCH_STATEMENTS,
    MAX_SMALL_MESSAGE_BYTES, MAX_TRANSACTION_BATCH, MAX_TRANSACTION_BATCH_BYTES,
};
use crate::message::{Message, Status};
use crate::numbers::{Height, View};
use crate::reader::{Reader, check_limit};
use crate::rejoin::Rejoin;
use crate::statement::{SignedStatement, Step};
use crate::transaction::Transaction;

#[allow(missing_docs, reason = "generated from proto/wire.proto, which documents the fields")]
mod proto {
    include!(concat!(env!("OUT_DIR"), "/quorate.wire.v1.rs"));
}

/// What one peer asks of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchRequest {
    /// A block, decided or not.
    Block(Digest),
    /// Decided blocks from a height upwards.
    Range {
        /// The first height wanted.
        from: Height,
        /// How many, 1 to [`MAX_FETCH_BLOCKS`].
        count: u32,
    },
    /// What the validator of this address has said lately, as far as the peer keeps it (S-5).
    Statements(Address),
}

/// The answer to a [`FetchRequest`]; nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FetchAnswer {
    /// The block, if the peer has it.
    Block(Option<Arc<Block>>),
    /// Decided blocks with their certificates, ascending; fewer than asked for, or none.
    Range(Vec<(Arc<Block>, Certificate)>),
    /// Statements of the validator asked about, at most [`MAX_FETCH_STATEMENTS`].
    Statements(Vec<SignedStatement>),
}

/// Decodes protobuf and refuses what would not be encoded like this (B-2).
fn decode_canonical<T: prost::Message + Default>(
    bytes: &[u8],
    limit: usize,
) -> Result<T, DecodeError> {
    check_limit("message", bytes.len(), limit)?;
    let message = T::decode(bytes).map_err(|error| DecodeError::Protobuf(error.to_string()))?;
    if message.encode_to_vec() != bytes {
        return Err(DecodeError::Protobuf("its re-encoding differs".to_owned()));
    }
    Ok(message)
}

/// A consensus message's bytes on the wire.
#[must_use]
pub fn encode_message(message: &Message) -> Vec<u8> {
    use proto::consensus_message::Message as Wire;
    let message = match message {
        Message::ViewChange(message) => Wire::ViewChange(message.to_bytes()),
        Message::PrePrepare(message) => Wire::PrePrepare(message.to_bytes()),
        Message::Prepare(signed) => Wire::Prepare(signed.to_bytes()),
        Message::Commit(signed) => Wire::Commit(signed.to_bytes()),
        Message::Certificate(certificate) => Wire::Certificate(certificate.to_bytes()),
        Message::Rejoin(rejoin) => Wire::Rejoin(rejoin.to_bytes()),
        Message::Evidence(evidence) => Wire::Evidence(evidence.to_bytes()),
    };
    proto::ConsensusMessage { message: Some(message) }.encode_to_vec()
}

/// Reads a consensus message.
///
/// # Errors
/// When the bytes are too long, not canonical, or a statement's step is not its field's.
pub fn decode_message(bytes: &[u8]) -> Result<Message, DecodeError> {
    use proto::consensus_message::Message as Wire;
    let wire: proto::ConsensusMessage = decode_canonical(bytes, MAX_CONSENSUS_MESSAGE_BYTES)?;
    let wire = wire.message.ok_or(DecodeError::Invalid("consensus message: empty"))?;
    let (message, step) = match wire {
        Wire::ViewChange(bytes) => {
            (Message::ViewChange(Canonical::from_bytes(&bytes)?), Some(Step::ViewChange))
        }
        Wire::PrePrepare(bytes) => {
            (Message::PrePrepare(Box::new(Canonical::from_bytes(&bytes)?)), Some(Step::PrePrepare))
        }
        Wire::Prepare(bytes) => {
            (Message::Prepare(SignedStatement::from_bytes(&bytes)?), Some(Step::Prepare))
        }
        Wire::Commit(bytes) => {
            (Message::Commit(SignedStatement::from_bytes(&bytes)?), Some(Step::Commit))
        }
        Wire::Certificate(bytes) => (Message::Certificate(Certificate::from_bytes(&bytes)?), None),
        Wire::Rejoin(bytes) => (Message::Rejoin(Rejoin::from_bytes(&bytes)?), None),
        Wire::Evidence(bytes) => (Message::Evidence(Box::new(Evidence::from_bytes(&bytes)?)), None),
    };
    if message.signed().map(|signed| signed.statement.step()) != step {
        return Err(DecodeError::Invalid("consensus message: step"));
    }
    Ok(message)
}

/// A batch of transactions on the wire. The caller keeps within the batch limits.
#[must_use]
pub fn encode_transactions(transactions: &[Transaction]) -> Vec<u8> {
    let transactions = transactions.iter().map(|t| t.bytes().to_vec()).collect();
    proto::TransactionBatch { transactions }.encode_to_vec()
}

/// Reads a batch of transactions.
///
/// # Errors
/// When the bytes are too long or not canonical, the batch is empty, or any entry is malformed.
pub fn decode_transactions(bytes: &[u8]) -> Result<Vec<Transaction>, DecodeError> {
    let batch: proto::TransactionBatch = decode_canonical(bytes, MAX_TRANSACTION_BATCH_BYTES)?;
    check_limit("transaction batch", batch.transactions.len(), MAX_TRANSACTION_BATCH)?;
    if batch.transactions.is_empty() {
        return Err(DecodeError::Invalid("transaction batch: empty"));
    }
    batch.transactions.iter().map(|bytes| Transaction::from_slice(bytes)).collect()
}

/// A status on the wire.
#[must_use]
pub fn encode_status(status: &Status) -> Vec<u8> {
    proto::Status {
        height: status.height.0,
        view: status.view.0,
        prepared_view: status.prepared.map(|view| view.0),
        decided: status.decided.0,
        first_stored: status.first_stored.0,
    }
    .encode_to_vec()
}

/// Reads a status.
///
/// # Errors
/// When the bytes are too long or not canonical.
pub fn decode_status(bytes: &[u8]) -> Result<Status, DecodeError> {
    let status: proto::Status = decode_canonical(bytes, MAX_SMALL_MESSAGE_BYTES)?;
    Ok(Status {
        height: Height(status.height),
        view: View(status.view),
        prepared: status.prepared_view.map(View),
        decided: Height(status.decided),
        first_stored: Height(status.first_stored),
    })
}

/// A request on the wire.
#[must_use]
pub fn encode_request(request: &FetchRequest) -> Vec<u8> {
    use proto::fetch_request::Request as Wire;
    let request = match request {
        FetchRequest::Block(digest) => Wire::Block(digest.to_bytes()),
        FetchRequest::Range { from, count } => {
            Wire::Range(proto::Range { from: from.0, count: *count })
        }
        FetchRequest::Statements(address) => Wire::Statements(address.to_bytes()),
    };
    proto::FetchRequest { request: Some(request) }.encode_to_vec()
}

/// Reads a request.
///
/// # Errors
/// When the bytes are too long or not canonical, or the count is zero or above the limit.
pub fn decode_request(bytes: &[u8]) -> Result<FetchRequest, DecodeError> {
    use proto::fetch_request::Request as Wire;
    let wire: proto::FetchRequest = decode_canonical(bytes, MAX_SMALL_MESSAGE_BYTES)?;
    match wire.request.ok_or(DecodeError::Invalid("request: empty"))? {
        Wire::Block(bytes) => Ok(FetchRequest::Block(Digest::from_bytes(&bytes)?)),
        Wire::Range(range) => {
            let count = usize::try_from(range.count).unwrap_or(usize::MAX);
            check_limit("blocks asked for", count, MAX_FETCH_BLOCKS)?;
            if count == 0 {
                return Err(DecodeError::Invalid("request: no block asked for"));
            }
            Ok(FetchRequest::Range { from: Height(range.from), count: range.count })
        }
        Wire::Statements(bytes) => Ok(FetchRequest::Statements(Address::from_bytes(&bytes)?)),
    }
}

/// An answer on the wire.
#[must_use]
pub fn encode_answer(answer: &FetchAnswer) -> Vec<u8> {
    use proto::fetch_answer::Answer as Wire;
    let answer = match answer {
        FetchAnswer::Block(block) => {
            Wire::Block(block.as_ref().map(|block| block.to_bytes()).unwrap_or_default())
        }
        FetchAnswer::Range(blocks) => Wire::Decided(encode_decided(blocks)),
        FetchAnswer::Statements(said) => Wire::Statements(encode_statements(said)),
    };
    proto::FetchAnswer { answer: Some(answer) }.encode_to_vec()
}

/// Reads an answer.
///
/// # Errors
/// When the bytes are too long or not canonical, or hold more blocks than one answer may.
pub fn decode_answer(bytes: &[u8]) -> Result<FetchAnswer, DecodeError> {
    use proto::fetch_answer::Answer as Wire;
    let wire: proto::FetchAnswer = decode_canonical(bytes, MAX_FETCH_ANSWER_BYTES)?;
    match wire.answer.ok_or(DecodeError::Invalid("answer: empty"))? {
        Wire::Block(bytes) if bytes.is_empty() => Ok(FetchAnswer::Block(None)),
        Wire::Block(bytes) => Ok(FetchAnswer::Block(Some(Arc::new(Block::from_bytes(&bytes)?)))),
        Wire::Decided(bytes) => decode_decided(&bytes).map(FetchAnswer::Range),
        Wire::Statements(bytes) => decode_statements(&bytes).map(FetchAnswer::Statements),
    }
}

fn encode_decided(blocks: &[(Arc<Block>, Certificate)]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.u32(u32::try_from(blocks.len()).expect("at most MAX_FETCH_BLOCKS"));
    for (block, certificate) in blocks {
        block.encode(&mut writer);
        certificate.encode(&mut writer);
    }
    writer.finish()
}

fn encode_statements(said: &[SignedStatement]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.list(said);
    writer.finish()
}

fn decode_statements(bytes: &[u8]) -> Result<Vec<SignedStatement>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let said = reader.list("statements answered", MAX_FETCH_STATEMENTS)?;
    reader.finish()?;
    Ok(said)
}

/// Canonical bytes and not repeated messages: a list of empty ones would take far more memory than
/// bytes, before its length could be judged.
fn decode_decided(bytes: &[u8]) -> Result<Vec<(Arc<Block>, Certificate)>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let count = reader.count("blocks answered", MAX_FETCH_BLOCKS)?;
    let mut blocks = Vec::with_capacity(count);
    for _ in 0..count {
        let block = Arc::new(Block::decode(&mut reader)?);
        blocks.push((block, Certificate::decode(&mut reader)?));
    }
    reader.finish()?;
    Ok(blocks)
}
