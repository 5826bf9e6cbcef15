//! The node as its RPC clients see it: stored things from the database, the rest from the core by
//! question and answer. Every answer names the final height that it is true at.

mod dropped;
mod simulated;
mod stake;
mod stored;
mod translate;

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use quorate_genesis::Genesis;
use quorate_network::PeerInfo;
use quorate_replica::{
    Input, KEPT_STATES, Limits, Query, QueryId, Refusal, Reply, Ticket, Verdict as MempoolVerdict,
};
use quorate_rpc::backend::{
    AccountFacts, Asked, Backend, BackendError, ChainEvent, EpochName, EvidenceFacts, FinalBlock,
    GenesisDocument, NodeFacts, PeerFacts, ProvedValue, Refusal as RpcRefusal, TransactionState,
    Verdict,
};
use quorate_rpc::model::{At, MempoolStatus};
use quorate_types::{
    AccountEntry, Address, Certificate, ChainContext, ChainReader, EpochEntry, Height, ReadError,
    Receipt, StateKey, StateReader, Transaction, TransactionId, TransactionLocation, ValidatorSet,
    VerifiedTransaction,
};
use tokio::sync::broadcast;

use super::shared::Shared;
pub(crate) use dropped::DroppedLog;
pub(crate) use translate::drop_reason;

/// What the backend knows beside what is shared.
pub(crate) struct NodeBackend {
    shared: Arc<Shared>,
    context: ChainContext,
    genesis: GenesisDocument,
    limits: Limits,
}

impl NodeBackend {
    pub(crate) fn new(shared: Arc<Shared>, genesis: &Genesis, limits: Limits) -> NodeBackend {
        let context = genesis.context();
        let document = serde_json::from_str(&genesis.to_json_pretty()).unwrap_or_default();
        let genesis = GenesisDocument { hash: context.genesis_hash, document: Arc::new(document) };
        NodeBackend { shared, context, genesis, limits }
    }

    fn final_height(&self) -> Height {
        self.shared.view.borrow().status.final_height
    }

    fn now<T>(&self, value: T) -> At<T> {
        At::new(self.final_height(), value)
    }

    /// A height that a client named, or the newest final one.
    fn final_or_latest(&self, height: Option<Height>) -> Result<Height, BackendError> {
        let latest = self.final_height();
        match height {
            None => Ok(latest),
            Some(height) if height <= latest => Ok(height),
            Some(height) => Err(BackendError::HeightInFuture { height, latest }),
        }
    }

    /// Asks the core.
    async fn ask(&self, query: Query) -> Result<Reply, BackendError> {
        let (number, answer) = self.shared.replies.ask();
        if !self.shared.inbox.bulk(Input::Query { id: QueryId(number), query }) {
            self.shared.replies.forget(number);
            return Err(internal("the node is overloaded or stopping"));
        }
        answer.await.map_err(|_| internal("the node is stopping"))
    }

    /// Stored, or waiting, or on its way from one to the other, or given up.
    async fn find(&self, id: TransactionId) -> Result<TransactionState, BackendError> {
        if let Some(found) = self.read_transaction(&id)? {
            return Ok(found);
        }
        if let Reply::Pending(Some(transaction)) = self.ask(Query::Pending(id)).await? {
            return Ok(TransactionState::Pending(transaction));
        }
        // It may have been stored between the two looks.
        if let Some(found) = self.read_transaction(&id)? {
            return Ok(found);
        }
        let dropped = self.shared.dropped.reason(&id).map(TransactionState::Dropped);
        dropped.ok_or(BackendError::NotFound)
    }

    /// Verifies and offers transactions; the mempool's verdicts fill the gaps of the verifier's.
    async fn offer(&self, transactions: Vec<Transaction>) -> Result<Vec<Verdict>, BackendError> {
        let in_force = self.shared.in_force();
        let verify = move || in_force.verifier.transactions(&transactions);
        let verified = tokio::task::spawn_blocking(verify).await;
        let verified = verified.map_err(|_| internal("verification failed"))?;
        let sound: Vec<_> = verified.iter().flatten().cloned().collect();
        let mut judged = self.admit(sound).await?.into_iter();
        let mut verdicts = Vec::with_capacity(verified.len());
        for one in verified {
            verdicts.push(match one {
                Err(error) => Verdict::Refused(error.into()),
                Ok(transaction) => {
                    let id = transaction.transaction().id();
                    let verdict = judged.next().ok_or_else(|| internal("a verdict is missing"))?;
                    // One that was included already is known, whatever its nonce says.
                    match self.shared.database.transaction(&id).map_err(failed)? {
                        Some(_) => Verdict::Known,
                        None => translate::verdict(verdict),
                    }
                }
            });
        }
        Ok(verdicts)
    }

