//! The root of a flat state, built anew from all of it (B-7): the definition, not the tree that the
//! ledger keeps.

use std::collections::BTreeMap;

use quorate_crypto::{Hash, state_tree};

/// The root over (key bytes, value).
pub(crate) fn of(state: &BTreeMap<Vec<u8>, Vec<u8>>) -> Hash {
    let mut leaves = Vec::with_capacity(state.len());
    for (key, value) in state {
        if let Some((kind, key)) = key.split_first() {
            leaves.push((state_tree::hash_key(*kind, key), state_tree::hash_value(value)));
        }
    }
    subtree(&leaves, 0)
}

fn subtree(leaves: &[(Hash, Hash)], depth: u8) -> Hash {
    match leaves {
        [] => state_tree::EMPTY,
        [(key, value)] => state_tree::leaf(key, value),
        _ => {
            let (right, left): (Vec<_>, Vec<_>) =
                leaves.iter().copied().partition(|(key, _)| state_tree::bit(key, depth));
            let below = depth.saturating_add(1);
            state_tree::node(&subtree(&left, below), &subtree(&right, below))
        }
    }
}
