//! What the interface needs of a node, and all that it sees of one: typed values, no JSON. A node
//! implements [`Backend`]; the tests do it with a few constants.

use std::sync::Arc;

use futures::future::BoxFuture;
use quorate_crypto::Hash;
use quorate_crypto::state_tree::StateProof;
use quorate_types::{
    Account, AccountEntry, Address, Block, Certificate, ChainId, Digest, Epoch, EpochEntry, Header,
    Height, Nonce, Receipt, StateKey, StateReader, Transaction, TransactionId, TransactionLocation,
    ValidatorSet, View,
};
use tokio::sync::broadcast;

pub use crate::chain_event::ChainEvent;
use crate::error::ErrorKind;
use crate::model::{At, DropReason, MempoolStatus};

/// What a question to the node becomes.
pub type Asked<'a, T> = BoxFuture<'a, Result<At<T>, BackendError>>;

/// A node, as its clients see it. Every answer names the final height that it is true at.
pub trait Backend: Send + Sync + 'static {
    /// Where the node stands.
    fn status(&self) -> Asked<'_, NodeFacts>;

    /// The connected peers.
    fn peers(&self) -> Asked<'_, Vec<PeerFacts>>;

    /// The final block of a height, or the newest one.
    fn block(&self, height: Option<Height>) -> Asked<'_, Arc<FinalBlock>>;

    /// The commit certificate of a height, or of the newest one.
    fn certificate(&self, height: Option<Height>) -> Asked<'_, Certificate>;

    /// The receipts of a final height, in the order of its transactions.
    fn receipts(&self, height: Height) -> Asked<'_, Vec<Receipt>>;

    /// V(height) with its height; without one, the set of the height in progress.
    fn validators(&self, height: Option<Height>) -> Asked<'_, (Height, ValidatorSet)>;

    /// An epoch, from the first one that is kept up to the one that is chosen last.
    fn epoch(&self, name: EpochName) -> Asked<'_, Arc<EpochEntry>>;

    /// The genesis document.
    fn genesis(&self) -> Asked<'_, GenesisDocument>;

    /// Offers transactions to the mempool: one verdict for each, in order.
    fn submit(&self, transactions: Vec<Transaction>) -> Asked<'_, Vec<Verdict>>;

    /// What a transaction would come to if the block above the answer's height had it alone: its
    /// receipt, or why no such block may include it. Verified like one that is submitted; nothing of
    /// it is kept.
    fn simulate(&self, transaction: Transaction) -> Asked<'_, Result<Receipt, Refusal>>;

    /// What became of a transaction; not found when the node knows nothing of it.
    fn transaction(&self, id: TransactionId) -> Asked<'_, TransactionState>;

    /// An account's final transactions below `before`, newest first, at most `limit`.
    fn history(
        &self,
        address: Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Asked<'_, Vec<AccountEntry>>;

    /// What waits.
    fn mempool(&self) -> Asked<'_, MempoolStatus>;

    /// An account after executing a height, or the newest one.
    fn account(&self, address: Address, height: Option<Height>) -> Asked<'_, AccountFacts>;

    /// What stands under a key of the state after a height, or after the newest final one.
    fn value(&self, key: StateKey, height: Option<Height>) -> Asked<'_, Option<Vec<u8>>>;

    /// The newest state, as it stands now: it does not change while it is held.
    fn state(&self) -> Asked<'_, Box<dyn StateReader + Send + Sync + '_>>;

    /// Everything that the node holds against validators, by height.
    fn evidence(&self) -> Asked<'_, Vec<EvidenceFacts>>;

    /// A value of the state, or its absence, proved at the highest certified height.
    fn proof(&self, key: StateKey) -> Asked<'_, ProvedValue>;

    /// What happens from now on: final blocks in order of height, and dropped transactions. A
    /// final block comes only after [`Backend::transaction`] answers final for what it holds.
    fn events(&self) -> broadcast::Receiver<Arc<ChainEvent>>;
}

