//! The state transition: accounts, transfers, records, nonces, fees and receipts, stake
//! and epochs (EP-1, EP-2), the rules that a block must keep against the state, and the state
//! tree with its proofs (B-7).
//!
//! Invariant: everything here is a function of its arguments; the same block over the same state
//! gives the same receipts and the same root on every node. It does not know what a view is.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod accounts;
mod actions;
mod arena;
mod attendance;
mod buffer;
mod check;
mod choose;
mod convict;
mod delegate;
mod draft;
mod epochs;
mod error;
mod execute;
mod founding;
mod holding;
mod ledger;
mod payments;
mod pools;
mod register;
mod rewards;
mod simulate;
mod slash;
mod state;
mod state_tree;
mod stop;
mod supply;
mod surroundings;
mod tree_nodes;
mod tree_update;
mod vote;

pub use check::{Place, check_block, select};
pub use choose::{Candidate, choose};
pub use convict::check_evidence;
pub use error::{BlockError, EvidenceError, InclusionError, LedgerError};
pub use execute::{Execution, execute};
pub use founding::{Founder, Founding};
pub use ledger::Ledger;
pub use simulate::simulate;
pub use state::StateView;
pub use state_tree::{StateTree, VERSIONS};
pub use surroundings::Surroundings;
