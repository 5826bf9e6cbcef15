//! Jobs: what reads stored state or takes longer than a step may. Each is answered by an input.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_types::limits::{MAX_FETCH_ANSWER_BYTES, MAX_FETCH_BLOCKS};
use quorate_types::wire::{FetchAnswer, FetchRequest};
use quorate_types::{
    Account, Address, Block, Canonical, Certificate, ChainReader, Digest, Evidence, ExecutedBlock,
    Height, ReadError, Rejoin, StateKey, Timestamp, Transaction, VerifiedTransaction, View,
};

use crate::input::{PeerId, QueryId, RequestId, Ticket};
use crate::step::{ProvedValue, Simulated};

/// Bytes that an answer's framing may add to its blocks and certificates.
const ANSWER_FRAMING_BYTES: usize = 64 * 1024;

/// What a new block is made of beside the state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BuildRequest {
    /// The height to build for; the one below is executed.
    pub height: Height,
    /// The view that it was asked for.
    pub view: View,
    /// The header's time.
    pub time: Timestamp,
    /// The operator's address of this validator.
    pub proposer: Address,
    /// The fullest commit certificate of the height below; none at height 1.
    pub last_commit: Option<Certificate>,
    /// Who rejoins, ascending by address, each valid for the height (S-5).
    pub rejoins: Vec<Rejoin>,
    /// What convicts validators, oldest first; what may not be carried is passed over.
    pub evidence: Vec<Evidence>,
    /// What to choose from, in order of preference.
    pub candidates: Vec<Transaction>,
}

/// A job for the [`crate::Application`], which runs them in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// Build a block.
    Build(Box<BuildRequest>),
    /// Judge a block.
    Validate {
        /// The block.
        block: Arc<Block>,
        /// Its digest.
        digest: Digest,
        /// Its transactions whose signatures this node has not verified, by place.
        unverified: Vec<usize>,
    },
    /// Execute a block on the newest executed one.
    Execute {
        /// The block.
        block: Arc<Block>,
        /// Its digest.
        digest: Digest,
    },
    /// Forget the execution of this height and above: another block was decided or accepted.
    Discard(Height),
    /// The result of this height is stored.
    Stored(Height),
    /// Look up the senders of transactions that want to wait.
    Admit {
        /// Whose verdicts these will be.
        ticket: Option<Ticket>,
        /// The transactions.
        transactions: Vec<VerifiedTransaction>,
        /// The newest executed height that is decided.
        at: Height,
    },
    /// Look up an account for a client.
    Account {
        /// Names the question.
        id: QueryId,
        /// Whose.
        address: Address,
        /// After which height.
        height: Height,
    },
    /// Prove a value for a client.
    Prove {
        /// Names the question.
        id: QueryId,
        /// Which value.
        key: StateKey,
        /// After which height.
        height: Height,
    },
    /// Execute a transaction for a client and keep nothing of it.
    Simulate {
        /// Names the question.
        id: QueryId,
        /// Which transaction.
        transaction: Transaction,
        /// After which height.
        height: Height,
    },
}

/// A job that only reads what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReadJob {
    /// Serve a peer's request.
    Serve {
        /// Whose.
        peer: PeerId,
        /// Which.
        id: RequestId,
        /// What for.
        request: FetchRequest,
    },
    /// Load a block by digest for this node itself.
    Load(Digest),
}

/// What a job found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JobDone {
    /// A block is built.
    Built {
        /// For this view.
        view: View,
        /// The block.
        block: Arc<Block>,
    },
    /// A block is judged.
    Validated {
        /// Which.
        digest: Digest,
        /// What is wrong with it, if anything is.
        verdict: Result<(), String>,
    },
    /// A block is executed.
    Executed(Arc<ExecutedBlock>),
    /// The senders' accounts after `at`; absent ones are new.
    Admitted {
        /// Whose verdicts these will be.
        ticket: Option<Ticket>,
        /// The transactions.
        transactions: Vec<VerifiedTransaction>,
        /// The height that the accounts were read at.
        at: Height,
        /// The senders' accounts.
        accounts: BTreeMap<Address, Account>,
    },
    /// A client's account; the outer option is none when the height is not kept.
    Account {
        /// Names the question.
        id: QueryId,
        /// Whose.
        address: Address,
        /// After which height.
        height: Height,
        /// What was found.
        account: Option<Option<Account>>,
    },
    /// A client's proof; none when the height is not kept.
    Proved {
        /// Names the question.
        id: QueryId,
        /// What was found.
        proved: Option<ProvedValue>,
    },
    /// What a client's transaction would come to; none when the height is not at hand any more.
    Simulated {
        /// Names the question.
        id: QueryId,
        /// What it would come to.
        simulated: Option<Simulated>,
    },
    /// A peer's answer.
    Served {
        /// Whose.
        peer: PeerId,
        /// Which.
        id: RequestId,
        /// The answer.
        answer: FetchAnswer,
    },
    /// A block that was looked for in the store.
    Loaded {
        /// Which.
        digest: Digest,
        /// The block, if it is there.
        block: Option<Arc<Block>>,
    },
    /// The store or the ledger failed: this node is broken.
    Failed(String),
}

/// Runs a job that only reads the store.
#[must_use]
pub fn run_read(job: ReadJob, store: &dyn ChainReader) -> JobDone {
    let done = match job {
        ReadJob::Serve { peer, id, request } => {
            serve(&request, store).map(|answer| JobDone::Served { peer, id, answer })
        }
        ReadJob::Load(digest) => {
            store.block(&digest).map(|block| JobDone::Loaded { digest, block })
        }
    };
    done.unwrap_or_else(|error| JobDone::Failed(error.to_string()))
}

fn serve(request: &FetchRequest, store: &dyn ChainReader) -> Result<FetchAnswer, ReadError> {
    match request {
        FetchRequest::Block(digest) => store.block(digest).map(FetchAnswer::Block),
        FetchRequest::Range { from, count } => {
            serve_range(*from, *count, store).map(FetchAnswer::Range)
        }
        // What validators have said is in no store; the core answers that itself.
        FetchRequest::Statements(_) => Ok(FetchAnswer::Statements(Vec::new())),
    }
}

/// As many decided blocks from `from` upwards as were asked for and one answer may carry.
fn serve_range(
    from: Height,
    count: u32,
    store: &dyn ChainReader,
) -> Result<Vec<(Arc<Block>, Certificate)>, ReadError> {
    let count = usize::try_from(count).unwrap_or(MAX_FETCH_BLOCKS).min(MAX_FETCH_BLOCKS);
    let mut room = MAX_FETCH_ANSWER_BYTES - ANSWER_FRAMING_BYTES;
    let mut blocks = Vec::new();
    let mut height = from;
    while blocks.len() < count {
        let (Some(block), Some(certificate)) =
            (store.block_at(height)?, store.certificate(height)?)
        else {
            break;
        };
        let bytes = block.to_bytes().len().saturating_add(certificate.to_bytes().len());
        match room.checked_sub(bytes) {
            Some(left) => room = left,
            None => break,
        }
        blocks.push((block, certificate));
        height = height.next();
    }
    Ok(blocks)
}
