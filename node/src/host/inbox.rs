//! The core's two queues of inputs: what consensus waits for goes before transactions and queries
//! (contract, point 1). Both are bounded; only who can wait is made to wait.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use quorate_replica::Input;

/// Consensus inputs from peers that may wait; beyond, their reader waits.
const URGENT_INPUTS: usize = 4_096;
/// Batches of transactions and queries that may wait; beyond, they are refused.
const BULK_INPUTS: usize = 1_024;
/// Inputs that the core takes at once.
const TAKE: usize = 64;

/// What the core got.
#[derive(Debug)]
pub(crate) enum Taken {
    /// Inputs, in order.
    Inputs(Vec<Input>),
    /// The deadline passed.
    Nothing,
    /// The node is stopping.
    Closed,
}

#[derive(Debug, Default)]
struct Queues {
    urgent: VecDeque<Input>,
    bulk: VecDeque<Input>,
    closed: bool,
}

/// Inputs on their way to the core.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    queues: Mutex<Queues>,
    filled: Condvar,
    drained: Condvar,
}

impl Inbox {
    /// An answer to the core's own doing: bounded by what it asked for.
    pub(crate) fn answer(&self, input: Input) {
        self.lock().urgent.push_back(input);
        self.filled.notify_one();
    }

    /// Something a peer said; waits while too much waits already.
    pub(crate) fn peer(&self, input: Input) {
        let mut queues = self.lock();
        while queues.urgent.len() >= URGENT_INPUTS && !queues.closed {
            queues = self.drained.wait(queues).unwrap_or_else(PoisonError::into_inner);
        }
        queues.urgent.push_back(input);
        self.filled.notify_one();
    }

    /// Transactions or a query. False when too much waits: nothing was taken.
    #[must_use]
    pub(crate) fn bulk(&self, input: Input) -> bool {
        let mut queues = self.lock();
        if queues.bulk.len() >= BULK_INPUTS || queues.closed {
            return false;
        }
        queues.bulk.push_back(input);
        self.filled.notify_one();
        true
    }

    /// Ends the core's work; what waits is not worked on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }

    /// Waits for inputs, at most until the deadline.
    pub(crate) fn take(&self, deadline: Option<Instant>) -> Taken {
        let mut queues = self.lock();
        loop {
            if queues.closed {
                return Taken::Closed;
            }
            let inputs = drain(&mut queues);
            if !inputs.is_empty() {
                self.drained.notify_all();
                return Taken::Inputs(inputs);
            }
            let Some(deadline) = deadline else {
                queues = self.filled.wait(queues).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Taken::Nothing;
            }
            let waited = self.filled.wait_timeout(queues, left);
            queues = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All urgent inputs up to the bound, or else one of the others.
fn drain(queues: &mut Queues) -> Vec<Input> {
    if queues.urgent.is_empty() {
        return queues.bulk.pop_front().into_iter().collect();
    }
    let count = queues.urgent.len().min(TAKE);
    queues.urgent.drain(..count).collect()
}
