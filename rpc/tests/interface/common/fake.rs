//! A backend of constants: three final blocks, and answers that a test may exchange.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use quorate_rpc::backend::{
    AccountFacts, Asked, Backend, BackendError, ChainEvent, EpochName, EvidenceFacts, FinalBlock,
    GenesisDocument, NodeFacts, PeerFacts, ProvedValue, Refusal, TransactionState, Verdict,
};
use quorate_rpc::model::{At, MempoolStatus};
use quorate_types::{
    Account, AccountEntry, Address, Amount, Certificate, EpochEntry, Height, Nonce, Receipt,
    StateKey, StateReader, Transaction, TransactionId, TransactionLocation, ValidatorSet, View,
};
use tokio::sync::{Semaphore, broadcast};

use super::chain::{Chain, TOP, alice_address, bob, set_of};
use super::state::{self, Values};

pub struct Fake {
    pub chain: Chain,
    pub facts: Mutex<NodeFacts>,
    /// The verdicts of the next submissions; accepted when there are none left.
    pub verdicts: Mutex<VecDeque<Verdict>>,
    pub submitted: Mutex<Vec<Transaction>>,
    /// The state of every height.
    pub values: Mutex<Values>,
    pub states: Mutex<BTreeMap<TransactionId, TransactionState>>,
    /// The first epoch that is kept.
    pub oldest: Mutex<u64>,
    /// What every question becomes, if set.
    pub error: Mutex<Option<BackendError>>,
    pub events: broadcast::Sender<Arc<ChainEvent>>,
    /// Questions about peers wait for one of these.
    pub peers_gate: Semaphore,
}

impl Fake {
    pub fn new() -> Arc<Fake> {
        Fake::of(Chain::new())
    }

    pub fn of(chain: Chain) -> Arc<Fake> {
        let facts = NodeFacts {
            chain_id: chain.context.chain_id.clone(),
            genesis_hash: chain.context.genesis_hash,
            protocol_version: 1,
            version: String::from("0.1.0"),
            validator: Some(alice_address()),
            is_observing: false,
            height: chain.top(),
            highest: chain.top(),
            view: View(0),
            primary: Some(alice_address()),
            validators: 4,
            peers: 1,
            final_age_ms: 120,
            idle_interval_ms: 2_000,
        };
        let receipts = chain.receipts.iter().zip(&chain.blocks[1].block.transactions);
        let states = receipts.zip(0..).map(|((receipt, transaction), index)| {
            let state = TransactionState::Final {
                transaction: transaction.clone(),
                location: TransactionLocation { height: Height(2), index },
                receipt: receipt.clone(),
            };
            (receipt.transaction, state)
        });
        let states = Mutex::new(states.collect());
        let values = Mutex::new(state::of(&chain.set));
        Arc::new(Fake {
            facts: Mutex::new(facts),
            states,
            chain,
            verdicts: Mutex::default(),
            submitted: Mutex::default(),
            values,
            oldest: Mutex::default(),
            error: Mutex::default(),
            events: broadcast::channel(64).0,
            peers_gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    fn answer<T: Send + 'static>(&self, value: Result<T, BackendError>) -> Asked<'_, T> {
        let error = self.error.lock().unwrap().clone();
        let answer = error.map_or(value, Err).map(|value| At::new(self.chain.top(), value));
        futures::future::ready(answer).boxed()
    }

    fn at<T: Clone>(&self, all: &[T], height: Option<Height>) -> Result<T, BackendError> {
        let latest = self.chain.top();
        let height = height.unwrap_or(latest);
        if height > latest {
            return Err(BackendError::HeightInFuture { height, latest });
        }
        let place = height.previous().ok_or(BackendError::NotFound)?;
        Ok(all[usize::try_from(place.0).unwrap()].clone())
    }
}

impl Backend for Fake {
    fn status(&self) -> Asked<'_, NodeFacts> {
        self.answer(Ok(self.facts.lock().unwrap().clone()))
    }

    fn peers(&self) -> Asked<'_, Vec<PeerFacts>> {
        let peer = PeerFacts {
            peer_id: String::from("12D3KooWPeer"),
            address: String::from("/ip4/127.0.0.1/tcp/27656"),
            validator: Some(bob()),
            height: Some(Height(3)),
        };
        async {
            self.peers_gate.acquire().await.expect("never closed").forget();
            self.answer(Ok(vec![peer])).await
        }
        .boxed()
    }

    fn block(&self, height: Option<Height>) -> Asked<'_, Arc<FinalBlock>> {
        self.answer(self.at(&self.chain.blocks, height))
    }

