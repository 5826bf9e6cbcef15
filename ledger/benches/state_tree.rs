//! The state tree of a million keys: built from scratch, and one block's 5 000 changes.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use quorate_crypto::Hash;
use quorate_crypto::state_tree::{hash_key, hash_value};
use quorate_ledger::StateTree;
use quorate_types::Height;

const KEYS: u64 = 1_000_000;
const CHANGES: u64 = 5_000;

fn pairs() -> Vec<(Hash, Hash)> {
    (0..KEYS).map(|key| (hash_key(1, &key.to_be_bytes()), hash_value(b"first"))).collect()
}

/// Changes to keys scattered over the state, other ones at each height.
fn changes(height: u64) -> Vec<(Hash, Option<Hash>)> {
    let value = Some(hash_value(&height.to_be_bytes()));
    let key = |index: u64| (height * 7_919 + index * (KEYS / CHANGES)) % KEYS;
    let mut changes: Vec<_> =
        (0..CHANGES).map(|index| (hash_key(1, &key(index).to_be_bytes()), value)).collect();
    changes.sort_unstable();
    changes
}

fn bench(criterion: &mut Criterion) {
    let pairs = pairs();
    let mut group = criterion.benchmark_group("state tree");
    group.sample_size(10);
    group.bench_function("build from 1 000 000 pairs", |b| {
        b.iter_batched(
            || pairs.clone(),
            |pairs| StateTree::from_pairs(Height(0), pairs),
            BatchSize::PerIteration,
        );
    });
    group.sample_size(50);
    let mut tree = StateTree::from_pairs(Height(0), pairs);
    let mut height = 0;
    let mut next = || {
        height += 1;
        (Height(height), changes(height))
    };
    group.bench_function("update 5 000 of 1 000 000", |b| {
        b.iter_batched(
            &mut next,
            |(height, changes)| tree.update(height, black_box(&changes)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
