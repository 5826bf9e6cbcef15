//! Which transactions wait, in which order, within which limits.
//!
//! Transactions are kept by sender and nonce. A sender's *chain* is what waits of it; its *ready*
//! part runs on from the account's nonce without a gap, and all of it could be in the next block:
//! the balance covers the fees of the whole chain, and nothing expired is kept.
//! Signatures and the static rules are checked before a transaction comes here; whether its amount
//! is covered is execution's to say.
//!
//! Invariant: count, bytes and length of a chain never exceed the [`Limits`]; every order is a
//! function of what was inserted when, so equal calls lead to equal pools (B-6, X-1). Nobody looks
//! here for safety: two nodes may hold different pools.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod admission;
mod candidates;
mod chain;
mod eviction;
mod limits;
mod pool;
mod rank;
mod verdict;

pub use limits::{
    Limits, MAX_BYTES, MAX_NONCE_GAP, MAX_PER_SENDER, MAX_SKIPPED_CANDIDATES, MAX_TRANSACTIONS,
    REPLACEMENT_PERCENT, TIME_TO_LIVE_MS,
};
pub use pool::{Mempool, MempoolStatus};
pub use verdict::{DropReason, Dropped, Refusal, Verdict};
