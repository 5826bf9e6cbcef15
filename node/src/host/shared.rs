//! What the node's threads share. Everything in it has its own lock, held for a moment only.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use quorate_network::Handle;
use quorate_replica::{NodeStatus, Reply, Verdict, Verifier};
use quorate_rpc::backend::ChainEvent;
use quorate_storage::ChainDb;
use quorate_types::{Address, ChainContext, EpochEntry, KnownEpochs, ValidatorSet};
use tokio::sync::{broadcast, watch};

use super::backend::DroppedLog;
use super::clock::Clock;
use super::inbox::Inbox;
use super::metrics::NodeMetrics;
use super::peers::PeerBook;
use super::waiting::Waiting;

/// The epochs in force and what is verified by them.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) verifier: Verifier,
}

impl InForce {
    pub(crate) fn new(context: &ChainContext, epochs: KnownEpochs) -> InForce {
        InForce { verifier: Verifier::new(context.clone(), epochs) }
    }

    /// The same by other epochs.
    pub(crate) fn with_epochs(&self, epochs: KnownEpochs) -> InForce {
        InForce { verifier: self.verifier.with_epochs(epochs) }
    }

    /// The same, but that no more evidence is wanted against these operators' validators.
    pub(crate) fn with_settled(&self, settled: BTreeSet<Address>) -> InForce {
        InForce { verifier: self.verifier.with_settled(settled) }
    }

    /// The epoch of the height being decided.
    pub(crate) fn epoch(&self) -> &EpochEntry {
        self.verifier.epochs().current()
    }

    /// V of the height being decided.
    pub(crate) fn set(&self) -> &ValidatorSet {
        &self.epoch().validators
    }
}

/// The core's snapshot for those who ask.
#[derive(Clone, Debug)]
pub(crate) struct CoreView {
    pub(crate) status: NodeStatus,
    pub(crate) primary: Option<Address>,
    /// The operator of the validator that this node is now.
    pub(crate) operator: Option<Address>,
}

/// The node's common ground.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) inbox: Inbox,
    pub(crate) network: Handle,
    pub(crate) database: ChainDb,
    pub(crate) peers: PeerBook,
    pub(crate) metrics: NodeMetrics,
    pub(crate) verdicts: Waiting<Vec<Verdict>>,
    pub(crate) replies: Waiting<Reply>,
    pub(crate) dropped: DroppedLog,
    pub(crate) events: broadcast::Sender<Arc<ChainEvent>>,
    pub(crate) view: watch::Sender<CoreView>,
    in_force: Mutex<Arc<InForce>>,
}

/// What `Shared` is made of beside its own parts.
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) network: Handle,
    pub(crate) database: ChainDb,
    pub(crate) metrics: NodeMetrics,
    pub(crate) view: CoreView,
    pub(crate) in_force: InForce,
}

/// Events that a slow subscriber may lag behind.
const EVENTS: usize = 1_024;

impl Shared {
    pub(crate) fn new(parts: Parts) -> Shared {
        Shared {
            clock: parts.clock,
            inbox: Inbox::default(),
            network: parts.network,
            database: parts.database,
            peers: PeerBook::default(),
            metrics: parts.metrics,
            verdicts: Waiting::default(),
            replies: Waiting::default(),
            dropped: DroppedLog::default(),
            events: broadcast::Sender::new(EVENTS),
            view: watch::Sender::new(parts.view),
            in_force: Mutex::new(Arc::new(parts.in_force)),
        }
    }

    /// The set and parameters that the core published last.
    pub(crate) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the set and parameters.
    pub(crate) fn set_in_force(&self, in_force: InForce) {
        *self.in_force.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }
}
