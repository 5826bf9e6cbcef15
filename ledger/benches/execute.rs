//! One block of 5 000 transfers between 100 000 accounts: checked, and executed with its roots.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use quorate_crypto::ValidatorSecretKey;
use quorate_crypto::state_tree::{hash_key, hash_value};
use quorate_crypto::{AccountPublicKey, Hash, Signature};
use quorate_ledger::{StateTree, StateView, check_block, execute};
use quorate_types::{
    Account, Action, Address, Amount, Canonical, ChainContext, ChainParams, Height, Nonce, Power,
    ReadError, StateChanges, StateKey, StateKind, StateReader, Transaction, TransactionBody,
    Transfer, Validator, ValidatorSet, receipts_root,
};

const ACCOUNTS: u32 = 100_000;
const TRANSFERS: u32 = 5_000;

/// The state in a sorted map, which a database's cache is about as fast as.
struct Memory(StateChanges);

impl StateReader for Memory {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.0.get(key).cloned().flatten())
    }
}

fn key(account: u32) -> AccountPublicKey {
    let mut bytes = *hash_key(0, &account.to_be_bytes()).as_bytes();
    bytes[31] &= 0x7f;
    AccountPublicKey::from_bytes(bytes).expect("a small y is canonical")
}

fn context() -> ChainContext {
    let chain_id = "local-bench".parse().expect("a chain id");
    ChainContext { chain_id, genesis_hash: Hash::ZERO, protocol_version: 1 }
}

fn memory() -> Memory {
    let validators = ValidatorSet::new(vec![Validator {
        address: Address([0; 20]),
        key: ValidatorSecretKey::from_seed([1; 32]).public(),
        power: Power(1),
    }])
    .expect("one validator");
    let single = |kind, value| (StateKey::single(kind), Some(value));
    let mut state = StateChanges::from([
        single(StateKind::Params, ChainParams::default().to_bytes()),
        single(StateKind::Validators, validators.to_bytes()),
        single(StateKind::FeePool, Amount(0).to_bytes()),
    ]);
    let account = Account { nonce: Nonce(0), balance: Amount(1_000_000_000) };
    for index in 0..ACCOUNTS {
        state.insert(StateKey::account(&Address::of(&key(index))), Some(account.to_bytes()));
    }
    Memory(state)
}

/// Every transfer between two accounts of its own: the most that a block can touch.
fn block() -> Vec<Transaction> {
    let transfer = |index: u32| {
        let to = Address::of(&key(2 * index + 1));
        let body = TransactionBody {
            chain_tag: context().tag(),
            signers: vec![key(2 * index)],
            nonce: Nonce(0),
            expiry: Height(0),
            fee: Amount(10_000),
            memo: Vec::new(),
            actions: vec![Action::Transfer(Transfer { to, amount: Amount(1) })],
        };
        Transaction::new(body, vec![Signature::from_bytes([0; 64])])
    };
    (0..TRANSFERS).map(transfer).collect()
}

fn bench(criterion: &mut Criterion) {
    let (memory, transactions) = (memory(), block());
    let state = StateView::new([], &memory);
    let pairs = memory.0.iter().map(|(key, value)| {
        (key.hash(), hash_value(value.as_deref().expect("nothing is deleted")))
    });
    let tree = StateTree::from_pairs(Height(0), pairs);
    let mut group = criterion.benchmark_group("5 000 transfers");
    group.sample_size(20);
    group.bench_function("check", |b| {
        b.iter(|| check_block(black_box(&transactions), &state, Height(1), &context()));
    });
    group.bench_function("execute", |b| {
        b.iter(|| execute(black_box(&transactions), &state));
    });
    group.bench_function("execute, receipts root and state root", |b| {
        b.iter_batched(
            || tree.clone(),
            |mut tree| {
                let execution = execute(black_box(&transactions), &state).expect("a valid block");
                let root = receipts_root(&execution.receipts);
                let mut changes: Vec<_> = execution
                    .changes
                    .iter()
                    .map(|(key, value)| (key.hash(), value.as_deref().map(hash_value)))
                    .collect();
                changes.sort_unstable();
                (root, tree.update(Height(1), &changes), tree)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
