//! A node's folder: where its files stand, the schema of config.toml, key files, the folder's lock.
//!
//! ```text
//! HOME/config/{config.toml,genesis.json,node_key,validator_key}
//! HOME/data/         the chain database; can be built again from the network
//! HOME/sign-state/   what the validator key has signed; with the key, or nowhere
//! HOME/logs/         what a node writes that `testnet up` started
//! HOME/lock          names the process that runs here
//! ```
//!
//! Invariant: nothing that exists is ever overwritten, and no secret is ever in a file that
//! somebody else can read. Randomness of the whole program comes from here.

mod config;
mod environment;
mod files;
mod key_file;
mod lock;
mod paths;
mod settings;
mod template;
mod validate;

pub use config::{
    Config, ConsensusConfig, LogConfig, LogFormat, MempoolConfig, MetricsConfig, NodeConfig,
    P2pConfig, RpcConfig, ValidatorConfig,
};
pub use environment::{ENVIRONMENT_PREFIX, program_environment};
pub use files::{Audience, FileError, ensure_file, ensure_folder, read_file, write_new};
pub use key_file::{KeyError, KeyFile, KeyKind, Seed, check_plain_key};
pub use lock::{HomeLock, LockError};
pub use paths::Home;
pub use settings::{ConfigError, Flag, Origin, Setting, Settings};
pub use template::to_commented_toml;

/// The port for peers.
pub const P2P_PORT: u16 = 27_656;
/// The port for clients: JSON-RPC, WebSocket, health.
pub const RPC_PORT: u16 = 27_657;
/// The port for metrics.
pub const METRICS_PORT: u16 = 27_660;