    async fn admit(
        &self,
        transactions: Vec<VerifiedTransaction>,
    ) -> Result<Vec<MempoolVerdict>, BackendError> {
        if transactions.is_empty() {
            return Ok(Vec::new());
        }
        let count = transactions.len();
        let (number, answer) = self.shared.verdicts.ask();
        let ticket = Some(Ticket(number));
        if !self.shared.inbox.bulk(Input::Transactions { ticket, transactions }) {
            self.shared.verdicts.forget(number);
            let full = MempoolVerdict::Refused(Refusal::Full);
            return Ok(vec![full; count]);
        }
        answer.await.map_err(|_| internal("the node is stopping"))
    }

    async fn prove(&self, key: StateKey) -> Result<At<ProvedValue>, BackendError> {
        let Reply::Proof(proved) = self.ask(Query::Proof(key)).await? else {
            return Err(internal("another answer than asked for"));
        };
        let proved = proved.ok_or(BackendError::Syncing)?;
        let above = proved.height.next();
        let block = self.shared.database.block_at(above).map_err(failed)?;
        let certificate = self.shared.database.certificate(above).map_err(failed)?;
        let (block, certificate) = block.zip(certificate).ok_or(BackendError::Syncing)?;
        let (value, proof, header) = (proved.value, proved.proof, block.header.clone());
        Ok(At::new(proved.height, ProvedValue { value, proof, header, certificate }))
    }

    async fn read_account(
        &self,
        address: Address,
        height: Option<Height>,
    ) -> Result<At<AccountFacts>, BackendError> {
        let height = height.map(|height| self.final_or_latest(Some(height))).transpose()?;
        match self.ask(Query::Account { address, height }).await? {
            Reply::Account { height: Some(height), account, next_nonce } => {
                Ok(At::new(height, AccountFacts { account, next_nonce }))
            }
            Reply::Account { height: None, .. } => Err(self.pruned()),
            Reply::Proof(_) | Reply::Pending(_) | Reply::Mempool(_) | Reply::Simulated(_) => {
                Err(internal("another answer than asked for"))
            }
        }
    }

    async fn read_value(
        &self,
        key: StateKey,
        height: Option<Height>,
    ) -> Result<At<Option<Vec<u8>>>, BackendError> {
        let height = height.map(|height| self.final_or_latest(Some(height))).transpose()?;
        let Reply::Proof(found) = self.ask(Query::Value { key, height }).await? else {
            return Err(internal("another answer than asked for"));
        };
        let found = found.ok_or_else(|| self.pruned())?;
        Ok(At::new(found.height, found.value))
    }

    /// A height whose state is kept no longer.
    fn pruned(&self) -> BackendError {
        let kept = u64::try_from(KEPT_STATES).unwrap_or(u64::MAX);
        let first = Height(self.final_height().0.saturating_sub(kept.saturating_sub(1)));
        BackendError::Pruned { first }
    }

    fn facts(&self) -> At<NodeFacts> {
        let view = self.shared.view.borrow().clone();
        let status = &view.status;
        let in_force = self.shared.in_force();
        let now_ms = self.shared.clock.now().monotonic_ms;
        let facts = NodeFacts {
            chain_id: self.context.chain_id.clone(),
            genesis_hash: self.context.genesis_hash,
            protocol_version: self.context.protocol_version,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            validator: view.operator,
            is_observing: status.is_observing,
            height: status.final_height,
            highest: status.heard,
            view: status.view,
            primary: view.primary,
            validators: in_force.set().len(),
            peers: u32::try_from(status.peers).unwrap_or(u32::MAX),
            final_age_ms: now_ms.saturating_sub(status.decided_at_ms),
            idle_interval_ms: u64::from(in_force.epoch().params.idle_block_interval_ms),
        };
        At::new(status.final_height, facts)
    }

    fn peer_facts(&self, peer: &PeerInfo) -> PeerFacts {
        let in_force = self.shared.in_force();
        let index = peer.validator.and_then(|key| in_force.set().index_of_key(&key));
        PeerFacts {
            peer_id: peer.peer.to_string(),
            address: peer.address.to_string(),
            validator: index.and_then(|index| in_force.set().get(index)).map(|one| one.address),
            height: self.shared.peers.height(&peer.peer),
        }
    }
}

