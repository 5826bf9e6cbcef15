//! What a node keeps on disk: the chain database (RocksDB behind the read traits of `types`) and,
//! apart from it, the sign-state file of its key (S-2, S-3).
//!
//! Invariant: what `write` acknowledged with `sync` survives a crash at any moment, and what is
//! found damaged is an error, never a guess.

mod chain_db;
mod columns;
mod error;
mod folder;
mod keys;
mod lost_sign_state;
mod options;
mod progress;
mod sign_error;
mod sign_state;
mod snapshot;
mod write;

pub use chain_db::ChainDb;
pub use error::StorageError;
pub use lost_sign_state::LostSignState;
pub use sign_error::SignStateError;
pub use sign_state::SignStateFile;
pub use snapshot::ChainSnapshot;
