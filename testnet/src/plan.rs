//! What every file of a network holds: a function of the spec, the ports and the genesis time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use quorate_genesis::{Draft, Genesis, GenesisValidator};
use quorate_home::{Config, Home, KeyFile};
use quorate_types::Timestamp;

use crate::development::{BALANCE, BOND, DevelopmentKey};
use crate::error::TestnetError;
use crate::layout::{Account, Layout, Node};
use crate::spec::{Hosts, Ports, Spec};

/// The web pages that may call a local node.
const LOCAL_PAGES: &str = "http://localhost:*";
/// The folder of the funded accounts' keys.
const ACCOUNTS: &str = "accounts";

/// A network, ready to be written.
pub(crate) struct Plan {
    pub(crate) genesis: Genesis,
    pub(crate) nodes: Vec<NodePlan>,
    pub(crate) accounts: Vec<AccountPlan>,
    hosts: Hosts,
}

/// One node.
pub(crate) struct NodePlan {
    pub(crate) home: Home,
    pub(crate) node_key: KeyFile,
    pub(crate) validator_key: KeyFile,
    name: String,
    is_validator: bool,
    ports: Ports,
    /// Where the others connect.
    p2p: String,
}

/// One funded account.
pub(crate) struct AccountPlan {
    pub(crate) key: KeyFile,
    pub(crate) path: PathBuf,
    name: String,
}

/// The network identity of a node key's seed, as text.
pub type PeerIdOf = fn(&[u8; 32]) -> String;

/// Where a complete network writes down what it is.
pub(crate) fn accounts_folder(spec: &Spec) -> PathBuf {
    spec.folder.join(ACCOUNTS)
}

/// The home of each node, in order.
pub(crate) fn homes(spec: &Spec) -> Vec<Home> {
    let validators = (0..spec.validators).map(|index| format!("val{index}"));
    let names = validators.chain((0..spec.full_nodes).map(|index| format!("full{index}")));
    names.map(|name| Home::new(spec.folder.join(name))).collect()
}

impl Plan {
    /// Makes the plan.
    pub(crate) fn new(
        spec: &Spec,
        ports: &[Ports],
        time: Timestamp,
        peer_id: PeerIdOf,
    ) -> Result<Plan, TestnetError> {
        let accounts: Vec<AccountPlan> =
            (0..spec.accounts).map(|index| AccountPlan::new(spec, index)).collect();
        let nodes = homes(spec)
            .into_iter()
            .zip(ports)
            .zip(0..)
            .map(|((home, ports), index)| NodePlan::new(spec, index, home, *ports, peer_id));
        let nodes: Vec<NodePlan> = nodes.collect();
        let genesis = genesis(spec, time, &nodes, &accounts)?;
        Ok(Plan { genesis, nodes, accounts, hosts: spec.hosts })
    }

    /// What is printed of it.
    pub(crate) fn layout(&self) -> Layout {
        Layout {
            chain_id: self.genesis.document().chain_id.to_string(),
            genesis_hash: self.genesis.hash().to_string(),
            nodes: self.nodes.iter().map(|node| node.shown(self.hosts)).collect(),
            accounts: self.accounts.iter().map(AccountPlan::shown).collect(),
        }
    }

    /// The configuration of one of its nodes: every node stays connected to every validator.
    pub(crate) fn config(&self, node: &NodePlan) -> Config {
        let others = self.nodes.iter().filter(|other| other.is_validator);
        let others = others.filter(|other| other.name != node.name);
        let is_service = self.hosts == Hosts::Service;
        let ip = if is_service { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let at = |port| SocketAddr::new(IpAddr::V4(ip), port);
        let mut config = Config::default();
        config.node.moniker.clone_from(&node.name);
        config.p2p.listen = at(node.ports.p2p);
        config.p2p.persistent_peers = others.map(|other| other.p2p.clone()).collect();
        config.rpc.listen = at(node.ports.rpc);
        config.rpc.public = is_service;
        config.rpc.allow_origins = vec![LOCAL_PAGES.to_owned()];
        config.metrics.listen = at(node.ports.metrics);
        if is_service {
            config.rpc.allow_hosts = vec![node.name.clone()];
        }
        config
    }
}

fn genesis(
    spec: &Spec,
    time: Timestamp,
    nodes: &[NodePlan],
    accounts: &[AccountPlan],
) -> Result<Genesis, TestnetError> {
    let mut draft = Draft::new(spec.chain_id.clone(), time);
    draft.params = spec.params;
    for account in accounts {
        draft.add_account(account.key.address(), BALANCE);
    }
    for (node, index) in nodes.iter().filter(|node| node.is_validator).zip(0..) {
        draft.add_validator(GenesisValidator {
            operator: DevelopmentKey::Operator(index).key().address(),
            consensus_key: node.validator_key.validator_key().public(),
            bonded: BOND,
            moniker: node.name.clone(),
            commission_bps: 0,
        });
    }
    let path = spec.folder.clone();
    draft.finish().map_err(|source| TestnetError::Genesis { path, source })
}

impl NodePlan {
    fn new(spec: &Spec, index: u16, home: Home, ports: Ports, peer_id: PeerIdOf) -> NodePlan {
        let name = home.root().file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let node_key = DevelopmentKey::Node(index).key();
        let host = match spec.hosts {
            Hosts::Service => format!("dns4/{name}"),
            Hosts::Loopback | Hosts::FreePorts => format!("ip4/{}", Ipv4Addr::LOCALHOST),
        };
        let peer = peer_id(node_key.seed().as_bytes());
        NodePlan {
            p2p: format!("/{host}/tcp/{}/p2p/{peer}", ports.p2p),
            validator_key: DevelopmentKey::Validator(index).key(),
            is_validator: index < spec.validators,
            home,
            node_key,
            name,
            ports,
        }
    }

    fn shown(&self, hosts: Hosts) -> Node {
        let host = match hosts {
            Hosts::Service => self.name.clone(),
            Hosts::Loopback | Hosts::FreePorts => Ipv4Addr::LOCALHOST.to_string(),
        };
        Node {
            name: self.name.clone(),
            pid: None,
            home: self.home.root().to_owned(),
            rpc: format!("http://{host}:{}", self.ports.rpc),
            p2p: self.p2p.clone(),
            metrics: format!("http://{host}:{}/metrics", self.ports.metrics),
        }
    }
}

impl AccountPlan {
    fn new(spec: &Spec, index: u16) -> AccountPlan {
        let name = format!("acc{index}");
        let path = accounts_folder(spec).join(format!("{name}.key"));
        AccountPlan { key: DevelopmentKey::Account(index).key(), path, name }
    }

    fn shown(&self) -> Account {
        Account {
            name: self.name.clone(),
            address: self.key.address().to_string(),
            key_file: self.path.clone(),
            balance: BALANCE.to_string(),
        }
    }
}
