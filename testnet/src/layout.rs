//! What a network consists of, in the form that commands print: names, homes, addresses, keys.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The chain's name.
    pub chain_id: String,
    /// The hash of the genesis document.
    pub genesis_hash: String,
    /// Validators, then full nodes.
    pub nodes: Vec<Node>,
    /// Funded accounts.
    pub accounts: Vec<Account>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `val0`, `full0`, …
    pub name: String,
    /// The process, once it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Its folder.
    pub home: PathBuf,
    /// Where clients connect: an http URL.
    pub rpc: String,
    /// Where peers connect: a multiaddr with peer id.
    pub p2p: String,
    /// Where metrics are: an http URL.
    pub metrics: String,
}

/// One funded account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `acc0`, …
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its key.
    pub key_file: PathBuf,
    /// What it owns at the start, in base units.
    pub balance: String,
}

impl Layout {
    /// The object on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a spec's folder is UTF-8")
    }
}
