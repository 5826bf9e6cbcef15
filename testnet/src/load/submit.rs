//! Handing transfers to the nodes when they are due: one submitter for each node, one call at a
//! time, so that nonces stay in order and a slow node is not flooded.

use std::collections::VecDeque;
use std::time::Duration;

use quorate_rpc::limits::MAX_SUBMIT_BATCH;
use quorate_rpc::model::{SubmittedBatch, Verdict};
use quorate_rpc::{Client, ClientError, ErrorKind};
use quorate_types::{Transaction, TransactionId};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::sign::Due;

/// What becomes due within this time goes in one call.
const TICK: Duration = Duration::from_millis(10);

/// When transfers are due, and when to give up.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) began: Instant,
    pub(super) rate: u32,
    pub(super) deadline: Instant,
}

/// What a submitter tells the follower.
pub(super) enum Told {
    /// These are about to be handed to the node, at this moment.
    Handed(Instant, Vec<TransactionId>),
    /// The node refused this one, with this reason.
    Refused(TransactionId, String),
    /// A call failed; its transfers may have arrived all the same.
    Failed(String),
}

impl Pace {
    /// How many transfers of the whole load are due.
    fn due(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.began);
        let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        microseconds.saturating_mul(u64::from(self.rate)) / 1_000_000
    }
}

/// Runs a submitter for each node until its queue is empty, or the time is over.
pub(super) async fn submit_all(
    nodes: &[Client],
    queues: Vec<VecDeque<Due>>,
    tell: Sender<Told>,
    pace: Pace,
) {
    let mut submitters = JoinSet::new();
    for (client, queue) in nodes.iter().zip(queues) {
        let submitter = Submitter {
            client: client.clone(),
            queue,
            again: Vec::new(),
            tell: tell.clone(),
            pace,
        };
        submitters.spawn(submitter.run());
    }
    // The follower ends when the last submitter has dropped its sender.
    drop(tell);
    submitters.join_all().await;
}

struct Submitter {
    client: Client,
    queue: VecDeque<Due>,
    /// Refused for want of room: handed again, before later nonces.
    again: Vec<Transaction>,
    tell: Sender<Told>,
    pace: Pace,
}

impl Submitter {
    async fn run(mut self) {
        let mut tick = self.pace.began;
        while !(self.queue.is_empty() && self.again.is_empty()) {
            sleep_until(tick).await;
            tick = (tick + TICK).max(Instant::now());
            if tick >= self.pace.deadline {
                return;
            }
            let batch = self.next_batch();
            if !batch.is_empty() && !self.submit(batch).await {
                return;
            }
        }
    }

    fn next_batch(&mut self) -> Vec<Transaction> {
        let due = self.pace.due(Instant::now());
        let mut batch = std::mem::take(&mut self.again);
        while batch.len() < MAX_SUBMIT_BATCH {
            match self.queue.pop_front_if(|next| next.number < due) {
                Some(next) => batch.push(next.transaction),
                None => break,
            }
        }
        batch
    }

    /// False once nobody listens any more.
    async fn submit(&mut self, batch: Vec<Transaction>) -> bool {
        let ids = batch.iter().map(Transaction::id).collect();
        if self.tell.send(Told::Handed(Instant::now(), ids)).await.is_err() {
            return false;
        }
        match self.client.submit_batch(&batch).await {
            Ok(answer) => self.sort(batch, answer.value).await,
            Err(error) if is_full(&error) => {
                self.again = batch;
                true
            }
            Err(error) => self.tell.send(Told::Failed(error.to_string())).await.is_ok(),
        }
    }

    async fn sort(&mut self, batch: Vec<Transaction>, answer: SubmittedBatch) -> bool {
        for (transaction, Verdict { error, .. }) in batch.into_iter().zip(answer.verdicts) {
            let Some(error) = error else { continue };
            if waits_for_room(error.kind) {
                self.again.push(transaction);
                continue;
            }
            let refused = Told::Refused(transaction.id(), error.message);
            if self.tell.send(refused).await.is_err() {
                return false;
            }
        }
        true
    }
}

/// The node has no room for a transaction now, but will.
fn waits_for_room(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::MempoolFull | ErrorKind::SenderLimit | ErrorKind::NonceGap)
}

fn is_full(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused { kind: Some(ErrorKind::RateLimited), .. })
}
