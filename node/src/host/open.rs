//! From a home to what a node runs on: genesis, keys, chain database, sign-state, replica. Nothing
//! is created but the chain database; a missing sign-state is not a fresh one (S-3): without it a
//! validator observes (S-5).

use std::net::SocketAddr;

use quorate_crypto::{Hash, ValidatorPublicKey};
use quorate_genesis::{Genesis, MAX_DOCUMENT_BYTES};
use quorate_home::{Config, Home, HomeLock, KeyFile, KeyKind, Seed, Settings, read_file};
use quorate_network::{self as network, Multiaddr, PeerRecord};
use quorate_replica::{
    Application, Config as ReplicaConfig, Limits, Now, Past, Replica, SignerGuard, Step, Timeouts,
};
use quorate_storage::{ChainDb, LostSignState, SignStateError, SignStateFile};
use quorate_types::{ChainContext, ChainReader, SignRecord};

use super::core::{SignState, Signing};
use super::error::HostError;
use super::fork;
use super::holder::Holder;
use crate::signer::chain_tag;

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
    let mut holder = Holder::find(home, settings.config(), &genesis)?;
    let (state, past) = match &holder {
        None => (None, Past::from(SignRecord::default())),
        Some(holder) => {
            let (state, past) = open_sign_state(home, &context, &holder.key())?;
            (Some(state), past)
        }
    };
    let database = open_database(home, &genesis)?;
    let config = settings.config();
    let limits = mempool_limits(config);
    let replica_config = ReplicaConfig {
        context,
        genesis_time: genesis.document().time,
        key: holder.as_ref().map(Holder::key),
        guard: holder.as_mut().map_or(Ok(SignerGuard::Record), Holder::guard)?,
        timeouts: timeouts(config),
        mempool: limits,
        rejoin_value: Hash::from_bytes(*Seed::random()?.as_bytes()),
    };
    let (replica, application, first_step) = Replica::open(now, replica_config, past, &database)?;
    let network = network_config(config, &genesis, &node_key, (holder.as_mut(), now))?;
    let signing = state.zip(holder);
    let signing = signing.map(|(state, holder)| Signing { signer: holder.into_signer(), state });
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

/// S-5: without records that can be read the node observes, and says so. Those of another key or
/// chain are the operator's to mend.
fn open_sign_state(
    home: &Home,
    context: &ChainContext,
    key: &ValidatorPublicKey,
) -> Result<(SignState, Past), HostError> {
    let folder = home.sign_state();
    match SignStateFile::open(&folder, context, key) {
        Ok((file, record)) => Ok((SignState::Kept(file), record.into())),
        Err(error @ (SignStateError::Missing(_) | SignStateError::Unreadable { .. })) => {
            tracing::error!(%error, "no record of what this key has signed: starting as observer");
            let lost = LostSignState::hold(&folder, context, key)?;
            Ok((SignState::Lost(lost), Past::Lost))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn read_genesis(home: &Home) -> Result<Genesis, HostError> {
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
    (holder, now): (Option<&mut Holder>, Now),
) -> Result<network::Config, HostError> {
    let chain = chain_tag(&genesis.context());
    let node_key = *node_key.seed().as_bytes();
    let record = holder.map(|holder| {
        holder.sign_peer_record(PeerRecord {
            chain: chain.clone(),
            peer: network::peer_id(&node_key),
            validator: holder.key(),
            // Each start states anew; the newest statement counts.
            sequence: now.wall.0,
        })
    });
    Ok(network::Config {
        node_key,
        chain,
        listen: vec![multiaddr(config.p2p.listen)],
        persistent_peers: persistent_peers(config)?,
        max_peers: config.p2p.max_peers,
        record: record.transpose()?,
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
