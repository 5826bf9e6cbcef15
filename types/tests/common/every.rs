//! The samples as bytes: what every value shares.

use quorate_types::{Amount, Canonical, ChainParams, DecodeError, Transaction};

use super::samples::{
    account, archives, blocks, certificates, evidence, justifications, payloads, pre_prepare,
    receipts, rejoins, sign_records, statements, transactions, view_changes,
};
use super::{Validators, account_key, address, stake_samples};

/// What decoding and encoding again makes of bytes.
pub type Again = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

/// A value's bytes, and what decoding and encoding again makes of bytes.
#[derive(Clone)]
pub struct Sample {
    pub name: String,
    pub bytes: Vec<u8>,
    pub again: Again,
}

pub fn sample<T: Canonical>(name: &str, value: &T) -> Sample {
    let again = |bytes: &[u8]| T::from_bytes(bytes).map(|value| value.to_bytes());
    Sample { name: name.to_owned(), bytes: value.to_bytes(), again }
}

/// Every type's samples.
pub fn all() -> Vec<Sample> {
    let mut all = Vec::new();
    for (name, _, value) in transactions() {
        all.push(sample(&format!("transaction: {name}"), &value));
        all.push(sample(&format!("transaction body: {name}"), value.body()));
        let again = |bytes: &[u8]| Transaction::from_slice(bytes).map(|t| t.bytes().to_vec());
        let bytes = value.bytes().to_vec();
        all.push(Sample { name: format!("transaction itself: {name}"), bytes, again });
    }
    for (name, value) in statements() {
        all.push(sample(name, &value));
        all.push(sample(&format!("statement: {name}"), &value.statement));
    }
    all.extend(certificates().iter().map(|(name, value)| sample(name, value)));
    all.extend(evidence().iter().map(|(name, value)| sample(name, value)));
    all.extend(archives().iter().map(|(name, value)| sample(name, value)));
    all.extend(rejoins().iter().map(|(name, value)| sample(name, value)));
    all.extend(receipts().iter().map(|(name, value)| sample(name, value)));
    for block in blocks() {
        all.push(sample("header", &block.header));
        all.push(sample("compact block", &block.compact()));
        all.push(sample("block", &block));
    }
    all.extend(payloads().iter().map(|(name, value)| sample(name, value)));
    all.extend(justifications().iter().map(|(name, value)| sample(name, value)));
    for (name, justification) in justifications() {
        let view = if justification.is_empty() { 0 } else { 2 };
        let value = pre_prepare(view, payloads().remove(2).1, justification);
        all.push(sample(&format!("pre-prepare: {name}"), &value));
    }
    all.extend(view_changes().iter().map(|(name, value)| sample(name, value)));
    all.extend(sign_records().iter().map(|(name, value)| sample(name, value)));
    all.extend(stake_samples::state().into_iter().map(|(_, sample)| sample));
    all.push(sample("validator set", &Validators::four().set));
    all.push(sample("parameters", &ChainParams::default()));
    all.push(sample("account", &account()));
    all.push(sample("amount", &Amount(u64::MAX)));
    all.push(sample("chain id", &super::context().chain_id));
    all.push(sample("address", &address(1)));
    all.push(sample("signature", &account_key(1).sign(b"sample")));
    all
}
