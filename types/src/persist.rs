//! The closed list of what a node ever stores in its chain database. Consensus decides the order;
//! the storage and the simulator's memory store do the same with each.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_crypto::Hash;

use crate::block::Block;
use crate::certificate::Certificate;
use crate::epoch_entry::Epochs;
use crate::evidence::{Evidence, HeightArchive};
use crate::header::Digest;
use crate::notice::Notice;
use crate::numbers::Height;
use crate::receipt::Receipt;
use crate::state_key::StateKey;

/// New values by key; none deletes.
pub type StateChanges = BTreeMap<StateKey, Option<Vec<u8>>>;

/// One thing to store. Each is durable before the next one of the same list is visible.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Persist {
    /// A validated block, by digest, which may never be decided (S-2).
    Block(Arc<Block>),
    /// The certificate that decides the stored block of its digest; fixes the height.
    Decided(Certificate),
    /// The result of executing a decided block; replaces the flat state of the height below.
    Executed(Arc<ExecutedBlock>),
    /// What convicts a validator: the first of each validator and height stays. That of heights
    /// [`crate::limits::EVIDENCE_WINDOW_HEIGHTS`] below is forgotten.
    Evidence(Box<Evidence>),
    /// What is kept of a height that took more than one view, for as long.
    Archive(HeightArchive),
}

impl Persist {
    /// Whether it has to be durable at once. Results of executing can be computed again, and archives
    /// are kept by other nodes too; of an offence this node may be the only witness.
    #[must_use]
    pub fn wants_sync(&self) -> bool {
        match self {
            Persist::Block(_) | Persist::Decided(_) | Persist::Evidence(_) => true,
            Persist::Executed(_) | Persist::Archive(_) => false,
        }
    }
}

/// What executing a block yields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExecutedBlock {
    /// The executed block.
    pub block: Arc<Block>,
    /// Its digest.
    pub digest: Digest,
    /// The state root after it; the header above carries it.
    pub state_root: Hash,
    /// The root over its receipts; the header above carries it.
    pub receipts_root: Hash,
    /// One receipt per transaction, in block order.
    pub receipts: Vec<Receipt>,
    /// What it changed in the flat state.
    pub changes: StateChanges,
    /// The epochs of it and of the two heights above.
    pub epochs: Epochs,
    /// What its operators should know: for the log, under no root.
    pub notices: Vec<Notice>,
}

impl ExecutedBlock {
    /// The height that the state stands at after it.
    #[must_use]
    pub fn height(&self) -> Height {
        self.block.header.height
    }

    /// What remains known of it once it is stored.
    #[must_use]
    pub fn tip(&self) -> ExecutedTip {
        ExecutedTip {
            height: self.height(),
            digest: self.digest,
            state_root: self.state_root,
            receipts_root: self.receipts_root,
        }
    }
}

/// The height that the flat state stands at, with the roots of executing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExecutedTip {
    /// The last executed height; genesis is 0.
    pub height: Height,
    /// The digest of the block there; the genesis hash at genesis.
    pub digest: Digest,
    /// The state root after it.
    pub state_root: Hash,
    /// The receipts root of it.
    pub receipts_root: Hash,
}
