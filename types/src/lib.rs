//! The vocabulary of Quorate: identifiers, transactions, blocks, votes, certificates, validator
//! sets, receipts, their canonical bytes, their wire messages, and the verification that turns
//! what a peer said into what the core may believe.
//!
//! Invariant: every byte string that is signed or hashed is laid out in this crate (B-1), decoding
//! accepts exactly what encoding produces (B-2), and `Verified` values are made only by `verify`.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod account;
mod action;
mod address;
mod block;
mod canonical;
mod certificate;
mod chain;
pub mod domains;
mod evidence;
mod header;
pub mod limits;
mod message;
mod numbers;
mod params;
mod persist;
mod proof;
mod read;
mod reader;
mod receipt;
mod record;
mod rejoin;
pub mod sign_log;
mod sign_record;
mod state_key;
mod statement;
mod transaction;
mod transaction_check;
mod validator_set;
pub mod verify;
pub mod wire;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use account::Account;
pub use action::{Action, Transfer};
pub use address::{Address, AddressError};
pub use block::{Block, BlockPayload, CompactBlock, last_commit_hash};
pub use canonical::{Canonical, DecodeError, Writer};
pub use certificate::{Certificate, CertificateKind, SignerSet};
pub use chain::{ChainContext, ChainId, ChainIdError, ChainTag};
pub use evidence::{ArchivedProposal, Evidence, HeightArchive};
pub use header::{Digest, Header, evidence_root, receipts_root, transactions_root};
pub use message::{Justification, Message, PrePrepare, Status, ViewChange};
pub use numbers::{Amount, Epoch, Height, Nonce, Power, Timestamp, ValidatorIndex, View};
pub use params::{ChainParams, PROTOCOL_VERSION, ParamsError};
pub use persist::{ExecutedBlock, ExecutedTip, Persist, StateChanges};
pub use read::{AccountEntry, ChainReader, ReadError, StateReader, Store, TransactionLocation};
pub use reader::Reader;
pub use receipt::{Event, FailureCode, Outcome, Receipt};
pub use record::{RecordError, RecordKey, RecordValue};
pub use rejoin::{Rejoin, RejoinBody};
pub use sign_record::{CommitMark, Guard, OwnMessage, PreparedMark, SignRecord};
pub use state_key::{StateKey, StateKind};
pub use statement::{SignedStatement, Statement, StatementBody, Step};
pub use transaction::{SignatureScheme, Transaction, TransactionBody, TransactionId};
pub use transaction_check::TransactionError;
pub use validator_set::{Validator, ValidatorSet, ValidatorSetError, ValidatorSetId};
pub use verify::{Verified, VerifiedCertificate, VerifiedTransaction};
