//! From the network's lanes to the core: decode, verify, hand over. One thread for consensus, at
//! normal priority; one each for fetches and transactions, behind it. Bytes that do not verify
//! cost their sender: gossip is rejected, a direct sender is disconnected.

use std::sync::Arc;
use std::thread::JoinHandle;

use quorate_network::{Channel, Event, Events, GossipId, Message, PeerId, Verdict};
use quorate_replica::{Input, RequestId, SyncState, WireError};
use quorate_types::verify::VerifyError;
use quorate_types::wire;
use tokio::sync::mpsc;

use super::error::HostError;
use super::priority::{BACKGROUND, be_nice};
use super::shared::Shared;
use super::workers::spawn;

/// Starts the threads; they end with the network.
pub(crate) fn start(
    shared: &Arc<Shared>,
    events: Events,
) -> Result<Vec<JoinHandle<()>>, HostError> {
    let Events { peers, consensus, fetch, transactions } = events;
    let [first, second, third, fourth] = [(); 4].map(|()| Arc::clone(shared));
    Ok(vec![
        spawn("peers", move || run_peers(&first, peers))?,
        spawn("consensus-in", move || run_consensus(&second, consensus))?,
        spawn("fetch-in", move || run_fetch(&third, fetch))?,
        spawn("transactions-in", move || run_transactions(&fourth, transactions))?,
    ])
}

fn run_peers(shared: &Shared, mut lane: mpsc::Receiver<Event>) {
    while let Some(event) = lane.blocking_recv() {
        match event {
            Event::Listening { address } => tracing::info!(%address, "listening for peers"),
            Event::PeerConnected { peer, address } => {
                tracing::info!(%peer, %address, "peer connected");
                let number = shared.peers.connected(peer);
                shared.inbox.peer(Input::PeerConnected(number));
            }
            Event::PeerDisconnected { peer } => {
                tracing::info!(%peer, "peer disconnected");
                if let Some(number) = shared.peers.disconnected(&peer) {
                    shared.inbox.peer(Input::PeerDisconnected(number));
                }
            }
            Event::PeerProved { peer, validator } => {
                tracing::info!(%peer, ?validator, "peer proved its validator key");
            }
            // Messages come on their own lanes.
            Event::Message(_) => {}
        }
    }
}

fn run_consensus(shared: &Shared, mut lane: mpsc::UnboundedReceiver<Message>) {
    while let Some(message) = lane.blocking_recv() {
        if message.channel == Channel::Status {
            take_status(shared, &message);
            continue;
        }
        match shared.in_force().verifier.message(&message.bytes) {
            Ok(verified) => {
                judge_gossip(shared, message.gossip, verdict_on(shared, verified.value()));
                shared.inbox.peer(Input::Message(verified));
            }
            Err(error) if !error.is_fault() => {
                judge_gossip(shared, message.gossip, Verdict::Ignore);
            }
            Err(error) => {
                refuse(shared, message.peer, message.gossip, &error);
                if let WireError::Verify(VerifyError::ForgedJustification(evidence)) = error {
                    shared.inbox.peer(Input::Evidence(evidence));
                }
            }
        }
    }
}

fn take_status(shared: &Shared, message: &Message) {
    match wire::decode_status(&message.bytes) {
        Ok(status) => {
            shared.peers.set_height(&message.peer, status.decided);
            if let Some(peer) = shared.peers.number(&message.peer) {
                shared.inbox.peer(Input::Status { peer, status });
            }
        }
        Err(error) => refuse(shared, message.peer, None, &error),
    }
}

fn run_fetch(shared: &Shared, mut lane: mpsc::UnboundedReceiver<Message>) {
    be_nice(BACKGROUND);
    while let Some(message) = lane.blocking_recv() {
        if message.channel == Channel::FetchRequest {
            take_request(shared, &message);
        } else {
            take_answer(shared, &message);
        }
    }
}

