//! The state tree of the last heights (B-7): one sorted batch per block, proofs against each of
//! the last [`VERSIONS`] roots, and the newest version can be taken back.
//!
//! Invariant: a node is freed exactly when the last version that uses it has left the window.

use std::collections::VecDeque;

use quorate_crypto::Hash;
use quorate_crypto::state_tree::StateProof;
use quorate_types::Height;

use crate::tree_nodes::{Node, Nodes};
use crate::tree_update::{Change, Footprint, update};

/// How many heights can be proved.
pub const VERSIONS: usize = 16;

/// The tree after each of the last heights.
#[derive(Clone, Debug)]
pub struct StateTree {
    nodes: Nodes,
    /// Oldest first, heights without a gap, never empty.
    versions: VecDeque<Version>,
}

#[derive(Clone, Debug)]
struct Version {
    height: Height,
    root: Node,
    hash: Hash,
    footprint: Footprint,
}

impl StateTree {
    /// Builds the tree of `height` from (key hash, value hash) pairs in any order, keys distinct.
    #[must_use]
    pub fn from_pairs(height: Height, pairs: impl IntoIterator<Item = (Hash, Hash)>) -> StateTree {
        let mut changes: Vec<Change> =
            pairs.into_iter().map(|(key, value)| (key, Some(value))).collect();
        changes.sort_unstable();
        let mut nodes = Nodes::default();
        let (root, _) = update(&mut nodes, Node::Empty, &changes);
        let hash = nodes.hash(root);
        let first = Version { height, root, hash, footprint: Footprint::default() };
        StateTree { nodes, versions: VecDeque::from([first]) }
    }

    /// The newest height.
    #[must_use]
    pub fn height(&self) -> Height {
        self.newest().height
    }

    /// The root of the newest height.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.newest().hash
    }

    /// The root of a height in the window.
    #[must_use]
    pub fn root_at(&self, height: Height) -> Option<Hash> {
        self.version(height).map(|version| version.hash)
    }

    /// The proof of what a key has at a height in the window.
    #[must_use]
    pub fn prove(&self, height: Height, key_hash: &Hash) -> Option<StateProof> {
        let version = self.version(height)?;
        Some(self.nodes.prove(version.root, key_hash))
    }

    /// Applies the changes of the next height, strictly ascending by key hash, none deleting;
    /// returns its root. The oldest version leaves a full window.
    pub fn update(&mut self, height: Height, changes: &[(Hash, Option<Hash>)]) -> Hash {
        assert_eq!(height, self.height().next(), "the tree grows height by height");
        let before = self.newest().root;
        let (root, footprint) = update(&mut self.nodes, before, changes);
        let hash = self.nodes.hash(root);
        self.versions.push_back(Version { height, root, hash, footprint });
        if self.versions.len() > VERSIONS {
            self.drop_oldest();
        }
        hash
    }

    /// Takes back the newest version, unless it is the only one; says whether it did.
    pub fn rewind(&mut self) -> bool {
        if self.versions.len() < 2 {
            return false;
        }
        let taken = self.versions.pop_back().expect("there are two");
        self.nodes.free(&taken.footprint.created);
        true
    }

    fn drop_oldest(&mut self) {
        self.versions.pop_front();
        let oldest = self.versions.front_mut().expect("the window holds more than one");
        // What it retired was kept for the versions below, the last of which has just left.
        self.nodes.free(&std::mem::take(&mut oldest.footprint).retired);
    }

    fn newest(&self) -> &Version {
        self.versions.back().expect("the window is never empty")
    }

    fn version(&self, height: Height) -> Option<&Version> {
        let oldest = self.versions.front()?.height;
        let position = usize::try_from(height.0.checked_sub(oldest.0)?).ok()?;
        self.versions.get(position)
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::state_tree::hash_value;

    use super::*;

    fn key(index: u32) -> Hash {
        hash_value(&index.to_be_bytes())
    }

    fn tree(keys: std::ops::Range<u32>) -> StateTree {
        StateTree::from_pairs(Height(0), keys.map(|index| (key(index), key(index))))
    }

    /// Deletes, replaces and inserts: afterwards the keys are `round` to `round` + 500.
    fn shift(tree: &mut StateTree, round: u32) {
        let mut changes = vec![
            (key(round - 1), None),
            (key(round + 250), Some(key(round))),
            (key(round + 499), Some(key(round))),
        ];
        changes.sort_unstable();
        tree.update(tree.height().next(), &changes);
    }

    #[test]
    fn no_node_outlives_the_window_and_none_goes_before_it() {
        let mut tree = tree(0..500);
        for round in 1..=100 {
            shift(&mut tree, round);
        }
        for _ in 0..VERSIONS {
            tree.update(tree.height().next(), &[]);
        }
        let rebuilt = super::tests::tree(100..600);
        assert_eq!(tree.nodes.len(), rebuilt.nodes.len());
    }

    #[test]
    fn rewinding_frees_what_the_version_made() {
        let mut tree = tree(0..500);
        let before = tree.nodes.len();
        for round in 1..=10 {
            shift(&mut tree, round);
        }
        while tree.rewind() {}
        assert_eq!(tree.nodes.len(), before);
    }

    #[test]
    fn a_key_takes_about_130_bytes() {
        let keys = 100_000;
        let per_key = tree(0..keys).nodes.bytes() / usize::try_from(keys).unwrap();
        assert!((120..=140).contains(&per_key), "{per_key} bytes per key");
    }
}
