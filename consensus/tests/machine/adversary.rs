//! Random schedules: loss, delay, partitions, power cuts at any point, unequal stake, and Byzantine
//! power below a third: keys that two nodes use at once, and forged messages. The oracle watches;
//! when the network works again, the chain goes on. A seed tells the whole run.

use quorate_crypto::{Domain, Xof};
use quorate_types::{Digest, Justification, Message, StatementBody};

use crate::net::Net;
use crate::node::{CrashPoint, Node};
use crate::world::{World, no_block};

const SEEDS: u64 = 120;
/// Milliseconds within which every honest node decides once the network works again: the longest
/// view and some shorter ones of faulty primaries, ticks and a tail.
const LIVENESS_MS: u64 = 90_000;

struct Dice(Xof);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(Domain::new("quorate v1 test schedule").xof(&seed.to_be_bytes()))
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(u64::try_from(limit).unwrap())).unwrap()
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[test]
fn random_schedules() {
    for seed in 0..SEEDS {
        let outcome = std::panic::catch_unwind(|| run(seed));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

fn run(seed: u64) {
    let mut dice = Dice::new(seed);
    let n = 2 + dice.index(6);
    let powers: Vec<u64> = (0..n).map(|_| 1 + dice.below(5)).collect();
    let byzantine = choose_byzantine(&mut dice, &powers);
    let mut net = Net::off(World::with_powers(&powers), n);
    net.interval_ms = 50 + dice.below(200);
    net.work_ms = 1 + dice.below(10);
    net.has_work = dice.chance(70);
    for i in &byzantine {
        net.byzantine.push(*i);
        net.byzantine.push(net.nodes.len());
        net.nodes.push(Node::twin(u8::try_from(*i).unwrap()));
    }
    (0..net.nodes.len()).for_each(|i| net.power_on(i));
    for _ in 0..6 {
        trouble(&mut net, &mut dice, n);
        for _ in 0..8 {
            byzantine.iter().for_each(|i| forge(&mut net, &mut dice, *i));
            let ms = dice.below(400);
            net.run_for(ms);
            cut_power(&mut net, &mut dice, n);
        }
    }
    heal(&mut net, n);
}

/// As many as fit below a third of the power.
fn choose_byzantine(dice: &mut Dice, powers: &[u64]) -> Vec<usize> {
    let total: u64 = powers.iter().sum();
    let mut chosen = Vec::new();
    let mut power = 0;
    for _ in 0..powers.len() {
        let i = dice.index(powers.len());
        if !chosen.contains(&i) && 3 * (power + powers[i]) < total {
            power += powers[i];
            chosen.push(i);
        }
    }
    chosen
}

/// New groups, loss and delays. A twin and its original face different nodes.
fn trouble(net: &mut Net, dice: &mut Dice, n: usize) {
    let total = net.nodes.len();
    let groups = 1 + dice.below(3);
    let of: Vec<u64> = (0..total).map(|_| dice.below(groups)).collect();
    let (loss, longest) = (dice.below(40), 1 + dice.below(400));
    let side: Vec<bool> = (0..total).map(|_| dice.chance(50)).collect();
    let mut own = Dice::new(dice.below(u64::MAX));
    net.filter = Box::new(move |from, to, _| {
        let twins = (from < n || side[to]) && (to < n || side[from]);
        of[from] == of[to] && twins && !own.chance(loss)
    });
    let mut own = Dice::new(dice.below(u64::MAX));
    net.delay = Box::new(move |_, _| 1 + own.below(longest));
}

/// Honest nodes lose power at once or at a point of a coming vote, and come back.
fn cut_power(net: &mut Net, dice: &mut Dice, n: usize) {
    let i = dice.index(n);
    if !net.nodes[i].is_up {
        return net.power_on(i);
    }
    if dice.chance(20) {
        net.power_off(i);
    } else if dice.chance(30) {
        let points = [CrashPoint::Write, CrashPoint::Send, CrashPoint::Answer];
        net.nodes[i].crash_in = Some((dice.below(3), points[dice.index(3)]));
    }
}

/// Whatever a Byzantine key can sign, about heights, views and blocks that matter now.
fn forge(net: &mut Net, dice: &mut Dice, i: usize) {
    let places: Vec<(u64, u64)> = net.heights().into_iter().flatten().collect();
    let Some((height, view)) = places.get(dice.index(places.len().max(1))).copied() else {
        return;
    };
    let view = (view + dice.below(4)).saturating_sub(1);
    let digest = some_digest(net, dice);
    let body = match dice.below(5) {
        0 | 1 => StatementBody::Prepare { digest },
        2 | 3 => StatementBody::Commit { digest },
        _ => StatementBody::ViewChange { prepared: None },
    };
    let signed = net.world.sign(i, height, view + 1, body);
    let at_view = net.world.sign(i, height, view, body);
    let message = match body {
        StatementBody::Prepare { .. } => Message::Prepare(at_view),
        StatementBody::Commit { .. } => Message::Commit(at_view),
        StatementBody::ViewChange { .. } | StatementBody::PrePrepare { .. } => {
            Message::ViewChange(quorate_types::ViewChange { signed, certificate: None })
        }
    };
    net.broadcast(i, message);
    if let Some(payload) = net.nodes[i].bodies.values().next_back().cloned() {
        let message = net.world.pre_prepare(i, view, &payload, Justification::default());
        net.broadcast(i, message);
    }
}

fn some_digest(net: &Net, dice: &mut Dice) -> Digest {
    let node = &net.nodes[dice.index(net.nodes.len())];
    node.bodies.keys().next_back().copied().unwrap_or_else(|| no_block(1))
}

/// The network works, everybody is up, the Byzantine are silent: all decide two more heights.
fn heal(net: &mut Net, n: usize) {
    net.heal();
    net.delay = Box::new(|_, _| 3);
    for i in 0..net.nodes.len() {
        net.nodes[i].crash_in = None;
        let byzantine = net.byzantine.contains(&i);
        if byzantine && net.nodes[i].is_up {
            net.power_off(i);
        } else if !byzantine && !net.nodes[i].is_up {
            net.power_on(i);
        }
    }
    let highest = net.nodes[..n].iter().filter_map(|node| node.decided.keys().next_back());
    let target = highest.max().map_or(0, |height| height.0) + 2;
    net.run_to(target, LIVENESS_MS);
}
