//! Whatever comes in whatever order: the pool does what the naive list does, and its counters,
//! indexes and chains agree with its content.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::naive::Naive;
use common::{Draft, Fixture, NEXT, NOW, address, draft, name};
use proptest::prelude::*;
use quorate_mempool::{Limits, Verdict};
use quorate_types::{Height, Nonce, Transaction};

/// Few of everything, so that limits are met and drafts collide.
const LIMITS: Limits =
    Limits { max_transactions: 8, max_bytes: 1_700, max_per_sender: 4, max_nonce_gap: 5 };

#[derive(Clone, Debug)]
enum Step {
    Insert(Vec<Draft>),
    /// A block with the first so many candidates, and perhaps one that nobody here knows.
    Block {
        count: usize,
        foreign: Option<u8>,
        left: u64,
    },
}

fn drafts() -> impl Strategy<Value = Draft> {
    let memo = prop_oneof![4 => Just(0_usize), 1 => 1..100_usize];
    let expiry = prop_oneof![3 => Just(0_u64), 1 => NEXT.0 - 1..NEXT.0 + 3];
    (1..6_u8, 0..9_u64, 0..60_u64, expiry, memo)
        .prop_map(|(sender, nonce, fee, expiry, memo)| Draft { sender, nonce, fee, expiry, memo })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let insert = prop::collection::vec(drafts(), 1..4).prop_map(Step::Insert);
    let block = (0..4_usize, prop::option::of(1..6_u8), 0..200_u64)
        .prop_map(|(count, foreign, left)| Step::Block { count, foreign, left });
    prop::collection::vec(prop_oneof![5 => insert, 1 => block], 1..40)
}

struct World {
    fixture: Fixture,
    naive: Naive,
}

impl World {
    fn new() -> World {
        let mut fixture = Fixture::new(LIMITS);
        for sender in 1..6 {
            fixture.state.set(sender, 0, 150);
        }
        World { fixture, naive: Naive::new(LIMITS) }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Insert(drafts) => {
                let verdicts = self.fixture.insert_all(drafts);
                for (draft, verdict) in drafts.iter().zip(verdicts) {
                    let accepted = self.naive.insert(*draft, &self.fixture.state);
                    assert_eq!(verdict == Verdict::Accepted, accepted, "{draft:?}: {verdict:?}");
                }
            }
            Step::Block { count, foreign, left } => self.block(*count, *foreign, *left),
        }
    }

    fn block(&mut self, count: usize, foreign: Option<u8>, left: u64) {
        let mut included = self.fixture.pool.ready(usize::MAX, count);
        let stranger = foreign.filter(|sender| included.iter().all(|t| name(t).0 != *sender));
        if let Some(sender) = stranger {
            let nonce = self.fixture.state.get(&address(sender)).nonce.0;
            included.push(draft(sender, nonce).fee(1).memo(200).sign());
        }
        for transaction in &included {
            let (sender, nonce) = name(transaction);
            self.fixture.state.set(sender, nonce + 1, left);
        }
        let drafts: Vec<Draft> = included.iter().map(as_draft).collect();
        let state = self.fixture.state.clone();
        let accounts = |address: &_| state.get(address);
        self.fixture.pool.executed(NEXT, &included, &accounts, NOW);
        // The tests insert for one height only, so what expires with it is gone for good.
        self.naive.executed(&drafts, NEXT.0 + 1, &state);
    }

    fn check(&self) {
        let (pool, naive) = (&self.fixture.pool, &self.naive);
        let ids = |transactions: &[Transaction]| -> BTreeSet<_> {
            transactions.iter().map(Transaction::id).collect()
        };
        let waiting = pool.list(usize::MAX);
        let expected: Vec<Transaction> = naive.entries.iter().map(|e| e.draft.sign()).collect();
        assert_eq!(ids(&waiting), ids(&expected));
        assert_eq!(pool.len(), waiting.len());
        assert_eq!(pool.bytes(), waiting.iter().map(|t| t.bytes().len()).sum::<usize>());
        assert!(pool.len() <= LIMITS.max_transactions && pool.bytes() <= LIMITS.max_bytes);

        let ready = self.fixture.ready();
        assert_eq!(ready, naive.ready(&self.fixture.state));
        assert_eq!(pool.has_ready(), !ready.is_empty());
        let (count, status) = (u64::try_from(ready.len()).unwrap(), pool.status());
        assert_eq!(status.ready, count);
        assert_eq!(status.ready + status.behind_gap, u64::try_from(pool.len()).unwrap());
        for sender in 1..6 {
            self.check_sender(sender, &waiting, &ready);
        }
    }

    fn check_sender(&self, sender: u8, waiting: &[Transaction], ready: &[(u8, u64)]) {
        let account = self.fixture.state.get(&address(sender));
        let own = waiting.iter().filter(|t| name(t).0 == sender);
        let fees: u64 = own.clone().map(|t| t.body().fee.0).sum();
        assert!(fees <= account.balance.0, "every chain is covered");
        assert!(own.count() <= LIMITS.max_per_sender);
        let run: Vec<u64> = ready.iter().filter(|r| r.0 == sender).map(|r| r.1).collect();
        let next = account.nonce.0 + u64::try_from(run.len()).unwrap();
        assert_eq!(run, (account.nonce.0..next).collect::<Vec<_>>());
        assert_eq!(self.fixture.pool.next_nonce(&address(sender), account.nonce), Nonce(next));
    }
}

fn as_draft(transaction: &Transaction) -> Draft {
    let (sender, nonce) = name(transaction);
    let body = transaction.body();
    Draft { sender, nonce, fee: body.fee.0, expiry: body.expiry.0, memo: body.memo.len() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_pool_does_what_the_naive_list_does(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.apply(step);
            world.check();
        }
        let (state, pool) = (world.fixture.state.clone(), &mut world.fixture.pool);
        let included = pool.list(usize::MAX);
        pool.executed(Height(NEXT.0), &included, &|address| state.get(address), NOW);
        let empty = pool.clone();
        prop_assert!(empty.is_empty() && empty.bytes() == 0 && !empty.has_ready());
    }
}
