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
mod epoch_entry;
mod event;
mod evidence;
mod header;
pub mod limits;
mod message;
mod notice;
mod numbers;
mod params;
mod participation;
mod persist;
mod possession;
mod proof;
mod read;
mod reader;
mod receipt;
mod record;
mod rejoin;
pub mod sign_log;
mod sign_record;
mod stake;
mod staking_params;
mod state_key;
mod statement;
mod transaction;
mod transaction_check;
mod validator_set;
pub mod verify;
pub mod wire;
pub mod worth;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use account::Account;
pub use action::{Action, Registration, StakeMove, Transfer};
pub use address::{Address, AddressError};
pub use block::{Block, BlockPayload, CompactBlock, last_commit_hash};
pub use canonical::{Canonical, DecodeError, Writer};
pub use certificate::{Certificate, CertificateKind, SignerSet};
pub use chain::{ChainContext, ChainId, ChainIdError, ChainTag};
pub use epoch_entry::{EpochClock, EpochEntry, Epochs, KnownEpochs};
pub use event::Event;
pub use evidence::{ArchivedProposal, Evidence, HeightArchive};
pub use header::{Digest, Header, evidence_root, receipts_root, transactions_root};
pub use message::{Justification, Message, PrePrepare, Status, ViewChange};
pub use notice::Notice;
pub use numbers::{Amount, Epoch, Height, Nonce, Power, Timestamp, ValidatorIndex, View};
pub use params::{ChainParams, PROTOCOL_VERSION, ParamsChange, ParamsError};
pub use participation::Participation;
pub use persist::{ExecutedBlock, ExecutedTip, Persist, StateChanges};
pub use possession::{prove_possession, verify_possession};
pub use read::{AccountEntry, ChainReader, ReadError, StateReader, Store, TransactionLocation};
pub use reader::Reader;
pub use receipt::{FailureCode, Outcome, Receipt};
pub use record::{RecordError, RecordKey, RecordValue};
pub use rejoin::{Rejoin, RejoinBody};
pub use sign_record::{CommitMark, Guard, OwnMessage, PreparedMark, SignRecord};
pub use stake::{
    AddressList, Delegation, KeyRotation, Lock, Moniker, MonikerError, Payment, PaymentCursor,
    Redelegation, Standing, Unbonding, UnbondingPool, ValidatorEntry,
};
pub use staking_params::{StakingParams, WHOLE_BPS};
pub use state_key::{StateKey, StateKind};
pub use statement::{SignedStatement, Statement, StatementBody, Step};
pub use transaction::{SignatureScheme, Transaction, TransactionBody, TransactionId};
pub use transaction_check::TransactionError;
pub use validator_set::{Validator, ValidatorSet, ValidatorSetError, ValidatorSetId};
pub use verify::{Verified, VerifiedCertificate, VerifiedTransaction};
