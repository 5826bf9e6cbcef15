//! Clients: they submit transfers to random nodes, good ones and bad ones, some with gaps in their
//! nonces, some twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quorate_crypto::Signature;
use quorate_replica::{Input, Query, QueryId, Ticket};
use quorate_types::{
    Action, Address, Amount, ChainTag, ExecutedBlock, Height, Nonce, Notice, RecordKey,
    RecordValue, StateKey, Transaction, TransactionBody, TransactionId, Transfer,
};

use crate::event::{Event, NodeId};
use crate::moves::Moves;
use crate::random::Random;
use crate::setup::{Sender, Setup};
use crate::world::World;

/// Questions beside submissions, of a thousand.
const ASKED: u64 = 200;
/// A fee that covers every transfer of the clients, in base units.
const FEE: u64 = 20_000;
/// Transactions remembered for submitting them again.
const REMEMBERED: usize = 64;
/// Heights whose notices are remembered.
const NOTICED: usize = 64;

/// What the clients know.
#[derive(Debug)]
pub(crate) struct Clients {
    /// The nonce that each account's next transaction takes, as far as blocks tell.
    nonces: BTreeMap<Address, u64>,
    /// The highest height whose block they have seen.
    seen: Height,
    /// Submitted before.
    earlier: Vec<Transaction>,
    /// Transactions that must never be in a block.
    poison: BTreeSet<TransactionId>,
    poisoned: bool,
    tickets: u64,
    /// Questions without an answer; those of a process that died stay.
    asked: BTreeMap<QueryId, Address>,
    questions: u64,
    pub(crate) moves: Moves,
    /// What the newest heights told those who run the chain.
    notices: BTreeMap<Height, Vec<Notice>>,
}

impl Clients {
    pub(crate) fn new(setup: &Setup) -> Clients {
        let senders = setup.accounts.iter().chain(&setup.operators);
        let accounts = senders.map(|account| (account.address, 0));
        Clients {
            nonces: accounts.collect(),
            seen: Height::GENESIS,
            earlier: Vec::new(),
            poison: BTreeSet::new(),
            poisoned: false,
            tickets: 0,
            asked: BTreeMap::new(),
            questions: 0,
            moves: Moves::default(),
            notices: BTreeMap::new(),
        }
    }

    /// A new question about an account.
    fn ask(&mut self, address: Address) -> QueryId {
        self.questions += 1;
        let id = QueryId(self.questions);
        self.asked.insert(id, address);
        id
    }

    /// Which account a question was about.
    pub(crate) fn answered(&mut self, id: QueryId) -> Option<Address> {
        self.asked.remove(&id)
    }

    /// The nonce that an account's next transaction takes, as far as blocks tell.
    pub(crate) fn next_nonce(&self, address: &Address) -> u64 {
        self.nonces.get(address).copied().unwrap_or(0)
    }

    /// A block is final somewhere.
    pub(crate) fn on_final(&mut self, executed: &Arc<ExecutedBlock>) {
        for transaction in &executed.block.transactions {
            self.poisoned |= self.poison.contains(&transaction.id());
            if executed.height() > self.seen
                && let Some(nonce) = self.nonces.get_mut(&transaction.sender())
            {
                *nonce += 1;
            }
        }
        if executed.height() > self.seen {
            self.notices.insert(executed.height(), executed.notices.clone());
        }
        while self.notices.len() > NOTICED {
            self.notices.pop_first();
        }
        self.seen = self.seen.max(executed.height());
    }

    /// Their transactions in the blocks that they have seen: each takes a nonce.
    pub(crate) fn transactions(&self) -> u64 {
        self.nonces.values().sum()
    }

    /// The highest height that they have seen.
    pub(crate) fn seen(&self) -> Height {
        self.seen
    }

    /// What a height told, if it is one of the newest.
    pub(crate) fn notices(&self, height: Height) -> &[Notice] {
        self.notices.get(&height).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a transaction that no block may hold is in one.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

/// What is wrong with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// More than the sender has: included, with a failed receipt.
    Unfunded,
    /// Its nonce lies ahead.
    Gap,
    OtherChain,
    Unsigned,
    LowFee,
    Expired,
}

const FLAWS: [Flaw; 6] =
    [Flaw::Unfunded, Flaw::Gap, Flaw::OtherChain, Flaw::Unsigned, Flaw::LowFee, Flaw::Expired];

impl World {
    /// A client submits a batch to a running node.
    pub(crate) fn submit(&mut self) {
        let running = self.running();
        if let Some(node) = self.random.pick(&running) {
            let batch = self.draw_batch();
            self.submit_to(node, &batch);
            if self.random.chance(ASKED) {
                self.ask(node);
            }
        }
        let next_us = self.plan.submit.draw(&mut self.random);
        self.after(next_us, Event::Submit);
    }

    /// A client asks a node for an account, or for the proof of one.
    fn ask(&mut self, node: NodeId) {
        let address = self.draw_recipient();
        let query = if self.random.chance(500) {
            Query::Account { address, height: None }
        } else {
            Query::Proof(StateKey::account(&address))
        };
        let id = self.clients.ask(address);
        self.note(node, "query", &[]);
        self.feed(node, Input::Query { id, query });
    }

