//! The hash domains of every object of this crate: no two objects share one (B-3).

use quorate_crypto::Domain;

/// A signed consensus statement.
pub const STATEMENT: Domain = Domain::new("quorate v1 statement");
/// A block header; its hash is the digest.
pub const HEADER: Domain = Domain::new("quorate v1 header");
/// The justification of a pre-prepare above view 0.
pub const JUSTIFICATION: Domain = Domain::new("quorate v1 justification");
/// A certificate, as the header of the next block commits to it.
pub const CERTIFICATE: Domain = Domain::new("quorate v1 certificate");
/// What a transaction's signers sign.
pub const TRANSACTION_SIGNING: Domain = Domain::new("quorate v1 transaction signing");
/// A transaction's id.
pub const TRANSACTION_ID: Domain = Domain::new("quorate v1 transaction id");
/// An account's address.
pub const ADDRESS: Domain = Domain::new("quorate v1 address");
/// A receipt.
pub const RECEIPT: Domain = Domain::new("quorate v1 receipt");
/// A validator set.
pub const VALIDATOR_SET: Domain = Domain::new("quorate v1 validator set");
/// The genesis document's canonical bytes.
pub const GENESIS: Domain = Domain::new("quorate v1 genesis");
/// The derivation of epoch seeds (T-5).
pub const EPOCH_SEED: Domain = Domain::new("quorate v1 epoch seed");
/// The permutation of primaries of one height (T-4).
pub const PRIMARIES: Domain = Domain::new("quorate v1 primaries");
/// A sign-state record's checksum.
pub const SIGN_RECORD: Domain = Domain::new("quorate v1 sign record");
/// A piece of evidence.
pub const EVIDENCE: Domain = Domain::new("quorate v1 evidence");
/// The evidence and rejoin entries of a block.
pub const EVIDENCE_LIST: Domain = Domain::new("quorate v1 evidence list");
/// A validator's request to sign again after it lost its records (S-5).
pub const REJOIN: Domain = Domain::new("quorate v1 rejoin");
/// A validator's proof that it has its consensus key.
pub const POSSESSION: Domain = Domain::new("quorate v1 possession");
