//! The table of connected peers: what `send` looks up and what an operator sees.
//!
//! Shared between the handle, the streams and the swarm loop. The lock is held for look-ups only,
//! never across a wait. A connection is listed as soon as it is established and counts once its
//! peer has shown that it speaks this network's protocols.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId};
use quorate_crypto::ValidatorPublicKey;

use crate::direct::Outbox;
use crate::lanes::InboundBudgets;

/// A connected peer, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// Who.
    pub peer: PeerId,
    /// Where it was dialled, or from where it came.
    pub address: Multiaddr,
    /// Whether this node dialled.
    pub dialled: bool,
    /// The validator that the peer has proved to act for.
    pub validator: Option<ValidatorPublicKey>,
}

/// One connection: how to send over it and what it may have waiting with us.
pub(crate) struct Link {
    pub(crate) connection: ConnectionId,
    pub(crate) address: Multiaddr,
    pub(crate) dialled: bool,
    pub(crate) outbox: Outbox,
    pub(crate) budgets: InboundBudgets,
    pub(crate) ready: bool,
}

#[derive(Default)]
struct Entry {
    links: Vec<Link>,
    validator: Option<ValidatorPublicKey>,
}

impl Entry {
    fn ready_link(&self) -> Option<&Link> {
        self.links.iter().find(|link| link.ready)
    }
}

/// The peers with an established connection; bounded by the connection limits.
#[derive(Default)]
pub(crate) struct PeerTable(Mutex<BTreeMap<PeerId, Entry>>);

impl PeerTable {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<PeerId, Entry>> {
        self.0.lock().expect("nothing panics while it holds the table")
    }

    pub(crate) fn add(&self, peer: PeerId, link: Link) {
        self.lock().entry(peer).or_default().links.push(link);
    }

    /// Marks a connection as usable. Returns its address if it is the peer's first such.
    pub(crate) fn set_ready(&self, peer: &PeerId, connection: ConnectionId) -> Option<Multiaddr> {
        let mut table = self.lock();
        let entry = table.get_mut(peer)?;
        let first = entry.ready_link().is_none();
        let link = entry.links.iter_mut().find(|link| link.connection == connection)?;
        link.ready = true;
        first.then(|| link.address.clone())
    }

    pub(crate) fn remove(&self, peer: &PeerId, connection: ConnectionId) {
        let mut table = self.lock();
        if let Some(entry) = table.get_mut(peer) {
            entry.links.retain(|link| link.connection != connection);
            if entry.links.is_empty() {
                table.remove(peer);
            }
        }
    }

    /// Whether a usable connection to `peer` is there.
    pub(crate) fn is_ready(&self, peer: &PeerId) -> bool {
        self.lock().get(peer).is_some_and(|entry| entry.ready_link().is_some())
    }

    /// Where to put messages for `peer`.
    pub(crate) fn outbox(&self, peer: &PeerId) -> Option<Outbox> {
        Some(self.lock().get(peer)?.ready_link()?.outbox.clone())
    }

    /// What published messages that `peer` forwards are charged to. They may come before its
    /// connection is usable the other way.
    pub(crate) fn budgets(&self, peer: &PeerId) -> Option<InboundBudgets> {
        let table = self.lock();
        let entry = table.get(peer)?;
        entry.ready_link().or_else(|| entry.links.first()).map(|link| link.budgets.clone())
    }

    /// Notes that `peer`, and no other, acts for `validator`.
    pub(crate) fn set_validator(&self, peer: &PeerId, validator: ValidatorPublicKey) {
        for (id, entry) in self.lock().iter_mut() {
            if id == peer {
                entry.validator = Some(validator);
            } else if entry.validator == Some(validator) {
                entry.validator = None;
            }
        }
    }

    /// The peers with a usable connection, by id.
    pub(crate) fn snapshot(&self) -> Vec<PeerInfo> {
        let table = self.lock();
        let info = |(peer, entry): (&PeerId, &Entry)| {
            let link = entry.ready_link()?;
            let address = link.address.clone();
            let validator = entry.validator;
            Some(PeerInfo { peer: *peer, address, dialled: link.dialled, validator })
        };
        table.iter().filter_map(info).collect()
    }
}
