//! Vectors of Merkle roots and proofs, and of proofs of the state.

use quorate_crypto::state_tree::{self, StateProof, Terminal};
use quorate_crypto::{Hash, merkle};
use quorate_types::StateKey;

use super::{Entry, Vectors};
use crate::common::{address, hash};

fn join(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

pub fn merkle() -> Vectors {
    let mut entries = Vec::new();
    for count in 0..8_u8 {
        let items: Vec<Hash> = (1..=count).map(hash).collect();
        let root = merkle::root(&items);
        let mut entry = Entry::of(&format!("{count} items"))
            .bytes("items", &join(&items))
            .canonical("root", &root);
        if let Some(index) = count.checked_sub(1) {
            let proof = merkle::prove(&items, u32::from(index)).unwrap();
            assert_eq!(proof.verify(&root, &items[usize::from(index)]), Ok(()));
            entry = entry.text("index", index).bytes("siblings", &join(&proof.siblings));
        }
        entries.push(entry);
    }
    Vectors {
        file: "merkle.json",
        about: "Roots over lists of item hashes, and the proof of each list's last item.",
        entries,
    }
}

/// A state of two keys whose hashes begin with the same bit, so that half of the tree is empty.
pub fn state_tree() -> Vectors {
    let leaf_of = |seed: u8| (StateKey::account(&address(seed)).hash(), hash(seed));
    let own = leaf_of(1);
    let parts = |key: &Hash, depth| state_tree::bit(&own.0, depth) != state_tree::bit(key, depth);
    let other = (2..).map(leaf_of).find(|other| !parts(&other.0, 0)).unwrap();
    let depth = (0..=u8::MAX).find(|depth| parts(&other.0, *depth)).unwrap();

    let mut siblings = vec![state_tree::leaf(&other.0, &other.1)];
    siblings.extend((0..depth).map(|_| state_tree::EMPTY));
    let leaf = state_tree::leaf(&own.0, &own.1);
    let half = climb(&own.0, leaf, &siblings[..siblings.len() - 1], depth);
    let root = climb(&own.0, half, &siblings[siblings.len() - 1..], 0);
    let terminal = Terminal::Leaf { key_hash: own.0, value_hash: own.1 };
    let inclusion = StateProof { siblings, terminal };
    assert_eq!(inclusion.verify_inclusion(&root, &own.0, &own.1), Ok(()));

    let (neighbour, opposite) = (flip(&own.0, 31, 1), flip(&own.0, 0, 0x80));
    assert_eq!(inclusion.verify_exclusion(&root, &neighbour), Ok(()));
    let empty = StateProof { siblings: vec![half], terminal: Terminal::Empty };
    assert_eq!(empty.verify_exclusion(&root, &opposite), Ok(()));
    Vectors {
        file: "state_tree.json",
        about: "Proofs in a state of two keys; siblings from the terminal upwards.",
        entries: vec![
            describe("inclusion", &inclusion, &root, &own.0),
            describe("exclusion by another key's leaf", &inclusion, &root, &neighbour),
            describe("exclusion by an empty subtree", &empty, &root, &opposite),
        ],
    }
}

/// The hash above `below` and these siblings, the first of which stands at `depth`.
fn climb(key: &Hash, below: Hash, siblings: &[Hash], depth: u8) -> Hash {
    let depths = (0..=depth).rev();
    siblings.iter().zip(depths).fold(below, |below, (sibling, depth)| {
        if state_tree::bit(key, depth) {
            state_tree::node(sibling, &below)
        } else {
            state_tree::node(&below, sibling)
        }
    })
}

fn flip(key: &Hash, byte: usize, bits: u8) -> Hash {
    let mut bytes = *key.as_bytes();
    bytes[byte] ^= bits;
    Hash::from_bytes(bytes)
}

fn describe(name: &str, proof: &StateProof, root: &Hash, key_hash: &Hash) -> Entry {
    let entry = Entry::of(name)
        .canonical("root", root)
        .canonical("key_hash", key_hash)
        .bytes("siblings", &join(&proof.siblings));
    match &proof.terminal {
        Terminal::Empty => entry.text("terminal", "empty"),
        Terminal::Leaf { key_hash, value_hash } => entry
            .canonical("terminal_key_hash", key_hash)
            .canonical("terminal_value_hash", value_hash),
    }
}
