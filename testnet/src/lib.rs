//! Local networks: their files, their processes, and load for them.
//!
//! Invariant: only chains named `local-…`, whose keys come from a published seed; nothing that
//! exists is overwritten, and nothing of a network is removed because a node died.

mod development;
mod error;
mod generate;
mod layout;
mod load;
mod plan;
mod processes;
mod screen;
mod spec;
mod tail;
mod up;
mod watch;

pub use development::{BALANCE, BOND, DevelopmentKey};
pub use error::TestnetError;
pub use generate::{Hooks, generate};
pub use layout::{Account, Layout, Node};
pub use load::{
    LoadError, LoadReport, LoadSpec, MAX_DURATION, MAX_RATE, MAX_TRANSFERS, read_accounts, run_load,
};
pub use plan::PeerIdOf;
pub use processes::{Ended, Processes, READY_LIMIT, STOP_LIMIT, is_ready};
pub use spec::{Hosts, MAX_ACCOUNTS, MAX_FULL_NODES, MAX_VALIDATORS, Spec, local_params};
pub use up::{Stopped, Up, up};
pub use watch::{Look, Watch};
