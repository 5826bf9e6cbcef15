//! Merkle trees over lists, for transactions and receipts (B-5).
//!
//! Leaf, node and root have domains of their own, the root commits to the number of leaves, and an
//! odd last node moves up unhashed instead of being doubled: one root has one list, and one
//! (list, index) has one proof. Integers are little endian.

use std::sync::LazyLock;

use thiserror::Error;

use crate::hash::{DerivedDomain, Domain, Hash};

static LEAF: LazyLock<DerivedDomain> =
    LazyLock::new(|| Domain::new("quorate v1 merkle leaf").derive());
static NODE: LazyLock<DerivedDomain> =
    LazyLock::new(|| Domain::new("quorate v1 merkle node").derive());
const ROOT: Domain = Domain::new("quorate v1 merkle root");

/// The root over the hashes of a list's items. The empty list has a root too: that of no leaves
/// over [`Hash::ZERO`].
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level: Vec<Hash> = leaves.iter().map(hash_leaf).collect();
    while level.len() > 1 {
        level = parents(&level);
    }
    hash_root(count(leaves), &level.first().copied().unwrap_or(Hash::ZERO))
}

/// The proof that the item at `index` is in the list, or none where the list is shorter.
#[must_use]
pub fn prove(leaves: &[Hash], index: u32) -> Option<MerkleProof> {
    let mut position = usize::try_from(index).ok()?;
    leaves.get(position)?;
    let mut siblings = Vec::new();
    let mut level: Vec<Hash> = leaves.iter().map(hash_leaf).collect();
    while level.len() > 1 {
        siblings.extend(level.get(position ^ 1));
        position /= 2;
        level = parents(&level);
    }
    Some(MerkleProof { index, count: count(leaves), siblings })
}

/// That an item stands at `index` in a list of `count` items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerkleProof {
    /// The item's place in the list, from 0.
    pub index: u32,
    /// The length of the list.
    pub count: u32,
    /// The other child of each parent on the way from the leaf to the top; a node that moves up
    /// unhashed has none.
    pub siblings: Vec<Hash>,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The index is not below the count.
    #[error("the index is not below the number of leaves")]
    IndexOutOfRange,
    /// The number of siblings is not the one that the index and the count call for.
    #[error("the proof has too few or too many siblings")]
    WrongShape,
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    WrongRoot,
}

impl MerkleProof {
    /// Whether the item that hashes to `leaf` is where the proof says in the list of `root`.
    ///
    /// # Errors
    /// The proof is ill-shaped or leads to another root.
    pub fn verify(&self, root: &Hash, leaf: &Hash) -> Result<(), ProofError> {
        if self.index >= self.count {
            return Err(ProofError::IndexOutOfRange);
        }
        let (mut position, mut width) = (self.index, self.count);
        let mut node = hash_leaf(leaf);
        let mut siblings = self.siblings.iter();
        while width > 1 {
            if position ^ 1 < width {
                let sibling = siblings.next().ok_or(ProofError::WrongShape)?;
                let is_left = position & 1 == 0;
                let (left, right) = if is_left { (&node, sibling) } else { (sibling, &node) };
                node = hash_node(left, right);
            }
            position /= 2;
            width = width.div_ceil(2);
        }
        if siblings.next().is_some() && !museum!(MerkleExtraSiblings) {
            return Err(ProofError::WrongShape);
        }
        if hash_root(self.count, &node) != *root {
            return Err(ProofError::WrongRoot);
        }
        Ok(())
    }
}

fn parents(level: &[Hash]) -> Vec<Hash> {
    let (pairs, odd) = level.as_chunks::<2>();
    if museum!(MerkleDoubledLeaf) {
        let doubled = odd.iter().map(|odd| hash_node(odd, odd));
        return pairs.iter().map(|[left, right]| hash_node(left, right)).chain(doubled).collect();
    }
    pairs.iter().map(|[left, right]| hash_node(left, right)).chain(odd.iter().copied()).collect()
}

fn count(leaves: &[Hash]) -> u32 {
    u32::try_from(leaves.len()).expect("lists are bounded by consensus constants far below 2^32")
}

fn hash_leaf(leaf: &Hash) -> Hash {
    LEAF.hash_parts(&[leaf.as_bytes()])
}

fn hash_node(left: &Hash, right: &Hash) -> Hash {
    NODE.hash_parts(&[left.as_bytes(), right.as_bytes()])
}

fn hash_root(count: u32, top: &Hash) -> Hash {
    let count = if museum!(MerkleCountFree) { 0 } else { count };
    ROOT.hash_parts(&[&count.to_le_bytes(), top.as_bytes()])
}
