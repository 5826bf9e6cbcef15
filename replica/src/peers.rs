//! Who is connected, where each says it stands, and what is asked of whom. A peer has at most one
//! request under way, so a liar costs one bounded request at a time.
//!
//! A full answer may be more than a narrow link passes before the request counts as failed. So who
//! did not deliver is asked for one decided block next, and after each delivery for twice as many.

use std::collections::BTreeMap;

use quorate_types::limits::MAX_FETCH_BLOCKS;
use quorate_types::wire::FetchRequest;
use quorate_types::{Height, Status};

use crate::input::{PeerId, RequestId};

/// Milliseconds after which a request counts as failed, of a peer of which none has.
const REQUEST_MS: u64 = 3_000;
/// The same, of a peer from which not even one block came: the way there and back is shorter everywhere on Earth.
const MAX_PATIENCE_MS: u64 = 6_000;

/// One connected peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Peer {
    status: Option<Status>,
    busy: bool,
    /// When it was asked last; the longest unasked goes first.
    asked: u64,
    /// It did not deliver what it was asked for last: those that did go first, and wait for nothing
    /// that it is asked for.
    has_failed: bool,
    /// Decided blocks that it is asked for at once.
    at_once: usize,
    /// How long a request waits for it: longer after little has failed, for it may be far away.
    patience_ms: u64,
}

impl Peer {
    fn new() -> Peer {
        Peer {
            status: None,
            busy: false,
            asked: 0,
            has_failed: false,
            at_once: MAX_FETCH_BLOCKS,
            patience_ms: REQUEST_MS,
        }
    }
}

/// The connected peers and the requests under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Peers {
    peers: BTreeMap<PeerId, Peer>,
    requests: BTreeMap<RequestId, (PeerId, FetchRequest)>,
    counter: u64,
}

impl Peers {
    pub(crate) fn connect(&mut self, peer: PeerId) {
        self.peers.entry(peer).or_insert_with(Peer::new);
    }

    /// Forgets a peer; gives what it was asked for, which now nobody answers.
    pub(crate) fn disconnect(&mut self, peer: PeerId) -> Vec<FetchRequest> {
        self.peers.remove(&peer);
        let ids: Vec<RequestId> =
            self.requests.iter().filter(|(_, (of, _))| *of == peer).map(|(id, _)| *id).collect();
        ids.iter().filter_map(|id| self.requests.remove(id)).map(|(_, request)| request).collect()
    }

