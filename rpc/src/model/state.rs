//! Accounts, proofs of the state, and what waits in the mempool.

use quorate_crypto::{Hash, state_tree};
use quorate_types::{self as types, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, Certificate, Decimal, Header, HexBytes, HexHash};
use crate::backend::{AccountFacts, ProvedValue};

/// The answer of `state_getAccount`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Which account.
    pub address: AddressText,
    /// Whether the state holds it; an account that nobody has paid does not exist.
    pub exists: bool,
    /// What it owns, in base units.
    pub balance: Decimal,
    /// How many of its transactions have been executed.
    pub nonce: u64,
    /// The nonce for a new transaction: those that wait in the mempool are counted.
    pub next_nonce: u64,
}

impl Account {
    /// The JSON form of an account.
    #[must_use]
    pub fn of(address: types::Address, facts: &AccountFacts) -> Account {
        let account = facts.account.unwrap_or_default();
        Account {
            address: address.into(),
            exists: facts.account.is_some(),
            balance: account.balance.into(),
            nonce: account.nonce.0,
            next_nonce: facts.next_nonce.0,
        }
    }
}

/// The answer of `state_getRecord`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Whose it is.
    pub owner: AddressText,
    /// Where it stands in its owner's namespace.
    pub key: HexBytes,
    /// What it holds; null where there is no such record.
    pub value: Option<HexBytes>,
}

/// The answer of `state_getProof`: all that is needed to check a value against a validator set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The key: kind, then key proper.
    pub key: HexBytes,
    /// The value's canonical bytes; null when the key is absent.
    pub value: Option<HexBytes>,
    /// The way from the value, or from its absence, to the state root.
    pub proof: StateProof,
    /// The header of `at_height` + 1: its `parent_state_root` is the root that the way leads to.
    pub header: Header,
    /// The certificate of that header.
    pub certificate: Certificate,
}

impl Proof {
    /// The JSON form of a proved value.
    #[must_use]
    pub fn of(key: &StateKey, proved: &ProvedValue) -> Proof {
        Proof {
            key: HexBytes(key.to_bytes()),
            value: proved.value.clone().map(HexBytes),
            proof: StateProof::from(&proved.proof),
            header: Header::from(&proved.header),
            certificate: Certificate::from(&proved.certificate),
        }
    }
}

/// A proof of presence or absence in the state tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateProof {
    /// The other child of each node on the path, from the terminal upwards.
    pub siblings: Vec<HexHash>,
    /// The leaf that the path ends in; null when it ends in an empty subtree.
    pub terminal: Option<Terminal>,
}

/// A leaf of the state tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terminal {
    /// The hash of its key.
    pub key_hash: HexHash,
    /// The hash of its value.
    pub value_hash: HexHash,
}

impl From<&state_tree::StateProof> for StateProof {
    fn from(proof: &state_tree::StateProof) -> Self {
        let terminal = match proof.terminal {
            state_tree::Terminal::Empty => None,
            state_tree::Terminal::Leaf { key_hash, value_hash } => {
                Some(Terminal { key_hash: key_hash.into(), value_hash: value_hash.into() })
            }
        };
        StateProof { siblings: proof.siblings.iter().copied().map(HexHash).collect(), terminal }
    }
}

impl From<&StateProof> for state_tree::StateProof {
    fn from(proof: &StateProof) -> Self {
        let siblings: Vec<Hash> = proof.siblings.iter().map(|sibling| sibling.0).collect();
        let terminal = proof.terminal.as_ref().map_or(state_tree::Terminal::Empty, |leaf| {
            state_tree::Terminal::Leaf { key_hash: leaf.key_hash.0, value_hash: leaf.value_hash.0 }
        });
        state_tree::StateProof { siblings, terminal }
    }
}

/// The answer of `mempool_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MempoolStatus {
    /// Transactions that wait.
    pub transactions: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// Transactions that may wait.
    pub max_transactions: u64,
    /// Bytes that may wait.
    pub max_bytes: u64,
}
