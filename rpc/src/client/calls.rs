//! Each method of the interface as a method of the client, with typed parameters and answers.

use std::time::Duration;

use quorate_types::{Address, Epoch, Height, RecordKey, Transaction, TransactionId};

use super::{ANSWER_TIME, Called, Client, ClientError, Named, Notes};
use crate::model::{
    Account, AddressText, Block, Certificate, Delegations, EvidenceList, Genesis, Head, HeaderInfo,
    HexBytes, HexHash, HistoryPage, KeyKind, KeyParts, MempoolStatus, NodeHealth, NodePeers,
    NodeStatus, NodeVersion, ParamsInForce, Proof, Record, Simulated, Submitted, SubmittedBatch,
    TransactionInfo, TransactionResults, UnbondingStake, ValidatorInfo, ValidatorInfos, Validators,
};

/// Each method of the interface.
#[expect(clippy::missing_errors_doc, reason = "ClientError says it for all of them")]
impl Client {
    /// Where the node stands.
    pub async fn status(&self) -> Called<NodeStatus> {
        self.call("node_status", Named::new()).await
    }

    /// Whether the node and the chain are well.
    pub async fn health(&self) -> Called<NodeHealth> {
        self.call("node_health", Named::new()).await
    }

    /// The node's peers.
    pub async fn peers(&self) -> Called<NodePeers> {
        self.call("node_peers", Named::new()).await
    }

    /// The node's release.
    pub async fn version(&self) -> Called<NodeVersion> {
        self.call("node_version", Named::new()).await
    }

    /// A block, or the newest one; `full` with its transactions beside their hashes.
    pub async fn block(&self, height: Option<Height>, full: bool) -> Called<Block> {
        let params = Named::new().height(height).with("full", full);
        self.call("chain_getBlock", params).await
    }

    /// A block's header, or the newest one.
    pub async fn header(&self, height: Option<Height>) -> Called<HeaderInfo> {
        self.call("chain_getHeader", Named::new().height(height)).await
    }

    /// A block's commit certificate, or the newest one.
    pub async fn commit_certificate(&self, height: Option<Height>) -> Called<Certificate> {
        self.call("chain_getCommitCertificate", Named::new().height(height)).await
    }

    /// The validator set of a height, or of the one in progress.
    pub async fn validators(&self, height: Option<Height>) -> Called<Validators> {
        self.call("chain_getValidators", Named::new().height(height)).await
    }

    /// An epoch by its number, or the one at work.
    pub async fn epoch(&self, number: Option<Epoch>) -> Called<crate::model::Epoch> {
        let params = Named::new().with("number", number.map(|epoch| epoch.0));
        self.call("chain_getEpoch", params).await
    }

    /// The genesis document.
    pub async fn genesis(&self) -> Called<Genesis> {
        self.call("chain_getGenesis", Named::new()).await
    }

    /// The parameters in force, and those that are voted for.
    pub async fn params(&self) -> Called<ParamsInForce> {
        self.call("chain_getParams", Named::new()).await
    }

    /// The parameters of an epoch by its number, and those that are voted for.
    pub async fn params_of(&self, epoch: Epoch) -> Called<ParamsInForce> {
        self.call("chain_getParams", Named::new().with("epoch", epoch.0)).await
    }

    /// What a signed transaction would come to; nothing is submitted.
    pub async fn simulate(&self, transaction: &Transaction) -> Called<Simulated> {
        self.call("tx_simulate", Named::new().with("transaction", bytes(transaction))).await
    }

    /// Submits a transaction.
    pub async fn submit(&self, transaction: &Transaction) -> Called<Submitted> {
        self.call("tx_submit", Named::new().with("transaction", bytes(transaction))).await
    }

    /// Submits up to 256 transactions; one verdict for each.
    pub async fn submit_batch(&self, transactions: &[Transaction]) -> Called<SubmittedBatch> {
        let all: Vec<HexBytes> = transactions.iter().map(bytes).collect();
        self.call("tx_submitBatch", Named::new().with("transactions", all)).await
    }

