//! Sending and receiving: every parcel is bytes of the wire, decoded and verified where it arrives.
//! Each distinct byte string is verified once and the verdict shared: verification is a function of
//! the bytes and of the epochs that are known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quorate_crypto::Hash;
use quorate_replica::{Input, PeerId, RequestId, Timer, VerifiedAnswer, WireError};
use quorate_types::verify::VerifyError;
use quorate_types::wire::{self, FetchAnswer, FetchRequest};
use quorate_types::{
    Address, BlockPayload, Epoch, Height, Message, Status, Transaction, Verified,
    VerifiedTransaction,
};

use crate::byzantine::{Content, Letter};
use crate::event::{Event, NodeId};
use crate::journal;
use crate::oracles::Sent;
use crate::parcel::{PARCEL, Parcel, parcel_of, parcel_of_batch};
use crate::world::World;

/// Verdicts that are shared.
const REMEMBERED: usize = 4_096;

/// Shared verdicts on bytes.
#[derive(Debug, Default)]
pub(crate) struct Post {
    messages: BTreeMap<(Known, BTreeSet<Address>), Result<Verified<Message>, WireError>>,
    /// Those that hold, and how many do not.
    batches: BTreeMap<Known, Result<(Vec<VerifiedTransaction>, usize), String>>,
    answers: BTreeMap<Known, Result<VerifiedAnswer, String>>,
}

/// Bytes, and the epochs by which they are judged; messages also by whom no evidence is wanted against.
type Known = (Hash, [Epoch; 3]);

impl Post {
    /// The height of a message that was found to hold, by the hash of its bytes.
    pub(crate) fn height_of(&self, hash: &Hash) -> Option<Height> {
        let from = ((*hash, [Epoch::FIRST; 3]), BTreeSet::new());
        let judged = self.messages.range(from..).take_while(|(((of, _), _), _)| of == hash);
        let holds = judged.filter_map(|(_, verdict)| verdict.as_ref().ok()).next()?;
        Some(holds.value().height())
    }
}

/// The remembered verdict on a key, or a new one.
fn shared<K: Ord, V: Clone>(known: &mut BTreeMap<K, V>, key: K, judge: impl FnOnce() -> V) -> V {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.entry(key).or_insert_with(judge).clone()
}

impl World {
    /// Gossips a message. Gossip carries the same bytes of one sender only once.
    pub(crate) fn publish(&mut self, from: NodeId, message: &Message, is_new: bool) {
        if self.is_byzantine(from) {
            return self.would_send(from, None, Content::Message(Box::new(message.clone())));
        }
        self.watch_sent(from, message, is_new);
        if let (Message::PrePrepare(proposal), true) = (message, is_new) {
            let carried = proposal.justification.certificate.is_some();
            self.counts.carried_over += u64::from(carried);
            let compact = matches!(proposal.payload, BlockPayload::Compact(_));
            self.counts.compact += u64::from(compact);
        }
        self.gossip_first(from, &parcel_of(message));
    }

    /// Gossips messages again: under a new id, or whoever has seen them would not pass them on.
    pub(crate) fn resend(&mut self, from: NodeId, messages: &[Message]) {
        for message in messages {
            if self.is_byzantine(from) {
                self.would_send(from, None, Content::Message(Box::new(message.clone())));
                continue;
            }
            self.watch_sent(from, message, false);
            self.gossip_again(from, &parcel_of(message));
        }
    }

    pub(crate) fn send_to(&mut self, from: NodeId, peer: PeerId, messages: &[Message]) {
        for message in messages {
            if self.is_byzantine(from) {
                self.would_send(
                    from,
                    Some(node_of(peer)),
                    Content::Message(Box::new(message.clone())),
                );
                continue;
            }
            self.watch_sent(from, message, false);
            self.send(from, node_of(peer), parcel_of(message));
        }
    }

