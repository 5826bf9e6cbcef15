//! The arena tree against a tree written from the rule alone (B-7): same roots, provable versions,
//! and going back.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use quorate_crypto::Hash;
use quorate_crypto::state_tree::{EMPTY, Terminal, leaf, node};
use quorate_ledger::{StateTree, VERSIONS};
use quorate_types::Height;

type Map = BTreeMap<Hash, Hash>;
type Batch = BTreeMap<Hash, Option<Hash>>;

fn naive(pairs: &[(Hash, Hash)], depth: usize) -> Hash {
    match pairs {
        [] => EMPTY,
        [(key, value)] => leaf(key, value),
        _ => {
            let right =
                |(key, _): &(Hash, Hash)| (key.as_bytes()[depth / 8] >> (7 - depth % 8)) & 1 == 1;
            let (rights, lefts): (Vec<_>, Vec<_>) = pairs.iter().copied().partition(right);
            node(&naive(&lefts, depth + 1), &naive(&rights, depth + 1))
        }
    }
}

fn naive_root(map: &Map) -> Hash {
    naive(&map.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>(), 0)
}

/// Few distinct first and last bytes, so that keys meet at the top and part at every depth.
fn key() -> impl Strategy<Value = Hash> {
    (0_u8..4, 0_u8..32, any::<bool>()).prop_map(|(first, bit, deep)| {
        let mut bytes = [0; 32];
        bytes[0] = first << 6;
        bytes[if deep { 31 } else { 1 }] = bit;
        Hash::from_bytes(bytes)
    })
}

fn value() -> impl Strategy<Value = Hash> {
    (0_u8..3).prop_map(|byte| Hash::from_bytes([byte; 32]))
}

fn batch() -> impl Strategy<Value = Batch> {
    btree_map(key(), proptest::option::of(value()), 0..24)
}

fn pairs(map: &Map) -> impl Iterator<Item = (Hash, Hash)> {
    map.iter().map(|(key, value)| (*key, *value))
}

fn apply(map: &mut Map, batch: &Batch) {
    for (key, value) in batch {
        match value {
            Some(value) => map.insert(*key, *value),
            None => map.remove(key),
        };
    }
}

fn update(tree: &mut StateTree, batch: &Batch) -> Hash {
    let changes: Vec<_> = batch.iter().map(|(key, value)| (*key, *value)).collect();
    tree.update(tree.height().next(), &changes)
}

/// Whether the tree says of every key at this height what the map says.
fn check_version(tree: &StateTree, height: u64, map: &Map, keys: &[Hash]) {
    let root = naive_root(map);
    assert_eq!(tree.root_at(Height(height)), Some(root));
    for key in keys.iter().chain(map.keys()) {
        let proof = tree.prove(Height(height), key).unwrap();
        match map.get(key) {
            Some(value) => assert_eq!(proof.verify_inclusion(&root, key, value), Ok(())),
            None => assert_eq!(proof.verify_exclusion(&root, key), Ok(())),
        }
    }
}

proptest! {
    // Each case looks at up to 16 versions with dozens of proofs each.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_version_has_the_root_and_the_proofs_of_its_pairs(
        first in btree_map(key(), value(), 0..40),
        batches in vec(batch(), 1..24),
        keys in vec(key(), 8),
    ) {
        let mut tree = StateTree::from_pairs(Height(5), pairs(&first));
        let mut maps = vec![first];
        for batch in &batches {
            let mut next = maps.last().unwrap().clone();
            apply(&mut next, batch);
            prop_assert_eq!(update(&mut tree, batch), naive_root(&next));
            maps.push(next);
        }
        let oldest = maps.len().saturating_sub(VERSIONS);
        for (height, map) in (5..).zip(&maps) {
            let kept = height >= 5 + u64::try_from(oldest).unwrap();
            prop_assert_eq!(tree.root_at(Height(height)).is_some(), kept);
            prop_assert_eq!(tree.prove(Height(height), &keys[0]).is_some(), kept);
            if kept {
                check_version(&tree, height, map, &keys);
            }
        }
        prop_assert!(tree.prove(tree.height().next(), &keys[0]).is_none());
    }

    #[test]
    fn rewinding_restores_every_version_below(
        first in btree_map(key(), value(), 0..40),
        kept in vec(batch(), 1..20),
        taken in vec(batch(), 1..8),
        again in batch(),
        keys in vec(key(), 8),
    ) {
        let mut tree = StateTree::from_pairs(Height(0), pairs(&first));
        let mut maps = vec![first];
        for batch in &kept {
            let mut next = maps.last().unwrap().clone();
            apply(&mut next, batch);
            update(&mut tree, batch);
            maps.push(next);
        }
        for batch in &taken {
            update(&mut tree, batch);
        }
        for _ in &taken {
            prop_assert!(tree.rewind());
        }
        let mut next = maps.last().unwrap().clone();
        apply(&mut next, &again);
        update(&mut tree, &again);
        maps.push(next);
        let newest = maps.len() - 1;
        let oldest = newest.saturating_sub(VERSIONS - taken.len());
        for (height, map) in maps.iter().enumerate().skip(oldest) {
            check_version(&tree, u64::try_from(height).unwrap(), map, &keys);
        }
    }

    #[test]
    fn the_order_of_the_pairs_does_not_matter(map in btree_map(key(), value(), 0..40)) {
        let backwards = map.iter().rev().map(|(key, value)| (*key, *value));
        prop_assert_eq!(StateTree::from_pairs(Height(0), backwards).root(), naive_root(&map));
    }
}

#[test]
fn deleting_restores_the_earlier_root_and_the_last_key_leaves_the_empty_one() {
    let [a, b] = [[1; 32], [2; 32]].map(Hash::from_bytes);
    let mut tree = StateTree::from_pairs(Height(0), [(a, a)]);
    let with_a = tree.root();
    assert_eq!(with_a, leaf(&a, &a));
    assert_ne!(update(&mut tree, &Batch::from([(b, Some(b))])), with_a);
    assert_eq!(update(&mut tree, &Batch::from([(b, None)])), with_a);
    assert_eq!(update(&mut tree, &Batch::from([(a, None)])), EMPTY);
    let proof = tree.prove(tree.height(), &a).unwrap();
    assert_eq!((proof.terminal, proof.siblings.len()), (Terminal::Empty, 0));
}

#[test]
fn keys_that_part_at_their_last_bit_are_256_deep() {
    let [mut low, mut high] = [[0xff; 32]; 2];
    low[31] = 0xfe;
    high[31] = 0xff;
    let [low, high] = [low, high].map(Hash::from_bytes);
    let tree = StateTree::from_pairs(Height(0), [(high, high), (low, low)]);
    let proof = tree.prove(Height(0), &high).unwrap();
    assert_eq!(proof.siblings.len(), 256);
    assert_eq!(proof.verify_inclusion(&tree.root(), &high, &high), Ok(()));
}

#[test]
fn the_only_version_cannot_be_taken_back() {
    let mut tree = StateTree::from_pairs(Height(3), []);
    assert!(!tree.rewind());
    update(&mut tree, &Batch::new());
    assert!(tree.rewind());
    assert!(!tree.rewind());
    assert_eq!(tree.height(), Height(3));
}

#[test]
#[should_panic(expected = "strictly ascending")]
fn an_unsorted_batch_is_our_own_fault() {
    let [a, b] = [[1; 32], [2; 32]].map(Hash::from_bytes);
    StateTree::from_pairs(Height(0), []).update(Height(1), &[(b, None), (a, None)]);
}