fn internal(reason: &str) -> BackendError {
    BackendError::Internal(reason.to_owned())
}

fn failed(error: ReadError) -> BackendError {
    BackendError::Internal(error.to_string())
}

/// An answer that is there at once.
fn ready<'a, T: Send + 'a>(
    answer: Result<T, BackendError>,
) -> BoxFuture<'a, Result<T, BackendError>> {
    futures::future::ready(answer).boxed()
}

impl Backend for NodeBackend {
    fn status(&self) -> Asked<'_, NodeFacts> {
        ready(Ok(self.facts()))
    }

    fn peers(&self) -> Asked<'_, Vec<PeerFacts>> {
        let peers = self.shared.network.peers();
        ready(Ok(self.now(peers.iter().map(|peer| self.peer_facts(peer)).collect())))
    }

    fn block(&self, height: Option<Height>) -> Asked<'_, Arc<FinalBlock>> {
        ready(self.read_block(height))
    }

    fn certificate(&self, height: Option<Height>) -> Asked<'_, Certificate> {
        ready(self.read_certificate(height))
    }

    fn receipts(&self, height: Height) -> Asked<'_, Vec<Receipt>> {
        ready(self.read_receipts(height))
    }

    fn validators(&self, height: Option<Height>) -> Asked<'_, (Height, ValidatorSet)> {
        let in_progress = self.final_height().next();
        let height = height.unwrap_or(in_progress);
        if height > in_progress {
            let latest = self.final_height();
            return ready(Err(BackendError::HeightInFuture { height, latest }));
        }
        ready(self.epoch_at(height).map(|epoch| self.now((height, epoch.validators.clone()))))
    }

    fn epoch(&self, name: EpochName) -> Asked<'_, Arc<EpochEntry>> {
        ready(self.read_epoch(name))
    }

    fn genesis(&self) -> Asked<'_, GenesisDocument> {
        ready(Ok(self.now(self.genesis.clone())))
    }

    fn submit(&self, transactions: Vec<Transaction>) -> Asked<'_, Vec<Verdict>> {
        async move { self.offer(transactions).await.map(|verdicts| self.now(verdicts)) }.boxed()
    }

    fn simulate(&self, transaction: Transaction) -> Asked<'_, Result<Receipt, RpcRefusal>> {
        self.try_out(transaction).boxed()
    }

    fn transaction(&self, id: TransactionId) -> Asked<'_, TransactionState> {
        async move { self.find(id).await.map(|state| self.now(state)) }.boxed()
    }

    fn history(
        &self,
        address: Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Asked<'_, Vec<AccountEntry>> {
        let entries = self.shared.database.account_history(&address, before, limit);
        ready(entries.map(|entries| self.now(entries)).map_err(failed))
    }

    fn mempool(&self) -> Asked<'_, MempoolStatus> {
        async move {
            let Reply::Mempool(status) = self.ask(Query::Mempool).await? else {
                return Err(internal("another answer than asked for"));
            };
            let count = |limit: usize| u64::try_from(limit).unwrap_or(u64::MAX);
            Ok(self.now(MempoolStatus {
                transactions: status.ready.saturating_add(status.behind_gap),
                bytes: status.bytes,
                max_transactions: count(self.limits.max_transactions),
                max_bytes: count(self.limits.max_bytes),
            }))
        }
        .boxed()
    }

    fn account(&self, address: Address, height: Option<Height>) -> Asked<'_, AccountFacts> {
        self.read_account(address, height).boxed()
    }

    fn value(&self, key: StateKey, height: Option<Height>) -> Asked<'_, Option<Vec<u8>>> {
        self.read_value(key, height).boxed()
    }

    fn state(&self) -> Asked<'_, Box<dyn StateReader + Send + Sync + '_>> {
        ready(self.newest_state())
    }

    fn evidence(&self) -> Asked<'_, Vec<EvidenceFacts>> {
        ready(self.read_evidence())
    }

    fn proof(&self, key: StateKey) -> Asked<'_, ProvedValue> {
        self.prove(key).boxed()
    }

    fn events(&self) -> broadcast::Receiver<Arc<ChainEvent>> {
        self.shared.events.subscribe()
    }
}