/// Why the node has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// It is kept no longer.
    #[error("pruned: the first height kept is {first}")]
    Pruned {
        /// The first height that is kept.
        first: Height,
    },
    /// The node has not caught up far enough to say.
    #[error("the node is syncing and cannot answer yet")]
    Syncing,
    /// The height is above the highest final one.
    #[error("height {height} is above the highest final one, {latest}")]
    HeightInFuture {
        /// The height asked for.
        height: Height,
        /// The highest final one.
        latest: Height,
    },
    /// The node is at fault, or about to stop. Logged; the client is not told.
    #[error("{0}")]
    Internal(String),
}

/// Where a node stands: the facts, to be judged by [`crate::model::SyncState::of`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFacts {
    /// The chain's name.
    pub chain_id: ChainId,
    /// The hash of the genesis document.
    pub genesis_hash: Hash,
    /// The protocol version in force.
    pub protocol_version: u32,
    /// The release.
    pub version: String,
    /// The operator address, if the node's key is in the validator set.
    pub validator: Option<Address>,
    /// Whether that key signs nothing until the node has rejoined: it lost its records, or they are
    /// older than what it has signed.
    pub is_observing: bool,
    /// The highest final height.
    pub height: Height,
    /// The highest height that a certificate has been heard of for.
    pub highest: Height,
    /// The view of the height in progress.
    pub view: View,
    /// The primary of that view, if it is known.
    pub primary: Option<Address>,
    /// Validators in the set of the height in progress.
    pub validators: usize,
    /// Connected peers.
    pub peers: u32,
    /// Milliseconds since a block became final here, or since the node started.
    pub final_age_ms: u64,
    /// Milliseconds after which an idle chain makes a block.
    pub idle_interval_ms: u64,
}

/// A connected peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerFacts {
    /// Its network identity.
    pub peer_id: String,
    /// Where it is, as a multiaddr.
    pub address: String,
    /// The validator that has proved that the peer is its own.
    pub validator: Option<Address>,
    /// The height that it says it has.
    pub height: Option<Height>,
}

/// Which epoch is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochName {
    /// That of the height in progress.
    AtWork,
    /// By its number.
    Number(Epoch),
    /// That of a height, up to the one in progress.
    Of(Height),
}

/// What is held against a validator, in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFacts {
    /// The height of the offence.
    pub height: Height,
    /// The operator of the accused; none when that set is kept no longer.
    pub accused: Option<Address>,
    /// The rule that was broken; none when that cannot be judged any longer.
    pub rule: Option<&'static str>,
}

/// A final block and what is known of its execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalBlock {
    /// The block.
    pub block: Arc<Block>,
    /// Its digest.
    pub digest: Digest,
    /// The roots of executing it, once that is done.
    pub roots: Option<Roots>,
}

/// The roots of executing a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The state root after it.
    pub state: Hash,
    /// The root over its receipts.
    pub receipts: Hash,
}

/// The genesis document and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisDocument {
    /// The hash over its canonical bytes.
    pub hash: Hash,
    /// The document.
    pub document: Arc<serde_json::Value>,
}

/// The answer to one submitted transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It waits now.
    Accepted,
    /// The node had it already, waiting or final: a result, not an error.
    Known,
    /// It does not wait.
    Refused(Refusal),
}

/// Why a transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub kind: ErrorKind,
    /// For people.
    pub message: String,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// It waits, or stands in a block that is not final yet.
    Pending(Transaction),
    /// It is in a final block.
    Final {
        /// The transaction.
        transaction: Transaction,
        /// Where it is.
        location: TransactionLocation,
        /// Its result.
        receipt: Receipt,
    },
    /// It left the mempool without being included; remembered for ten minutes.
    Dropped(DropReason),
}

/// An account and what waits of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountFacts {
    /// The account, if the state holds it.
    pub account: Option<Account>,
    /// The nonce for a new transaction, those that wait included.
    pub next_nonce: Nonce,
}

/// A value of the state with all that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedValue {
    /// The value, none when the key is absent.
    pub value: Option<Vec<u8>>,
    /// The proof of presence or absence after executing the answer's height.
    pub proof: StateProof,
    /// The header above, which carries the state root.
    pub header: Header,
    /// The certificate of that header.
    pub certificate: Certificate,
}
