//! Persistent peers: dialled until connected, for ever, and again as soon as they are lost.
//!
//! Between two attempts lies at most a second; the pause differs from node to node and from
//! attempt to attempt, so that nodes started together do not keep dialling each other at once.

use std::time::{Duration, Instant};

use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::{Multiaddr, PeerId};
use quorate_crypto::Domain;

/// The pause before the next attempt is at least this long.
const MIN_PAUSE: Duration = Duration::from_millis(500);
/// And longer by less than this many milliseconds.
const JITTER_MILLIS: u64 = 500;

const JITTER: Domain = Domain::new("quorate v1 redial jitter");

enum State {
    Waiting(Instant),
    Dialling(ConnectionId),
    Connected(PeerId),
}

struct Target {
    address: Multiaddr,
    /// Who must answer there, if the address says so.
    peer: Option<PeerId>,
    state: State,
}

/// The persistent peers and where each stands.
pub(crate) struct Dialer {
    targets: Vec<Target>,
    local: PeerId,
    attempts: u64,
}

impl Dialer {
    /// Everybody in `addresses` but this node itself, to be dialled now.
    pub(crate) fn new(local: PeerId, addresses: &[Multiaddr], now: Instant) -> Self {
        let targets = addresses
            .iter()
            .map(|address| {
                let (address, peer) = split_peer(address);
                Target { address, peer, state: State::Waiting(now) }
            })
            .filter(|target| target.peer != Some(local))
            .collect();
        Self { targets, local, attempts: 0 }
    }

    /// The peers that are named by their addresses.
    pub(crate) fn named_peers(&self) -> Vec<PeerId> {
        self.targets.iter().filter_map(|target| target.peer).collect()
    }

    /// When the next attempt is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let at = |target: &Target| match target.state {
            State::Waiting(at) => Some(at),
            State::Dialling(_) | State::Connected(_) => None,
        };
        self.targets.iter().filter_map(at).min()
    }

    /// The attempts to make now. Who is connected already, perhaps by their own dialling, is not
    /// dialled.
    pub(crate) fn take_due(
        &mut self,
        now: Instant,
        is_connected: impl Fn(&PeerId) -> bool,
    ) -> Vec<DialOpts> {
        let mut dials = Vec::new();
        for target in &mut self.targets {
            if !matches!(target.state, State::Waiting(at) if at <= now) {
                continue;
            }
            if let Some(peer) = target.peer.filter(&is_connected) {
                target.state = State::Connected(peer);
                continue;
            }
            let dial = dial_of(target);
            target.state = State::Dialling(dial.connection_id());
            dials.push(dial);
        }
        dials
    }

    /// A connection has come about, perhaps by one of our attempts.
    pub(crate) fn on_connected(&mut self, connection: ConnectionId, peer: PeerId) {
        for target in &mut self.targets {
            if matches!(target.state, State::Dialling(dialled) if dialled == connection) {
                target.state = State::Connected(peer);
            }
        }
    }

    /// An attempt has failed.
    pub(crate) fn on_failed(&mut self, connection: ConnectionId, now: Instant) {
        self.wait_again(now, |state| matches!(state, State::Dialling(id) if *id == connection));
    }

    /// An address has turned out to be this node's own: it is not dialled again.
    pub(crate) fn on_own_address(&mut self, connection: ConnectionId) {
        self.targets
            .retain(|target| !matches!(target.state, State::Dialling(id) if id == connection));
    }

    /// The last connection to `peer` is gone.
    pub(crate) fn on_lost(&mut self, peer: PeerId, now: Instant) {
        self.wait_again(now, |state| matches!(state, State::Connected(id) if *id == peer));
    }

    fn wait_again(&mut self, now: Instant, is_meant: impl Fn(&State) -> bool) {
        for index in 0..self.targets.len() {
            let at = now + self.pause();
            match self.targets.get_mut(index) {
                Some(target) if is_meant(&target.state) => target.state = State::Waiting(at),
                Some(_) | None => {}
            }
        }
    }

    fn pause(&mut self) -> Duration {
        self.attempts += 1;
        let seed = [self.local.to_bytes(), self.attempts.to_be_bytes().to_vec()].concat();
        MIN_PAUSE + Duration::from_millis(JITTER.xof(&seed).next_u64() % JITTER_MILLIS)
    }
}

/// Each attempt takes a port of its own: one bound to the listening port would be refused while
/// the last connection between the two ports lingers.
fn dial_of(target: &Target) -> DialOpts {
    let address = target.address.clone();
    match target.peer {
        Some(peer) => DialOpts::peer_id(peer)
            .addresses(vec![address])
            .condition(PeerCondition::Always)
            .allocate_new_port()
            .build(),
        None => DialOpts::unknown_peer_id().address(address).allocate_new_port().build(),
    }
}

fn split_peer(address: &Multiaddr) -> (Multiaddr, Option<PeerId>) {
    let mut bare = address.clone();
    match bare.pop() {
        Some(Protocol::P2p(peer)) => (bare, Some(peer)),
        Some(_) | None => (address.clone(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn dialer(addresses: &[&str], now: Instant) -> Dialer {
        let addresses: Vec<Multiaddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        Dialer::new(crate::peer_id(&[1; 32]), &addresses, now)
    }

    fn take_one(dialer: &mut Dialer, now: Instant) -> ConnectionId {
        let due = dialer.take_due(now, |_| false);
        assert_eq!(due.len(), 1);
        due[0].connection_id()
    }

    #[test]
    fn attempts_follow_each_other_within_a_second_for_ever() {
        let mut now = Instant::now();
        let mut dialer = dialer(&["/dns4/val1/tcp/27656"], now);
        for _ in 0..100 {
            let at = dialer.next_at().unwrap();
            assert!(at - now <= SECOND);
            now = at;
            let connection = take_one(&mut dialer, now);
            assert_eq!(dialer.next_at(), None, "not dialled twice at once");
            dialer.on_failed(connection, now);
        }
    }

    #[test]
    fn a_connected_peer_is_left_alone_until_it_is_lost() {
        let now = Instant::now();
        let peer = crate::peer_id(&[2; 32]);
        let mut dialer = dialer(&["/ip4/127.0.0.1/tcp/1"], now);
        let connection = take_one(&mut dialer, now);
        dialer.on_connected(connection, peer);
        assert_eq!(dialer.next_at(), None);
        dialer.on_lost(crate::peer_id(&[3; 32]), now);
        assert_eq!(dialer.next_at(), None);
        dialer.on_lost(peer, now);
        assert!(dialer.next_at().unwrap() - now <= SECOND);
    }

    #[test]
    fn a_named_peer_that_came_by_itself_is_not_dialled() {
        let now = Instant::now();
        let peer = crate::peer_id(&[2; 32]);
        let mut dialer = dialer(&[&format!("/ip4/127.0.0.1/tcp/1/p2p/{peer}")], now);
        assert!(dialer.take_due(now, |id| *id == peer).is_empty());
        assert_eq!(dialer.next_at(), None);
        dialer.on_lost(peer, now);
        assert!(dialer.next_at().is_some());
    }

    #[test]
    fn a_node_does_not_dial_itself() {
        let now = Instant::now();
        let own = format!("/ip4/127.0.0.1/tcp/1/p2p/{}", crate::peer_id(&[1; 32]));
        let mut dialer = dialer(&[&own, "/ip4/9.9.9.9/tcp/1"], now);
        let connection = take_one(&mut dialer, now);
        dialer.on_own_address(connection);
        assert_eq!(dialer.next_at(), None);
    }
}
