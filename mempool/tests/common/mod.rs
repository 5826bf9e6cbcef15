//! Senders, transactions and accounts for the suites of this crate.
#![allow(dead_code, reason = "each suite uses its own part")]
#![allow(clippy::unwrap_used)]

pub mod naive;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use quorate_crypto::{AccountSecretKey, Hash};
use quorate_mempool::{Limits, Mempool, Verdict};
use quorate_types::{
    Account, Action, Address, Amount, ChainContext, Height, Nonce, Transaction, TransactionBody,
    Transfer, VerifiedTransaction, verify,
};

/// What a plain test transaction pays.
pub const FEE: u64 = 1_000;
/// When tests insert, in milliseconds.
pub const NOW: u64 = 1_000_000;
/// The height that tests insert for.
pub const NEXT: Height = Height(10);

fn context() -> ChainContext {
    let chain_id = "local-mempool".parse().unwrap();
    ChainContext { chain_id, genesis_hash: Hash::from_bytes([7; 32]), protocol_version: 1 }
}

/// A transaction to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draft {
    pub sender: u8,
    pub nonce: u64,
    pub fee: u64,
    pub expiry: u64,
    pub memo: usize,
}

/// A transaction of this sender and nonce with the usual fee.
pub fn draft(sender: u8, nonce: u64) -> Draft {
    Draft { sender, nonce, fee: FEE, expiry: 0, memo: 0 }
}

impl Draft {
    pub fn fee(self, fee: u64) -> Draft {
        Draft { fee, ..self }
    }

    pub fn expiry(self, expiry: u64) -> Draft {
        Draft { expiry, ..self }
    }

    pub fn memo(self, memo: usize) -> Draft {
        Draft { memo, ..self }
    }

    pub fn sign(self) -> Transaction {
        let (context, key) = (context(), AccountSecretKey::from_seed([self.sender; 32]));
        let body = TransactionBody {
            chain_tag: context.tag(),
            signers: vec![key.public()],
            nonce: Nonce(self.nonce),
            expiry: Height(self.expiry),
            fee: Amount(self.fee),
            memo: vec![0; self.memo],
            actions: vec![Action::Transfer(Transfer { to: address(0), amount: Amount(1) })],
        };
        body.sign(&context, &key)
    }
}

/// Every test sender's address: deriving one is dear.
static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(|| {
    let key = |seed| AccountSecretKey::from_seed([seed; 32]).public();
    (0..=u8::MAX).map(|seed| Address::of(&key(seed))).collect()
});

pub fn address(sender: u8) -> Address {
    ADDRESSES[usize::from(sender)]
}

pub fn verified(transactions: &[Transaction]) -> Vec<VerifiedTransaction> {
    let verdicts = verify::transactions(transactions, &context());
    verdicts.into_iter().map(|verdict| verdict.expect("it is well signed")).collect()
}

/// The state: accounts that are not named have nonce 0 and more than enough.
#[derive(Clone, Debug, Default)]
pub struct State(BTreeMap<Address, Account>);

impl State {
    pub fn set(&mut self, sender: u8, nonce: u64, balance: u64) -> &mut State {
        let account = Account { nonce: Nonce(nonce), balance: Amount(balance) };
        self.0.insert(address(sender), account);
        self
    }

    pub fn get(&self, address: &Address) -> Account {
        let rich = Account { nonce: Nonce(0), balance: Amount(1 << 60) };
        self.0.get(address).copied().unwrap_or(rich)
    }
}

/// A pool with its state.
pub struct Fixture {
    pub pool: Mempool,
    pub state: State,
}

impl Fixture {
    pub fn new(limits: Limits) -> Fixture {
        Fixture { pool: Mempool::new(limits), state: State::default() }
    }

    pub fn insert_all(&mut self, drafts: &[Draft]) -> Vec<Verdict> {
        let signed: Vec<Transaction> = drafts.iter().map(|draft| draft.sign()).collect();
        if signed.is_empty() {
            return Vec::new();
        }
        let state = &self.state;
        self.pool.insert(verified(&signed), &|address| state.get(address), NEXT, NOW)
    }

    pub fn insert(&mut self, draft: Draft) -> Verdict {
        self.insert_all(&[draft]).remove(0)
    }

    pub fn accept(&mut self, draft: Draft) -> Transaction {
        assert_eq!(self.insert(draft), Verdict::Accepted, "{draft:?}");
        draft.sign()
    }

    /// (sender, nonce) of the candidates without a limit.
    pub fn ready(&self) -> Vec<(u8, u64)> {
        self.pool.ready(usize::MAX, usize::MAX).iter().map(name).collect()
    }

    pub fn waits(&self, draft: Draft) -> bool {
        self.pool.contains(&draft.sign().id())
    }
}

/// Which sender's, and its nonce.
pub fn name(transaction: &Transaction) -> (u8, u64) {
    let sender = transaction.sender();
    let seed = (1..=u8::MAX).find(|seed| address(*seed) == sender).expect("a test's sender");
    (seed, transaction.body().nonce.0)
}
