//! The hashing rules of the state tree and the verifiers of its proofs (B-7).
//!
//! A binary sparse Merkle tree over the 256-bit hash of (kind, key), read from the most
//! significant bit down. An empty subtree is [`EMPTY`]; a subtree with one key is that key's
//! [`leaf`], at whatever depth; any other is the [`node`] of its halves. So the root is a function
//! of the set of (key, value) alone. The tree itself lives elsewhere.

use std::sync::LazyLock;

use thiserror::Error;

use crate::hash::{DerivedDomain, Domain, Hash};

static KEY: LazyLock<DerivedDomain> =
    LazyLock::new(|| Domain::new("quorate v1 state key").derive());
static VALUE: LazyLock<DerivedDomain> =
    LazyLock::new(|| Domain::new("quorate v1 state value").derive());
static LEAF: LazyLock<DerivedDomain> =
    LazyLock::new(|| Domain::new("quorate v1 state leaf").derive());
static NODE: LazyLock<DerivedDomain> =
    LazyLock::new(|| Domain::new("quorate v1 state node").derive());

/// The hash of a subtree without keys.
pub const EMPTY: Hash = Hash::ZERO;

/// The most siblings that a proof can have: one for each bit of a key hash.
pub const MAX_DEPTH: usize = 256;

/// Where `key` of this kind of state lies in the tree.
#[must_use]
pub fn hash_key(kind: u8, key: &[u8]) -> Hash {
    KEY.hash_parts(&[&[kind], key])
}

/// The hash that stands for a value. The empty value is a value like any other.
#[must_use]
pub fn hash_value(value: &[u8]) -> Hash {
    VALUE.hash_parts(&[value])
}

/// The hash of a subtree with one key.
#[must_use]
pub fn leaf(key_hash: &Hash, value_hash: &Hash) -> Hash {
    LEAF.hash_parts(&[key_hash.as_bytes(), value_hash.as_bytes()])
}

/// The hash of a subtree with two keys or more.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    NODE.hash_parts(&[left.as_bytes(), right.as_bytes()])
}

/// Which way the key goes at a node of this depth (the root's is 0): right where the bit is set.
#[must_use]
pub fn bit(key_hash: &Hash, depth: u8) -> bool {
    let byte = key_hash.as_bytes().get(usize::from(depth / 8));
    byte.expect("an eighth of a u8 is below 32") & (0x80 >> (depth % 8)) != 0
}

/// What the path of a key ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Terminal {
    /// A subtree without keys.
    Empty,
    /// A subtree with one key: the one asked for, or another on the same path.
    Leaf {
        /// The hash of that key.
        key_hash: Hash,
        /// The hash of its value.
        value_hash: Hash,
    },
}

/// What a key's path ends in, and the way from there to the root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StateProof {
    /// The other child of each node on the path, from the terminal upwards.
    pub siblings: Vec<Hash>,
    /// The end of the path.
    pub terminal: Terminal,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StateProofError {
    /// More siblings than a key has bits.
    #[error("the proof is deeper than a key has bits")]
    TooDeep,
    /// The path does not end in what is to be proved.
    #[error("the proof ends in something else than what it is to prove")]
    WrongTerminal,
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    WrongRoot,
}

impl StateProof {
    /// Whether the key has exactly this value in the state of `root`.
    ///
    /// # Errors
    /// The proof is too deep, ends in something else, or leads to another root.
    pub fn verify_inclusion(
        &self,
        root: &Hash,
        key_hash: &Hash,
        value_hash: &Hash,
    ) -> Result<(), StateProofError> {
        let wanted = Terminal::Leaf { key_hash: *key_hash, value_hash: *value_hash };
        if self.terminal != wanted {
            return Err(StateProofError::WrongTerminal);
        }
        self.verify_path(root, key_hash, leaf(key_hash, value_hash))
    }

    /// Whether the key has no value in the state of `root`.
    ///
    /// # Errors
    /// The proof is too deep, ends in the key itself, or leads to another root.
    pub fn verify_exclusion(&self, root: &Hash, key_hash: &Hash) -> Result<(), StateProofError> {
        let terminal = match &self.terminal {
            Terminal::Empty => EMPTY,
            Terminal::Leaf { key_hash: other, .. } if other == key_hash => {
                return Err(StateProofError::WrongTerminal);
            }
            Terminal::Leaf { key_hash: other, value_hash } => leaf(other, value_hash),
        };
        self.verify_path(root, key_hash, terminal)
    }

    /// Climbs from `terminal`; the turns come from the key's bits, never from the proof.
    fn verify_path(
        &self,
        root: &Hash,
        key_hash: &Hash,
        terminal: Hash,
    ) -> Result<(), StateProofError> {
        if self.siblings.len() > MAX_DEPTH {
            return Err(StateProofError::TooDeep);
        }
        let depths = (0..=u8::MAX).take(self.siblings.len()).rev();
        let top = self.siblings.iter().zip(depths).fold(terminal, |below, (sibling, depth)| {
            if bit(key_hash, depth) { node(sibling, &below) } else { node(&below, sibling) }
        });
        if top != *root {
            return Err(StateProofError::WrongRoot);
        }
        Ok(())
    }
}
