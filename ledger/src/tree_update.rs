//! The one batch update that builds and changes the state tree (B-7): the changes are split with
//! the keys' bits on the way down, and new nodes are made along the changed paths on the way up.
//!
//! Nodes are shared by versions, so nothing is freed here: an update lists the nodes that the new
//! version no longer uses. Leaves carry no depth and are shared even when they move up or down.

use quorate_crypto::Hash;
use quorate_crypto::state_tree::{leaf, node};

use crate::tree_nodes::{Leaf, Node, Nodes, READ_AHEAD, turns_right};

/// A key hash with its new value hash; none deletes.
pub(crate) type Change = (Hash, Option<Hash>);

/// What an update made and what it left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Footprint {
    /// Nodes that only the new version uses.
    pub(crate) created: Vec<Node>,
    /// Nodes of the version before that the new one does not use.
    pub(crate) retired: Vec<Node>,
}

/// Applies changes, strictly ascending by key, to a whole tree; returns the new one.
pub(crate) fn update(nodes: &mut Nodes, root: Node, changes: &[Change]) -> (Node, Footprint) {
    let ascending = changes.is_sorted_by(|(first, _), (second, _)| first < second);
    assert!(ascending, "a batch is strictly ascending by key");
    let mut update = Update { nodes, footprint: Footprint::default() };
    let root = update.apply(root, 0, changes).node;
    (root, update.footprint)
}

struct Update<'a> {
    nodes: &'a mut Nodes,
    footprint: Footprint,
}

/// A subtree and its hash.
#[derive(Clone, Copy)]
struct Hashed {
    node: Node,
    hash: Hash,
}

impl Update<'_> {
    fn apply(&mut self, subtree: Node, depth: usize, changes: &[Change]) -> Hashed {
        match (subtree, changes) {
            (_, []) => self.unchanged(subtree),
            (Node::Empty, [(key, value)]) => self.place(key, value.as_ref()),
            (Node::Leaf(index), [(key, value)]) if self.nodes.leaf(index).key == *key => {
                self.replace(index, value.as_ref())
            }
            (Node::Empty | Node::Leaf(_) | Node::Inner(_), _) => {
                self.descend(subtree, depth, changes)
            }
        }
    }

    /// Changes both halves and joins them again.
    fn descend(&mut self, subtree: Node, depth: usize, changes: &[Change]) -> Hashed {
        let split = changes.partition_point(|(key, _)| !turns_right(key, depth));
        let (left_changes, right_changes) = changes.split_at(split);
        let (left, right) = self.nodes.halves(subtree, depth);
        self.read_ahead_once(changes, [(left, left_changes), (right, right_changes)], depth + 1);
        // Most of the time is waiting for memory. An unchanged half goes first, so that its hash
        // is on its way from memory together with the other half.
        let (new_left, new_right) = if left_changes.is_empty() {
            let unchanged = self.apply(left, depth + 1, left_changes);
            (unchanged, self.apply(right, depth + 1, right_changes))
        } else {
            let other = self.apply(right, depth + 1, right_changes);
            (self.apply(left, depth + 1, left_changes), other)
        };
        if let Node::Inner(_) = subtree {
            if (new_left.node, new_right.node) == (left, right) {
                return self.unchanged(subtree);
            }
            self.footprint.retired.push(subtree);
        }
        self.join(new_left, new_right)
    }

    /// Reads ahead where the changes have become few enough, and only there.
    fn read_ahead_once(&self, all: &[Change], halves: [(Node, &[Change]); 2], depth: usize) {
        for (half, changes) in halves {
            if all.len() > READ_AHEAD && changes.len() <= READ_AHEAD {
                self.nodes.read_ahead(half, depth, changes);
            }
        }
    }

    /// The subtree of two halves: a lone leaf stands for itself.
    fn join(&mut self, left: Hashed, right: Hashed) -> Hashed {
        match (left.node, right.node) {
            (Node::Empty | Node::Leaf(_), Node::Empty) => left,
            (Node::Empty, Node::Leaf(_)) => right,
            (Node::Inner(_), _) | (_, Node::Inner(_)) | (Node::Leaf(_), Node::Leaf(_)) => {
                let hash = node(&left.hash, &right.hash);
                let node = self.nodes.insert_inner(left.node, right.node, hash);
                self.created(node, hash)
            }
        }
    }

    fn place(&mut self, key: &Hash, value: Option<&Hash>) -> Hashed {
        let Some(value) = value else {
            return self.unchanged(Node::Empty);
        };
        let node = self.nodes.insert_leaf(Leaf { key: *key, value: *value });
        self.created(node, leaf(key, value))
    }

    fn replace(&mut self, index: u32, value: Option<&Hash>) -> Hashed {
        let Leaf { key, value: old } = *self.nodes.leaf(index);
        if value == Some(&old) {
            return self.unchanged(Node::Leaf(index));
        }
        self.footprint.retired.push(Node::Leaf(index));
        self.place(&key, value)
    }

    fn unchanged(&self, node: Node) -> Hashed {
        Hashed { node, hash: self.nodes.hash(node) }
    }

    fn created(&mut self, node: Node, hash: Hash) -> Hashed {
        self.footprint.created.push(node);
        Hashed { node, hash }
    }
}