    /// A client submits a transfer to a running node that no block can include yet: its nonce lies
    /// ahead of its account's.
    pub fn submit_ahead(&mut self, node: NodeId) {
        let Some(sender) = self.setup.accounts.first().cloned() else { return };
        let transaction = self.draw_transaction(&sender, 0, Flaw::Gap);
        self.submit_to(node, &[transaction]);
    }

    pub(crate) fn submit_to(&mut self, node: NodeId, batch: &[Transaction]) {
        self.note(node, "submit", &[]);
        let Some(process) = &self.node(node).process else { return };
        let verdicts = process.verifier.transactions(batch);
        let (sound, refused): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(Result::is_ok);
        self.counts.submitted += u64::try_from(batch.len()).unwrap_or(0);
        self.counts.refused += u64::try_from(refused.len()).unwrap_or(0);
        let transactions: Vec<_> = sound.into_iter().flatten().collect();
        if !transactions.is_empty() {
            self.clients.tickets += 1;
            let ticket = Some(Ticket(self.clients.tickets));
            self.feed(node, Input::Transactions { ticket, transactions });
        }
    }

    fn draw_batch(&mut self) -> Vec<Transaction> {
        if let Some(moves) = self.draw_moves() {
            return moves;
        }
        let Some(sender) = self.random.pick(&self.setup.accounts) else { return Vec::new() };
        if self.random.chance(50)
            && let Some(earlier) = self.random.pick(&self.clients.earlier)
        {
            return vec![earlier];
        }
        let first = self.clients.nonces.get(&sender.address).copied().unwrap_or(0);
        let count = self.random.between(1, self.plan.batch);
        let mut batch = Vec::new();
        for nonce in (first..).take(usize::try_from(count).unwrap_or(1)) {
            let flawed = self.random.chance(150);
            let flaw = if flawed { self.random.pick(&FLAWS) } else { None };
            batch.push(self.draw_transaction(&sender, nonce, flaw.unwrap_or(Flaw::None)));
        }
        for transaction in &batch {
            if self.clients.earlier.len() >= REMEMBERED {
                let place = self.random.position(REMEMBERED);
                self.clients.earlier.swap_remove(place);
            }
            self.clients.earlier.push(transaction.clone());
        }
        batch
    }

    fn draw_transaction(&mut self, sender: &Sender, nonce: u64, flaw: Flaw) -> Transaction {
        let mut actions = self.draw_actions();
        match flaw {
            Flaw::Unfunded => actions.push(self.draw_transfer(u64::MAX / 2)),
            Flaw::None
            | Flaw::Gap
            | Flaw::OtherChain
            | Flaw::Unsigned
            | Flaw::LowFee
            | Flaw::Expired => {}
        }
        let mut body = TransactionBody {
            chain_tag: self.setup.context.tag(),
            signers: vec![sender.key.public()],
            nonce: Nonce(nonce),
            expiry: Height::GENESIS,
            fee: Amount(FEE),
            memo: vec![0; self.plan.memo],
            actions,
        };
        match flaw {
            Flaw::None | Flaw::Unfunded | Flaw::Unsigned => {}
            Flaw::Gap => body.nonce = Nonce(nonce.saturating_add(self.random.between(1, 5))),
            Flaw::OtherChain => body.chain_tag = ChainTag([0; 8]),
            Flaw::LowFee => body.fee = Amount(1),
            Flaw::Expired => body.expiry = self.clients.seen,
        }
        let signed = body.clone().sign(&self.setup.context, &sender.key);
        let transaction = match flaw {
            Flaw::Unsigned => Transaction::new(body, vec![Signature::from_bytes([1; 64])]),
            Flaw::None
            | Flaw::Unfunded
            | Flaw::Gap
            | Flaw::OtherChain
            | Flaw::LowFee
            | Flaw::Expired => signed,
        };
        if matches!(flaw, Flaw::OtherChain | Flaw::Unsigned | Flaw::LowFee) {
            self.clients.poison.insert(transaction.id());
        }
        transaction
    }

    /// Mostly one transfer; now and then several actions, on few records.
    fn draw_actions(&mut self) -> Vec<Action> {
        if self.random.chance(700) {
            let amount = self.random.between(1, 1_000);
            return vec![self.draw_transfer(amount)];
        }
        let count = self.random.between(1, 4);
        (0..count).map(|_| self.draw_action()).collect()
    }

    fn draw_action(&mut self) -> Action {
        let number = u8::try_from(self.random.below(4)).unwrap_or(0);
        let key = RecordKey::new(vec![number]).expect("one byte is a key");
        let value = RecordValue::new(self.random.bytes().to_vec()).expect("32 bytes are a value");
        match self.random.below(5) {
            0 => Action::UpdateRecord { key, value },
            1 => Action::DeleteRecord { key },
            2 => self.draw_transfer(1),
            _ => Action::PutRecord { key, value },
        }
    }

    fn draw_transfer(&mut self, amount: u64) -> Action {
        Action::Transfer(Transfer { to: self.draw_recipient(), amount: Amount(amount) })
    }

    /// An account with money, or now and then a new one.
    fn draw_recipient(&mut self) -> Address {
        let known = self.random.pick(&self.setup.accounts);
        match known.filter(|_| !self.random.chance(100)) {
            Some(account) => account.address,
            None => new_address(&mut self.random),
        }
    }
}

fn new_address(random: &mut Random) -> Address {
    let bytes = random.bytes();
    let (head, _) = bytes.split_first_chunk().expect("32 bytes hold 20");
    Address(*head)
}
