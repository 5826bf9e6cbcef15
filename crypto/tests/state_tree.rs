//! Proofs of the state tree against a tree written from the rule alone (B-7).

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use quorate_crypto::Hash;
use quorate_crypto::state_tree::{
    EMPTY, MAX_DEPTH, StateProof, StateProofError, Terminal, bit, hash_key, hash_value, leaf, node,
};

type Tree = BTreeMap<Hash, Hash>;

/// The bit at `depth`, counted by hand: byte by byte, the most significant bit first.
fn turns_right(key: &Hash, depth: usize) -> bool {
    (key.as_bytes()[depth / 8] >> (7 - depth % 8)) & 1 == 1
}

fn halves(tree: &Tree, depth: usize) -> (Tree, Tree) {
    tree.iter().partition(|(key, _)| !turns_right(key, depth))
}

fn subtree(tree: &Tree, depth: usize) -> Hash {
    match tree.len() {
        0 => EMPTY,
        1 => tree.iter().map(|(key, value)| leaf(key, value)).next().unwrap(),
        _ => {
            let (left, right) = halves(tree, depth);
            node(&subtree(&left, depth + 1), &subtree(&right, depth + 1))
        }
    }
}

fn prove(tree: &Tree, key: &Hash, depth: usize) -> StateProof {
    if tree.len() > 1 {
        let (left, right) = halves(tree, depth);
        let (mine, other) = if turns_right(key, depth) { (right, left) } else { (left, right) };
        let mut proof = prove(&mine, key, depth + 1);
        proof.siblings.push(subtree(&other, depth + 1));
        return proof;
    }
    let terminal = tree.first_key_value().map_or(Terminal::Empty, |(key, value)| Terminal::Leaf {
        key_hash: *key,
        value_hash: *value,
    });
    StateProof { siblings: vec![], terminal }
}

fn flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 0x80 >> (bit % 8);
    Hash::from_bytes(bytes)
}

/// Whether the proof shows that the key has this value, or with none, that it has no value.
fn holds(proof: &StateProof, root: &Hash, key: &Hash, value: Option<&Hash>) -> bool {
    match value {
        Some(value) => proof.verify_inclusion(root, key, value).is_ok(),
        None => proof.verify_exclusion(root, key).is_ok(),
    }
}

/// Every way to change one thing in the siblings of a proof.
fn mutations(proof: &StateProof) -> Vec<StateProof> {
    let mut changed = Vec::new();
    for place in 0..=proof.siblings.len() {
        let mut longer = proof.clone();
        longer.siblings.insert(place, EMPTY);
        changed.push(longer);
    }
    for place in 0..proof.siblings.len() {
        let mut other = proof.clone();
        other.siblings[place] = flipped(&other.siblings[place], place);
        changed.push(other);
        let mut shorter = proof.clone();
        shorter.siblings.remove(place);
        changed.push(shorter);
    }
    changed
}

/// One truth about one key: its proof holds, and neither a lie nor a changed proof does.
fn check_key(tree: &Tree, key: &Hash) {
    let root = subtree(tree, 0);
    let proof = prove(tree, key, 0);
    let value = tree.get(key);
    assert!(holds(&proof, &root, key, value));
    let lie = if value.is_some() { None } else { Some(hash_value(b"lie")) };
    assert!(!holds(&proof, &root, key, lie.as_ref()));
    assert!(!holds(&proof, &root, key, Some(&hash_value(b"lie"))));
    assert!(!holds(&proof, &flipped(&root, 3), key, value));
    for changed in mutations(&proof) {
        assert!(!holds(&changed, &root, key, value), "{changed:?}");
    }
    let far = flipped(key, 0);
    if !proof.siblings.is_empty() && !tree.contains_key(&far) {
        assert!(!holds(&proof, &root, &far, None), "the turns come from the key");
    }
}

fn key(byte: u8) -> Hash {
    Hash::from_bytes([byte; 32])
}

#[test]
fn bits_are_read_from_the_most_significant_one_down() {
    let key = hash_key(1, b"key");
    for depth in 0..=255 {
        assert_eq!(bit(&key, depth), turns_right(&key, depth.into()));
    }
    let top = flipped(&Hash::ZERO, 0);
    assert_eq!(top.as_bytes()[0], 0x80);
    assert!(bit(&top, 0) && !bit(&top, 1) && !bit(&top, 7) && !bit(&top, 255));
}

