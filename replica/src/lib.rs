//! The whole node minus I/O: consensus, ledger, mempool and block sync behind one
//! `step(now, input) -> Step`. The binary and the simulator run exactly this.
//!
//! Two halves share the work. [`Replica`] is the core: it is stepped by one thread, reads nothing
//! and waits for nothing. [`Application`] owns the state tree and runs the core's jobs in order on
//! a worker; each answers with an input. [`run_read`] serves what needs only the store.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod admission;
mod application;
mod blocks;
mod chain;
#[cfg(test)]
mod chain_of_one;
mod config;
mod decide;
mod drive;
mod entries;
mod epochs;
mod evidence;
mod evidence_pool;
mod input;
mod job;
mod open;
mod pace;
mod peers;
mod query;
mod rejoin;
mod replica;
mod status;
mod step;
mod sync;
mod verifier;

pub use application::{Application, OpenError};
pub use config::{Config, SignerGuard};
pub use input::{
    DecidedBlock, Input, PeerId, Query, QueryId, RequestId, StoreToken, Ticket, Timer,
    VerifiedAnswer,
};
pub use job::{BuildRequest, Job, JobDone, ReadJob, run_read};
pub use quorate_consensus::{
    Action as ConsensusAction, Completed, Consensus, EvidenceError, Fork, Granted, HeightStart,
    Input as ConsensusInput, KeySigner, Now, ObserverReason, OwnKey, Past, Permit, RejoinRefusal,
    Signer, SignerError, Step as ConsensusStep, Timeouts, TimerId, TimerKind, Vote, accuse,
    complete, judge, offence_of, permit, remember,
};
pub use quorate_ledger::{InclusionError, VERSIONS as KEPT_STATES};
pub use quorate_mempool::{DropReason, Dropped, Limits, MempoolStatus, Refusal, Verdict};
pub use replica::Replica;
pub use status::{NodeStatus, SyncState};
pub use step::{Action, ProvedValue, Reply, Simulated, Step, StoreRequest};
pub use verifier::{Verifier, WireError};
