//! The state transition: accounts, transfers, records, nonces, fees and receipts, the rules
//! that a block must keep against the state, and the state tree with its proofs (B-7).
//!
//! Invariant: everything here is a function of its arguments; the same block over the same state
//! gives the same receipts and the same root on every node. It does not know what a view is.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod accounts;
mod arena;
mod check;
mod draft;
mod entries;
mod error;
mod execute;
mod ledger;
mod state;
mod state_tree;
mod tree_nodes;
mod tree_update;

pub use check::{check_block, select};
pub use error::{BlockError, InclusionError, LedgerError};
pub use execute::{Execution, execute};
pub use ledger::Ledger;
pub use state::StateView;
pub use state_tree::{StateTree, VERSIONS};
