//! Nodes that talk to each other over real sockets on 127.0.0.1.
//!
//! One binary, so that libp2p is linked once. Every wait is for an event, under a limit.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod connections;
mod direct;
mod gossip;
mod hostile;
mod node;
mod records;
mod stranger;
