//! The nodes of the state tree (B-7), shared by all versions: nobody changes a node that is there.
//! Leaves carry no depth, so they are shared even when they move up or down.

use std::hint::black_box;

use quorate_crypto::Hash;
use quorate_crypto::state_tree::{EMPTY, StateProof, Terminal, bit, leaf};

use crate::arena::Arena;
use crate::tree_update::Change;

/// How many paths are fetched at a time.
pub(crate) const READ_AHEAD: usize = 16;

/// A subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Without keys.
    Empty,
    /// With one key.
    Leaf(u32),
    /// With two keys or more.
    Inner(u32),
}

/// One cache line, so that reading it waits for memory once.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Leaf {
    pub(crate) key: Hash,
    pub(crate) value: Hash,
}

#[derive(Clone, Copy, Debug)]
struct Inner {
    left: Node,
    right: Node,
    hash: Hash,
}

/// The nodes of all versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nodes {
    leaves: Arena<Leaf>,
    inner: Arena<Inner>,
}

impl Nodes {
    pub(crate) fn leaf(&self, index: u32) -> &Leaf {
        self.leaves.get(index)
    }

    pub(crate) fn insert_leaf(&mut self, leaf: Leaf) -> Node {
        Node::Leaf(self.leaves.insert(leaf))
    }

    /// A node of two halves that have two keys or more together, and its hash.
    pub(crate) fn insert_inner(&mut self, left: Node, right: Node, hash: Hash) -> Node {
        Node::Inner(self.inner.insert(Inner { left, right, hash }))
    }

    /// The halves of a subtree at a depth; a lone leaf lies in one of them.
    pub(crate) fn halves(&self, subtree: Node, depth: usize) -> (Node, Node) {
        match subtree {
            Node::Empty => (Node::Empty, Node::Empty),
            Node::Leaf(index) if turns_right(&self.leaf(index).key, depth) => {
                (Node::Empty, subtree)
            }
            Node::Leaf(_) => (subtree, Node::Empty),
            Node::Inner(index) => {
                let Inner { left, right, .. } = self.inner.get(index);
                (*left, *right)
            }
        }
    }

    /// The subtree's hash. A leaf's is computed anew: keeping it would cost a third more memory.
    pub(crate) fn hash(&self, subtree: Node) -> Hash {
        match subtree {
            Node::Empty => EMPTY,
            Node::Leaf(index) => {
                let Leaf { key, value } = self.leaves.get(index);
                leaf(key, value)
            }
            Node::Inner(index) => self.inner.get(index).hash,
        }
    }

    /// Gives back nodes that no version uses any more.
    pub(crate) fn free(&mut self, nodes: &[Node]) {
        self.leaves.remove_all(nodes.iter().filter_map(|node| match node {
            Node::Leaf(index) => Some(*index),
            Node::Empty | Node::Inner(_) => None,
        }));
        self.inner.remove_all(nodes.iter().filter_map(|node| match node {
            Node::Inner(index) => Some(*index),
            Node::Empty | Node::Leaf(_) => None,
        }));
    }

    /// The proof of what `key` has below `root`: the path down, turned upside down.
    pub(crate) fn prove(&self, root: Node, key: &Hash) -> StateProof {
        let mut siblings = Vec::new();
        let mut subtree = root;
        while let Node::Inner(index) = subtree {
            let (next, sibling) = self.fork(index, key, siblings.len());
            siblings.push(self.hash(sibling));
            subtree = next;
        }
        siblings.reverse();
        StateProof { siblings, terminal: self.terminal(subtree) }
    }

    /// The child on the key's path, and the other one.
    fn fork(&self, index: u32, key: &Hash, depth: usize) -> (Node, Node) {
        let Inner { left, right, .. } = self.inner.get(index);
        if turns_right(key, depth) { (*right, *left) } else { (*left, *right) }
    }

    fn terminal(&self, subtree: Node) -> Terminal {
        match subtree {
            Node::Leaf(index) => {
                let Leaf { key, value } = self.leaves.get(index);
                Terminal::Leaf { key_hash: *key, value_hash: *value }
            }
            Node::Empty | Node::Inner(_) => Terminal::Empty,
        }
    }

    /// Walks down the paths of some keys side by side, for nothing but the time: the nodes come
    /// from memory together instead of one after the other, and waiting for them is most of what
    /// an update does. Looks at no more than [`READ_AHEAD`] keys.
    pub(crate) fn read_ahead(&self, subtree: Node, depth: usize, changes: &[Change]) {
        let mut ends = [subtree; READ_AHEAD];
        let mut seen = 0;
        for depth in depth.. {
            let mut is_below = false;
            for (end, (key, _)) in ends.iter_mut().zip(changes) {
                let Node::Inner(index) = *end else { continue };
                let (next, sibling) = self.fork(index, key, depth);
                seen ^= self.touch(next) ^ self.touch(sibling);
                *end = next;
                is_below = true;
            }
            if !is_below {
                break;
            }
        }
        black_box(seen);
    }

    /// Some bits of what the hash of a subtree is read from.
    fn touch(&self, subtree: Node) -> u8 {
        match subtree {
            Node::Empty => 0,
            Node::Leaf(index) => self.leaf(index).key.as_bytes()[0],
            Node::Inner(index) => {
                let hash = self.inner.get(index).hash.as_bytes();
                hash[0] ^ hash[31]
            }
        }
    }

    /// Nodes in use, leaves and inner ones.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.leaves.len() + self.inner.len()
    }

    /// Memory that the nodes in use take.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.leaves.len() * size_of::<Leaf>() + self.inner.len() * size_of::<Inner>()
    }
}

/// Which half of a subtree at this depth the key lies in.
pub(crate) fn turns_right(key: &Hash, depth: usize) -> bool {
    bit(key, u8::try_from(depth).expect("distinct keys part within their 256 bits"))
}