    pub(crate) fn send_status(&mut self, from: NodeId, peer: Option<PeerId>, status: &Status) {
        if self.is_byzantine(from) {
            return self.would_send(from, peer.map(node_of), Content::Status(*status));
        }
        let parcel = Parcel::Status(wire::encode_status(status).into());
        match peer {
            Some(peer) => self.send(from, node_of(peer), parcel),
            None => self.send_to_all(from, &parcel),
        }
    }

    pub(crate) fn send_request(
        &mut self,
        from: NodeId,
        peer: PeerId,
        (id, request): (RequestId, FetchRequest),
    ) {
        if let Some(process) = &mut self.node_mut(from).process {
            process.requests.insert(id, request);
        }
        let to = node_of(peer);
        self.journal.add(self.now_us, from, format_args!("asks {to} for {request:?}"));
        let bytes = wire::encode_request(&request).into();
        self.send(from, node_of(peer), Parcel::Request(id, bytes));
    }

    /// The answer goes to whoever asked, under their number.
    pub(crate) fn send_answer(&mut self, from: NodeId, id: RequestId, answer: &FetchAnswer) {
        let process = self.node_mut(from).process.as_mut();
        let asked = process.and_then(|process| process.serving.remove(&id));
        if let Some((peer, theirs)) = asked {
            let words = journal::answer_in_words(answer);
            self.journal.add(self.now_us, from, format_args!("answers {peer} with {words}"));
            if self.is_byzantine(from) {
                let content = Content::Answer(theirs, answer.clone());
                return self.would_send(from, Some(peer), content);
            }
            let bytes: Arc<[u8]> = wire::encode_answer(answer).into();
            self.send(from, peer, Parcel::Answer(theirs, bytes));
        }
    }

    pub(crate) fn publish_transactions(&mut self, from: NodeId, batch: &[Transaction]) {
        if self.is_byzantine(from) {
            return self.would_send(from, None, Content::Transactions(batch.to_vec()));
        }
        self.gossip_first(from, &parcel_of_batch(batch));
    }

    pub(crate) fn resend_transactions(&mut self, from: NodeId, batch: &[Transaction]) {
        if self.is_byzantine(from) {
            return self.would_send(from, None, Content::Transactions(batch.to_vec()));
        }
        self.gossip_again(from, &parcel_of_batch(batch));
    }

    /// Posts what a Byzantine validator lets go.
    pub(crate) fn post(&mut self, from: NodeId, letter: &Letter) {
        let mut id = None;
        let parcel = match &letter.content {
            Content::Message(message) => {
                self.oracles.on_byzantine(message);
                if self.journal.is_on() {
                    let words = journal::in_words(message);
                    let line = format_args!("Byzantine, sends {words} to {:?}", letter.to);
                    self.journal.add(self.now_us, from, line);
                }
                parcel_of(message)
            }
            Content::Bytes(bytes) => Parcel::Message(bytes.as_slice().into(), PARCEL.hash(bytes)),
            Content::Status(status) => Parcel::Status(wire::encode_status(status).into()),
            Content::Answer(id, answer) => Parcel::Answer(*id, wire::encode_answer(answer).into()),
            Content::Transactions(batch) => parcel_of_batch(batch),
            Content::Gossip(under, parcel) => {
                id = Some(*under);
                parcel.clone()
            }
        };
        if let (Parcel::Message(_, hash), true) = (&parcel, letter.refusable) {
            self.oracles.must_refuse(*hash);
        }
        for to in letter.to.iter().copied() {
            let Some(connection) = self.network.connection(from, to) else { continue };
            let event = |parcel| match id {
                Some(id) => Event::Gossip { from, to, id, parcel },
                None => Event::Direct { from, to, connection, parcel },
            };
            self.dispatch((from, to), letter.after_us, event, &parcel);
        }
    }

