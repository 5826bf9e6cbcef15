//! The rules that a type cannot express. Each fault names its key and the remedy.

use crate::config::Config;
use quorate_types::limits::MAX_MONIKER_BYTES;

/// Most incoming connections.
const MAX_PEERS: u32 = 1_000;
/// Most persistent peers: every other validator of the largest set.
const MAX_PERSISTENT_PEERS: usize = 200;
/// Bytes of a socket's path: what the system can bind to.
const MAX_SOCKET_BYTES: usize = 107;
/// The longest timeout, in milliseconds.
const MAX_TIMEOUT_MS: u64 = 600_000;
/// Most transactions that may wait.
const MAX_MEMPOOL_TRANSACTIONS: u32 = 10_000_000;
/// Most bytes that may wait: 16 GiB.
const MAX_MEMPOOL_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// Fewest bytes that may wait: a block's worth.
const MIN_MEMPOOL_BYTES: u64 = 1024 * 1024;

/// A value that is not allowed.
pub(crate) struct Fault {
    pub(crate) key: &'static str,
    pub(crate) problem: String,
    pub(crate) remedy: &'static str,
}

pub(crate) fn validate(config: &Config) -> Result<(), Fault> {
    check_names(config)?;
    check_signer(config)?;
    check_peers(config)?;
    check_rpc(config)?;
    check_numbers(config)
}

fn check_names(config: &Config) -> Result<(), Fault> {
    let moniker = &config.node.moniker;
    if moniker.len() > MAX_MONIKER_BYTES || moniker.chars().any(char::is_control) {
        return Err(Fault {
            key: "node.moniker",
            problem: format!("not up to {MAX_MONIKER_BYTES} bytes without control characters"),
            remedy: "choose a shorter, printable name",
        });
    }
    if config.log.level.trim().is_empty() {
        return Err(Fault {
            key: "log.level",
            problem: String::from("no level"),
            remedy: "choose error, warn, info, debug or trace",
        });
    }
    Ok(())
}

fn check_signer(config: &Config) -> Result<(), Fault> {
    let socket = &config.validator.signer;
    if socket.is_empty() || (socket.starts_with('/') && socket.len() <= MAX_SOCKET_BYTES) {
        return Ok(());
    }
    Err(Fault {
        key: "validator.signer",
        problem: format!("{socket:?} is no absolute path of up to {MAX_SOCKET_BYTES} bytes"),
        remedy: "name the socket that `quorate signer` was given",
    })
}

fn check_peers(config: &Config) -> Result<(), Fault> {
    let peers = &config.p2p.persistent_peers;
    let key = "p2p.persistent_peers";
    if peers.len() > MAX_PERSISTENT_PEERS {
        let problem = format!("{} peers, more than {MAX_PERSISTENT_PEERS}", peers.len());
        return Err(Fault { key, problem, remedy: "list fewer" });
    }
    let is_address = |peer: &&String| peer.starts_with('/') && peer.contains("/tcp/");
    if let Some(peer) = peers.iter().find(|peer| !is_address(peer)) {
        return Err(Fault {
            key,
            problem: format!("{peer:?} is no peer's address"),
            remedy: "write it as /ip4/192.0.2.1/tcp/27656/p2p/ID or /dns4/HOST/tcp/27656/p2p/ID",
        });
    }
    Ok(())
}

fn check_rpc(config: &Config) -> Result<(), Fault> {
    let rpc = &config.rpc;
    if !rpc.listen.ip().is_loopback() && !rpc.public {
        return Err(Fault {
            key: "rpc.listen",
            problem: format!("{} is open to other machines", rpc.listen),
            remedy: "set rpc.public = true if that is meant, or listen on 127.0.0.1",
        });
    }
    let is_origin =
        |origin: &&String| ["http://", "https://"].iter().any(|scheme| origin.starts_with(scheme));
    if let Some(origin) = rpc.allow_origins.iter().find(|origin| !is_origin(origin)) {
        return Err(Fault {
            key: "rpc.allow_origins",
            problem: format!("{origin:?} is no origin"),
            remedy: "write it as https://wallet.example or http://localhost:*",
        });
    }
    Ok(())
}

fn check_numbers(config: &Config) -> Result<(), Fault> {
    let Config { p2p, consensus, mempool, .. } = config;
    let ranges = [
        ("p2p.max_peers", u64::from(p2p.max_peers), 1, u64::from(MAX_PEERS)),
        ("consensus.timeout_min_ms", consensus.timeout_min_ms, 1, MAX_TIMEOUT_MS),
        (
            "consensus.timeout_initial_ms",
            consensus.timeout_initial_ms,
            consensus.timeout_min_ms,
            consensus.timeout_max_ms,
        ),
        (
            "consensus.timeout_max_ms",
            consensus.timeout_max_ms,
            consensus.timeout_min_ms,
            consensus.timeout_cap_ms,
        ),
        ("consensus.timeout_cap_ms", consensus.timeout_cap_ms, 1, MAX_TIMEOUT_MS),
        (
            "mempool.max_transactions",
            u64::from(mempool.max_transactions),
            1,
            u64::from(MAX_MEMPOOL_TRANSACTIONS),
        ),
        ("mempool.max_bytes", mempool.max_bytes, MIN_MEMPOOL_BYTES, MAX_MEMPOOL_BYTES),
        (
            "mempool.max_per_sender",
            u64::from(mempool.max_per_sender),
            1,
            u64::from(mempool.max_transactions),
        ),
    ];
    let fault = ranges.iter().find(|(_, found, least, most)| found < least || found > most);
    fault.map_or(Ok(()), |(key, found, least, most)| {
        let problem = format!("{found} is not {least} to {most}");
        Err(Fault { key, problem, remedy: "choose a value in the range" })
    })
}
