//! Decoders of canonical and wire bytes. Each either refuses, or accepts exactly what encoding the
//! result yields again (B-2); and what it accepted can be judged further without a panic.

use quorate_types::wire::{self, FetchAnswer};
use quorate_types::{
    Block, BlockPayload, Canonical, DecodeError, Evidence, HeightArchive, Message, Receipt,
    SignRecord, Transaction, ValidatorSet,
};

/// A consensus message.
pub(super) fn message(bytes: &[u8]) -> bool {
    let Some(message) = same(bytes, wire::decode_message(bytes), wire::encode_message) else {
        return false;
    };
    assert!(message.statements().len() >= usize::from(message.signed().is_some()));
    if let Message::PrePrepare(message) = &message {
        judge(&message.payload);
    }
    true
}

/// A batch of transactions.
pub(super) fn transactions(bytes: &[u8]) -> bool {
    let encode = |batch: &Vec<Transaction>| wire::encode_transactions(batch);
    same(bytes, wire::decode_transactions(bytes), encode).is_some()
}

/// A status.
pub(super) fn status(bytes: &[u8]) -> bool {
    same(bytes, wire::decode_status(bytes), wire::encode_status).is_some()
}

/// A request of a peer.
pub(super) fn request(bytes: &[u8]) -> bool {
    same(bytes, wire::decode_request(bytes), wire::encode_request).is_some()
}

/// The answer of a peer.
pub(super) fn answer(bytes: &[u8]) -> bool {
    let Some(answer) = same(bytes, wire::decode_answer(bytes), wire::encode_answer) else {
        return false;
    };
    match answer {
        FetchAnswer::Block(Some(block)) => judge_whole(&block),
        FetchAnswer::Block(None) | FetchAnswer::Range(_) | FetchAnswer::Statements(_) => {}
    }
    true
}

/// A block as it is stored.
pub(super) fn block(bytes: &[u8]) -> bool {
    let Some(block) = canonical::<Block>(bytes) else { return false };
    judge_whole(&block);
    true
}

/// A block as a pre-prepare carries it, whole or as ids.
pub(super) fn payload(bytes: &[u8]) -> bool {
    canonical::<BlockPayload>(bytes).inspect(judge).is_some()
}

/// A transaction.
pub(super) fn transaction(bytes: &[u8]) -> bool {
    let Some(read) = same(bytes, Transaction::from_slice(bytes), |t| t.bytes().to_vec()) else {
        return false;
    };
    // The bytes are kept, not made anew: the body alone has to come to its part of them.
    let body = read.body().to_bytes();
    assert!(bytes.starts_with(&body), "another body than the bytes'");
    assert_eq!(read.signatures().len(), read.body().signers.len());
    true
}

/// A validator set.
pub(super) fn validator_set(bytes: &[u8]) -> bool {
    let Some(set) = canonical::<ValidatorSet>(bytes) else { return false };
    let ascending = set.validators().is_sorted_by(|one, next| one.address < next.address);
    assert!(ascending && !set.validators().is_empty(), "no validator set (M-1)");
    true
}

/// The sign-state.
pub(super) fn sign_record(bytes: &[u8]) -> bool {
    canonical::<SignRecord>(bytes).is_some()
}

/// A proof against a validator.
pub(super) fn evidence(bytes: &[u8]) -> bool {
    let Some(evidence) = canonical::<Evidence>(bytes) else { return false };
    if let Evidence::Conflict { first, second } = &evidence {
        assert_eq!(Evidence::conflict(*second, *first), evidence, "a pair has one form");
    }
    true
}

/// What is kept of a height that took more than one view.
pub(super) fn archive(bytes: &[u8]) -> bool {
    canonical::<HeightArchive>(bytes).is_some()
}

/// A receipt.
pub(super) fn receipt(bytes: &[u8]) -> bool {
    canonical::<Receipt>(bytes).is_some()
}

/// Judges the body of a block as far as it is there.
fn judge(payload: &BlockPayload) {
    match payload {
        BlockPayload::Whole(block) => judge_whole(block),
        BlockPayload::Compact(block) => {
            // Whatever the verdict: it is one.
            let _verdict = block.validate_shape();
        }
    }
}

/// What the ids of the transactions contradict, the transactions contradict too.
fn judge_whole(block: &Block) {
    let compact = block.compact();
    assert_eq!(block.header.digest(), compact.header.digest());
    assert!(block.validate_shape().is_err() || compact.validate_shape().is_ok());
}

fn canonical<T: Canonical>(bytes: &[u8]) -> Option<T> {
    same(bytes, T::from_bytes(bytes), T::to_bytes)
}

/// What was read, if anything was, once writing it has yielded the very bytes.
fn same<T>(bytes: &[u8], read: Result<T, DecodeError>, write: impl Fn(&T) -> Vec<u8>) -> Option<T> {
    let value = read.ok()?;
    assert_eq!(write(&value), bytes, "bytes were accepted that writing does not yield (B-2)");
    Some(value)
}
