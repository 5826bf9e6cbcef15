//! Which peers the host has been told of, and for which validators they act.
//!
//! A peer is announced only when the events that must follow have their places reserved in the
//! host's queue, so none of them is ever lost and the queue is bounded.

use std::collections::BTreeMap;
use std::sync::Arc;

use libp2p::{Multiaddr, PeerId};
use tokio::sync::mpsc;

use crate::events::Event;
use crate::metrics::{Metrics, Refusal};
use crate::peer_record::{RecordError, SignedPeerRecord};
use crate::peers::PeerTable;
use crate::proofs::Proofs;

/// The places for what must still be said of a peer.
struct Announced {
    proved: Option<mpsc::OwnedPermit<Event>>,
    gone: mpsc::OwnedPermit<Event>,
}

/// The announced peers.
pub(crate) struct Roster {
    chain: String,
    peers: Arc<PeerTable>,
    events: mpsc::Sender<Event>,
    metrics: Metrics,
    announced: BTreeMap<PeerId, Announced>,
    proofs: Proofs,
}

/// The host has no room to hear of another peer.
pub(crate) struct HostBusy;

impl Roster {
    pub(crate) fn new(
        chain: String,
        peers: Arc<PeerTable>,
        events: mpsc::Sender<Event>,
        metrics: Metrics,
    ) -> Self {
        let (announced, proofs) = (BTreeMap::new(), Proofs::default());
        Self { chain, peers, events, metrics, announced, proofs }
    }

    /// Tells of a peer that has become usable.
    pub(crate) fn on_connected(
        &mut self,
        peer: PeerId,
        address: Multiaddr,
    ) -> Result<(), HostBusy> {
        // It may be gone again, or have come back before its going was noticed.
        if self.announced.contains_key(&peer) || !self.peers.is_ready(&peer) {
            return Ok(());
        }
        let reserve = || self.events.clone().try_reserve_owned().ok();
        let (Some(connected), Some(proved), Some(gone)) = (reserve(), reserve(), reserve()) else {
            self.metrics.refused(Refusal::HostBusy);
            return Err(HostBusy);
        };
        connected.send(Event::PeerConnected { peer, address });
        self.announced.insert(peer, Announced { proved: Some(proved), gone });
        self.metrics.set_peers(self.announced.len());
        Ok(())
    }

    /// Tells of a peer that is gone, once it is.
    pub(crate) fn on_closed(&mut self, peer: PeerId) {
        if self.peers.is_ready(&peer) {
            return;
        }
        if let Some(announced) = self.announced.remove(&peer) {
            announced.gone.send(Event::PeerDisconnected { peer });
            self.metrics.set_peers(self.announced.len());
        }
    }

    /// Tells what a peer has proved. An error is the peer's fault.
    pub(crate) fn on_record(&mut self, peer: PeerId, bytes: &[u8]) -> Result<(), RecordError> {
        let record = SignedPeerRecord::decode(bytes)
            .and_then(|record| record.verify(&self.chain, &peer))
            .inspect_err(|_| self.metrics.refused(Refusal::BadRecord))?;
        let Some(announced) = self.announced.get_mut(&peer) else {
            return Ok(());
        };
        if !self.proofs.take(&record, |peer| self.peers.is_ready(peer)) {
            tracing::info!(%peer, "the peer's record is older than another's");
            return Ok(());
        }
        self.peers.set_validator(&peer, record.validator);
        // A second connection brings the same record once more.
        if let Some(place) = announced.proved.take() {
            place.send(Event::PeerProved { peer, validator: record.validator });
        }
        Ok(())
    }

    /// Tells of an address. A host too busy to hear of it can still ask for it.
    pub(crate) fn on_listening(&self, address: Multiaddr) {
        tracing::info!(%address, "listening");
        if self.events.try_send(Event::Listening { address }).is_err() {
            tracing::debug!("the host is too busy to be told of an address");
        }
    }
}
