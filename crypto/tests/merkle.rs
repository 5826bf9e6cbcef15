//! Merkle trees over lists: their shape, every proof, and every change to a proof (B-5).

#![allow(clippy::unwrap_used)]

use quorate_crypto::merkle::{MerkleProof, ProofError, prove, root};
use quorate_crypto::{Domain, Hash};

const ITEM: Domain = Domain::new("quorate v1 test item");
const LEAF: Domain = Domain::new("quorate v1 merkle leaf");
const NODE: Domain = Domain::new("quorate v1 merkle node");
const ROOT: Domain = Domain::new("quorate v1 merkle root");
const MOST: u32 = 33;

fn items(count: u32) -> Vec<Hash> {
    (0..count).map(|index| ITEM.hash(&index.to_le_bytes())).collect()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    NODE.hash_parts(&[left.as_bytes(), right.as_bytes()])
}

/// The same tree from above: a left half as large as a power of two below the whole allows.
fn top(items: &[Hash]) -> Hash {
    match items {
        [] => Hash::ZERO,
        [item] => LEAF.hash(item.as_bytes()),
        several => {
            let (left, right) = several.split_at(several.len().next_power_of_two() / 2);
            node(&top(left), &top(right))
        }
    }
}

fn committed(count: u32, top: &Hash) -> Hash {
    ROOT.hash_parts(&[&count.to_le_bytes(), top.as_bytes()])
}

#[test]
fn the_root_is_that_of_the_tree_seen_from_above() {
    for count in 0..=MOST {
        assert_eq!(root(&items(count)), committed(count, &top(&items(count))), "{count}");
    }
}

#[test]
fn every_item_has_a_proof_and_nothing_else_has() {
    for count in 0..=MOST {
        let items = items(count);
        let root = root(&items);
        for (index, item) in (0..).zip(&items) {
            let proof = prove(&items, index).unwrap();
            assert_eq!((proof.index, proof.count), (index, count));
            assert_eq!(proof.verify(&root, item), Ok(()));
        }
        assert_eq!(prove(&items, count), None);
        assert_eq!(prove(&items, u32::MAX), None);
    }
}

/// Every way to change one thing in a proof.
fn mutations(proof: &MerkleProof) -> Vec<MerkleProof> {
    let mut changed = Vec::new();
    let indices = (0..MOST + 2).chain([u32::MAX]).filter(|index| *index != proof.index);
    changed.extend(indices.map(|index| MerkleProof { index, ..proof.clone() }));
    let counts = (0..MOST + 2).chain([u32::MAX]).filter(|count| *count != proof.count);
    changed.extend(counts.map(|count| MerkleProof { count, ..proof.clone() }));
    for place in 0..=proof.siblings.len() {
        for sibling in [Hash::ZERO, proof.siblings.first().copied().unwrap_or_default()] {
            let mut longer = proof.clone();
            longer.siblings.insert(place, sibling);
            changed.push(longer);
        }
    }
    for place in 0..proof.siblings.len() {
        let mut shorter = proof.clone();
        let mut bytes = *shorter.siblings.remove(place).as_bytes();
        changed.push(shorter);
        bytes[place] ^= 0x10;
        let mut flipped = proof.clone();
        flipped.siblings[place] = Hash::from_bytes(bytes);
        changed.push(flipped);
    }
    if proof.siblings.len() > 1 {
        let mut reversed = proof.clone();
        reversed.siblings.reverse();
        changed.push(reversed);
    }
    changed
}

#[test]
fn no_changed_proof_holds() {
    for count in 1..=MOST {
        let items = items(count);
        let root = root(&items);
        for (index, item) in (0..).zip(&items) {
            let proof = prove(&items, index).unwrap();
            for changed in mutations(&proof) {
                assert!(changed.verify(&root, item).is_err(), "{count} {index} {changed:?}");
            }
            assert_eq!(proof.verify(&root, &Hash::ZERO), Err(ProofError::WrongRoot));
            assert_eq!(proof.verify(&Hash::ZERO, item), Err(ProofError::WrongRoot));
        }
    }
}

#[test]
fn an_ill_shaped_proof_is_called_so() {
    let items = items(5);
    let root = root(&items);
    let proof = prove(&items, 4).unwrap();
    assert_eq!(proof.siblings.len(), 1, "the odd last leaf meets only the top of the other four");

    let outside = MerkleProof { index: 5, ..proof.clone() };
    assert_eq!(outside.verify(&root, &items[4]), Err(ProofError::IndexOutOfRange));
    let none = MerkleProof { index: 0, count: 0, siblings: vec![] };
    assert_eq!(none.verify(&root, &items[0]), Err(ProofError::IndexOutOfRange));
    let short = MerkleProof { siblings: vec![], ..proof.clone() };
    assert_eq!(short.verify(&root, &items[4]), Err(ProofError::WrongShape));
    let long = MerkleProof { siblings: vec![Hash::ZERO; 2], ..proof };
    assert_eq!(long.verify(&root, &items[4]), Err(ProofError::WrongShape));
}

#[test]
fn a_root_has_one_list() {
    let three = items(3);
    let doubled = [three.as_slice(), &three[2..]].concat();
    assert_ne!(root(&three), root(&doubled));
    assert_ne!(root(&[]), root(&[Hash::ZERO]));
    assert_ne!(root(&[]), Hash::ZERO);
    let swapped = [three[1], three[0], three[2]];
    assert_ne!(root(&three), root(&swapped));
}

#[test]
fn an_inner_node_is_no_leaf_and_a_top_no_root() {
    let four = items(4);
    let (left, right) = (top(&four[..2]), top(&four[2..]));
    assert_ne!(root(&[left, right]), root(&four));
    let shorter = MerkleProof { index: 0, count: 2, siblings: vec![right] };
    assert_eq!(shorter.verify(&root(&four), &left), Err(ProofError::WrongRoot));
    let same_count = MerkleProof { index: 0, count: 4, siblings: vec![right] };
    assert_eq!(same_count.verify(&root(&four), &left), Err(ProofError::WrongShape));
    assert_eq!(prove(&four, 0).unwrap().verify(&top(&four), &four[0]), Err(ProofError::WrongRoot));
}
