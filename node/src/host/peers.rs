//! The peers as the core numbers them, and what each has been asked. The wire has no request
//! numbers: a peer has one request of ours at a time, and its next answer belongs to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use quorate_network::PeerId as NetworkPeer;
use quorate_replica::{PeerId, RequestId};
use quorate_types::Height;
use quorate_types::wire::FetchRequest;

#[derive(Debug)]
struct Known {
    number: PeerId,
    asked: Option<(RequestId, FetchRequest)>,
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
        if let Some(earlier) = table.known.insert(peer, Known { number, asked: None, height: None })
        {
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
        table.known.get_mut(&peer)?.asked = Some((id, request));
        Some(peer)
    }

    /// What a peer's answer belongs to; none when it was not asked.
    pub(crate) fn answered(&self, peer: &NetworkPeer) -> Option<(RequestId, FetchRequest)> {
        self.lock().known.get_mut(peer)?.asked.take()
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
