//! Proofs of clients. A verifier accepts a proof under exactly the root that the proof leads to, by
//! arithmetic that stands here a second time, and nothing else (B-5, B-7).

use quorate_crypto::Hash;
use quorate_crypto::merkle::{self, MerkleProof};
use quorate_crypto::state_tree::{self, MAX_DEPTH, StateProof, Terminal};

use super::bytes::Bytes;

/// Leaves of a list at most.
const MAX_LEAVES: u8 = 70;

/// A proof of the state tree. Bytes: number of siblings, kind of terminal, key, then the rest.
pub(super) fn state(bytes: &[u8]) -> bool {
    let mut bytes = Bytes::new(bytes);
    let depth = usize::from(bytes.u16()) % (MAX_DEPTH + 3);
    let (kind, key, value) = (bytes.u8() % 3, bytes.hash(), bytes.hash());
    let terminal = match kind {
        0 => Terminal::Empty,
        1 => Terminal::Leaf { key_hash: key, value_hash: value },
        _ => Terminal::Leaf { key_hash: bytes.hash(), value_hash: value },
    };
    let siblings: Vec<Hash> = (0..depth).map(|_| bytes.hash()).collect();
    let root = climb(&key, &terminal, &siblings);
    let is_deep = siblings.len() > MAX_DEPTH;
    let proof = StateProof { siblings, terminal };
    let is_own = matches!(terminal, Terminal::Leaf { key_hash, .. } if key_hash == key);
    let included = proof.verify_inclusion(&root, &key, &value).is_ok();
    let excluded = proof.verify_exclusion(&root, &key).is_ok();
    assert_eq!(included, is_own && !is_deep, "inclusion of {proof:?} (B-7)");
    assert_eq!(excluded, !is_own && !is_deep, "exclusion by {proof:?} (B-7)");
    let other = turned(&root, bytes.u8());
    assert!(proof.verify_inclusion(&other, &key, &value).is_err(), "under another root");
    assert!(proof.verify_exclusion(&other, &key).is_err(), "under another root");
    let value = turned(&value, bytes.u8());
    assert!(proof.verify_inclusion(&root, &key, &value).is_err(), "of another value");
    included || excluded
}

/// The root that a path leads to: at each depth the key's bit says on which side it comes up.
fn climb(key: &Hash, terminal: &Terminal, siblings: &[Hash]) -> Hash {
    let mut node = match terminal {
        Terminal::Empty => state_tree::EMPTY,
        Terminal::Leaf { key_hash, value_hash } => state_tree::leaf(key_hash, value_hash),
    };
    for (sibling, depth) in siblings.iter().zip((0..siblings.len()).rev()) {
        let byte = key.as_bytes().get(depth / 8).copied().unwrap_or(0);
        let is_right = byte.wrapping_shr(u32::try_from(7 - depth % 8).unwrap_or(0)) & 1 == 1;
        let (left, right) = if is_right { (sibling, &node) } else { (&node, sibling) };
        node = state_tree::node(left, right);
    }
    node
}

/// A proof of a list. Bytes: leaves, index, then one thing to change.
pub(super) fn merkle(bytes: &[u8]) -> bool {
    let mut bytes = Bytes::new(bytes);
    let count = bytes.u8() % MAX_LEAVES;
    let leaves: Vec<Hash> = (0..count).map(|_| Hash::from_bytes([bytes.u8(); 32])).collect();
    let (index, root) = (u32::from(bytes.u8()), merkle::root(&leaves));
    let Some(proof) = merkle::prove(&leaves, index) else {
        assert!(index >= u32::from(count), "no proof of {index} in {count} (B-5)");
        return false;
    };
    let leaf = usize::try_from(index).ok().and_then(|index| leaves.get(index).copied());
    let leaf = leaf.expect("it was proved");
    assert_eq!(proof.verify(&root, &leaf), Ok(()), "{proof:?} (B-5)");
    assert!(proof.verify(&turned(&root, bytes.u8()), &leaf).is_err(), "another root (B-5)");
    assert!(proof.verify(&root, &turned(&leaf, bytes.u8())).is_err(), "another leaf (B-5)");
    let changed = changed(&proof, &mut bytes);
    let at = usize::try_from(changed.index).ok().and_then(|index| leaves.get(index));
    let is_true = at == Some(&leaf) && changed.count == proof.count;
    let holds = changed.verify(&root, &leaf).is_ok();
    assert!(!holds || is_true, "{changed:?} beside {proof:?} (B-5)");
    assert!(!holds || changed.siblings == proof.siblings, "one index has one proof (B-5)");
    true
}

/// A proof that says something else. At another index the same leaf may stand.
fn changed(proof: &MerkleProof, bytes: &mut Bytes<'_>) -> MerkleProof {
    let mut changed = proof.clone();
    match bytes.u8() % 5 {
        0 => changed.index = u32::from(bytes.u16()),
        1 => changed.count = u32::from(bytes.u16()),
        2 => changed.siblings.push(bytes.hash()),
        3 => drop(changed.siblings.pop()),
        _ => {
            let at = bytes.position(changed.siblings.len());
            if let Some(sibling) = changed.siblings.get_mut(at) {
                *sibling = turned(sibling, bytes.u8());
            }
        }
    }
    changed
}

/// The hash with one bit turned.
fn turned(hash: &Hash, at: u8) -> Hash {
    let mut bytes = *hash.as_bytes();
    if let Some(byte) = bytes.get_mut(usize::from(at / 8)) {
        *byte ^= 1_u8.wrapping_shl(u32::from(at % 8));
    }
    Hash::from_bytes(bytes)
}
