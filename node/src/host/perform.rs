//! Performs the replica's actions: network, timers, workers, answers to clients.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use quorate_home::Home;
use quorate_network::{Channel, PeerId as NetworkPeer, SendError};
use quorate_replica::{Action, Dropped, Job, PeerId, ReadJob, StoreRequest, judge};
use quorate_rpc::backend::{ChainEvent, FinalBlock, Roots};
use quorate_types::limits::{MAX_TRANSACTION_BATCH, MAX_TRANSACTION_BATCH_BYTES};
use quorate_types::{Certificate, Evidence, ExecutedBlock, Message, Status, Transaction, wire};

use super::backend::drop_reason;
use super::error::HostError;
use super::fork;
use super::shared::Shared;
use super::timers::Timers;
use super::workers::Workers;

/// Bytes that the framing of one transaction in a batch takes at most.
const FRAMING_BYTES: usize = 8;

/// The core's hands.
pub(crate) struct Performer {
    shared: Arc<Shared>,
    home: Home,
    jobs: Sender<Job>,
    reads: Sender<ReadJob>,
    stores: Sender<StoreRequest>,
}

impl Performer {
    pub(crate) fn new(shared: Arc<Shared>, home: Home, workers: &Workers) -> Performer {
        Performer {
            shared,
            home,
            jobs: workers.jobs.clone(),
            reads: workers.reads.clone(),
            stores: workers.stores.clone(),
        }
    }

    pub(crate) fn store(&self, request: StoreRequest) -> Result<(), HostError> {
        self.stores.send(request).map_err(|_| stopped("storage"))
    }

    pub(crate) fn act(
        &self,
        action: Action,
        now_ms: u64,
        timers: &mut Timers,
    ) -> Result<(), HostError> {
        match action {
            Action::SetTimer { timer, after_ms } => {
                timers.set(timer, now_ms.saturating_add(after_ms));
            }
            Action::Publish(message) => self.publish_message(&message),
            Action::Resend(messages) => self.resend(&messages),
            Action::SendTo { peer, messages } => self.send_messages(peer, &messages),
            Action::SendStatus { peer, status } => self.send_status(peer, &status),
            Action::Request { peer, id, request } => {
                if let Some(peer) = self.shared.peers.ask(peer, id, request) {
                    self.send(&peer, Channel::FetchRequest, wire::encode_request(&request));
                }
            }
            Action::Answer { peer, id: _, answer } => {
                if let Some(peer) = self.shared.peers.name(peer) {
                    self.send(&peer, Channel::FetchAnswer, wire::encode_answer(&answer));
                }
            }
            Action::PublishTransactions(transactions) => self.publish_transactions(&transactions),
            Action::ResendTransactions(transactions) => self.resend_transactions(&transactions),
            Action::Verdicts { ticket, verdicts } => {
                self.shared.verdicts.answer(ticket.0, verdicts);
            }
            Action::Run(job) => self.jobs.send(job).map_err(|_| stopped("execution"))?,
            Action::Read(job) => self.reads.send(job).map_err(|_| stopped("reading"))?,
            Action::Epochs(epochs) => {
                self.shared.set_in_force(self.shared.in_force().with_epochs(epochs));
            }
            Action::Settled(settled) => {
                self.shared.set_in_force(self.shared.in_force().with_settled(settled));
            }
            Action::Final { executed, certificate } => self.report_final(&executed, &certificate),
            Action::Dropped(dropped) => self.report_dropped(&dropped),
            Action::Reply { id, reply } => self.shared.replies.answer(id.0, reply),
            Action::InvalidBlock { digest, reason } => {
                tracing::warn!(%digest, reason, "a proposed block is invalid");
                self.shared.metrics.invalid_blocks.inc();
            }
            Action::Evidence(evidence) => self.report_evidence(&evidence),
            Action::Observing { reason } => tracing::error!(
                %reason,
                "this node OBSERVES: it signs nothing until a block carries its rejoin entry"
            ),
            // The core has the key and performs it itself.
            Action::SignRejoin(_) => {}
            Action::Fork(fork) => {
                return Err(fork::stop_with_proof(&self.home, &self.shared, &fork));
            }
            Action::Halt(reason) => return Err(HostError::Halted(reason)),
        }
        Ok(())
    }