    /// Submits a transaction and waits until it is settled; pending when that takes longer.
    pub async fn submit_and_wait(
        &self,
        transaction: &Transaction,
        wait: Duration,
    ) -> Called<TransactionInfo> {
        let timeout_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let params =
            Named::new().with("transaction", bytes(transaction)).with("timeout_ms", timeout_ms);
        self.call_within(wait.saturating_add(ANSWER_TIME), "tx_submitAndWait", params).await
    }

    /// What became of a transaction.
    pub async fn transaction(&self, id: TransactionId) -> Called<TransactionInfo> {
        self.call("tx_get", Named::new().with("hash", HexHash::from(id))).await
    }

    /// A page of an account's transactions, newest first.
    pub async fn search(
        &self,
        address: Address,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Called<HistoryPage> {
        let params = Named::new()
            .with("address", AddressText::from(address))
            .with("cursor", cursor)
            .with("limit", limit);
        self.call("tx_search", params).await
    }

    /// How much waits in the mempool.
    pub async fn mempool(&self) -> Called<MempoolStatus> {
        self.call("mempool_status", Named::new()).await
    }

    /// An account after a height, or the newest final one.
    pub async fn account(&self, address: Address, height: Option<Height>) -> Called<Account> {
        let params = Named::new().with("address", AddressText::from(address)).height(height);
        self.call("state_getAccount", params).await
    }

    /// A record after a height, or the newest final one.
    pub async fn record(
        &self,
        owner: Address,
        key: &RecordKey,
        height: Option<Height>,
    ) -> Called<Record> {
        let params = Named::new()
            .with("owner", AddressText::from(owner))
            .with("key", HexBytes::from(key.as_bytes()))
            .height(height);
        self.call("state_getRecord", params).await
    }

    /// A validator after a height, or the newest final one.
    pub async fn validator(
        &self,
        operator: Address,
        height: Option<Height>,
    ) -> Called<ValidatorInfo> {
        let params = Named::new().with("operator", AddressText::from(operator)).height(height);
        self.call("state_getValidator", params).await
    }

    /// The validators that are or may be chosen.
    pub async fn all_validators(&self) -> Called<ValidatorInfos> {
        self.call("state_getValidators", Named::new()).await
    }

    /// What an account has bonded.
    pub async fn delegations(&self, account: Address) -> Called<Delegations> {
        let params = Named::new().with("account", AddressText::from(account));
        self.call("state_getDelegations", params).await
    }

    /// What an account takes back.
    pub async fn unbonding(&self, account: Address) -> Called<UnbondingStake> {
        let params = Named::new().with("account", AddressText::from(account));
        self.call("state_getUnbonding", params).await
    }

    /// What is held against validators.
    pub async fn evidence(&self) -> Called<EvidenceList> {
        self.call("evidence_list", Named::new()).await
    }

    /// A value of the state with its proof. The caller checks it.
    pub async fn proof(&self, kind: KeyKind, parts: KeyParts) -> Called<Proof> {
        let params = Named::new()
            .with("kind", kind)
            .with("address", parts.address.map(AddressText::from))
            .with("key", parts.key)
            .with("validator", parts.validator.map(AddressText::from))
            .with("epoch", parts.epoch.map(|epoch| epoch.0));
        self.call("state_getProof", params).await
    }

    /// The interface as an OpenRPC document.
    pub async fn discover(&self) -> Result<serde_json::Value, ClientError> {
        self.call_within(ANSWER_TIME, "rpc.discover", Named::new()).await
    }

    /// Notes of each block that becomes final from now on.
    pub async fn subscribe_heads(&self) -> Result<Notes<Head>, ClientError> {
        self.subscribe("chain_subscribeHeads", Named::new(), "chain_unsubscribeHeads").await
    }

    /// Notes of transactions that become final or are dropped: of one, or of all.
    pub async fn subscribe_transactions(
        &self,
        id: Option<TransactionId>,
    ) -> Result<Notes<TransactionResults>, ClientError> {
        let params = Named::new().with("hash", id.map(HexHash::from));
        self.subscribe("tx_subscribe", params, "tx_unsubscribe").await
    }
}

fn bytes(transaction: &Transaction) -> HexBytes {
    transaction.bytes().into()
}
