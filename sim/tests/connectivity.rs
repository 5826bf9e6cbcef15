//! Who can talk to whom: liveness within the bound of section 10 if and only if validators of more
//! than 2W/3 can all reach each other, over others of them if need be, for gossip is passed on; no
//! other set finalises anything, and safety holds on every graph.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

use std::collections::BTreeSet;

use quorate_sim::{Churn, Faults, NodeId, Options, World};
use quorate_types::Height;

const SECOND: u64 = 1_000_000;
const MS: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
/// What is under way when links are cut may still be decided, for so long.
const SETTLES: u64 = 30 * SECOND;

type Links = BTreeSet<(NodeId, NodeId)>;

/// Validators that have decided some heights.
fn validators(count: u16, seed: u64) -> World {
    let options = Options {
        validators: Some(count),
        full_nodes: Some(0),
        faults: Faults::none(),
        equal_power: Some(true),
        churn: Some(Churn::None),
        ..Options::default()
    };
    let mut world = World::new(&options, seed);
    world.pass_gossip_on();
    let all = world.nodes();
    // By then all are connected.
    world.run_for(2 * SECOND);
    assert!(world.run_until(60 * SECOND, |world| lowest(world, &all) >= Height(5)));
    world
}

fn lowest<'a>(world: &World, nodes: impl IntoIterator<Item = &'a NodeId>) -> Height {
    let decided = nodes.into_iter().map(|node| world.decided(*node).unwrap_or_default());
    decided.min().unwrap_or_default()
}

fn highest(world: &World) -> Height {
    world.nodes().into_iter().filter_map(|node| world.decided(node)).max().unwrap_or_default()
}

fn hold(world: &World, what: &dyn std::fmt::Debug) {
    assert!(world.violation().is_none(), "{} on {what:?}", world.violation().unwrap());
}

/// Every direction between nodes.
fn every(count: u16) -> Links {
    let nodes = || (0..count).map(NodeId);
    nodes().flat_map(|a| nodes().filter(move |b| *b != a).map(move |b| (a, b))).collect()
}

/// The nodes that a node reaches over links.
fn reached(links: &Links, from: NodeId) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::from([from]);
    let mut next = vec![from];
    while let Some(node) = next.pop() {
        for (_, to) in links.iter().filter(|(a, _)| *a == node) {
            if found.insert(*to) {
                next.push(*to);
            }
        }
    }
    found
}

/// The quorum of validators of equal power that all reach each other, if there is one.
fn connected_quorum(count: u16, links: &Links) -> Option<BTreeSet<NodeId>> {
    let of = |node| -> BTreeSet<NodeId> {
        let mut mutual = reached(links, node);
        mutual.retain(|other| reached(links, *other).contains(&node));
        mutual
    };
    (0..count).map(NodeId).map(of).find(|nodes| 3 * nodes.len() > 2 * usize::from(count))
}

/// With these links only, the quorum that they connect goes on in time, or nobody goes on.
fn judge(world: &mut World, count: u16, links: &Links) {
    match connected_quorum(count, links) {
        Some(quorum) => go_on(world, &quorum, count, links),
        None => stand_still(world, links),
    }
}

fn go_on(world: &mut World, quorum: &BTreeSet<NodeId>, count: u16, links: &Links) {
    let silent = usize::from(count) - quorum.len();
    world.expect_progress(quorum.clone(), u64::try_from(silent).unwrap());
    let wanted = highest(world).plus(5);
    let limit_us = world.now_us() + HOUR;
    world.run_until(limit_us, |world| lowest(world, quorum) >= wanted);
    hold(world, links);
    assert!(lowest(world, quorum) >= wanted, "{links:?}");
}

fn stand_still(world: &mut World, links: &Links) {
    world.run_for(SETTLES);
    let before = highest(world);
    world.run_for(SETTLES);
    hold(world, links);
    assert_eq!(highest(world), before, "{links:?}");
}

/// Only these links are left, at a moment of their own. What is on its way arrives.
fn leave(world: &mut World, count: u16, links: &Links, moment: u64) {
    world.run_for(moment * 13 * MS);
    world.silence(every(count).difference(links).copied().collect());
}

/// The directed graphs of four nodes, numbered by their links.
fn graph(number: u32) -> Links {
    every(4)
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| number >> bit & 1 == 1)
        .map(|(_, l)| l)
        .collect()
}

fn graphs(numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        let mut world = validators(4, u64::from(number % 7));
        let links = graph(number);
        leave(&mut world, 4, &links, u64::from(number % 11));
        judge(&mut world, 4, &links);
        world.silence(Links::new());
        go_on(&mut world, &(0..4).map(NodeId).collect(), 4, &links);
    }
}

#[test]
fn a_sample_of_the_directed_graphs_of_four() {
    graphs((0..4_096).step_by(41));
}

#[test]
#[ignore = "minutes; for a release"]
fn every_directed_graph_of_four() {
    graphs(0..4_096);
}

/// Links in both directions.
fn two_way(pairs: &[(u16, u16)]) -> Links {
    let both = |(a, b): &(u16, u16)| [(NodeId(*a), NodeId(*b)), (NodeId(*b), NodeId(*a))];
    pairs.iter().flat_map(both).collect()
}

