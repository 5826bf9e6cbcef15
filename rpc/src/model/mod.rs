//! Every JSON shape of the interface, once: the server writes them, the client reads them, and the
//! command line prints them with `-o json`. Field names are `snake_case` and part of the interface.

mod action;
mod chain;
mod checkpoint;
mod event;
mod key;
mod node;
mod note;
mod params;
mod proof;
mod proved;
mod receipt;
mod scalar;
mod stake;
mod state;
mod transaction;

pub use action::{Action, ActionError};
pub use chain::{Block, Certificate, Epoch, Genesis, Header, HeaderInfo, Validator, Validators};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use event::Event;
pub use key::{KeyError, KeyKind, KeyParts};
pub use node::{NodeHealth, NodePeers, NodeStatus, NodeVersion, Peer, Role, SyncState};
pub use note::{Head, TransactionResults};
pub use params::{Params, ParamsInForce, PendingParams, StakingParams};
pub use proof::{ProofBundle, ProofSteps, Question};
pub use proved::{Proved, ProvedFact, ProvedHeader, ProvedValidator};
pub use receipt::{Failure, Receipt, ReceiptStatus};
pub use scalar::{AddressText, Decimal, DecimalError, HexBytes, HexHash};
pub use stake::{
    Delegation, Delegations, Evidence, EvidenceList, KeyRotation, Presence, Standing, Unbonding,
    UnbondingStake, ValidatorInfo, ValidatorInfos, Work,
};
pub use state::{Account, MempoolStatus, Proof, Record, StateProof, Terminal};
pub use transaction::{
    DropReason, HistoryEntry, HistoryPage, Simulated, Submitted, SubmittedBatch, Transaction,
    TransactionInfo, TransactionStatus, Verdict, VerdictError,
};

use quorate_types::Height;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An answer and the final height that it is true at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct At<T> {
    /// The final height that the answer is true at.
    pub at_height: u64,
    /// The answer; its fields stand beside the height.
    #[serde(flatten)]
    pub value: T,
}

impl<T> At<T> {
    /// An answer that is true at a height.
    #[must_use]
    pub fn new(height: Height, value: T) -> At<T> {
        At { at_height: height.0, value }
    }

    /// The same height with another form of the answer.
    #[must_use]
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> At<U> {
        At { at_height: self.at_height, value: form(self.value) }
    }
}