    /// Shows an own message to the oracles before it leaves.
    fn watch_sent(&mut self, from: NodeId, message: &Message, is_new: bool) {
        let place = self.place(from);
        if self.journal.is_on() {
            let how = if is_new { "signed" } else { "sends" };
            let words = journal::in_words(message);
            self.journal.add(self.now_us, from, format_args!("{how} {words}"));
        }
        let World { nodes, oracles, .. } = self;
        let Some(node) = nodes.get(from.position()) else { return };
        let held = |digest: &_| {
            let held = node.process.as_ref().is_some_and(|process| process.held.contains(digest));
            held && node.judged_valid.contains(digest)
        };
        let sent = Sent {
            message,
            record: &node.record,
            is_new,
            durable: &|digest| node.disk.is_durable(digest),
            held_valid: &held,
        };
        oracles.on_sent(place, &sent);
    }

    /// The id of what nobody has published before is its hash.
    fn gossip_first(&mut self, from: NodeId, parcel: &Parcel) {
        self.gossip(from, parcel.digest(), parcel);
    }

    fn gossip_again(&mut self, from: NodeId, parcel: &Parcel) {
        let round = [&self.now_us.to_be_bytes()[..], &from.0.to_be_bytes()].concat();
        self.gossip(from, PARCEL.hash_parts(&[&round, parcel.digest().as_bytes()]), parcel);
    }

    /// Hands a parcel to every peer, unless its id has passed here.
    pub(crate) fn gossip(&mut self, from: NodeId, id: Hash, parcel: &Parcel) {
        if !self.is_new_to(from, id) {
            return;
        }
        for to in self.nodes() {
            if to != from && self.network.connection(from, to).is_some() {
                let gossip = |parcel| Event::Gossip { from, to, id, parcel };
                self.dispatch((from, to), 0, gossip, parcel);
            }
        }
    }

    fn send_to_all(&mut self, from: NodeId, parcel: &Parcel) {
        for to in self.nodes() {
            if to != from {
                self.send(from, to, parcel.clone());
            }
        }
    }

    fn send(&mut self, from: NodeId, to: NodeId, parcel: Parcel) {
        let Some(connection) = self.network.connection(from, to) else { return };
        let direct = |parcel| Event::Direct { from, to, connection, parcel };
        self.dispatch((from, to), 0, direct, &parcel);
    }

    /// Puts a parcel on its way, held back for a while: lost, once or twice.
    fn dispatch(
        &mut self,
        (from, to): (NodeId, NodeId),
        held_us: u64,
        event: impl Fn(Parcel) -> Event,
        parcel: &Parcel,
    ) {
        if self.network.is_silent(from, to) || self.random.chance(self.plan.links.loss) {
            self.counts.lost += 1;
            return;
        }
        let twice = self.random.chance(self.plan.links.duplication);
        for _ in 0..=u8::from(twice) {
            let alike = (self.plan.links.delay, &mut self.random);
            let takes = self.links.takes_us((from, to), parcel.length(), self.now_us, alike);
            let Some(takes_us) = takes else {
                self.counts.lost += 1;
                continue;
            };
            self.oracles.on_way((from, to), takes_us);
            self.after(held_us.saturating_add(takes_us), event(parcel.clone()));
        }
    }

