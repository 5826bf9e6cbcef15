//! What signing and the two kinds of verification cost, single and in batches.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quorate_crypto::{
    AccountPublicKey, AccountSecretKey, BatchItem, Signature, ValidatorPublicKey,
    ValidatorSecretKey, verify_batch,
};

/// About the size of what a vote or a transfer signs.
const MESSAGE: [u8; 160] = [7; 160];

fn single(criterion: &mut Criterion) {
    let validator = ValidatorSecretKey::from_seed([1; 32]);
    let signature = validator.sign(&MESSAGE);
    let account = AccountSecretKey::from_seed([1; 32]);
    let (strict, zip215) = (validator.public(), account.public());

    criterion.bench_function("sign", |b| b.iter(|| validator.sign(black_box(&MESSAGE))));
    criterion.bench_function("verify strict", |b| {
        b.iter(|| strict.verify(black_box(&MESSAGE), &signature))
    });
    criterion.bench_function("verify zip-215", |b| {
        b.iter(|| zip215.verify(black_box(&MESSAGE), &signature))
    });
    criterion.bench_function("check validator key", |b| {
        b.iter(|| ValidatorPublicKey::from_bytes(black_box(*strict.as_bytes())))
    });
}

fn batches(criterion: &mut Criterion) {
    let signed: Vec<(AccountPublicKey, Signature)> = (0..=255)
        .map(|seed| AccountSecretKey::from_seed([seed; 32]))
        .map(|key| (key.public(), key.sign(&MESSAGE)))
        .collect();
    let mut items: Vec<BatchItem<'_>> = signed
        .iter()
        .map(|(key, signature)| BatchItem { key: *key, message: &MESSAGE, signature: *signature })
        .collect();

    let mut group = criterion.benchmark_group("verify batch");
    for size in [8_u32, 64, 256] {
        let count = usize::try_from(size).expect("a batch fits memory");
        group.throughput(Throughput::Elements(size.into()));
        group.bench_with_input(BenchmarkId::new("all valid", size), &items[..count], |b, batch| {
            b.iter(|| verify_batch(batch))
        });
    }
    items[100].signature = signed[101].1;
    group.bench_with_input(BenchmarkId::new("one bad", 256), &items[..], |b, batch| {
        b.iter(|| verify_batch(batch))
    });
    group.finish();
}

criterion_group!(benches, single, batches);
criterion_main!(benches);
