//! Commands that need no running node: what they make, refuse and print, and their exit codes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod genesis;
mod home;
mod keys;
mod run;
mod testnet;
mod usage;
