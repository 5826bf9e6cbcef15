//! A bound in bytes on what may wait somewhere.
//!
//! Whoever puts a message into a queue takes its size, and a fixed overhead, out of the queue's
//! budget; dropping the [`Charge`] gives it back. The queues themselves need no bound then.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Added to each message's length, in bytes: bounds the number of small messages too.
pub(crate) const MESSAGE_OVERHEAD_BYTES: usize = 512;

/// So many bytes may wait at once.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Semaphore>);

/// The bytes of one waiting message; dropping it gives them back.
#[derive(Debug)]
pub(crate) struct Charge {
    _permit: OwnedSemaphorePermit,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Takes a message of `length` bytes out of the budget, or `None` when it does not fit now.
    pub(crate) fn try_charge(&self, length: usize) -> Option<Charge> {
        let permit = Arc::clone(&self.0).try_acquire_many_owned(cost(length)?).ok()?;
        Some(Charge { _permit: permit })
    }

    /// Takes a message of `length` bytes out of the budget, waiting until it fits. `None` when it
    /// can never be counted.
    pub(crate) async fn charge(&self, length: usize) -> Option<Charge> {
        let permit = Arc::clone(&self.0).acquire_many_owned(cost(length)?).await.ok()?;
        Some(Charge { _permit: permit })
    }
}

fn cost(length: usize) -> Option<u32> {
    u32::try_from(length.checked_add(MESSAGE_OVERHEAD_BYTES)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_exact_and_comes_back() {
        let budget = Budget::new(2 * (MESSAGE_OVERHEAD_BYTES + 10));
        let first = budget.try_charge(10).unwrap();
        let second = budget.try_charge(10).unwrap();
        assert!(budget.try_charge(0).is_none());
        drop(first);
        assert!(budget.try_charge(11).is_none());
        assert!(budget.try_charge(10).is_some());
        drop(second);
        assert!(budget.try_charge(usize::MAX).is_none());
    }
}
