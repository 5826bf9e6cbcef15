//! The light client: it verifies what a full node says, from the genesis or from a trusted
//! checkpoint, and trusts nobody on the way (protocol section 9.1, L-1 to L-6).
//!
//! A [`TrustedEpoch`] is what the client knows: the validators of one epoch. It judges headers of
//! that epoch, and an [`EpochStep`] takes it to the next. A [`FinalHeader`] judges [`Claim`]s. A
//! [`ProofBundle`] is all of that in one string of bytes, for those who keep no state.
//!
//! Invariant: whatever is proved here is signed by quorums of validator sets that lead without a
//! gap from what the caller trusts. No clock, no files, no network: all of it is arguments.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod bundle;
mod claim;
mod epoch;
mod error;
mod limits;
mod trust;

pub use bundle::{ProofBundle, ProvedBundle, prove_bundle, verify_bundle, verify_bytes};
pub use claim::{Claim, Fact, ProvedClaim, StateClaim};
pub use epoch::{EpochStep, FinalHeader, TrustedEpoch};
pub use error::LightError;
pub use limits::{
    CLOCK_TOLERANCE_MS, MAX_BUNDLE_BYTES, MAX_EPOCH_STEPS, MAX_STATE_KEY_BYTES,
    MAX_STATE_VALUE_BYTES,
};
pub use trust::{Anchor, Start, Trust, least_trust_ms};