#[test]
fn kind_key_and_every_role_have_domains_of_their_own() {
    let (a, b) = (hash_value(b"a"), hash_value(b"b"));
    assert_ne!(leaf(&a, &b), node(&a, &b));
    assert_ne!(hash_key(1, b"a"), hash_key(2, b"a"));
    assert_ne!(hash_key(b'a', b""), hash_value(b"a"));
    let both = [*a.as_bytes(), *b.as_bytes()].concat();
    assert_ne!(hash_value(&both), node(&a, &b));
    assert_ne!(hash_value(&both), leaf(&a, &b));
    assert_ne!(hash_value(b""), EMPTY, "an empty value is present");
}

#[test]
fn the_smallest_trees() {
    check_key(&Tree::new(), &key(0x55));
    let one = Tree::from([(key(0x55), hash_value(b""))]);
    assert_eq!(subtree(&one, 0), leaf(&key(0x55), &hash_value(b"")));
    check_key(&one, &key(0x55));
    check_key(&one, &key(0xaa));
    check_key(&one, &key(0x54));
}

#[test]
fn a_key_that_is_there_cannot_be_shown_absent() {
    let tree = Tree::from([(key(1), hash_value(b"v")), (key(0x81), hash_value(b"w"))]);
    let root = subtree(&tree, 0);
    let proof = prove(&tree, &key(1), 0);
    assert_eq!(proof.verify_exclusion(&root, &key(1)), Err(StateProofError::WrongTerminal));
    let other_value = Terminal::Leaf { key_hash: key(1), value_hash: hash_value(b"x") };
    let proof = StateProof { terminal: other_value, ..proof };
    assert_eq!(proof.verify_exclusion(&root, &key(1)), Err(StateProofError::WrongTerminal));
    for terminal in
        [Terminal::Empty, Terminal::Leaf { key_hash: key(2), value_hash: hash_value(b"v") }]
    {
        let proof = StateProof { terminal, ..proof.clone() };
        assert_eq!(proof.verify_exclusion(&root, &key(1)), Err(StateProofError::WrongRoot));
    }
}

#[test]
fn a_key_that_is_not_there_cannot_be_shown_present() {
    let tree = Tree::from([(key(1), hash_value(b"v")), (key(0x81), hash_value(b"w"))]);
    let root = subtree(&tree, 0);
    let proof = prove(&tree, &key(2), 0);
    let wrong = Err(StateProofError::WrongTerminal);
    assert_eq!(proof.verify_inclusion(&root, &key(2), &hash_value(b"v")), wrong);
    let empty = StateProof { terminal: Terminal::Empty, ..proof.clone() };
    assert_eq!(empty.verify_inclusion(&root, &key(2), &hash_value(b"v")), wrong);
    let terminal = Terminal::Leaf { key_hash: key(2), value_hash: hash_value(b"v") };
    let own = StateProof { terminal, ..proof };
    let wrong = Err(StateProofError::WrongRoot);
    assert_eq!(own.verify_inclusion(&root, &key(2), &hash_value(b"v")), wrong);
}

#[test]
fn depth_256_is_the_deepest_and_257_is_refused() {
    let (left, right) = (key(0x5a), flipped(&key(0x5a), 255));
    let tree = Tree::from([(left, hash_value(b"l")), (right, hash_value(b"r"))]);
    let root = subtree(&tree, 0);
    let proof = prove(&tree, &right, 0);
    assert_eq!(proof.siblings.len(), MAX_DEPTH);
    assert_eq!(proof.verify_inclusion(&root, &right, &hash_value(b"r")), Ok(()));
    check_key(&tree, &flipped(&left, 254));

    let mut deeper = proof;
    deeper.siblings.push(EMPTY);
    let too_deep = Err(StateProofError::TooDeep);
    assert_eq!(deeper.verify_inclusion(&root, &right, &hash_value(b"r")), too_deep);
    assert_eq!(deeper.verify_exclusion(&root, &left), too_deep);
}

/// Keys that share long beginnings: a common pattern, with a few bits of it changed.
fn keys() -> impl Strategy<Value = Hash> {
    prop::collection::vec(prop_oneof![0_usize..8, 0_usize..256], 0..4)
        .prop_map(|bits| bits.iter().fold(key(0x5a), |hash, bit| flipped(&hash, *bit)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_key_has_its_one_proof(
        tree in prop::collection::btree_map(keys(), any::<u8>(), 0..12),
        others in prop::collection::vec(keys(), 4),
    ) {
        let tree: Tree =
            tree.into_iter().map(|(key, value)| (key, hash_value(&[value]))).collect();
        for key in tree.keys().chain(&others) {
            check_key(&tree, key);
        }
    }
}
