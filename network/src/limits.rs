//! How many connections, who is kept out, and how fast a topic may fill the gossip queues.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use libp2p::connection_limits::ConnectionLimits;
use libp2p::{PeerId, connection_limits};
use quorate_crypto::Hash;

/// Incoming connections that may be in their handshake at once.
const MAX_PENDING_INCOMING: u32 = 64;
/// Connections with one peer: each side dials, perhaps by two addresses.
const MAX_CONNECTIONS_PER_PEER: u32 = 4;

/// How long a peer is kept out that the host has banned.
pub(crate) const HOST_BAN: Duration = Duration::from_secs(600);
/// How long a peer is kept out that is at fault, or of another network: long enough that it costs
/// little, short enough that a repaired node is not missed for long.
pub(crate) const FAULT_BAN: Duration = Duration::from_secs(10);
/// Most peers that are kept out at once; the oldest ban ends when another is needed.
const MAX_BANS: usize = 1024;

/// What may be published and forwarded on the transactions topic, in bytes per second.
pub(crate) const TRANSACTIONS_BYTES_PER_SECOND: u64 = 8 * 1024 * 1024;

/// The least time between two times that a node forwards the same bytes.
const REPEAT_INTERVAL: Duration = Duration::from_secs(1);
/// Most of them that are remembered: what 31 validators publish again, ten times over.
const MAX_REPEATS: usize = 4096;

/// The limits for `max_peers` incoming connections. Those that this node dials are bounded by its
/// list of persistent peers; `persistent` names the ones that no limit keeps out.
pub(crate) fn connections(max_peers: u32, persistent: &[PeerId]) -> connection_limits::Behaviour {
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(MAX_PENDING_INCOMING))
        .with_max_established_incoming(Some(max_peers))
        .with_max_established_per_peer(Some(MAX_CONNECTIONS_PER_PEER));
    let mut behaviour = connection_limits::Behaviour::new(limits);
    for peer in persistent {
        behaviour.bypass_peer_id(peer);
    }
    behaviour
}

/// A connection was refused because its peer is kept out.
#[derive(Debug, thiserror::Error)]
#[error("the peer is kept out for now")]
pub(crate) struct Banned;

/// The peers that are kept out, and until when.
#[derive(Default)]
pub(crate) struct Bans {
    until: BTreeMap<PeerId, Instant>,
}

impl Bans {
    /// Keeps `peer` out for `duration` from `now`.
    pub(crate) fn add(&mut self, peer: PeerId, duration: Duration, now: Instant) {
        self.until.retain(|_, until| *until > now);
        if self.until.len() >= MAX_BANS {
            let first = self.until.iter().min_by_key(|(_, until)| **until).map(|(peer, _)| *peer);
            first.and_then(|first| self.until.remove(&first));
        }
        self.until.insert(peer, now + duration);
    }

    /// Whether `peer` may connect.
    pub(crate) fn check(&self, peer: &PeerId, now: Instant) -> Result<(), Banned> {
        let is_banned = self.until.get(peer).is_some_and(|until| *until > now);
        if is_banned { Err(Banned) } else { Ok(()) }
    }
}

/// A rate in bytes per second, with one second's worth in reserve.
pub(crate) struct Throttle {
    rate: u64,
    left: u64,
    refilled_at: Instant,
}

impl Throttle {
    pub(crate) fn new(rate: u64, now: Instant) -> Self {
        Self { rate, left: rate, refilled_at: now }
    }

    /// Takes `bytes` out of what may pass; false, and nothing taken, when that is too little.
    pub(crate) fn take(&mut self, bytes: usize, now: Instant) -> bool {
        let micros = now.duration_since(self.refilled_at).as_micros();
        let refill = u128::from(self.rate) * micros / 1_000_000;
        let left = u128::from(self.left).saturating_add(refill).min(u128::from(self.rate));
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.left = u64::try_from(left).expect("at most the rate, which is a u64");
        self.refilled_at = now;
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// What was published again and has passed here of late. Its author publishes it about every two
/// seconds; what comes more often comes from somebody who wants everybody to forward it.
#[derive(Default)]
pub(crate) struct Repeats {
    passed: BTreeMap<Hash, Instant>,
}

impl Repeats {
    /// Whether these bytes have passed so shortly before that they need not pass again.
    pub(crate) fn is_early(&self, bytes: &Hash, now: Instant) -> bool {
        self.passed.get(bytes).is_some_and(|at| now.duration_since(*at) < REPEAT_INTERVAL)
    }

    /// These bytes are forwarded. To forget one costs no more than to forward it once too often.
    pub(crate) fn passed(&mut self, bytes: Hash, now: Instant) {
        if self.passed.len() >= MAX_REPEATS {
            self.passed.retain(|_, at| now.duration_since(*at) < REPEAT_INTERVAL);
        }
        if self.passed.len() >= MAX_REPEATS {
            self.passed.pop_first();
        }
        self.passed.insert(bytes, now);
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::Domain;

    use super::*;

    #[test]
    fn what_is_published_again_passes_once_a_second_and_their_number_is_bounded() {
        let bytes = |n: usize| Domain::new("quorate v1 test").hash(&n.to_be_bytes());
        let start = Instant::now();
        let mut repeats = Repeats::default();
        assert!(!repeats.is_early(&bytes(0), start));
        repeats.passed(bytes(0), start);
        assert!(repeats.is_early(&bytes(0), start + Duration::from_millis(999)));
        assert!(!repeats.is_early(&bytes(0), start + Duration::from_secs(1)));
        assert!(!repeats.is_early(&bytes(1), start));
        for n in 0..2 * MAX_REPEATS {
            repeats.passed(bytes(n), start);
        }
        assert_eq!(repeats.passed.len(), MAX_REPEATS);
        repeats.passed(bytes(0), start + Duration::from_secs(1));
        assert_eq!(repeats.passed.len(), 1);
    }

    #[test]
    fn a_throttle_lets_its_rate_through_and_no_more() {
        let start = Instant::now();
        let half = start + Duration::from_millis(500);
        let later = start + Duration::from_secs(60);
        let mut throttle = Throttle::new(1000, start);
        assert!(throttle.take(1000, start));
        assert!(!throttle.take(1, start));
        assert!(!throttle.take(501, half));
        assert!(throttle.take(500, half));
        assert!(!throttle.take(1001, later));
        assert!(throttle.take(1000, later));
    }

    #[test]
    fn a_ban_ends_and_their_number_is_bounded() {
        let start = Instant::now();
        let end = start + Duration::from_secs(5);
        let peer = PeerId::random();
        let mut bans = Bans::default();
        bans.add(peer, Duration::from_secs(5), start);
        assert!(bans.check(&peer, end - Duration::from_nanos(1)).is_err());
        assert!(bans.check(&peer, end).is_ok());
        for _ in 0..MAX_BANS {
            bans.add(PeerId::random(), Duration::from_secs(6), start);
        }
        assert_eq!(bans.until.len(), MAX_BANS);
        assert!(bans.check(&peer, start).is_ok(), "the first to end makes room");
    }
}