    /// A parcel arrives: it is decoded and verified, and fed if it holds. What an honest sender
    /// sends always does. Says whether it held.
    pub(crate) fn deliver(&mut self, from: NodeId, to: NodeId, parcel: Parcel) -> bool {
        if self.network.is_cut(from, to) || !self.is_running(to) {
            return false;
        }
        self.counts.delivered += 1;
        let what = parcel.digest();
        self.note(to, "parcel", what.as_bytes());
        let id = match &parcel {
            Parcel::Answer(id, _) => Some(*id),
            Parcel::Message(..)
            | Parcel::Transactions(..)
            | Parcel::Status(_)
            | Parcel::Request(..) => None,
        };
        let opened = self.open_parcel(from, to, parcel);
        let holds = opened.is_ok();
        match opened {
            Ok(Some(input)) => {
                self.on_opened(to, &what, &input);
                if let Input::Message(message) = &input
                    && self.journal.is_on()
                {
                    let words = journal::in_words(message.value());
                    self.journal.add(self.now_us, to, format_args!("gets {words} from {from}"));
                }
                self.feed(to, input);
            }
            Ok(None) => {}
            Err(_) if self.is_byzantine(from) => {
                self.counts.refused_parcels += u64::from(!self.is_byzantine(to));
                if let Some(id) = id {
                    self.feed(to, Input::Answer { id, answer: None });
                }
            }
            Err(error) => self.violated(to, "wire", format!("from {from}: {error}")),
        }
        holds
    }

    /// What arrived holds.
    fn on_opened(&mut self, to: NodeId, parcel: &Hash, input: &Input) {
        let Input::Message(message) = input else { return };
        let place = self.place(to);
        self.oracles.on_taken(place, parcel);
        if self.is_byzantine(to) {
            self.was_told(to, message.value());
        }
    }

    fn open_parcel(
        &mut self,
        from: NodeId,
        to: NodeId,
        parcel: Parcel,
    ) -> Result<Option<Input>, String> {
        let peer = PeerId(u64::from(from.0));
        let is_byzantine = self.is_byzantine(from);
        let World { nodes, post, .. } = self;
        let process = nodes.get_mut(to.position()).and_then(|node| node.process.as_mut());
        let Some(process) = process else { return Ok(None) };
        let verifier = &process.verifier;
        let epochs = verifier.epochs().span();
        let input = match parcel {
            Parcel::Message(bytes, hash) => {
                let by = ((hash, epochs), verifier.settled().clone());
                match shared(&mut post.messages, by, || verifier.message(&bytes)) {
                    Ok(message) => Input::Message(message),
                    Err(WireError::Verify(VerifyError::ForgedJustification(evidence)))
                        if is_byzantine =>
                    {
                        Input::Evidence(evidence)
                    }
                    Err(error) if !error.is_fault() => return Ok(None),
                    Err(error) => return Err(error.to_string()),
                }
            }
            Parcel::Transactions(bytes, hash) => {
                let judge = || verifier.batch(&bytes).map_err(|error| error.to_string());
                let (transactions, refused) = shared(&mut post.batches, (hash, epochs), judge)?;
                if refused > 0 && !is_byzantine {
                    return Err(format!("{refused} bad transactions passed on"));
                }
                Input::Transactions { ticket: None, transactions }
            }
            Parcel::Status(bytes) => {
                let status = wire::decode_status(&bytes).map_err(|error| error.to_string())?;
                Input::Status { peer, status }
            }
            Parcel::Request(theirs, bytes) => {
                let request = wire::decode_request(&bytes).map_err(|error| error.to_string())?;
                process.served += 1;
                let id = RequestId(process.served);
                process.serving.insert(id, (from, theirs));
                Input::Request { peer, id, request }
            }
            Parcel::Answer(id, bytes) => {
                let Some(request) = process.requests.remove(&id) else { return Ok(None) };
                process.timers.remove(&Timer::Request(id));
                let key = PARCEL.hash_parts(&[&wire::encode_request(&request), &bytes]);
                let judge = || verifier.answer(&request, &bytes).map_err(|error| error.to_string());
                let answer = shared(&mut post.answers, (key, epochs), judge)?;
                let place = self.place(to);
                self.oracles.on_answered(place, &request, &answer);
                self.note_answered(to, &answer);
                Input::Answer { id, answer: Some(answer) }
            }
        };
        Ok(Some(input))
    }
}

/// Peers are numbered like nodes.
fn node_of(peer: PeerId) -> NodeId {
    NodeId(u16::try_from(peer.0).unwrap_or(u16::MAX))
}