fn take_request(shared: &Shared, message: &Message) {
    match wire::decode_request(&message.bytes) {
        Ok(request) => {
            if let Some(peer) = shared.peers.number(&message.peer) {
                // The wire has no numbers: answers go back in order.
                let id = RequestId(0);
                shared.inbox.peer(Input::Request { peer, id, request });
            }
        }
        Err(error) => refuse(shared, message.peer, None, &error),
    }
}

/// An answer is that of the newest request that it answers: the core has given up the others, and what
/// comes to them is late, not wrong. One to none of them is a fault, and the newest has failed.
fn take_answer(shared: &Shared, message: &Message) {
    let asked = shared.peers.asked(&message.peer);
    let Some((newest, _)) = asked.last().copied() else {
        return;
    };
    let in_force = shared.in_force();
    let mut refused = None;
    for (id, request) in asked.into_iter().rev() {
        match in_force.verifier.answer(&request, &message.bytes) {
            Ok(answer) => {
                shared.peers.answered(&message.peer, id);
                return shared.inbox.peer(Input::Answer { id, answer: Some(answer) });
            }
            Err(error) => refused = Some(error),
        }
        if !matches!(refused, Some(WireError::WrongAnswer(_))) {
            break;
        }
    }
    if let Some(error) = refused {
        refuse(shared, message.peer, None, &error);
    }
    shared.peers.answered(&message.peer, newest);
    shared.inbox.peer(Input::Answer { id: newest, answer: None });
}

fn run_transactions(shared: &Shared, mut lane: mpsc::UnboundedReceiver<Message>) {
    be_nice(BACKGROUND);
    while let Some(message) = lane.blocking_recv() {
        take_transactions(shared, message);
    }
}

fn take_transactions(shared: &Shared, message: Message) {
    match shared.in_force().verifier.batch(&message.bytes) {
        Ok((transactions, 0)) => {
            judge_gossip(shared, message.gossip, Verdict::Accept);
            // A full queue drops them: whoever submitted them sends them again.
            let input = Input::Transactions { ticket: None, transactions };
            if !shared.inbox.bulk(input) {
                shared.metrics.batches_dropped.inc();
            }
        }
        Ok((_, refused)) => {
            let reason = format!("{refused} transactions of a batch are invalid");
            refuse(shared, message.peer, message.gossip, &reason);
        }
        Err(error) => refuse(shared, message.peer, message.gossip, &error),
    }
}

/// What is valid is forwarded, but for heights below the final one: whoever is that far behind asks
/// for blocks, and old messages are all that somebody without a key could flood with. Evidence is
/// of what is over, and there is one piece of each validator at most; a node that catches up judges its
/// age by an epoch that is over, and forwards none.
fn verdict_on(shared: &Shared, message: &quorate_types::Message) -> Verdict {
    use quorate_types::Message;
    let status = &shared.view.borrow().status;
    let passes_on = match message {
        Message::Evidence(_) => status.sync == SyncState::InSync,
        Message::ViewChange(_)
        | Message::PrePrepare(_)
        | Message::Prepare(_)
        | Message::Commit(_)
        | Message::Certificate(_)
        | Message::Rejoin(_) => message.height() >= status.final_height,
    };
    if passes_on { Verdict::Accept } else { Verdict::Ignore }
}

fn judge_gossip(shared: &Shared, gossip: Option<GossipId>, verdict: Verdict) {
    if let Some(id) = gossip {
        shared.network.report(id, verdict);
    }
}

fn refuse(shared: &Shared, peer: PeerId, gossip: Option<GossipId>, reason: &dyn std::fmt::Display) {
    shared.metrics.refused_messages.inc();
    tracing::warn!(%peer, %reason, "a peer's message was refused");
    let told = match gossip {
        Some(id) => {
            shared.network.report(id, Verdict::Reject);
            Ok(())
        }
        None => shared.network.disconnect(peer),
    };
    if let Err(error) = told {
        tracing::debug!(%error, "the network was not told");
    }
}