/// A ring, a star, a line, and two halves with a bridge between them.
fn meshes() -> Vec<(u16, Links)> {
    vec![
        (4, two_way(&[(0, 1), (1, 2), (2, 3), (3, 0)])),
        (7, two_way(&[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 0)])),
        (4, two_way(&[(0, 1), (0, 2), (0, 3)])),
        (7, two_way(&[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6)])),
        (4, two_way(&[(0, 1), (1, 2), (2, 3)])),
        (7, two_way(&[(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (5, 6), (4, 6)])),
    ]
}

#[test]
fn meshes_of_few_links_suffice() {
    for seed in 0..3 {
        for (count, links) in meshes() {
            let mut world = validators(count, seed);
            leave(&mut world, count, &links, seed);
            judge(&mut world, count, &links);
        }
    }
}

/// The same, and what was on its way when links were cut is lost.
#[test]
fn meshes_of_few_links_suffice_after_losses() {
    for seed in 0..4 {
        for (count, links) in meshes() {
            let mut world = validators(count, seed);
            world.run_for(seed * 13 * MS);
            world.cut(every(count).difference(&links).copied().collect(), true);
            judge(&mut world, count, &links);
        }
    }
}

/// The same after nobody could talk to anybody: what was said meanwhile comes by R-9 alone, and is
/// passed on as well, or a quorum that is connected over others only would never hear of itself.
#[test]
fn meshes_of_few_links_suffice_after_silence() {
    for seed in 0..4 {
        for (count, links) in meshes() {
            let mut world = validators(count, seed);
            world.cut(every(count).difference(&links).copied().collect(), true);
            let cut = world.cut(links.clone(), false);
            world.run_for(10 * SECOND + seed * 13 * MS);
            world.rejoin(cut);
            judge(&mut world, count, &links);
        }
    }
}

/// Both sides of every split in two, for a while: only a quorum goes on, and afterwards all do.
#[test]
fn every_split_in_two_heals() {
    for count in 4..=7 {
        for side in 1..1_u16 << (count - 1) {
            let seconds = [1, 4, 15][usize::from(side % 3)];
            let mut world = validators(count, u64::from(side));
            let is_inside = |node: NodeId| side >> node.0 & 1 == 1;
            let inner = |(a, b): &(NodeId, NodeId)| is_inside(*a) == is_inside(*b);
            let links: Links = every(count).into_iter().filter(inner).collect();
            let cut = world.cut(every(count).difference(&links).copied().collect(), side % 2 == 0);
            if side % 5 == 0 {
                judge(&mut world, count, &links);
            } else {
                world.run_for(seconds * SECOND);
            }
            hold(&world, &links);
            world.rejoin(cut);
            go_on(&mut world, &(0..count).map(NodeId).collect(), count, &links);
        }
    }
}

/// One hears nothing, or is not heard: the others go on, and it does when it is back.
#[test]
fn a_deaf_and_a_mute_node_harm_nobody() {
    for seed in 0..6 {
        for (one, deaf) in (0..4).map(NodeId).flat_map(|one| [(one, false), (one, true)]) {
            let mut world = validators(4, seed);
            world.run_for(seed * 17 * MS);
            let mut links = every(4);
            links.retain(|(from, to)| if deaf { *to != one } else { *from != one });
            let cut = world.cut(every(4).difference(&links).copied().collect(), false);
            judge(&mut world, 4, &links);
            world.rejoin(cut);
            go_on(&mut world, &(0..4).map(NodeId).collect(), 4, &links);
        }
    }
}

/// Links that come and go with a period near that of views, and once they stay, all go on.
#[test]
fn flapping_links_pass() {
    for (seed, period_ms) in (0..).zip([10, 100, 300, 500, 1_000, 2_000, 10_000]) {
        let mut world = validators(4, seed);
        let halves = two_way(&[(0, 1), (2, 3)]);
        for _ in 0..(40_000 / period_ms).min(100) {
            let cut = world.cut(every(4).difference(&halves).copied().collect(), false);
            world.run_for(period_ms * MS / 2);
            world.rejoin(cut);
            world.run_for(period_ms * MS / 2);
            hold(&world, &period_ms);
        }
        go_on(&mut world, &(0..4).map(NodeId).collect(), 4, &halves);
    }
}

/// Links stop one by one and come back in another order.
#[test]
fn links_that_stop_one_by_one_and_return_in_another_order_pass() {
    for seed in 0..6_usize {
        let mut world = validators(5, u64::try_from(seed).unwrap());
        let links: Vec<(NodeId, NodeId)> = every(5).into_iter().collect();
        let mut cuts = Vec::new();
        for step in 0..links.len() {
            let link = links[(step * 7 + seed) % links.len()];
            cuts.push(world.cut(Links::from([link]), false));
            world.run_for(200 * MS);
        }
        for step in 0..cuts.len() {
            world.rejoin(cuts[(step * 3 + seed) % cuts.len()]);
            world.run_for(200 * MS);
        }
        go_on(&mut world, &(0..5).map(NodeId).collect(), 5, &every(5));
    }
}
