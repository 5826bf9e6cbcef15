//! What one input results in. The host performs `now` at once, the vote on the core's thread, the
//! store requests in order on the storage thread.

use std::collections::BTreeSet;
use std::sync::Arc;

use quorate_consensus::{Fork, ObserverReason, Vote};
use quorate_crypto::state_tree::StateProof;
use quorate_ledger::InclusionError;
use quorate_mempool::{Dropped, MempoolStatus, Verdict};
use quorate_types::wire::{FetchAnswer, FetchRequest};
use quorate_types::{
    Account, Address, Certificate, Digest, Evidence, ExecutedBlock, Height, KnownEpochs, Message,
    Nonce, Persist, Receipt, RejoinBody, Status, Transaction,
};

use crate::input::{PeerId, QueryId, RequestId, StoreToken, Ticket, Timer};
use crate::job::{Job, ReadJob};

/// The result of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Step {
    /// Actions that wait for nothing, in order.
    pub now: Vec<Action>,
    /// One sign-state record with what it asks the signer for (S-2).
    pub vote: Option<Vote>,
    /// What to store, in order, each answered by `Stored`.
    pub store: Vec<StoreRequest>,
}

/// Things to store together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoreRequest {
    /// Names it in the answer.
    pub token: StoreToken,
    /// What to store, in order.
    pub items: Vec<Persist>,
}

/// One thing for the host to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start a timer; an earlier one of the same identity is replaced.
    SetTimer {
        /// Its identity.
        timer: Timer,
        /// Milliseconds from now.
        after_ms: u64,
    },
    /// Gossip a message.
    Publish(Message),
    /// Publish messages again, so that gossip passes on what it has seen before.
    Resend(Vec<Message>),
    /// Send messages to one peer.
    SendTo {
        /// To whom.
        peer: PeerId,
        /// What, in order.
        messages: Vec<Message>,
    },
    /// Tell peers where this node stands.
    SendStatus {
        /// To one peer, or to all.
        peer: Option<PeerId>,
        /// Where it stands.
        status: Status,
    },
    /// Ask a peer.
    Request {
        /// Whom.
        peer: PeerId,
        /// Names it in the answer.
        id: RequestId,
        /// What for.
        request: FetchRequest,
    },
    /// Answer a peer's request.
    Answer {
        /// Whose.
        peer: PeerId,
        /// Which.
        id: RequestId,
        /// The answer.
        answer: FetchAnswer,
    },
    /// Gossip transactions that were submitted here, within the batch limits.
    PublishTransactions(Vec<Transaction>),
    /// Publish transactions again: gossip may have lost them.
    ResendTransactions(Vec<Transaction>),
    /// What became of submitted transactions, one verdict each, in order.
    Verdicts {
        /// Whose.
        ticket: Ticket,
        /// The verdicts.
        verdicts: Vec<Verdict>,
    },
    /// Run a job on the application, in order.
    Run(Job),
    /// Run a job that only reads the store, on any worker.
    Read(ReadJob),
    /// The epochs by whose sets and parameters messages are verified from now on.
    Epochs(KnownEpochs),
    /// Against these validators, named by their operators, evidence waits here, or they have been
    /// punished: no more of it is wanted from now on, and none is passed on (E-7).
    Settled(BTreeSet<Address>),
    /// A height is final: block, certificate and result are stored. Heights ascend by one.
    Final {
        /// The executed block.
        executed: Arc<ExecutedBlock>,
        /// Its commit certificate.
        certificate: Certificate,
    },
    /// Transactions that left the mempool without being included, each with its reason.
    Dropped(Vec<Dropped>),
    /// The answer to a query.
    Reply {
        /// Which query.
        id: QueryId,
        /// The answer.
        reply: Reply,
    },
    /// A proposed block breaks a rule; whoever proposed it is faulty.
    InvalidBlock {
        /// Which.
        digest: Digest,
        /// Which rule.
        reason: String,
    },
    /// This node signs nothing until it has rejoined (S-5); said once when it begins.
    Observing {
        /// Why.
        reason: ObserverReason,
    },
    /// Sign this rejoin entry with the validator's key: no guard is asked. Answered by
    /// `RejoinSigned`, or never.
    SignRejoin(RejoinBody),
    /// A validator broke the protocol; the proof goes into the store.
    Evidence(Box<Evidence>),
    /// Safety is broken: stop now, sign nothing, write the proof where the operator finds it.
    Fork(Box<Fork>),
    /// This node is broken: stop now, sign nothing, say why.
    Halt(String),
}

/// The answer to a [`crate::Query`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// An account.
    Account {
        /// The height that it is true at; none when that height is not kept.
        height: Option<Height>,
        /// The account; none when there is none.
        account: Option<Account>,
        /// The nonce for a new transaction, those that wait included.
        next_nonce: Nonce,
    },
    /// A value and its proof; none while no state root is certified, or when the height is not kept.
    Proof(Option<ProvedValue>),
    /// The transaction, if it waits or its block is not final yet.
    Pending(Option<Transaction>),
    /// The mempool's counts.
    Mempool(MempoolStatus),
    /// What a transaction would come to; none when the state was left behind meanwhile.
    Simulated(Option<Simulated>),
}

/// A value of the state with its proof under the state root after executing a height.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProvedValue {
    /// The executed height; its state root stands in the header above.
    pub height: Height,
    /// The value, none when the key is absent.
    pub value: Option<Vec<u8>>,
    /// The proof of presence or absence.
    pub proof: StateProof,
}

/// What a transaction would come to if the block above a height had it alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Simulated {
    /// The height whose state it was executed over.
    pub height: Height,
    /// Its receipt, or why no such block may include it.
    pub outcome: Result<Receipt, InclusionError>,
}
