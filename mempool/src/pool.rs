//! The pool: chains by sender, and the indexes that keep every question cheap.
//!
//! Invariant: each chain is non-empty and stands in the indexes with its current head and tail;
//! only [`Mempool::change`] touches a chain, and only [`Mempool::add`] and [`Mempool::take`] what
//! is counted per transaction.

use quorate_crypto::museum;
use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{
    Account, Address, Amount, ChainParams, Height, Nonce, Transaction, TransactionId,
};

use crate::chain::{Chain, Waiting};
use crate::limits::{Limits, TIME_TO_LIVE_MS};
use crate::rank::{Rank, Worth};
use crate::verdict::{DropReason, Dropped};

/// The transactions that wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mempool {
    pub(crate) limits: Limits,
    /// The parameters of the next block, once they are told.
    params: Option<ChainParams>,
    pub(crate) chains: BTreeMap<Address, Chain>,
    places: BTreeMap<TransactionId, Place>,
    /// Senders whose account's nonce waits, by the rank of that transaction.
    pub(crate) heads: BTreeMap<Rank, Address>,
    /// Every sender, by the worth of its tail.
    pub(crate) tails: BTreeMap<Worth, Address>,
    /// By time of arrival in milliseconds, then by arrival.
    arrived: BTreeMap<(u64, u64), TransactionId>,
    /// Those that have an expiry height.
    expiries: BTreeSet<(Height, TransactionId)>,
    bytes: usize,
    ready: u64,
    arrivals: u64,
    pub(crate) dropped: Vec<Dropped>,
}

/// Where a transaction stands in the chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    sender: Address,
    nonce: Nonce,
}

/// The mempool's counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MempoolStatus {
    /// Transactions that the next block could include, each after those of its sender below it.
    pub ready: u64,
    /// Transactions that wait for one with a lower nonce.
    pub behind_gap: u64,
    /// Bytes of all.
    pub bytes: u64,
    /// Accounts that have one or more waiting.
    pub senders: u64,
}

impl Mempool {
    /// An empty pool.
    #[must_use]
    pub fn new(limits: Limits) -> Mempool {
        Mempool {
            limits,
            params: None,
            chains: BTreeMap::new(),
            places: BTreeMap::new(),
            heads: BTreeMap::new(),
            tails: BTreeMap::new(),
            arrived: BTreeMap::new(),
            expiries: BTreeSet::new(),
            bytes: 0,
            ready: 0,
            arrivals: 0,
            dropped: Vec::new(),
        }
    }

    /// A waiting transaction.
    #[must_use]
    pub fn get(&self, id: &TransactionId) -> Option<&Transaction> {
        let place = self.places.get(id)?;
        self.chains.get(&place.sender)?.get(place.nonce).map(|waiting| &waiting.transaction)
    }

    /// Whether a transaction waits.
    #[must_use]
    pub fn contains(&self, id: &TransactionId) -> bool {
        self.places.contains_key(id)
    }

    /// The transactions of a compact block, as far as they wait; one answer each, in order.
    #[must_use]
    pub fn resolve(&self, ids: &[TransactionId]) -> Vec<Option<Transaction>> {
        ids.iter().map(|id| self.get(id).cloned()).collect()
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Bytes of all that wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The nonce for a sender's next transaction, after its ready ones. `account` is the nonce
    /// that the state says.
    #[must_use]
    pub fn next_nonce(&self, sender: &Address, account: Nonce) -> Nonce {
        self.chains.get(sender).map_or(account, |chain| chain.gap().max(account))
    }

    /// The counts.
    #[must_use]
    pub fn status(&self) -> MempoolStatus {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        MempoolStatus {
            ready: self.ready,
            behind_gap: count(self.len()) - self.ready,
            bytes: count(self.bytes),
            senders: count(self.chains.len()),
        }
    }

    /// At most `limit` waiting transactions, by time of arrival.
    #[must_use]
    pub fn list(&self, limit: usize) -> Vec<Transaction> {
        self.arrived.values().take(limit).filter_map(|id| self.get(id).cloned()).collect()
    }

    /// Removes what a block at `height` included and what can no longer be included, and says
    /// what became of the latter. `accounts` gives the state after that block. It is asked for the
    /// senders in `included` only: an account's nonce and balance become worse for its waiting
    /// transactions by nothing else.
    pub fn executed(
        &mut self,
        height: Height,
        included: &[Transaction],
        accounts: &dyn Fn(&Address) -> Account,
        now_ms: u64,
    ) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let mut senders = BTreeSet::new();
        for transaction in included {
            // Deriving an address costs a hash; of a transaction that waited it is known.
            let taken = self.take(&transaction.id());
            senders.insert(taken.map_or_else(|| transaction.sender(), |(sender, _)| sender));
        }
        for sender in senders {
            self.settle(&sender, || accounts(&sender), &mut dropped);
        }
        self.sweep(height.next(), now_ms, &mut dropped);
        dropped
    }

