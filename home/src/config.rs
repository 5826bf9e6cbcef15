//! The schema of config.toml. Every key has a default, and the defaults are the list of the keys:
//! what is not in it is refused, in the file and in the environment alike.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::{METRICS_PORT, P2P_PORT, RPC_PORT};

/// All that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The node itself.
    pub node: NodeConfig,
    /// The validator's key.
    pub validator: ValidatorConfig,
    /// Towards peers.
    pub p2p: P2pConfig,
    /// Towards clients.
    pub rpc: RpcConfig,
    /// Towards monitoring.
    pub metrics: MetricsConfig,
    /// What is logged.
    pub log: LogConfig,
    /// The bounds of the view timeout.
    pub consensus: ConsensusConfig,
    /// What may wait.
    pub mempool: MempoolConfig,
}

/// `[node]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeConfig {
    /// A name for logs; may be empty.
    pub moniker: String,
}

/// `[validator]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidatorConfig {
    /// The socket of the signer that has the validator key; empty when the key is in this home.
    pub signer: String,
}

/// `[p2p]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct P2pConfig {
    /// Where to listen for peers.
    pub listen: SocketAddr,
    /// Peers to stay connected to, as multiaddrs.
    pub persistent_peers: Vec<String>,
    /// Incoming connections at the same time.
    pub max_peers: u32,
}

/// `[rpc]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RpcConfig {
    /// Where to listen for clients.
    pub listen: SocketAddr,
    /// Whether listening beyond this machine is meant.
    pub public: bool,
    /// Host names that requests may be for, beside addresses and loopback names.
    pub allow_hosts: Vec<String>,
    /// Web pages that may call, by origin.
    pub allow_origins: Vec<String>,
}

/// `[metrics]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsConfig {
    /// Whether metrics are served.
    pub enabled: bool,
    /// Where.
    pub listen: SocketAddr,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// A level, or levels by module.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// `[consensus]`: the bounds of the view timeout, which adapts to the latencies seen (T-2). Local:
/// nodes may differ, and safety depends on none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsensusConfig {
    /// The base never falls below, in milliseconds.
    pub timeout_min_ms: u64,
    /// The base before anything was decided, in milliseconds.
    pub timeout_initial_ms: u64,
    /// The base never rises above, in milliseconds.
    pub timeout_max_ms: u64,
    /// Doubling from view to view ends here, in milliseconds.
    pub timeout_cap_ms: u64,
}

/// `[mempool]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MempoolConfig {
    /// Transactions that wait at the same time.
    pub max_transactions: u32,
    /// Their bytes together.
    pub max_bytes: u64,
    /// Transactions of one sender.
    pub max_per_sender: u32,
}

fn at(ip: Ipv4Addr, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(ip), port)
}

impl Default for P2pConfig {
    fn default() -> Self {
        P2pConfig {
            listen: at(Ipv4Addr::UNSPECIFIED, P2P_PORT),
            persistent_peers: Vec::new(),
            max_peers: 64,
        }
    }
}

impl Default for RpcConfig {
    fn default() -> Self {
        let listen = at(Ipv4Addr::LOCALHOST, RPC_PORT);
        RpcConfig { listen, public: false, allow_hosts: Vec::new(), allow_origins: Vec::new() }
    }
}

impl Default for MetricsConfig {
    fn default() -> Self {
        MetricsConfig { enabled: true, listen: at(Ipv4Addr::LOCALHOST, METRICS_PORT) }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { level: String::from("info"), format: LogFormat::Text }
    }
}

impl Default for ConsensusConfig {
    fn default() -> Self {
        ConsensusConfig {
            timeout_min_ms: 300,
            timeout_initial_ms: 1_000,
            timeout_max_ms: 4_000,
            timeout_cap_ms: 10_000,
        }
    }
}

impl Default for MempoolConfig {
    fn default() -> Self {
        MempoolConfig {
            max_transactions: 100_000,
            max_bytes: 64 * 1024 * 1024,
            max_per_sender: 1_024,
        }
    }
}
