//! What the node's core consumes. The host feeds consensus inputs before transactions and queries.

use std::sync::Arc;

use quorate_consensus::TimerId;
use quorate_types::wire::FetchRequest;
use quorate_types::{
    Address, Block, Evidence, Height, Message, Rejoin, SignedStatement, StateKey, Status,
    TransactionId, Verified, VerifiedCertificate, VerifiedTransaction,
};

use crate::job::JobDone;

/// A connected peer, as the host numbers it; a number is never used for another peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// A request to a peer, or of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A batch of submitted transactions whose submitter waits for verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A question that somebody waits for an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub u64);

/// One request to the store; tokens ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreToken(pub u64);

/// A timer's identity; a late one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// One of the state machine's.
    Consensus(TimerId),
    /// A request to a peer has had no answer.
    Request(RequestId),
    /// Look after peers and own transactions again.
    Housekeeping,
}

/// A block whose commit certificate holds under its own V(h).
pub type DecidedBlock = (Arc<Block>, VerifiedCertificate);

/// A peer's answer, after verification.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VerifiedAnswer {
    /// The block asked for by digest, its shape checked; none when the peer has not got it.
    Block(Option<Arc<Block>>),
    /// Decided blocks, ascending; each certificate is of its block.
    Range(Vec<DecidedBlock>),
    /// Statements of the validator asked about.
    Statements {
        /// Those whose validators are known.
        verified: Vec<Verified<SignedStatement>>,
        /// Those of epochs that this node does not know yet, as they came.
        early: Vec<SignedStatement>,
    },
}

/// Something that a client wants to know of the core or the state tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// The account at an executed height, or at the newest final one.
    Account {
        /// Whose.
        address: Address,
        /// Which height; none for the newest.
        height: Option<Height>,
    },
    /// A value after an executed height, or after the newest final one. Answered like `Proof`.
    Value {
        /// Which value.
        key: StateKey,
        /// Which height; none for the newest.
        height: Option<Height>,
    },
    /// A value with its proof under the highest certified state root.
    Proof(StateKey),
    /// Whether a transaction waits.
    Pending(TransactionId),
    /// What waits in the mempool.
    Mempool,
    /// What a transaction would come to on the newest final state.
    Simulate(VerifiedTransaction),
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A peer is connected.
    PeerConnected(PeerId),
    /// A peer is gone; its requests are answered by nobody.
    PeerDisconnected(PeerId),
    /// A verified consensus message.
    Message(Verified<Message>),
    /// What a message that does not verify proves against its signer (E-6).
    Evidence(Box<Evidence>),
    /// A peer says where it stands: a hint.
    Status {
        /// Who says so.
        peer: PeerId,
        /// What it says.
        status: Status,
    },
    /// A peer asks for blocks or statements.
    Request {
        /// Who asks.
        peer: PeerId,
        /// Names the request in the answer.
        id: RequestId,
        /// What it asks for.
        request: FetchRequest,
    },
    /// The answer to [`crate::Action::Request`], or none when it failed or did not verify.
    Answer {
        /// Which request.
        id: RequestId,
        /// The verified answer.
        answer: Option<VerifiedAnswer>,
    },
    /// Transactions with valid signatures.
    Transactions {
        /// Present when a client of this node submitted them and waits for verdicts.
        ticket: Option<Ticket>,
        /// The transactions.
        transactions: Vec<VerifiedTransaction>,
    },
    /// One of the answers that completing a vote gave; the record is written and what was signed
    /// is sent.
    Signer(Box<quorate_consensus::Input>),
    /// The answer to [`crate::Action::SignRejoin`].
    RejoinSigned(Rejoin),
    /// A timer fired.
    Timer(Timer),
    /// A job is done.
    Done(JobDone),
    /// A request to the store is done, and so are all before it.
    Stored(StoreToken),
    /// A client asks.
    Query {
        /// Names the question in the reply.
        id: QueryId,
        /// The question.
        query: Query,
    },
}
