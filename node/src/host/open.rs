//! From a home to what a node runs on: genesis, keys, chain database, sign-state, replica. Nothing
//! is created but the chain database; a missing sign-state is not a fresh one (S-3).

use std::net::SocketAddr;

use quorate_genesis::{Genesis, MAX_DOCUMENT_BYTES};
use quorate_home::{
    Config, Home, HomeLock, KeyFile, KeyKind, Settings, check_plain_key, read_file,
};
use quorate_network::{self as network, Multiaddr, PeerRecord, SignedPeerRecord};
use quorate_replica::{
    Application, Config as ReplicaConfig, KeySigner, Limits, Now, Replica, Step, Timeouts,
};
use quorate_storage::{ChainDb, SignStateFile};
use quorate_types::ChainReader;

use super::core::Signing;
use super::error::HostError;
use super::fork;

/// Everything that a node starts with.
pub(crate) struct Opened {
    pub(crate) network: network::Config,
    pub(crate) replica: Replica,
    pub(crate) application: Application,
    pub(crate) first_step: Step,
    pub(crate) database: ChainDb,
    pub(crate) signing: Option<Signing>,
    pub(crate) genesis: Genesis,
    pub(crate) limits: Limits,
    /// Held as long as the node runs.
    pub(crate) lock: HomeLock,
}

pub(crate) fn open(home: &Home, settings: &Settings, now: Now) -> Result<Opened, HostError> {
    let genesis = read_genesis(home)?;
    let lock = HomeLock::take(home)?;
    fork::check_none(home)?;
    let context = genesis.context();
    let node_key = KeyFile::read(&home.node_key(), KeyKind::Node)?;
    let validator = validator_key(home, &genesis)?;
    let (signing, record) = match &validator {
        None => (None, None),
        Some(key) => {
            check_plain_key(&home.validator_key(), &context.chain_id)?;
            let public = key.validator_key().public();
            let (file, record) = SignStateFile::open(&home.sign_state(), &context, &public)?;
            let signer = KeySigner::new(key.validator_key());
            (Some(Signing { signer, file }), Some(record))
        }
    };
    let database = open_database(home, &genesis)?;
    let config = settings.config();
    let limits = mempool_limits(config);
    let replica_config = ReplicaConfig {
        context,
        genesis_time: genesis.document().time,
        key: validator.as_ref().map(|key| key.validator_key().public()),
        timeouts: timeouts(config),
        mempool: limits,
    };
    let (replica, application, first_step) = Replica::open(now, replica_config, record, &database)?;
    let network = network_config(config, &genesis, &node_key, (validator.as_ref(), now))?;
    Ok(Opened {
        network,
        replica,
        application,
        first_step,
        database,
        signing,
        genesis,
        limits,
        lock,
    })
}

fn read_genesis(home: &Home) -> Result<Genesis, HostError> {
    let path = home.genesis_file();
    let problem = |what: String, remedy: &str| HostError::Home {
        problem: format!("{}: {what}", path.display()),
        remedy: remedy.to_owned(),
    };
    let bytes = read_file(&path, MAX_DOCUMENT_BYTES).map_err(|error| HostError::Home {
        problem: error.to_string(),
        remedy: "make a home with `quorate init --genesis FILE`, or a local network with \
                 `quorate testnet up`"
            .to_owned(),
    })?;
    Genesis::parse(&bytes).map_err(|error| {
        problem(error.to_string(), "mend the document; `quorate genesis validate` checks it")
    })
}

/// The validator key, if the genesis set lists it: without a place in the set, a node is a full
/// node and signs nothing.
fn validator_key(home: &Home, genesis: &Genesis) -> Result<Option<KeyFile>, HostError> {
    let path = home.validator_key();
    if !path.exists() {
        return Ok(None);
    }
    let key = KeyFile::read(&path, KeyKind::Validator)?;
    let listed = genesis.validator_set().index_of_key(&key.validator_key().public()).is_some();
    Ok(listed.then_some(key))
}

/// Opens the database, and stores the genesis state in a new one.
fn open_database(home: &Home, genesis: &Genesis) -> Result<ChainDb, HostError> {
    let database = ChainDb::open(&home.data(), &genesis.context())?;
    let executed = database.executed().map_err(|error| HostError::Halted(error.to_string()))?;
    if executed.is_none() {
        let initial = genesis.initial();
        database.init_genesis(&initial.changes, &initial.tip)?;
    }
    Ok(database)
}

fn timeouts(config: &Config) -> Timeouts {
    let consensus = &config.consensus;
    Timeouts {
        min_ms: consensus.timeout_min_ms,
        initial_ms: consensus.timeout_initial_ms,
        max_ms: consensus.timeout_max_ms,
        cap_ms: consensus.timeout_cap_ms,
    }
}

fn mempool_limits(config: &Config) -> Limits {
    let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Limits {
        max_transactions: size(config.mempool.max_transactions.into()),
        max_bytes: size(config.mempool.max_bytes),
        max_per_sender: size(config.mempool.max_per_sender.into()),
        ..Limits::default()
    }
}

fn network_config(
    config: &Config,
    genesis: &Genesis,
    node_key: &KeyFile,
    (validator, now): (Option<&KeyFile>, Now),
) -> Result<network::Config, HostError> {
    let context = genesis.context();
    let hash = context.genesis_hash.to_string();
    let chain = format!("{}-{}", context.chain_id, hash.trim_start_matches("0x"));
    let node_key = *node_key.seed().as_bytes();
    let record = validator.map(|key| {
        let secret = key.validator_key();
        let record = PeerRecord {
            chain: chain.clone(),
            peer: network::peer_id(&node_key),
            validator: secret.public(),
            // Each start states anew; the newest statement counts.
            sequence: now.wall.0,
        };
        let signature = secret.sign(record.signing_hash().as_bytes());
        SignedPeerRecord { record, signature }
    });
    Ok(network::Config {
        node_key,
        chain,
        listen: vec![multiaddr(config.p2p.listen)],
        persistent_peers: persistent_peers(config)?,
        max_peers: config.p2p.max_peers,
        record,
    })
}

fn persistent_peers(config: &Config) -> Result<Vec<Multiaddr>, HostError> {
    let parse = |text: &String| {
        text.parse().map_err(|error| HostError::Home {
            problem: format!("p2p.persistent_peers: {text:?} is no multiaddr: {error}"),
            remedy: "write it like /ip4/192.0.2.1/tcp/27656/p2p/12D3…".to_owned(),
        })
    };
    config.p2p.persistent_peers.iter().map(parse).collect()
}

fn multiaddr(address: SocketAddr) -> Multiaddr {
    let protocol = if address.is_ipv4() { "ip4" } else { "ip6" };
    let text = format!("/{protocol}/{}/tcp/{}", address.ip(), address.port());
    text.parse().expect("an address and a port make a multiaddr")
}