    fn report_evidence(&self, evidence: &Evidence) {
        let in_force = self.shared.in_force();
        let context = in_force.verifier.context();
        let Some(set) = in_force.verifier.epochs().set_of(evidence.height()) else {
            return;
        };
        let Ok(offence) = judge(evidence, context, set) else {
            return;
        };
        let validator = set.get(offence.offender()).map(|v| v.address.to_string());
        let (rule, height) = (offence.kind().rule(), offence.height().0);
        tracing::warn!(rule, height, validator, "a validator broke the protocol");
        self.shared.metrics.evidence.inc();
    }

    fn publish_message(&self, message: &Message) {
        let bytes = wire::encode_message(message);
        if let Err(error) = self.shared.network.publish(Channel::Consensus, bytes) {
            tracing::debug!(%error, "a consensus message was not published");
        }
    }

    /// those that are connected over others only have to hear it too.
    fn resend(&self, messages: &[Message]) {
        for message in messages {
            self.publish_again(Channel::Consensus, wire::encode_message(message));
        }
    }

    fn publish_again(&self, channel: Channel, bytes: Vec<u8>) {
        if let Err(error) = self.shared.network.publish_again(channel, bytes) {
            tracing::debug!(%error, channel = channel.name(), "not published again");
        }
    }

    fn send_messages(&self, peer: PeerId, messages: &[Message]) {
        let Some(peer) = self.shared.peers.name(peer) else {
            return;
        };
        for message in messages {
            self.send(&peer, Channel::Consensus, wire::encode_message(message));
        }
    }

    fn send_status(&self, peer: Option<PeerId>, status: &Status) {
        let bytes = wire::encode_status(status);
        match peer {
            Some(peer) => {
                if let Some(peer) = self.shared.peers.name(peer) {
                    self.send(&peer, Channel::Status, bytes);
                }
            }
            None => {
                for peer in self.shared.peers.all() {
                    self.send(&peer, Channel::Status, bytes.clone());
                }
            }
        }
    }

    fn send(&self, peer: &NetworkPeer, channel: Channel, bytes: Vec<u8>) {
        match self.shared.network.send(peer, channel, bytes) {
            Ok(()) | Err(SendError::NotConnected) => {}
            Err(error) => tracing::debug!(%error, %peer, "a message was not sent"),
        }
    }

    fn publish_transactions(&self, transactions: &[Transaction]) {
        for batch in batches(transactions) {
            let bytes = wire::encode_transactions(batch);
            if let Err(error) = self.shared.network.publish(Channel::Transactions, bytes) {
                tracing::debug!(%error, "transactions were not published; they are sent again");
            }
        }
    }

    fn resend_transactions(&self, transactions: &[Transaction]) {
        for batch in batches(transactions) {
            self.publish_again(Channel::Transactions, wire::encode_transactions(batch));
        }
    }

    fn report_final(&self, executed: &ExecutedBlock, certificate: &Certificate) {
        self.shared.metrics.count_final(executed, certificate);
        for notice in &executed.notices {
            tracing::warn!(height = executed.height().0, "{notice}");
        }
        if self.shared.events.receiver_count() == 0 {
            return;
        }
        let block = FinalBlock {
            block: Arc::clone(&executed.block),
            digest: executed.digest,
            roots: Some(Roots { state: executed.state_root, receipts: executed.receipts_root }),
        };
        let event = ChainEvent::final_block(block, executed.receipts.clone());
        // Nobody listening any more is no error.
        drop(self.shared.events.send(Arc::new(event)));
    }

    fn report_dropped(&self, dropped: &[Dropped]) {
        let height = self.shared.view.borrow().status.final_height;
        let dropped: Vec<_> =
            dropped.iter().map(|one| (one.id, drop_reason(&one.reason))).collect();
        self.shared.dropped.add(&dropped);
        drop(self.shared.events.send(Arc::new(ChainEvent::dropped(height, dropped))));
    }
}

fn stopped(worker: &str) -> HostError {
    HostError::Halted(format!("the {worker} thread has stopped"))
}

/// Cuts transactions into batches that the wire takes.
fn batches(transactions: &[Transaction]) -> Vec<&[Transaction]> {
    let mut batches = Vec::new();
    let mut rest = transactions;
    while !rest.is_empty() {
        let mut bytes = 0;
        let count = rest
            .iter()
            .take(MAX_TRANSACTION_BATCH)
            .take_while(|transaction| {
                bytes += transaction.bytes().len() + FRAMING_BYTES;
                bytes <= MAX_TRANSACTION_BATCH_BYTES
            })
            .count();
        // One transaction always fits: the limits say so.
        let (batch, later) = rest.split_at(count.max(1));
        batches.push(batch);
        rest = later;
    }
    batches
}
