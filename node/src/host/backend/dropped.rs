//! What was given up lately, and why: kept for ten minutes, so that a transaction never vanishes
//! without a reason.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use quorate_rpc::model::DropReason;
use quorate_types::TransactionId;

/// How long a reason is kept.
const KEPT: Duration = Duration::from_secs(600);
/// Reasons kept at once.
const MAX_REASONS: usize = 200_000;

#[derive(Debug, Default)]
struct Log {
    reasons: BTreeMap<TransactionId, DropReason>,
    order: VecDeque<(Instant, TransactionId)>,
}

/// The reasons by transaction.
#[derive(Debug, Default)]
pub(crate) struct DroppedLog(Mutex<Log>);

impl DroppedLog {
    /// Remembers reasons, and forgets old ones.
    pub(crate) fn add(&self, dropped: &[(TransactionId, DropReason)]) {
        let now = Instant::now();
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, reason) in dropped {
            log.reasons.insert(*id, *reason);
            log.order.push_back((now, *id));
        }
        while let Some((since, id)) = log.order.front().copied()
            && (log.order.len() > MAX_REASONS || now.duration_since(since) > KEPT)
        {
            log.order.pop_front();
            log.reasons.remove(&id);
        }
    }

    /// Why a transaction was given up, if it was, lately.
    pub(crate) fn reason(&self, id: &TransactionId) -> Option<DropReason> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.reasons.get(id).copied()
    }
}
