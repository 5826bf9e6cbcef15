//! The interface from outside: a server in front of a fake backend, and clients of it.
#![allow(clippy::unwrap_used, reason = "helpers of tests are no tests themselves")]

mod client;
mod common;
mod documentation;
mod limits;
mod methods;
mod models;
mod openrpc;
mod proofs;
mod protocol;
mod stake;
mod subscriptions;
mod transactions;
mod waiting;
