//! A node that joins a running network: a home that `init` made from the network's genesis, and
//! ports of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::network::{Network, height_at, json, kill_hard, quorate, run, wait_for, wait_free};

/// Above the ports that networks take, below those that the system gives to outgoing connections.
const PORTS: Range<u32> = 28_000..32_000;
/// From where one process of tests looks to where the next one does.
const PORTS_BETWEEN_PROCESSES: u32 = 37;

/// A port that nobody has now, another one with each call.
pub fn free_port() -> u16 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(PORTS_BETWEEN_PROCESSES);
    loop {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let offset = first.wrapping_add(call) % (PORTS.end - PORTS.start);
        let port = u16::try_from(PORTS.start + offset).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// The node; dropping it kills it.
pub struct Newcomer {
    home: PathBuf,
    ports: [u16; 3],
    child: Option<Child>,
}

impl Newcomer {
    /// Makes a home in a folder that is not there yet; two validators are its peers.
    pub fn init(network: &Network, home: PathBuf) -> Newcomer {
        let genesis = format!("{}/config/genesis.json", network.home(0));
        let peer = |index| network.node(index)["p2p"].as_str().unwrap();
        let command = ["init", "--home", home.to_str().unwrap(), "--genesis", &genesis];
        let peers = ["--peer", peer(0), "--peer", peer(1)];
        let output = run(&[&command[..], &peers].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Newcomer { home, ports: [(); 3].map(|()| free_port()), child: None }
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self) {
        wait_free(&self.home);
        let [p2p, rpc, metrics] = self.ports.map(|port| format!("127.0.0.1:{port}"));
        let ports = ["--p2p-listen", &p2p, "--rpc-listen", &rpc, "--metrics-listen", &metrics];
        let command = [&["start", "--home", self.home.to_str().unwrap()][..], &ports].concat();
        self.child = Some(quorate(&command).stderr(Stdio::null()).spawn().unwrap());
        wait_for("the newcomer to answer", || height_at(&self.rpc()));
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        kill_hard(&[child.id().to_string()]);
        child.wait().unwrap();
    }

    pub fn rpc(&self) -> String {
        let [_, rpc, _] = self.ports;
        format!("http://127.0.0.1:{rpc}")
    }

    pub fn home(&self) -> &Path {
        &self.home
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// An account with a key of its own, who operates a validator.
pub struct Operator {
    pub address: String,
    key: String,
}

impl Operator {
    /// Makes the key in a home and has it funded by the network's first account.
    pub fn funded(network: &Network, home: &Path, amount: u64) -> Operator {
        let folder = home.to_str().unwrap();
        let made = json(&["keys", "new", "operator", "--home", folder, "-o", "json"]);
        let address = made["address"].as_str().unwrap().to_owned();
        let from = ["--from", network.account(0, "key_file"), "--to", &address];
        let amount = ["--amount", &amount.to_string()];
        network.ask(0, &[&["tx", "transfer"][..], &from, &amount].concat());
        Operator { address, key: format!("{folder}/keys/operator.key") }
    }

    /// Sends a transaction that must be final and succeed.
    pub fn send(&self, network: &Network, what: &[&str]) -> Value {
        let sent = network.ask(0, &[&["tx"], what, &["--from", &self.key]].concat());
        assert_eq!(sent["receipt"]["status"], "success", "{sent}");
        sent
    }

    /// Registers a validator with the consensus key of a home.
    pub fn register(&self, network: &Network, home: &Path, bond: u64) {
        let home = ["register", "--home", home.to_str().unwrap(), "--moniker", "fifth"];
        let terms = ["--commission", "5%", "--bond", &bond.to_string()];
        self.send(network, &[&home[..], &terms].concat());
    }

    /// Waits until the validator has a place in the set; its entry.
    pub fn wait_chosen(&self, network: &Network) -> Value {
        wait_for("the newcomer to be chosen", || {
            let validator = network.validator(&self.address);
            validator["index"].is_u64().then_some(validator)
        })
    }
}
