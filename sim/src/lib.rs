//! The deterministic simulator: N replicas, the very ones that the node runs, on virtual time, over
//! a network that delays, loses, doubles and cuts, on disks that lose what was not synced, some of
//! them Byzantine. Oracles of their own judge what comes out of the honest. One seed is one run, to the last event.
//!
//! [`run`] runs a seed and gives its account; [`shrink`] makes a failing one small; [`World`] is for
//! scenarios that are driven by hand; [`twins`] enumerates attacks with doubled keys on the consensus
//! state machine alone; [`fuzzing`] holds what has to be true of any bytes.
#![deny(clippy::indexing_slicing, clippy::as_conversions, clippy::panic, clippy::float_arithmetic)]

mod byzantine;
mod chaos;
mod churn;
mod clock;
mod disk;
mod event;
mod faults;
pub mod fuzzing;
mod host;
mod journal;
mod links;
mod lives;
mod losses;
mod mesh;
mod moves;
mod network;
mod node;
mod options;
mod oracles;
mod own_signer;
mod parcel;
mod plan;
mod post;
mod random;
mod report;
mod run;
mod settle;
mod setup;
mod shrink;
mod sign_file;
mod signers;
mod stakeholders;
mod store;
mod trace;
mod trouble;
pub mod twins;
mod votes;
mod workload;
mod world;

pub use byzantine::{Byzantine, Misbehaviour, UnknownMisbehaviour};
pub use churn::{Churn, UnknownChurn};
pub use event::NodeId;
pub use faults::{Fault, Faults, UnknownFault};
pub use losses::Image;
pub use options::{MAX_FULL_NODES, MAX_VALIDATORS, Options};
pub use oracles::Violation;
pub use own_signer::{Call, SignerState};
pub use report::{Counts, Report};
pub use run::run;
pub use setup::Terms;
pub use shrink::shrink;
pub use store::{MemoryStore, StoreError};
pub use trouble::Written;
pub use world::{Sabotage, World};