    fn certificate(&self, height: Option<Height>) -> Asked<'_, Certificate> {
        self.answer(self.at(&self.chain.certificates, height))
    }

    fn receipts(&self, height: Height) -> Asked<'_, Vec<Receipt>> {
        let all = if height == Height(2) { self.chain.receipts.clone() } else { Vec::new() };
        self.answer(Ok(all))
    }

    fn validators(&self, height: Option<Height>) -> Asked<'_, (Height, ValidatorSet)> {
        let set = self.chain.set.clone();
        self.answer(Ok((height.unwrap_or(TOP.next()), set)))
    }

    fn epoch(&self, name: EpochName) -> Asked<'_, Arc<EpochEntry>> {
        let at_work = self.chain.epoch_of(self.chain.top().next());
        let number = match name {
            EpochName::AtWork => at_work,
            EpochName::Number(number) => number.0,
            EpochName::Of(height) => self.chain.epoch_of(height),
        };
        let oldest = *self.oldest.lock().unwrap();
        let entry = Arc::new(state::epoch(number, &set_of(number)));
        self.answer(if number > at_work {
            Err(BackendError::NotFound)
        } else if number < oldest {
            Err(BackendError::Pruned { first: state::epoch(oldest, &set_of(oldest)).first })
        } else {
            Ok(entry)
        })
    }

    fn genesis(&self) -> Asked<'_, GenesisDocument> {
        let document = serde_json::json!({ "chain_id": "local-rpc", "accounts": [] });
        let hash = self.chain.context.genesis_hash;
        self.answer(Ok(GenesisDocument { hash, document: Arc::new(document) }))
    }

    fn submit(&self, transactions: Vec<Transaction>) -> Asked<'_, Vec<Verdict>> {
        let mut prepared = self.verdicts.lock().unwrap();
        let verdicts = transactions
            .iter()
            .map(|_| prepared.pop_front().unwrap_or(Verdict::Accepted))
            .collect();
        self.submitted.lock().unwrap().extend(transactions);
        self.answer(Ok(verdicts))
    }

    /// Every transaction would have the receipt of the first one, unless it is to be refused.
    fn simulate(&self, transaction: Transaction) -> Asked<'_, Result<Receipt, Refusal>> {
        let receipt = Receipt { transaction: transaction.id(), ..self.chain.receipts[0].clone() };
        let outcome = match self.verdicts.lock().unwrap().pop_front() {
            Some(Verdict::Refused(refusal)) => Err(refusal),
            Some(Verdict::Accepted | Verdict::Known) | None => Ok(receipt),
        };
        self.answer(Ok(outcome))
    }

    fn transaction(&self, id: TransactionId) -> Asked<'_, TransactionState> {
        let state = self.states.lock().unwrap().get(&id).cloned();
        self.answer(state.ok_or(BackendError::NotFound))
    }

    /// 150 entries, two in each block, for any address.
    fn history(
        &self,
        _: Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Asked<'_, Vec<AccountEntry>> {
        let entries = (0..75_u64).rev().flat_map(|height| [(height, 1), (height, 0)]);
        let entries = entries.map(|(height, index)| AccountEntry {
            location: TransactionLocation { height: Height(height), index },
            transaction: self.chain.receipts[0].transaction,
        });
        let below = |entry: &AccountEntry| before.is_none_or(|before| entry.location < before);
        self.answer(Ok(entries.filter(below).take(limit).collect()))
    }

    fn mempool(&self) -> Asked<'_, MempoolStatus> {
        let (max_transactions, max_bytes) = (100_000, 67_108_864);
        self.answer(Ok(MempoolStatus { transactions: 2, bytes: 412, max_transactions, max_bytes }))
    }

    /// Alice has an account, others have none. A question about height 1 ends in a panic.
    fn account(&self, address: Address, height: Option<Height>) -> Asked<'_, AccountFacts> {
        assert_ne!(height, Some(Height(1)), "a fault of the node");
        let account = Account { nonce: Nonce(2), balance: Amount(990) };
        let account = (address == alice_address()).then_some(account);
        let next_nonce = account.map_or(Nonce(0), |_| Nonce(4));
        self.answer(Ok(AccountFacts { account, next_nonce }))
    }

    fn value(&self, key: StateKey, height: Option<Height>) -> Asked<'_, Option<Vec<u8>>> {
        let value = self.answer(Ok(self.values.lock().unwrap().get(&key).unwrap()));
        let at_height = height.unwrap_or(TOP).0;
        async move { value.await.map(|value| At { at_height, ..value }) }.boxed()
    }

    fn state(&self) -> Asked<'_, Box<dyn StateReader + Send + Sync + '_>> {
        let values = self.values.lock().unwrap().clone();
        let error = self.error.lock().unwrap().clone();
        let state: Box<dyn StateReader + Send + Sync> = Box::new(values);
        futures::future::ready(error.map_or(Ok(At::new(TOP, state)), Err)).boxed()
    }

    /// Bob has proposed twice, and somebody long ago.
    fn evidence(&self) -> Asked<'_, Vec<EvidenceFacts>> {
        let forgotten = EvidenceFacts { height: Height(1), accused: None, rule: Some("E-5") };
        let bobs = EvidenceFacts { height: Height(2), accused: Some(bob()), rule: Some("E-1") };
        self.answer(Ok(vec![forgotten, bobs]))
    }

    /// Alice's account is all that the tree holds, so it proves that everything else is absent.
    fn proof(&self, key: StateKey) -> Asked<'_, ProvedValue> {
        let mut proved = self.chain.proved.clone();
        proved.value = proved.value.filter(|_| key == StateKey::account(&alice_address()));
        let at_height = proved.header.height.0 - 1;
        let proved = self.answer(Ok(proved));
        async move { proved.await.map(|proved| At { at_height, ..proved }) }.boxed()
    }

    fn events(&self) -> broadcast::Receiver<Arc<ChainEvent>> {
        self.events.subscribe()
    }
}
