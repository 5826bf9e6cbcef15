//! The mempool's rules once more, over a plain list and without any index.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use quorate_mempool::Limits;

use super::{Draft, NEXT, State, address};

/// One waiting draft.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub draft: Draft,
    pub bytes: usize,
    pub arrival: usize,
}

/// What waits, in no order.
pub struct Naive {
    pub entries: Vec<Entry>,
    pub limits: Limits,
    arrivals: usize,
}

/// The least worth goes first: behind a gap, low rate, late arrival.
type Worth = (bool, Rate, Reverse<usize>);

/// A fee per byte, scaled so far up that the tests' small fees are told apart.
type Rate = u128;
const SCALE: u128 = 1 << 64;

impl Naive {
    pub fn new(limits: Limits) -> Naive {
        Naive { entries: Vec::new(), limits, arrivals: 0 }
    }

    fn chain(&self, sender: u8) -> Vec<Entry> {
        let of = |entry: &&Entry| entry.draft.sender == sender;
        let mut chain: Vec<Entry> = self.entries.iter().filter(of).copied().collect();
        chain.sort_by_key(|entry| entry.draft.nonce);
        chain
    }

    fn is_ready(&self, entry: &Entry, state: &State) -> bool {
        let first = state.get(&address(entry.draft.sender)).nonce.0;
        let chain = self.chain(entry.draft.sender);
        let waits = |nonce| chain.iter().any(|other| other.draft.nonce == nonce);
        (first..entry.draft.nonce).all(waits)
    }

    fn worth(&self, entry: &Entry, state: &State) -> Worth {
        (self.is_ready(entry, state), rate(entry), Reverse(entry.arrival))
    }

    fn remove(&mut self, gone: &Entry) {
        self.entries.retain(|entry| entry.arrival != gone.arrival);
    }

    /// Drops what the account no longer allows.
    pub fn settle(&mut self, sender: u8, state: &State) {
        let account = state.get(&address(sender));
        let used = |e: &Entry| e.draft.sender == sender && e.draft.nonce < account.nonce.0;
        self.entries.retain(|entry| !used(entry));
        loop {
            let chain = self.chain(sender);
            let fees: u128 = chain.iter().map(|entry| u128::from(entry.draft.fee)).sum();
            match chain.last() {
                Some(tail) if fees > u128::from(account.balance.0) => self.remove(tail),
                Some(_) | None => return,
            }
        }
    }

    /// Whether the draft waits afterwards because of this call.
    pub fn insert(&mut self, draft: Draft, state: &State) -> bool {
        let bytes = draft.sign().bytes().len();
        let newcomer = Entry { draft, bytes, arrival: self.arrivals };
        if self.entries.iter().any(|entry| entry.draft == draft) {
            return false;
        }
        self.settle(draft.sender, state);
        let Some(gone) = self.admission(&newcomer, state) else {
            return false;
        };
        for entry in gone {
            self.remove(&entry);
        }
        self.entries.push(newcomer);
        self.arrivals += 1;
        self.settle(draft.sender, state);
        true
    }

    fn admission(&self, newcomer: &Entry, state: &State) -> Option<Vec<Entry>> {
        let draft = newcomer.draft;
        let account = state.get(&address(draft.sender));
        let ahead = draft.nonce.checked_sub(account.nonce.0)?;
        let expired = draft.expiry != 0 && draft.expiry < NEXT.0;
        if expired || ahead > self.limits.max_nonce_gap {
            return None;
        }
        let chain = self.chain(draft.sender);
        let below = chain.iter().filter(|entry| entry.draft.nonce < draft.nonce);
        let fees: u128 = below.map(|entry| u128::from(entry.draft.fee)).sum();
        let mut gone = Vec::new();
        if let Some(old) = chain.iter().find(|entry| entry.draft.nonce == draft.nonce) {
            if draft.fee <= old.draft.fee || draft.fee * 10 < old.draft.fee * 11 {
                return None;
            }
            gone.push(*old);
        } else if chain.len() >= self.limits.max_per_sender {
            gone.push(*chain.last().filter(|tail| tail.draft.nonce > draft.nonce)?);
        }
        if fees + u128::from(draft.fee) > u128::from(account.balance.0) {
            return None;
        }
        self.make_room(newcomer, state, gone)
    }

    fn make_room(
        &self,
        newcomer: &Entry,
        state: &State,
        mut gone: Vec<Entry>,
    ) -> Option<Vec<Entry>> {
        let worth = self.worth(newcomer, state);
        loop {
            let left: Vec<Entry> = self
                .entries
                .iter()
                .filter(|entry| gone.iter().all(|other| other.arrival != entry.arrival))
                .copied()
                .collect();
            let bytes: usize = left.iter().map(|entry| entry.bytes).sum();
            let fits = left.len() < self.limits.max_transactions
                && bytes + newcomer.bytes <= self.limits.max_bytes;
            if fits {
                return Some(gone);
            }
            let senders: BTreeSet<u8> = left.iter().map(|entry| entry.draft.sender).collect();
            let tails = senders.iter().filter(|sender| **sender != newcomer.draft.sender);
            let tail = |sender: &u8| {
                let of = left.iter().filter(|entry| entry.draft.sender == *sender);
                of.max_by_key(|entry| entry.draft.nonce).copied()
            };
            let least = tails.filter_map(tail).min_by_key(|entry| self.worth(entry, state))?;
            if self.worth(&least, state) >= worth {
                return None;
            }
            gone.push(least);
        }
    }

    /// Removes what was included and what the block ended.
    pub fn executed(&mut self, included: &[Draft], next: u64, state: &State) {
        for draft in included {
            self.entries.retain(|entry| entry.draft != *draft);
        }
        for draft in included {
            self.settle(draft.sender, state);
        }
        self.entries.retain(|entry| entry.draft.expiry == 0 || entry.draft.expiry >= next);
    }

    /// (sender, nonce) of all candidates: again and again the best of those whose turn it is.
    pub fn ready(&self, state: &State) -> Vec<(u8, u64)> {
        let mut left: Vec<Entry> = self.entries.clone();
        left.retain(|entry| self.is_ready(entry, state));
        let mut taken = Vec::new();
        let first = |left: &[Entry], entry: &Entry| {
            let of = |other: &&Entry| other.draft.sender == entry.draft.sender;
            left.iter().filter(of).all(|other| other.draft.nonce >= entry.draft.nonce)
        };
        while let Some(best) = left
            .iter()
            .filter(|entry| first(&left, entry))
            .min_by_key(|entry| (Reverse(rate(entry)), entry.arrival))
            .copied()
        {
            taken.push((best.draft.sender, best.draft.nonce));
            left.retain(|entry| entry.arrival != best.arrival);
        }
        taken
    }
}

fn rate(entry: &Entry) -> Rate {
    u128::from(entry.draft.fee) * SCALE / u128::try_from(entry.bytes).unwrap()
}
