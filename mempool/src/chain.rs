//! What waits of one sender, by nonce.
//!
//! Invariant: `fees` is the sum over the chain, and `gap` the first nonce from the account's on
//! that nothing waits for; all below it are ready.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use quorate_types::{Account, Nonce, Transaction, TransactionId};

use crate::rank::{Rank, Worth};

/// One waiting transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Waiting {
    pub(crate) transaction: Transaction,
    pub(crate) rank: Rank,
    pub(crate) arrived_ms: u64,
}

impl Waiting {
    pub(crate) fn id(&self) -> TransactionId {
        self.transaction.id()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.transaction.bytes().len()
    }
}

/// A sender's account, as last told, and its waiting transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Chain {
    account: Account,
    waiting: BTreeMap<Nonce, Waiting>,
    fees: u128,
    gap: Nonce,
}

impl Chain {
    pub(crate) fn of(account: Account) -> Chain {
        Chain { account, gap: account.nonce, ..Chain::default() }
    }

    pub(crate) fn account(&self) -> Account {
        self.account
    }

    pub(crate) fn gap(&self) -> Nonce {
        self.gap
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn get(&self, nonce: Nonce) -> Option<&Waiting> {
        self.waiting.get(&nonce)
    }

    /// All that wait, by nonce.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values()
    }

    /// How many are ready.
    pub(crate) fn ready(&self) -> u64 {
        self.gap.0.saturating_sub(self.account.nonce.0)
    }

    /// The one that a block could take first.
    pub(crate) fn head(&self) -> Option<&Waiting> {
        self.ready_at(self.account.nonce)
    }

    /// The one with this nonce, if it is ready.
    pub(crate) fn ready_at(&self, nonce: Nonce) -> Option<&Waiting> {
        if nonce < self.gap { self.get(nonce) } else { None }
    }

    /// The one with the highest nonce.
    pub(crate) fn tail(&self) -> Option<(Nonce, &Waiting)> {
        self.waiting.last_key_value().map(|(nonce, waiting)| (*nonce, waiting))
    }

    /// The one that is the tail once all from `nonce` on are gone.
    pub(crate) fn tail_below(&self, nonce: Nonce) -> Option<(Nonce, &Waiting)> {
        self.waiting.range(..nonce).next_back().map(|(nonce, waiting)| (*nonce, waiting))
    }

    pub(crate) fn worth(&self, nonce: Nonce, rank: Rank) -> Worth {
        Worth { ready: nonce < self.gap, rank: Reverse(rank) }
    }

    /// The fees of all with a lower nonce.
    pub(crate) fn fees_below(&self, nonce: Nonce) -> u128 {
        if self.tail().is_none_or(|(tail, _)| tail < nonce) {
            return self.fees;
        }
        self.waiting.range(..nonce).map(|(_, waiting)| fee(waiting)).sum()
    }

    /// Those whose nonce the account has used.
    pub(crate) fn used(&self) -> Vec<TransactionId> {
        self.waiting.range(..self.account.nonce).map(|(_, waiting)| waiting.id()).collect()
    }

    /// The tail, if the balance does not cover the fees of the whole chain.
    pub(crate) fn unpayable_tail(&self) -> Option<TransactionId> {
        let covered = self.fees <= u128::from(self.account.balance.0);
        if covered { None } else { self.tail().map(|(_, tail)| tail.id()) }
    }

    pub(crate) fn set_account(&mut self, account: Account) {
        if account.nonce < self.account.nonce || self.gap < account.nonce {
            self.gap = account.nonce;
        }
        self.account = account;
        self.close_gap();
    }

    /// Adds a transaction under a nonce that is free.
    pub(crate) fn insert(&mut self, nonce: Nonce, waiting: Waiting) {
        self.fees += fee(&waiting);
        let taken = self.waiting.insert(nonce, waiting);
        assert!(taken.is_none(), "a replaced transaction is removed first");
        self.close_gap();
    }

    pub(crate) fn remove(&mut self, nonce: Nonce) -> Option<Waiting> {
        let removed = self.waiting.remove(&nonce)?;
        self.fees -= fee(&removed);
        if nonce >= self.account.nonce {
            self.gap = self.gap.min(nonce);
        }
        Some(removed)
    }

    fn close_gap(&mut self) {
        while self.waiting.contains_key(&self.gap) {
            // The last nonce of all has no successor; an account cannot use it, so nothing is lost.
            let Some(next) = self.gap.next() else { return };
            self.gap = next;
        }
    }
}

fn fee(waiting: &Waiting) -> u128 {
    u128::from(waiting.transaction.body().fee.0)
}
