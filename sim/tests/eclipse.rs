//! Eclipses: all links of one node but those to Byzantine peers are cut: Byzantine validators below a
//! third, and sybils, full nodes that lie as much as they like. It finalises nothing wrong and does
//! not claim to keep up against what it was shown (every oracle judges it), the others go on in time
//! where they are a quorum, and one honest link brings it back.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::BTreeSet;

use common::{SECOND, hold};
use quorate_sim::{Byzantine, NodeId, Options, World};
use quorate_types::Height;

const SEEDS: u64 = 4;
/// What those around the victim do. Silent, it stands still; otherwise it is told something.
const AROUND: [&str; 8] = [
    "silent",
    "lying-peer",
    "gossip-spam,partial-relay",
    "replay,lying-peer",
    "delayed-relay,selective-send",
    "forged-certificates,far-future,lying-peer",
    "mutator,malformed",
    "equivocating-proposer,equivocating-commit,amnesia,lying-peer",
];

/// A network, the one that is eclipsed, and by whom.
struct Eclipse {
    world: World,
    victim: NodeId,
    around: BTreeSet<NodeId>,
    /// The cut between the victim and each of the others.
    cuts: Vec<u64>,
}

impl Eclipse {
    /// So many validators and full nodes, all honest but those in `around`.
    fn new((validators, full_nodes): (u16, u16), around: &[u16], does: &str, seed: u64) -> Eclipse {
        let options = Options {
            validators: Some(validators),
            full_nodes: Some(full_nodes),
            ..common::four()
        };
        let mut world = World::new(&options, seed);
        world.pass_gossip_on();
        let Byzantine::Named(kinds) = does.parse().unwrap() else { unreachable!("they are named") };
        let around: BTreeSet<NodeId> = around.iter().copied().map(NodeId).collect();
        around.iter().for_each(|node| world.corrupt(*node, &kinds));
        Eclipse { world, victim: NodeId(0), around, cuts: Vec::new() }
    }

    fn honest(&self) -> Vec<NodeId> {
        let mut others = self.world.nodes();
        others.retain(|node| *node != self.victim && !self.around.contains(node));
        others
    }

    /// From now on the victim is connected to those around it alone.
    fn begin(&mut self) {
        for other in self.honest() {
            let both = BTreeSet::from([(self.victim, other), (other, self.victim)]);
            self.cuts.push(self.world.cut(both, true));
        }
    }

    fn highest(&self) -> Height {
        let decided = self.honest().into_iter().filter_map(|node| self.world.decided(node));
        decided.max().unwrap_or_default()
    }

    fn lag(&self) -> u64 {
        let decided = self.world.decided(self.victim).unwrap();
        self.highest().0.saturating_sub(decided.0)
    }

    /// How far the victim is behind at the end of a while, and whether it ever said so.
    fn pass(&mut self, seconds: u64) -> (u64, bool) {
        let mut said_so = false;
        for _ in 0..seconds * 10 {
            self.world.run_for(SECOND / 10);
            said_so |= self.world.is_in_sync(self.victim) == Some(false);
        }
        hold(&self.world);
        (self.lag(), said_so)
    }

    /// One honest link is back, and the victim catches up with what is decided by then.
    fn one_link_suffices(&mut self, seed: u64, does: &str) {
        let place = usize::try_from(seed).unwrap() % self.cuts.len();
        self.world.rejoin(self.cuts.swap_remove(place));
        let (victim, wanted) = (self.victim, self.highest().plus(3));
        let caught_up = |world: &World| world.finalized(victim).is_some_and(|at| at >= wanted);
        let in_time = self.world.run_until(self.world.now_us() + 30 * SECOND, caught_up);
        hold(&self.world);
        assert!(in_time, "{does}, seed {seed}: at {:?} of {wanted}", self.world.decided(victim));
    }

    /// Whether a validator votes again.
    fn votes_above(&mut self, height: Height) -> bool {
        let (victim, limit_us) = (self.victim, self.world.now_us() + 20 * SECOND);
        let signs = |world: &World| world.last_signed(victim).is_some_and(|at| at > height);
        let votes = self.world.run_until(limit_us, signs);
        hold(&self.world);
        votes
    }
}

/// Seven validators: with one Byzantine and one eclipsed, the other five are just a quorum.
#[test]
fn an_eclipsed_validator_is_misled_by_nobody_while_the_others_go_on() {
    let (mut stood_still, mut said_so) = (0, 0);
    for seed in 0..SEEDS {
        for does in AROUND {
            let mut eclipse = Eclipse::new((7, 2), &[6, 7, 8], does, seed);
            eclipse.world.run_for(5 * SECOND);
            eclipse.begin();
            let others: BTreeSet<NodeId> = eclipse.honest().into_iter().collect();
            let before = eclipse.highest();
            eclipse.world.expect_progress(others, 2);
            let (lag, said) = eclipse.pass(30);
            assert!(eclipse.highest() >= before.plus(10), "{does}, seed {seed}: the others go on");
            assert!(does != "silent" || lag >= 5, "seed {seed}: it hears of nothing");
            stood_still += u64::from(lag >= 5);
            said_so += u64::from(said);
            let behind = eclipse.highest();
            eclipse.one_link_suffices(seed, does);
            assert!(eclipse.votes_above(behind), "{does}, seed {seed}: it votes again");
        }
    }
    assert!(stood_still >= 2 * SEEDS, "{stood_still}");
    assert!(said_so >= SEEDS, "told of more and given no blocks, it says so: {said_so}");
}

/// Four validators: without the eclipsed one, the honest are no quorum. Whatever the Byzantine one
/// makes of that is safe, and the link that returns makes a quorum again.
#[test]
fn the_one_that_a_quorum_lacks_is_eclipsed() {
    for seed in 0..SEEDS {
        for does in AROUND {
            let mut eclipse = Eclipse::new((4, 2), &[3, 4, 5], does, seed);
            eclipse.world.run_for(5 * SECOND);
            eclipse.begin();
            eclipse.pass(20);
            eclipse.one_link_suffices(seed, does);
        }
    }
}

/// A full node that starts with an empty chain and knows sybils alone.
#[test]
fn a_fresh_node_among_sybils_is_told_nothing_that_it_believes() {
    let mut lags = 0;
    for seed in 0..SEEDS {
        for does in AROUND {
            let mut eclipse = Eclipse::new((4, 4), &[5, 6, 7], does, seed);
            eclipse.victim = NodeId(4);
            eclipse.begin();
            let (lag, _) = eclipse.pass(20);
            assert!(eclipse.highest() >= Height(10), "{does}, seed {seed}: the others go on");
            assert!(does != "silent" || lag >= 10, "seed {seed}: it hears of nothing");
            lags += u64::from(lag >= 5);
            eclipse.one_link_suffices(seed, does);
        }
    }
    assert!(lags >= 2 * SEEDS, "{lags}");
}