    pub(crate) fn set_status(&mut self, peer: PeerId, status: Status) {
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.status = Some(status);
        }
    }

    /// How many are connected.
    pub(crate) fn count(&self) -> usize {
        self.peers.len()
    }

    /// The highest height that any peer says it has decided.
    pub(crate) fn highest_claim(&self) -> Height {
        let claims = self.peers.values().filter_map(|peer| peer.status);
        claims.map(|status| status.decided).max().unwrap_or(Height::GENESIS)
    }

    /// Whether such a request is under way.
    pub(crate) fn is_asked(&self, wanted: impl Fn(&FetchRequest) -> bool) -> bool {
        self.requests.values().any(|(_, request)| wanted(request))
    }

    /// Whether decided blocks are on their way, from a peer that delivered last.
    pub(crate) fn is_syncing(&self) -> bool {
        let delivers = |id: &PeerId| self.peers.get(id).is_some_and(|peer| !peer.has_failed);
        let mut asked = self.requests.values();
        asked.any(|(id, request)| matches!(request, FetchRequest::Range { .. }) && delivers(id))
    }

    /// Gives the request to an idle peer that may have it: of those that delivered last, or else of
    /// all, the one that was not asked for longest. Gives what it is asked for: of decided blocks no
    /// more than suits the peer.
    pub(crate) fn ask(
        &mut self,
        request: FetchRequest,
    ) -> Option<(PeerId, RequestId, FetchRequest)> {
        let can_serve = |peer: &Peer| match request {
            FetchRequest::Block(_) | FetchRequest::Statements(_) => true,
            FetchRequest::Range { from, .. } => peer
                .status
                .is_some_and(|status| status.first_stored <= from && from <= status.decided),
        };
        let (id, peer) = self
            .peers
            .iter()
            .filter(|(_, peer)| !peer.busy && can_serve(peer))
            .min_by_key(|(_, peer)| (peer.has_failed, peer.asked))?;
        let id = *id;
        let request = match request {
            FetchRequest::Range { from, count } => {
                let at_once = u32::try_from(peer.at_once).unwrap_or(count);
                FetchRequest::Range { from, count: count.min(at_once) }
            }
            FetchRequest::Block(_) | FetchRequest::Statements(_) => request,
        };
        self.ask_one(id, request).map(|request_id| (id, request_id, request))
    }

    /// Gives the request to one peer, if it is connected and idle.
    pub(crate) fn ask_one(&mut self, id: PeerId, request: FetchRequest) -> Option<RequestId> {
        let peer = self.peers.get_mut(&id).filter(|peer| !peer.busy)?;
        self.counter = self.counter.saturating_add(1);
        peer.busy = true;
        peer.asked = self.counter;
        let request_id = RequestId(self.counter);
        self.requests.insert(request_id, (id, request));
        Some(request_id)
    }

    /// Ends a request; none when it has ended already.
    pub(crate) fn answered(&mut self, id: RequestId) -> Option<(PeerId, FetchRequest)> {
        let (peer, request) = self.requests.remove(&id)?;
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.busy = false;
        }
        Some((peer, request))
    }

    /// How long a request to a peer waits, in milliseconds.
    pub(crate) fn patience_ms(&self, peer: PeerId) -> u64 {
        self.peers.get(&peer).map_or(REQUEST_MS, |peer| peer.patience_ms)
    }

    /// A peer has answered a request, or has not.
    pub(crate) fn rank(&mut self, peer: PeerId, request: &FetchRequest, has_failed: bool) {
        let Some(peer) = self.peers.get_mut(&peer) else { return };
        peer.has_failed = has_failed;
        if has_failed {
            if peer.at_once == 1 {
                peer.patience_ms = MAX_PATIENCE_MS;
            }
            peer.at_once = 1;
        } else if matches!(request, FetchRequest::Range { .. }) {
            peer.at_once = peer.at_once.saturating_mul(2).min(MAX_FETCH_BLOCKS);
        }
    }

    /// Takes back what a peer claimed: it did not deliver.
    pub(crate) fn discredit(&mut self, peer: PeerId) {
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.status = None;
            peer.has_failed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_types::View;

    use super::*;

    fn claims(decided: u64) -> Status {
        Status {
            height: Height(decided + 1),
            view: View::ZERO,
            prepared: None,
            decided: Height(decided),
            first_stored: Height(1),
        }
    }

    fn range(from: u64) -> FetchRequest {
        FetchRequest::Range { from: Height(from), count: 8 }
    }

    #[test]
    fn a_peer_has_one_request_at_a_time_and_the_longest_unasked_goes_first() {
        let mut peers = Peers::default();
        for number in 1..=2 {
            peers.connect(PeerId(number));
            peers.set_status(PeerId(number), claims(10));
        }
        let (first, first_id, _) = peers.ask(range(5)).unwrap();
        let (second, ..) = peers.ask(range(5)).unwrap();
        assert_ne!(first, second);
        assert_eq!(peers.ask(range(5)), None);
        assert_eq!(peers.answered(first_id), Some((first, range(5))));
        assert_eq!(peers.answered(first_id), None, "an answer ends a request once");
        assert_eq!(peers.ask(range(5)).unwrap().0, first);
    }

    #[test]
    fn only_who_claims_a_height_is_asked_for_it_and_who_fails_loses_the_claim() {
        let mut peers = Peers::default();
        peers.connect(PeerId(1));
        assert_eq!(peers.ask(range(5)), None, "nothing is known of the peer");
        peers.set_status(PeerId(1), claims(4));
        assert_eq!(peers.ask(range(5)), None);
        assert!(peers.ask(range(4)).is_some());
        peers.discredit(PeerId(1));
        assert_eq!(peers.highest_claim(), Height::GENESIS);
    }

    /// a peer that claims a height again and again and never answers costs one turn.
    #[test]
    fn who_failed_last_keeps_nobody_from_asking_who_delivers() {
        let mut peers = Peers::default();
        let [liar, honest] = [PeerId(1), PeerId(2)];
        for peer in [liar, honest] {
            peers.connect(peer);
            peers.set_status(peer, claims(10));
        }
        let (first, id, _) = peers.ask(range(5)).unwrap();
        assert!(first == liar && peers.is_syncing());
        peers.answered(id);
        peers.discredit(liar);
        for from in 5..9 {
            peers.set_status(liar, claims(1_000));
            let (next, id, _) = peers.ask(range(from)).unwrap();
            assert!(next == honest && peers.is_syncing(), "the one that was not asked for longest");
            peers.answered(id);
            peers.rank(honest, &range(from), false);
        }
        // What it alone claims, it is asked for, and nobody waits for it.
        let (only, id, _) = peers.ask(range(500)).unwrap();
        assert!(only == liar && !peers.is_syncing());
        assert_eq!(peers.ask(range(9)).unwrap().0, honest);
        peers.answered(id);
        peers.rank(liar, &range(500), false);
        assert!(peers.ask(range(500)).is_some() && peers.is_syncing(), "it has delivered");
    }

    #[test]
    fn who_did_not_deliver_is_asked_for_one_block_and_then_for_twice_as_many_each_time() {
        let mut peers = Peers::default();
        let [slow, other] = [PeerId(1), PeerId(2)];
        let asked_for = |peers: &mut Peers, has_failed| {
            let all = FetchRequest::Range { from: Height(5), count: 128 };
            let (peer, id, request) = peers.ask(all).unwrap();
            let FetchRequest::Range { count, .. } = request else { unreachable!("{request:?}") };
            peers.answered(id);
            peers.rank(peer, &request, has_failed);
            (peer, count)
        };
        peers.connect(slow);
        peers.set_status(slow, claims(1_000));
        assert_eq!(asked_for(&mut peers, false), (slow, 128), "the most");
        assert_eq!(asked_for(&mut peers, true), (slow, 128));
        assert_eq!(asked_for(&mut peers, true), (slow, 1), "it did not deliver");
        peers.rank(slow, &FetchRequest::Block(Default::default()), false);
        let counts: Vec<u32> = (0..9).map(|_| asked_for(&mut peers, false).1).collect();
        assert_eq!(counts, [1, 2, 4, 8, 16, 32, 64, 128, 128], "a block says nothing of a range");
        assert_eq!(asked_for(&mut peers, true), (slow, 128));
        peers.connect(other);
        peers.set_status(other, claims(1_000));
        assert_eq!(asked_for(&mut peers, false), (other, 128), "of each peer its own");
    }

    #[test]
    fn what_a_lost_peer_was_asked_is_given_back() {
        let mut peers = Peers::default();
        peers.connect(PeerId(1));
        peers.set_status(PeerId(1), claims(9));
        let (_, id, _) = peers.ask(range(2)).unwrap();
        assert_eq!(peers.disconnect(PeerId(1)), vec![range(2)]);
        assert_eq!(peers.answered(id), None);
        assert_eq!(peers.count(), 0);
    }
}
