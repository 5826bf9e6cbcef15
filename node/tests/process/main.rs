//! Tests of whole networks: the binary, its processes, its command line, as a user meets them.
//! Each waits for events under a limit, never for a time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod crashes;
mod documents;
mod equivocation;
mod joining;
mod network;
mod newcomer;
mod proofs;
mod records;
mod refusals;
mod rejoin;
mod road;
mod signer;
mod votes;
