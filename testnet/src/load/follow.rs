//! Which transfers are final, and how long that took: the notes of final blocks, and the blocks
//! themselves where notes were missed.

use std::collections::HashMap;
use std::time::Duration;

use quorate_rpc::model::{Head, HexHash};
use quorate_rpc::{Client, ClientError, Notes};
use quorate_types::{Height, TransactionId};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep, sleep_until};

use super::LoadSpec;
use super::report::{LoadReport, Outcome};
use super::submit::Told;

/// Before a new attempt to listen.
const LISTEN_AGAIN: Duration = Duration::from_millis(100);

/// Follows the transfers of one load.
pub(super) struct Follower {
    client: Client,
    heads: Option<Notes<Head>>,
    /// The highest block that was looked into.
    height: u64,
    pending: HashMap<TransactionId, Instant>,
    outcome: Outcome,
}

impl Follower {
    /// Begins to listen, before anything is submitted.
    pub(super) async fn begin(client: Client) -> Result<Follower, ClientError> {
        let heads = client.subscribe_heads().await?;
        let height = client.status().await?.value.height;
        let (pending, outcome) = (HashMap::new(), Outcome::default());
        Ok(Follower { client, heads: Some(heads), height, pending, outcome })
    }

    /// Returns once everything handed over is settled, or at the deadline.
    pub(super) async fn run(&mut self, mut told: Receiver<Told>, deadline: Instant) {
        let mut is_submitting = true;
        while is_submitting || !self.pending.is_empty() {
            tokio::select! {
                // What was handed over is known before its block can be: the order matters.
                biased;
                news = told.recv(), if is_submitting => match news {
                    Some(news) => self.on_told(news),
                    None => is_submitting = false,
                },
                () = sleep_until(deadline) => return,
                head = next_head(&mut self.heads) => self.on_head(head).await,
            }
        }
    }

    fn on_told(&mut self, told: Told) {
        match told {
            Told::Handed(at, ids) => {
                for id in ids {
                    self.pending.entry(id).or_insert_with(|| {
                        self.outcome.submitted += 1;
                        at
                    });
                }
            }
            Told::Refused(id, reason) => {
                if self.pending.remove(&id).is_some() {
                    self.outcome.refused += 1;
                }
                self.outcome.first_error.get_or_insert(reason);
            }
            Told::Failed(reason) => {
                self.outcome.first_error.get_or_insert(reason);
            }
        }
    }

    async fn on_head(&mut self, head: Option<Head>) {
        let Some(head) = head else {
            // Cut off, perhaps for being slow: listen anew; the next note shows what was missed.
            sleep(LISTEN_AGAIN).await;
            self.heads = self.client.subscribe_heads().await.ok();
            return;
        };
        let height = head.info.header.height;
        for missed in self.height.saturating_add(1)..height {
            if let Ok(block) = self.client.block(Some(Height(missed)), false).await {
                self.on_final(&block.value.transaction_hashes);
            }
        }
        self.height = self.height.max(height);
        self.on_final(&head.transaction_hashes);
    }

    fn on_final(&mut self, hashes: &[HexHash]) {
        let now = Instant::now();
        for hash in hashes {
            if let Some(handed) = self.pending.remove(&TransactionId(hash.0)) {
                self.outcome.latencies.push(now.saturating_duration_since(handed));
                self.outcome.last_final = Some(now);
            }
        }
    }

    /// Sums up. `credited` is what arrived at the account that all transfers pay: one each.
    pub(super) fn report(&self, spec: &LoadSpec, began: Instant, credited: u64) -> LoadReport {
        self.outcome.report(spec, began, credited)
    }
}

/// The next note, none when there are no more; waits forever only on a living subscription.
async fn next_head(heads: &mut Option<Notes<Head>>) -> Option<Head> {
    heads.as_mut()?.next().await?.ok().map(|note| note.value)
}
