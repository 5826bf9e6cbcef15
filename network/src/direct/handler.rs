//! One connection's streams: opens one per channel, writes the queues to them, reads the peer's.
//!
//! Reading and writing are plain async functions that the handler polls. A stream that fails is
//! opened again after a pause; what had not been written stays in its queue.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol,
};
use libp2p::{PeerId, Stream, StreamProtocol};

use super::frame::{FrameError, read_frame, write_frames};
use super::outbox::OutQueue;
use super::upgrade::Accept;
use crate::channel::Channel;
use crate::events::Message;
use crate::lanes::{InboundBudgets, Lanes};
use crate::metrics::{Direction, Metrics};

/// Pause before a failed stream is opened again.
const REOPEN_PAUSE: Duration = Duration::from_millis(250);

/// What the handler tells the behaviour about its connection.
#[derive(Debug)]
pub(crate) enum HandlerEvent {
    /// The peer speaks this network's protocols.
    Ready,
    /// It does not.
    WrongNetwork,
    /// The peer's record, unchecked. Comes after `Ready`.
    Record(Vec<u8>),
    /// The peer has sent a frame that is longer than its channel allows.
    FrameTooLong(Channel),
}

/// What the handlers of all connections share.
#[derive(Clone)]
pub(super) struct Common {
    pub(super) protocols: Arc<[(Channel, StreamProtocol)]>,
    pub(super) lanes: Lanes,
    pub(super) metrics: Metrics,
}

/// How one of the handler's futures ended.
enum Done {
    Reopen(OutQueue),
    ReadEnded(Channel),
    Record(Vec<u8>),
    FrameTooLong(Channel),
}

pub(crate) struct Handler {
    peer: PeerId,
    common: Common,
    budgets: InboundBudgets,
    /// Queues whose stream is to be opened.
    to_open: VecDeque<OutQueue>,
    tasks: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Channels on which an inbound stream has been accepted.
    inbound: BTreeSet<Channel>,
    events: VecDeque<HandlerEvent>,
    is_ready: bool,
    /// A record that came before this end was ready.
    early_record: Option<Vec<u8>>,
}

impl Handler {
    pub(super) fn new(
        peer: PeerId,
        common: Common,
        budgets: InboundBudgets,
        queues: Vec<OutQueue>,
    ) -> Self {
        Self {
            peer,
            common,
            budgets,
            to_open: queues.into(),
            tasks: FuturesUnordered::new(),
            inbound: BTreeSet::new(),
            events: VecDeque::new(),
            is_ready: false,
            early_record: None,
        }
    }

    fn on_inbound(&mut self, stream: Stream, channel: Channel) {
        // One stream per channel: an honest peer opens the next after the last has failed.
        if !self.inbound.insert(channel) {
            return;
        }
        if channel == Channel::PeerRecord {
            self.tasks.push(read_record(stream).boxed());
            return;
        }
        let reader = Reader {
            peer: self.peer,
            channel,
            lanes: self.common.lanes.clone(),
            metrics: self.common.metrics.clone(),
            budgets: self.budgets.clone(),
        };
        self.tasks.push(reader.run(stream).boxed());
    }

    fn on_outbound(&mut self, mut stream: Stream, mut queue: OutQueue) {
        if queue.channel == Channel::PeerRecord {
            self.is_ready = true;
            self.events.push_back(HandlerEvent::Ready);
            self.events.extend(self.early_record.take().map(HandlerEvent::Record));
        }
        let metrics = self.common.metrics.clone();
        let write = async move {
            if let Err(error) = write_frames(&mut stream, &mut queue, &metrics).await {
                tracing::debug!(channel = queue.channel.name(), %error, "stream failed");
            }
            tokio::time::sleep(REOPEN_PAUSE).await;
            Done::Reopen(queue)
        };
        self.tasks.push(write.boxed());
    }

