//! Rules of transactions: which are sound, how many a block takes, how long they wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_crypto::{Hash, ValidatorSecretKey};
use quorate_genesis::{Draft, GenesisValidator};
use quorate_ledger::Ledger;
use quorate_mempool::{Limits, Mempool, Verdict};
use quorate_replica::{Application, BuildRequest, Job, JobDone};
use quorate_sim::MemoryStore;
use quorate_types::{
    Account, Action, Address, Amount, Block, ChainContext, ChainParams, ChainTag, Height, Nonce,
    Timestamp, Transaction, TransactionBody, TransactionError, Transfer, ValidatorSetId,
    VerifiedTransaction, View, transactions_root, verify,
};

use crate::chain::{account, context};

/// What a plain transaction pays, in base units.
const FEE: u64 = 1_000_000;
/// What its sender has.
const BALANCE: u64 = 10 * FEE;

fn body(context: &ChainContext, nonce: u64) -> TransactionBody {
    let transfer = Transfer { to: Address([9; 20]), amount: Amount(1) };
    TransactionBody {
        chain_tag: context.tag(),
        signers: vec![account(1).public()],
        nonce: Nonce(nonce),
        expiry: Height(0),
        fee: Amount(FEE),
        memo: Vec::new(),
        actions: vec![Action::Transfer(transfer)],
    }
}

fn transaction(nonce: u64) -> Transaction {
    body(&context(), nonce).sign(&context(), &account(1))
}

/// B-8, X-4.
pub fn static_rules() {
    let params = ChainParams::default();
    let checked = |body: TransactionBody| {
        body.sign(&context(), &account(1)).validate_static(&context(), &params)
    };
    assert_eq!(checked(body(&context(), 0)), Ok(()));
    let other = TransactionBody { chain_tag: ChainTag([1; 8]), ..body(&context(), 0) };
    assert_eq!(checked(other), Err(TransactionError::WrongChain));
    let cheap = TransactionBody { fee: Amount(1), ..body(&context(), 0) };
    assert!(matches!(checked(cheap), Err(TransactionError::FeeTooLow { .. })));
    let late = TransactionBody { expiry: Height(5), ..body(&context(), 0) };
    let late = late.sign(&context(), &account(1));
    assert_eq!(late.validate_expiry(Height(5)), Ok(()));
    assert!(late.validate_expiry(Height(6)).is_err(), "its time is over");
}

/// The store and the chain of a genesis whose blocks take two transactions.
fn genesis() -> (MemoryStore, ChainContext) {
    let mut draft = Draft::new("local-museum".parse().expect("valid"), Timestamp(1));
    draft.params.max_block_transactions = 2;
    draft.add_account(Address::of(&account(1).public()), Amount(BALANCE));
    draft.add_validator(GenesisValidator {
        operator: Address([3; 20]),
        consensus_key: ValidatorSecretKey::from_seed([3; 32]).public(),
        bonded: Amount(1),
        moniker: "v".to_owned(),
        commission_bps: 0,
    });
    let genesis = draft.finish().expect("a complete document");
    let (context, initial) = (genesis.context(), genesis.initial());
    let mut store = MemoryStore::default();
    store.init_genesis(&initial.changes, &initial.tip);
    (store, context)
}

/// what the application asks of a block beside its transactions' order.
pub fn blocks() {
    let (store, context) = genesis();
    let (mut application, _) = Application::open(&store, &context).expect("a fresh store");
    let request = BuildRequest {
        evidence: Vec::new(),
        rejoins: Vec::new(),
        height: Height(1),
        view: View(0),
        time: Timestamp(2),
        proposer: Address([3; 20]),
        last_commit: None,
        candidates: vec![body(&context, 0).sign(&context, &account(1))],
    };
    let Some(JobDone::Built { block, .. }) = application.run(Job::Build(Box::new(request)), &store)
    else {
        panic!("a block is built");
    };
    let mut judged = |block: Block| {
        let (digest, block) = (block.digest(), Arc::new(block));
        let job = Job::Validate { block, digest, unverified: vec![0] };
        let done = application.run(job, &store);
        matches!(done, Some(JobDone::Validated { verdict: Ok(()), .. }))
    };
    assert!(judged(Block::clone(&block)), "an honest block");
    let mut other = Block::clone(&block);
    other.header.next_validators_hash = ValidatorSetId(Hash::ZERO);
    assert!(!judged(other), "other next validators");
    let mut forged = Block::clone(&block);
    let signature = account(2).sign(b"another message");
    forged.transactions = vec![Transaction::new(body(&context, 0), vec![signature])];
    forged.header.transactions_root = transactions_root(&forged.transactions);
    assert!(!judged(forged), "a transaction that nobody signed");
}

/// B-6: at the limit and one past it. X-3: nonces run on.
pub fn block_limits() {
    let (store, context) = genesis();
    let ledger = Ledger::open(&store, context.clone()).expect("a fresh store");
    let list = |nonces: &[u64]| -> Vec<Transaction> {
        nonces.iter().map(|nonce| body(&context, *nonce).sign(&context, &account(1))).collect()
    };
    let check = |nonces: &[u64]| ledger.check_block(&list(nonces), Height(1), &store);
    assert_eq!(check(&[0, 1]), Ok(()), "a full block");
    assert!(check(&[0, 1, 2]).is_err(), "one too many");
    assert!(check(&[1]).is_err() && check(&[0, 0]).is_err(), "nonces run on");
    let selected = ledger.select(list(&[0, 1, 2]), Height(1), &store).expect("a sound store");
    assert_eq!(selected.len(), 2, "a new block takes as many as may be");
}

fn verified(transactions: &[Transaction]) -> Vec<VerifiedTransaction> {
    verify::transactions(transactions, &context()).into_iter().flatten().collect()
}

/// I-13: what was included, was overtaken, expired or cannot be paid for does not wait.
pub fn mempool() {
    let sender = Address::of(&account(1).public());
    let at = |nonce: u64, balance: u64| {
        BTreeMap::from([(sender, Account { nonce: Nonce(nonce), balance: Amount(balance) })])
    };
    let (rich, poor, used) = (at(0, BALANCE), at(0, FEE), at(2, BALANCE));
    let late = TransactionBody { expiry: Height(3), ..body(&context(), 2) };
    let late = late.sign(&context(), &account(1));
    let all = [transaction(0), transaction(1), late];
    let mut pool = Mempool::new(Limits::default());
    let looked = |known: &BTreeMap<Address, Account>, address: &Address| {
        known.get(address).copied().unwrap_or_default()
    };
    let verdicts = pool.insert(verified(&all), &|of| looked(&rich, of), Height(1), 0);
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::Accepted, Verdict::Accepted]);
    pool.executed(Height(1), &all[..1], &|of| looked(&used, of), 0);
    assert_eq!(pool.len(), 1, "what was included or overtaken is gone");
    pool.executed(Height(3), &[], &|of| looked(&used, of), 0);
    assert_eq!((pool.len(), pool.bytes()), (0, 0), "what has expired is gone");
    let verdicts = pool.insert(verified(&all[..2]), &|of| looked(&poor, of), Height(1), 0);
    assert!(matches!(verdicts[1], Verdict::Refused(_)), "a fee that nobody can pay");
}
