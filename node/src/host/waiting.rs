//! Clients that wait for the core: each question has a number, and its answer finds the one who
//! asked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

#[derive(Debug)]
struct Table<T> {
    next: u64,
    waiting: BTreeMap<u64, oneshot::Sender<T>>,
}

/// Who waits for which answer.
#[derive(Debug)]
pub(crate) struct Waiting<T>(Mutex<Table<T>>);

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Waiting(Mutex::new(Table { next: 0, waiting: BTreeMap::new() }))
    }
}

impl<T> Waiting<T> {
    /// A number for a new question, and where its answer will come.
    pub(crate) fn ask(&self) -> (u64, oneshot::Receiver<T>) {
        let (sender, receiver) = oneshot::channel();
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.next += 1;
        let number = table.next;
        table.waiting.insert(number, sender);
        (number, receiver)
    }

    /// Hands over an answer; who does not wait any more does not get it.
    pub(crate) fn answer(&self, number: u64, answer: T) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = table.waiting.remove(&number) {
            drop(sender.send(answer));
        }
    }

    /// Takes back a question that was not put.
    pub(crate) fn forget(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).waiting.remove(&number);
    }
}