    fn on_outbound_failed(&mut self, is_refused: bool, queue: OutQueue) {
        if is_refused {
            self.events.push_back(HandlerEvent::WrongNetwork);
            return;
        }
        let wait = async move {
            tokio::time::sleep(REOPEN_PAUSE).await;
            Done::Reopen(queue)
        };
        self.tasks.push(wait.boxed());
    }

    fn on_done(&mut self, done: Done) {
        match done {
            Done::Reopen(queue) => self.to_open.push_back(queue),
            Done::ReadEnded(channel) => {
                self.inbound.remove(&channel);
            }
            Done::Record(bytes) if self.is_ready => {
                self.events.push_back(HandlerEvent::Record(bytes));
            }
            Done::Record(bytes) => self.early_record = Some(bytes),
            Done::FrameTooLong(channel) => {
                self.events.push_back(HandlerEvent::FrameTooLong(channel));
            }
        }
    }
}

/// A peer states its record once per connection: the stream is not accepted a second time.
async fn read_record(mut stream: Stream) -> Done {
    match read_frame(&mut stream, Channel::PeerRecord.max_bytes()).await {
        Ok(bytes) => Done::Record(bytes),
        Err(FrameError::TooLong { .. }) => Done::FrameTooLong(Channel::PeerRecord),
        Err(FrameError::Io(_)) => Done::ReadEnded(Channel::PeerRecord),
    }
}

struct Reader {
    peer: PeerId,
    channel: Channel,
    lanes: Lanes,
    metrics: Metrics,
    budgets: InboundBudgets,
}

impl Reader {
    /// Hands over frames until the stream ends. Waits while the peer's budget is used up: the
    /// stream's window closes, and the peer waits too.
    async fn run(self, mut stream: Stream) -> Done {
        let channel = self.channel;
        loop {
            let bytes = match read_frame(&mut stream, channel.max_bytes()).await {
                Ok(bytes) => bytes,
                Err(FrameError::TooLong { .. }) => return Done::FrameTooLong(channel),
                Err(FrameError::Io(_)) => return Done::ReadEnded(channel),
            };
            let Some(charge) = self.budgets.of(channel).charge(bytes.len()).await else {
                return Done::ReadEnded(channel);
            };
            self.metrics.count(channel, Direction::In, bytes.len());
            self.lanes.deliver(Message {
                peer: self.peer,
                channel,
                bytes,
                gossip: None,
                _charge: charge,
            });
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = std::convert::Infallible;
    type ToBehaviour = HandlerEvent;
    type InboundProtocol = Accept;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = OutQueue;

    fn listen_protocol(&self) -> SubstreamProtocol<Accept> {
        SubstreamProtocol::new(Accept(Arc::clone(&self.common.protocols)), ())
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, OutQueue, HandlerEvent>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(event));
            }
            if let Some(queue) = self.to_open.pop_front() {
                let name = protocol_of(&self.common.protocols, queue.channel);
                let protocol = SubstreamProtocol::new(ReadyUpgrade::new(name), queue);
                return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
            }
            match self.tasks.poll_next_unpin(cx) {
                Poll::Ready(Some(done)) => self.on_done(done),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn on_behaviour_event(&mut self, event: Self::FromBehaviour) {
        match event {}
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<Accept, Self::OutboundProtocol, (), OutQueue>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (stream, channel),
                ..
            }) => self.on_inbound(stream, channel),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                info: queue,
            }) => self.on_outbound(stream, queue),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info: queue, error }) => {
                let is_refused = matches!(error, StreamUpgradeError::NegotiationFailed);
                self.on_outbound_failed(is_refused, queue);
            }
            _ => {}
        }
    }
}

fn protocol_of(protocols: &[(Channel, StreamProtocol)], channel: Channel) -> StreamProtocol {
    protocols
        .iter()
        .find_map(|(known, name)| (*known == channel).then(|| name.clone()))
        .expect("every channel has a name")
}
