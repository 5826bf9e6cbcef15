//! The peers as the core numbers them, and what each has been asked. The wire has no request
//! numbers: an answer belongs to the newest request that it answers. There can be several, for the
//! core asks anew when it has waited long enough, and a narrow link brings the first answer later.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use quorate_network::PeerId as NetworkPeer;
use quorate_replica::{PeerId, RequestId};
use quorate_types::Height;
use quorate_types::wire::FetchRequest;

/// Requests to one peer that may be answered yet. With three seconds between them, the first answer
/// may take 48 s; the longest one takes 34 s at 1 Mbit/s.
const MAX_ASKED: usize = 16;

#[derive(Debug)]
struct Known {
    number: PeerId,
    /// What it was asked and has not answered, the oldest first.
    asked: VecDeque<(RequestId, FetchRequest)>,
    height: Option<Height>,
}

#[derive(Debug, Default)]
struct Table {
    known: BTreeMap<NetworkPeer, Known>,
    names: BTreeMap<PeerId, NetworkPeer>,
    numbered: u64,
}

/// Connected peers, by network identity and by number.
#[derive(Debug, Default)]
pub(crate) struct PeerBook(Mutex<Table>);

impl PeerBook {
    /// Numbers a peer that is connected now.
    pub(crate) fn connected(&self, peer: NetworkPeer) -> PeerId {
        let mut table = self.lock();
        table.numbered += 1;
        let number = PeerId(table.numbered);
        let known = Known { number, asked: VecDeque::new(), height: None };
        if let Some(earlier) = table.known.insert(peer, known) {
            table.names.remove(&earlier.number);
        }
        table.names.insert(number, peer);
        number
    }

    /// Forgets a peer; gives its number.
    pub(crate) fn disconnected(&self, peer: &NetworkPeer) -> Option<PeerId> {
        let mut table = self.lock();
        let known = table.known.remove(peer)?;
        table.names.remove(&known.number);
        Some(known.number)
    }

    /// A connected peer's number.
    pub(crate) fn number(&self, peer: &NetworkPeer) -> Option<PeerId> {
        self.lock().known.get(peer).map(|known| known.number)
    }

    /// The network identity behind a number.
    pub(crate) fn name(&self, number: PeerId) -> Option<NetworkPeer> {
        self.lock().names.get(&number).copied()
    }

    /// Every connected peer.
    pub(crate) fn all(&self) -> Vec<NetworkPeer> {
        self.lock().known.keys().copied().collect()
    }

    /// Remembers what a peer is asked; gives its identity.
    pub(crate) fn ask(
        &self,
        number: PeerId,
        id: RequestId,
        request: FetchRequest,
    ) -> Option<NetworkPeer> {
        let mut table = self.lock();
        let peer = *table.names.get(&number)?;
        let asked = &mut table.known.get_mut(&peer)?.asked;
        if asked.len() >= MAX_ASKED {
            asked.pop_front();
        }
        asked.push_back((id, request));
        Some(peer)
    }

    /// What a peer's answer may belong to, the oldest first; nothing when it was not asked.
    pub(crate) fn asked(&self, peer: &NetworkPeer) -> Vec<(RequestId, FetchRequest)> {
        let table = self.lock();
        let asked = table.known.get(peer).map(|known| known.asked.iter().copied());
        asked.into_iter().flatten().collect()
    }

    /// A peer has answered a request.
    pub(crate) fn answered(&self, peer: &NetworkPeer, id: RequestId) {
        if let Some(known) = self.lock().known.get_mut(peer) {
            known.asked.retain(|(asked, _)| *asked != id);
        }
    }

    /// Remembers the height that a peer says it has.
    pub(crate) fn set_height(&self, peer: &NetworkPeer, height: Height) {
        if let Some(known) = self.lock().known.get_mut(peer) {
            known.height = Some(height);
        }
    }

    /// The height that a peer says it has.
    pub(crate) fn height(&self, peer: &NetworkPeer) -> Option<Height> {
        self.lock().known.get(peer).and_then(|known| known.height)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(count: u32) -> FetchRequest {
        FetchRequest::Range { from: Height(7), count }
    }

    #[test]
    fn what_a_peer_was_asked_is_kept_until_it_answers_the_oldest_first() {
        let (book, peer) = (PeerBook::default(), NetworkPeer::random());
        let number = book.connected(peer);
        assert_eq!(book.asked(&peer), vec![]);
        assert_eq!(book.ask(number, RequestId(1), range(128)), Some(peer));
        assert_eq!(book.ask(number, RequestId(2), range(1)), Some(peer));
        assert_eq!(book.asked(&peer), [(RequestId(1), range(128)), (RequestId(2), range(1))]);
        book.answered(&peer, RequestId(1));
        assert_eq!(book.asked(&peer), [(RequestId(2), range(1))]);
        book.connected(peer);
        assert_eq!(book.asked(&peer), vec![], "a new connection answers nothing of an earlier one");
    }

    #[test]
    fn who_never_answers_costs_a_bounded_list() {
        let (book, peer) = (PeerBook::default(), NetworkPeer::random());
        let number = book.connected(peer);
        for id in 0..100 {
            book.ask(number, RequestId(id), range(1));
        }
        let asked = book.asked(&peer);
        assert_eq!(asked.len(), MAX_ASKED);
        assert_eq!(asked.last(), Some(&(RequestId(99), range(1))), "the newest are kept");
    }
}
