//! What network is wanted, with the limits of that.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use quorate_home::{METRICS_PORT, P2P_PORT, RPC_PORT};
use quorate_types::{ChainId, ChainParams};

use crate::error::TestnetError;

/// Validators of a local network. All of them share one machine.
pub const MAX_VALIDATORS: u16 = 64;
/// Full nodes of a local network.
pub const MAX_FULL_NODES: u16 = 64;
/// Funded accounts of a local network.
pub const MAX_ACCOUNTS: u16 = 1_000;
/// Heights in an epoch of a local network that is told nothing else: half an hour of an idle one.
const EPOCH_LENGTH: u64 = 1_000;
/// Ports between one node and the next.
const PORT_STEP: u16 = 10;
/// Where free ports are looked for.
const FREE_PORTS: RangeInclusive<u16> = 20_000..=26_999;
/// From where one process looks to where the next one does: room for ten nodes.
const PORTS_BETWEEN_PROCESSES: u32 = 31;

/// A network that is wanted.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its chain id, which must begin with `local-`.
    pub chain_id: ChainId,
    /// How many validators.
    pub validators: u16,
    /// How many full nodes.
    pub full_nodes: u16,
    /// How many funded accounts.
    pub accounts: u16,
    /// The chain's parameters.
    pub params: ChainParams,
    /// Where the nodes are.
    pub hosts: Hosts,
    /// The folder for everything.
    pub folder: PathBuf,
}

/// Where the nodes are, as seen by each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// On this machine, on the usual ports; node i adds 10 * i.
    Loopback,
    /// On this machine, on ports that are free now.
    FreePorts,
    /// Each on a host of its own, which has the node's name: containers.
    Service,
}

/// The ports of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) p2p: u16,
    pub(crate) rpc: u16,
    pub(crate) metrics: u16,
}

/// The parameters of a local network that is told nothing else: the usual ones with a shorter epoch,
/// so that one sees an epoch end.
#[must_use]
pub fn local_params() -> ChainParams {
    ChainParams { epoch_length: EPOCH_LENGTH, ..ChainParams::default() }
}

const USUAL: Ports = Ports { p2p: P2P_PORT, rpc: RPC_PORT, metrics: METRICS_PORT };

impl Spec {
    /// Checks every number's range.
    ///
    /// # Errors
    /// Names the first that is out of range.
    pub fn check(&self) -> Result<(), TestnetError> {
        if !self.chain_id.is_local() {
            let problem = format!("the chain id {} does not begin with local-", self.chain_id);
            return Err(TestnetError::Spec(problem));
        }
        if self.folder.to_str().is_none() {
            let problem = format!("the folder {} is not UTF-8", self.folder.display());
            return Err(TestnetError::Spec(problem));
        }
        let ranges = [
            ("validators", self.validators, 1, MAX_VALIDATORS),
            ("full nodes", self.full_nodes, 0, MAX_FULL_NODES),
            ("accounts", self.accounts, 1, MAX_ACCOUNTS),
        ];
        for (what, found, least, most) in ranges {
            if !(least..=most).contains(&found) {
                let problem = format!("{found} {what}, not {least} to {most}");
                return Err(TestnetError::Spec(problem));
            }
        }
        Ok(())
    }

    /// The ports of every node: validators, then full nodes.
    pub(crate) fn ports(&self) -> Result<Vec<Ports>, TestnetError> {
        let count = self.validators.saturating_add(self.full_nodes);
        match self.hosts {
            Hosts::Service => Ok((0..count).map(|_| USUAL).collect()),
            Hosts::Loopback => Ok((0..count).map(|node| usual_plus(node * PORT_STEP)).collect()),
            Hosts::FreePorts => free_ports(count).map_err(TestnetError::NoFreePort),
        }
    }
}

fn usual_plus(offset: u16) -> Ports {
    Ports { p2p: USUAL.p2p + offset, rpc: USUAL.rpc + offset, metrics: USUAL.metrics + offset }
}

/// Ports that nobody has now. All are held until the last is known, so that they differ.
///
/// They lie below those that the system gives to outgoing connections, or a node's connection to
/// the first peer might take the port of the next; and each process starts to look elsewhere, so
/// that two networks which start together do not find the same.
fn free_ports(nodes: u16) -> io::Result<Vec<Ports>> {
    let span = FREE_PORTS.end() - FREE_PORTS.start() + 1;
    let start = std::process::id().wrapping_mul(PORTS_BETWEEN_PROCESSES) % u32::from(span);
    let start = FREE_PORTS.start() + u16::try_from(start).unwrap_or(0);
    let candidates = (start..=*FREE_PORTS.end()).chain(*FREE_PORTS.start()..start);
    let held = candidates
        .filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .take(usize::from(nodes) * 3);
    let held: Vec<TcpListener> = held.collect();
    let ports = held.iter().map(|listener| Ok(listener.local_addr()?.port()));
    let ports: Vec<u16> = ports.collect::<io::Result<_>>()?;
    let (triples, _) = ports.as_chunks::<3>();
    if triples.len() < usize::from(nodes) {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    Ok(triples
        .iter()
        .map(|[p2p, rpc, metrics]| Ports { p2p: *p2p, rpc: *rpc, metrics: *metrics })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Spec {
        Spec {
            chain_id: "local-test".parse().unwrap(),
            validators: 4,
            full_nodes: 1,
            accounts: 10,
            params: local_params(),
            hosts: Hosts::Loopback,
            folder: PathBuf::new(),
        }
    }

    #[test]
    fn numbers_have_ranges() {
        spec().check().unwrap();
        Spec { validators: MAX_VALIDATORS, full_nodes: MAX_FULL_NODES, ..spec() }.check().unwrap();
        for bad in [
            Spec { validators: 0, ..spec() },
            Spec { validators: MAX_VALIDATORS + 1, ..spec() },
            Spec { full_nodes: MAX_FULL_NODES + 1, ..spec() },
            Spec { accounts: 0, ..spec() },
            Spec { accounts: MAX_ACCOUNTS + 1, ..spec() },
            Spec { chain_id: "main".parse().unwrap(), ..spec() },
        ] {
            bad.check().unwrap_err();
        }
    }

    #[test]
    fn no_two_nodes_share_a_port() {
        for hosts in [Hosts::Loopback, Hosts::FreePorts] {
            let most = Spec { validators: MAX_VALIDATORS, full_nodes: MAX_FULL_NODES, ..spec() };
            let ports = Spec { hosts, ..most }.ports().unwrap();
            let mut all: Vec<u16> = ports.iter().flat_map(|p| [p.p2p, p.rpc, p.metrics]).collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 128 * 3);
        }
        assert_eq!(spec().ports().unwrap()[4].rpc, 27_697);
    }
}
