//! The canonical bytes of proofs (B-1), with the limits on their length at the last value and one
//! past it (B-6).
#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use quorate_crypto::Hash;
use quorate_crypto::merkle::{self, MerkleProof};
use quorate_crypto::state_tree::{MAX_DEPTH, StateProof, Terminal};
use quorate_types::limits::{MAX_BLOCK_TRANSACTIONS, MAX_MERKLE_SIBLINGS};
use quorate_types::{Canonical, DecodeError};

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn state_proof(siblings: usize, terminal: Terminal) -> StateProof {
    StateProof { siblings: vec![Hash::ZERO; siblings], terminal }
}

fn merkle_proof(siblings: usize) -> MerkleProof {
    MerkleProof { index: 1, count: 2, siblings: vec![Hash::ZERO; siblings] }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn proofs_survive_their_bytes(
        siblings in vec(hash(), 0..MAX_MERKLE_SIBLINGS),
        terminal in option::of((hash(), hash())),
        index in any::<u32>(),
        count in any::<u32>(),
    ) {
        let terminal = terminal.map_or(Terminal::Empty, |(key_hash, value_hash)| {
            Terminal::Leaf { key_hash, value_hash }
        });
        let state = StateProof { siblings: siblings.clone(), terminal };
        prop_assert_eq!(StateProof::from_bytes(&state.to_bytes()), Ok(state));
        let merkle = MerkleProof { index, count, siblings };
        prop_assert_eq!(MerkleProof::from_bytes(&merkle.to_bytes()), Ok(merkle));
    }
}

#[test]
fn the_layouts() {
    let leaf = Terminal::Leaf { key_hash: Hash::ZERO, value_hash: Hash::from_bytes([9; 32]) };
    let bytes = state_proof(1, leaf).to_bytes();
    assert_eq!(bytes, [&[0, 0, 0, 1][..], &[0; 32], &[1], &[0; 32], &[9; 32]].concat());
    assert_eq!(state_proof(0, Terminal::Empty).to_bytes(), [0; 5]);
    let bytes = merkle_proof(1).to_bytes();
    assert_eq!(bytes, [&[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1][..], &[0; 32]].concat());
}

#[test]
fn limits_and_terminals() {
    let (what, limit) = ("siblings", MAX_DEPTH);
    let state = |siblings| {
        StateProof::from_bytes(&state_proof(siblings, Terminal::Empty).to_bytes()).map(|_| ())
    };
    assert_eq!(state(limit), Ok(()));
    let found = limit + 1;
    assert_eq!(state(found), Err(DecodeError::TooLong { what, found, limit }));
    let limit = MAX_MERKLE_SIBLINGS;
    let merkle = |siblings| MerkleProof::from_bytes(&merkle_proof(siblings).to_bytes()).map(|_| ());
    assert_eq!(merkle(limit), Ok(()));
    let found = limit + 1;
    assert_eq!(merkle(found), Err(DecodeError::TooLong { what, found, limit }));
    let unknown = DecodeError::Unknown { what: "terminal", found: 2 };
    assert_eq!(Terminal::from_bytes(&[2]), Err(unknown));
}

#[test]
fn the_longest_list_of_a_block_has_proofs_of_as_many_siblings() {
    let items = vec![Hash::ZERO; MAX_BLOCK_TRANSACTIONS];
    let proof = merkle::prove(&items, 0).unwrap();
    assert_eq!(proof.siblings.len(), MAX_MERKLE_SIBLINGS);
}
