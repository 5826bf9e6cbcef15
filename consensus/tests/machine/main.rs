//! The state machine with real keys under script control: single instances fed by hand, and whole
//! networks on virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "helpers of tests"
)]

mod application;
mod net;
mod node;
mod oracle;
mod script;
mod solo;
mod world;

mod accountability;
mod adversary;
mod certificates;
mod counting;
mod evidence;
mod flood;
mod fork;
mod happy;
mod observer;
mod observers;
mod order;
mod own_guard;
mod remote_signer;
mod restart;
mod resume;
mod schedules;
mod scripts;
mod section_6;
mod signing;
mod table;
mod time;
mod total;
mod views;