    /// The next block has other parameters than those before: drops what pays too little by them, and
    /// refuses it from now on. Until they are told any fee will do.
    pub fn set_params(&mut self, params: &ChainParams) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        if self.params.replace(*params) == Some(*params) {
            return dropped;
        }
        let waiting = self.chains.values().flat_map(Chain::iter);
        let cheap: Vec<_> = waiting
            .filter_map(|waiting| Some((waiting.id(), self.missed_fee(&waiting.transaction)?)))
            .collect();
        for (id, required) in cheap {
            self.give_up(id, DropReason::FeeTooLow { required }, &mut dropped);
        }
        dropped
    }

    /// The lowest fee, where a transaction does not pay it.
    pub(crate) fn missed_fee(&self, transaction: &Transaction) -> Option<Amount> {
        let body = transaction.body();
        let required = self.params?.min_fee(transaction.bytes().len(), &body.actions);
        (body.fee < required).then_some(required)
    }

    /// Takes over a sender's account, and drops what it no longer allows.
    pub(crate) fn settle(
        &mut self,
        sender: &Address,
        account: impl FnOnce() -> Account,
        dropped: &mut Vec<Dropped>,
    ) {
        let Some(chain) = self.chains.get(sender) else {
            return;
        };
        let account = account();
        if chain.account() != account {
            self.change(sender, account, |chain| chain.set_account(account));
        }
        let used = self.chains.get(sender).map(Chain::used).unwrap_or_default();
        for id in used.into_iter().filter(|_| !museum!(MempoolKeepsUsed)) {
            self.give_up(id, DropReason::NonceUsed, dropped);
        }
        while let Some(id) = self.chains.get(sender).and_then(Chain::unpayable_tail) {
            self.give_up(id, DropReason::InsufficientFunds, dropped);
        }
    }

    /// Drops what has expired for the next block or has waited too long.
    pub(crate) fn sweep(&mut self, next: Height, now_ms: u64, dropped: &mut Vec<Dropped>) {
        while let Some((expiry, id)) = self.expiries.first().copied()
            && expiry < next
            && !museum!(MempoolKeepsExpired)
        {
            self.give_up(id, DropReason::Expired { expiry }, dropped);
        }
        while let Some(((arrived_ms, _), id)) = self.arrived.first_key_value()
            && now_ms.saturating_sub(*arrived_ms) >= TIME_TO_LIVE_MS
        {
            self.give_up(*id, DropReason::TimedOut, dropped);
        }
    }

    pub(crate) fn give_up(
        &mut self,
        id: TransactionId,
        reason: DropReason,
        dropped: &mut Vec<Dropped>,
    ) {
        let taken = self.take(&id);
        assert!(taken.is_some(), "the indexes name waiting transactions only");
        dropped.push(Dropped { id, reason });
    }

    /// The rank of the next transaction to arrive.
    pub(crate) fn next_rank(&self, transaction: &Transaction) -> Rank {
        Rank::of(transaction, self.arrivals)
    }

    /// Adds a transaction under a nonce that is free in its sender's chain.
    pub(crate) fn add(&mut self, sender: Address, account: Account, waiting: Waiting) {
        let (id, body) = (waiting.id(), waiting.transaction.body());
        let (nonce, expiry) = (body.nonce, body.expiry);
        if expiry != Height::GENESIS {
            self.expiries.insert((expiry, id));
        }
        self.arrived.insert((waiting.arrived_ms, waiting.rank.arrival), id);
        self.arrivals += 1;
        self.bytes += waiting.bytes();
        self.places.insert(id, Place { sender, nonce });
        self.change(&sender, account, |chain| chain.insert(nonce, waiting));
    }

    /// Removes a transaction, if it waits; gives its sender with it.
    fn take(&mut self, id: &TransactionId) -> Option<(Address, Waiting)> {
        let Place { sender, nonce } = self.places.remove(id)?;
        let account = self.chains.get(&sender)?.account();
        let waiting = self.change(&sender, account, |chain| chain.remove(nonce))?;
        self.bytes -= if museum!(MempoolLeak) { 0 } else { waiting.bytes() };
        self.arrived.remove(&(waiting.arrived_ms, waiting.rank.arrival));
        self.expiries.remove(&(waiting.transaction.body().expiry, *id));
        Some((sender, waiting))
    }

    /// Changes a sender's chain, which starts at `account` where there is none, and its place in
    /// the indexes.
    fn change<R>(
        &mut self,
        sender: &Address,
        account: Account,
        change: impl FnOnce(&mut Chain) -> R,
    ) -> R {
        let mut chain = self.chains.remove(sender).unwrap_or_else(|| Chain::of(account));
        if let Some(head) = chain.head() {
            self.heads.remove(&head.rank);
        }
        if let Some((nonce, tail)) = chain.tail() {
            self.tails.remove(&chain.worth(nonce, tail.rank));
        }
        self.ready -= chain.ready();
        let result = change(&mut chain);
        self.ready += chain.ready();
        if let Some(head) = chain.head() {
            self.heads.insert(head.rank, *sender);
        }
        if let Some((nonce, tail)) = chain.tail() {
            self.tails.insert(chain.worth(nonce, tail.rank), *sender);
        }
        if !chain.is_empty() {
            self.chains.insert(*sender, chain);
        }
        result
    }
}
