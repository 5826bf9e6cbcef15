//! One block of 5 000 transfers between 100 000 accounts: checked, and executed with its roots. And
//! the first block of an epoch, of 200 validators with 100 000 delegators, that of its choice too.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use quorate_crypto::state_tree::{hash_key, hash_value};
use quorate_crypto::{AccountPublicKey, Hash, Signature, ValidatorSecretKey};
use quorate_ledger::{
    Founder, Founding, Place, StateTree, StateView, Surroundings, check_block, execute,
};
use quorate_types::limits::MAX_VALIDATORS;
use quorate_types::{
    Account, Action, Address, Amount, Block, Canonical, Certificate, CertificateKind, ChainContext,
    ChainParams, Delegation, Digest, Epochs, Header, Height, Moniker, Nonce, ReadError, SignerSet,
    StakingParams, StateChanges, StateKey, StateKind, StateReader, Timestamp, Transaction,
    TransactionBody, Transfer, ValidatorEntry, ValidatorIndex, ValidatorSetId, View, receipts_root,
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

impl Memory {
    fn apply(&mut self, changes: StateChanges) {
        self.0.extend(changes);
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

fn founder(index: usize) -> Founder {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&index.to_be_bytes());
    let key = ValidatorSecretKey::from_seed(seed).public();
    let operator = Address(seed[..20].try_into().expect("twenty bytes"));
    let bond = Amount(1_000_000);
    Founder { operator, key, moniker: Moniker::default(), commission_bps: 500, bond }
}

/// A state with so many validators and the bench's accounts, and its epochs.
fn memory(validators: usize, params: &ChainParams) -> (Memory, Epochs) {
    let founders: Vec<Founder> = (0..validators).map(founder).collect();
    let Founding { epoch, changes } = Founding::new(&founders, params).expect("distinct founders");
    let mut memory = Memory(changes);
    let supply = Amount(1_000_000_000 * u64::from(ACCOUNTS) + 200_000_000);
    memory.0.insert(StateKey::single(StateKind::Supply), Some(supply.to_bytes()));
    let account = Account { nonce: Nonce(0), balance: Amount(1_000_000_000) };
    for index in 0..ACCOUNTS {
        memory.0.insert(StateKey::account(&Address::of(&key(index))), Some(account.to_bytes()));
    }
    (memory, Epochs::single(Arc::new(epoch)))
}

fn block(height: Height, transactions: Vec<Transaction>) -> Block {
    let header = Header {
        version: 1,
        height,
        parent: Digest(Hash::ZERO),
        time: Timestamp(1),
        proposer: founder(0).operator,
        transactions_root: Hash::ZERO,
        transaction_count: 0,
        body_bytes: 0,
        parent_state_root: Hash::ZERO,
        parent_receipts_root: Hash::ZERO,
        validators_hash: ValidatorSetId(Hash::ZERO),
        next_validators_hash: ValidatorSetId(Hash::ZERO),
        last_commit_hash: Hash::ZERO,
        evidence_root: Header::empty_evidence_root(),
    };
    let (evidence, rejoins) = (Vec::new(), Vec::new());
    Block { header, last_commit: None, evidence, rejoins, transactions }
}

/// Every transfer between two accounts of its own: the most that a block can touch.
fn transfers() -> Vec<Transaction> {
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
    let params = ChainParams::default();
    let (memory, epochs) = memory(1, &params);
    let block = block(Height(1), transfers());
    let (state, context) = (StateView::new([], &memory), context());
    let pairs = memory.0.iter().map(|(key, value)| {
        (key.hash(), hash_value(value.as_deref().expect("nothing is deleted")))
    });
    let tree = StateTree::from_pairs(Height(0), pairs);
    let place = Place { height: Height(1), params: &params, context: &context };
    let surroundings = Surroundings { context: &context, epochs: &epochs };
    let mut group = criterion.benchmark_group("5 000 transfers");
    group.sample_size(20);
    group.bench_function("check", |b| {
        b.iter(|| check_block(black_box(&block.transactions), &state, place));
    });
    group.bench_function("execute", |b| {
        b.iter(|| execute(black_box(&block), &state, surroundings));
    });
    group.bench_function("execute, receipts root and state root", |b| {
        b.iter_batched(
            || tree.clone(),
            |mut tree| {
                let execution =
                    execute(black_box(&block), &state, surroundings).expect("a valid block");
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

/// Delegations of every account, spread over the validators, as executing them leaves them.
fn delegate_all(memory: &mut Memory) {
    let count = u32::try_from(MAX_VALIDATORS).expect("a small number");
    for index in 0..ACCOUNTS {
        let delegator = Address::of(&key(index));
        let operator = founder(usize::try_from(index % count).expect("a small number")).operator;
        let place = StateKey::validator(&operator);
        let entry = memory.0.get(&place).cloned().flatten().expect("a founder");
        let mut entry = ValidatorEntry::from_bytes(&entry).expect("a validator");
        entry.bonded.0 += 1;
        entry.shares += 1;
        memory.0.insert(place, Some(entry.to_bytes()));
        let delegation = Delegation { shares: 1, ..Delegation::default() };
        let place = StateKey::delegation(&delegator, &operator);
        memory.0.insert(place, Some(delegation.to_bytes()));
    }
}

/// All blocks of a short epoch and the first of the next: the last but one chooses, that one closes.
fn bench_boundary(criterion: &mut Criterion) {
    let staking = StakingParams {
        max_validators: u16::try_from(MAX_VALIDATORS).expect("a small number"),
        presence_window: 1,
        issuance_per_epoch: Amount(1_000_000_000),
        ..StakingParams::default()
    };
    let params = ChainParams { epoch_length: 2, staking, ..ChainParams::default() };
    let (mut memory, mut epochs) = memory(MAX_VALIDATORS, &params);
    delegate_all(&mut memory);
    let context = context();
    let mut signers = SignerSet::none_of(MAX_VALIDATORS);
    // Half of the validators are absent, and so slashed and jailed.
    let present = u16::try_from(MAX_VALIDATORS / 2).expect("a small number");
    (0..present).for_each(|index| assert!(signers.insert(ValidatorIndex(index))));
    let at = |height: u64| {
        let mut block = block(Height(height), Vec::new());
        let (kind, digest) = (CertificateKind::Commit, Digest(Hash::ZERO));
        let (signers, signatures) = (signers.clone(), Vec::new());
        let height = Height(height - 1);
        let certificate = Certificate { kind, height, view: View(0), digest, signers, signatures };
        block.last_commit = (height > Height(0)).then_some(certificate);
        block
    };
    for height in 1..=2 {
        let surroundings = Surroundings { context: &context, epochs: &epochs };
        let execution = execute(&at(height), &StateView::new([], &memory), surroundings);
        let execution = execution.expect("a valid block");
        memory.apply(execution.changes);
        epochs = execution.epochs;
    }
    let (state, first) = (StateView::new([], &memory), at(3));
    let surroundings = Surroundings { context: &context, epochs: &epochs };
    let mut group = criterion.benchmark_group("200 validators, 100 000 delegators");
    group.sample_size(20);
    group.bench_function("close an epoch and choose the next set", |b| {
        b.iter(|| execute(black_box(&first), &state, surroundings).expect("a valid block"));
    });
    group.finish();
}

criterion_group!(benches, bench, bench_boundary);
criterion_main!(benches);
