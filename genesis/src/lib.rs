//! The genesis document: read, judged, hashed, and turned into the first state (B-9).
//!
//! A [`Draft`] is a document in the making; only a document that passes every check becomes a
//! [`Genesis`], which has a hash. Bytes in, values out: no files, no clock.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod check;
mod document;
mod document_staking;
mod draft;
mod error;
mod genesis;
mod initial;
mod json_path;
mod named;
mod warning;

pub use draft::{Draft, GenesisAccount, GenesisValidator};
pub use error::{GenesisError, Problem};
pub use genesis::Genesis;
pub use initial::Initial;
pub use named::with_params;
pub use warning::Warning;

/// Bytes of a document.
pub const MAX_DOCUMENT_BYTES: usize = 8 * 1024 * 1024;
/// Accounts in a document.
pub const MAX_ACCOUNTS: usize = 50_000;
/// Bytes of the symbol.
pub const MAX_SYMBOL_BYTES: usize = 12;
/// Decimals that amounts are shown with.
pub const MAX_DECIMALS: u8 = 18;
/// The last genesis time, in Unix milliseconds: the end of the year 9999.
pub const MAX_TIME_MS: u64 = 253_402_300_799_999;
