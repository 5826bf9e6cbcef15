//! Power goes at every point of a height, of one node and of all (S-2, S-4). The oracle watches for
//! double signatures across lives; the chain must go on.

use quorate_types::{Height, Step};

use crate::net::Net;
use crate::node::CrashPoint;
use crate::solo::bystander;
use crate::world::World;

const POINTS: [CrashPoint; 3] = [CrashPoint::Write, CrashPoint::Send, CrashPoint::Answer];
/// Votes of a node in the first three heights: two, or one record less where it is the primary.
const VOTES: u64 = 7;

/// Runs until node `i` has lost power, then switches it on again and waits for progress of all.
fn crash_one(n: usize, i: usize, votes: u64, point: CrashPoint, off_ms: u64) {
    let mut net = Net::new(World::equal(n));
    net.nodes[i].crash_in = Some((votes, point));
    net.run_until(20_000, |net| !net.nodes[i].is_up);
    net.run_for(off_ms);
    net.power_on(i);
    let height = net.heights().iter().flatten().map(|(height, _)| *height).max().unwrap();
    net.run_to(height + 3, 20_000);
}

#[test]
fn one_of_four_at_every_point() {
    for i in 0..4 {
        for votes in 0..VOTES {
            for point in POINTS {
                crash_one(4, i, votes, point, 3);
            }
        }
    }
}

#[test]
fn one_of_four_for_a_while() {
    for votes in 0..VOTES {
        for point in POINTS {
            crash_one(4, 0, votes, point, 1_000);
        }
    }
}

#[test]
fn where_every_vote_is_needed() {
    for n in 1..=3 {
        for votes in 0..VOTES {
            for point in POINTS {
                crash_one(n, 0, votes, point, 50);
            }
        }
    }
}

/// All lose power at once, so that what is nowhere durable is gone.
#[test]
fn all_at_once_at_every_moment() {
    for n in [1, 2, 4] {
        for at_ms in 1..60 {
            let mut net = Net::new(World::equal(n));
            net.work_ms = 3;
            net.run_for(at_ms);
            let durable: Vec<_> = net.nodes.iter().map(|node| node.tip()).collect();
            (0..n).for_each(|i| net.power_off(i));
            (0..n).for_each(|i| net.power_on(i));
            let target = durable.iter().max().unwrap().0 + 4;
            net.run_to(target, 10_000);
        }
    }
}

/// The database writes nothing durably for a long time: every record of the next height carries the
/// certificate below, whichever record is the last (S-2).
#[test]
fn a_certificate_that_only_records_hold_is_enough() {
    for at_ms in 1..120 {
        let mut net = Net::new(World::equal(2));
        net.work_ms = 10;
        net.run_for(at_ms);
        (0..2).for_each(|i| net.power_off(i));
        (0..2).for_each(|i| net.power_on(i));
        net.run_to(6, 10_000);
    }
}

#[test]
fn every_record_of_a_height_carries_the_certificate_below() {
    let mut net = Net::new(World::equal(4));
    net.work_ms = 1;
    net.run_until(1_000, |net| net.nodes[0].record.height == Height(3));
    for node in &net.nodes {
        let record = &node.record;
        let below = record.height.previous().unwrap();
        let carried = record.parent_certificate.as_ref().map(|certificate| certificate.height);
        assert!(carried == Some(below) || node.tip() >= below || below == Height(0));
    }
}

/// A primary's pre-prepare and prepare are one record: after a crash in between there is nothing
/// to make up (S-2), and what was recorded is sent again, byte for byte.
#[test]
fn a_recorded_proposal_is_the_only_one() {
    for point in [CrashPoint::Send, CrashPoint::Answer] {
        let world = World::equal(4);
        let primary = world.primary(1, 0);
        let mut net = Net::new(world);
        net.nodes[primary].crash_in = Some((0, point));
        net.run_until(1_000, |net| !net.nodes[primary].is_up);
        let steps = |net: &Net| {
            let messages = net.nodes[primary].record.messages.iter();
            messages.map(|message| message.signed().statement.step()).collect::<Vec<_>>()
        };
        assert_eq!(steps(&net), [Step::PrePrepare, Step::Prepare]);
        let accepted = net.nodes[primary].record.accepted;
        net.run_for(100);
        net.power_on(primary);
        net.run_to(1, 20_000);
        if point == CrashPoint::Answer {
            assert_eq!(net.oracle.digest(1), accepted);
        }
    }
}

/// The signer fails while views are entered; power goes before it answers; one node is silent.
#[test]
fn a_signer_that_failed_is_asked_again() {
    let mut net = Net::new(World::equal(4));
    net.power_off(3);
    net.filter = Box::new(|_, _, _| false);
    net.run_for(500);
    (0..3).for_each(|i| net.nodes[i].signer.fails = true);
    net.run_for(2_000);
    assert_eq!(net.highest_view(), 1);
    (0..3).for_each(|i| net.power_off(i));
    net.heal();
    (0..3).for_each(|i| net.nodes[i].signer.fails = false);
    (0..3).for_each(|i| net.power_on(i));
    let took = net.run_to(2, 15_000);
    assert!(took <= 10_000, "{took} ms");
}

/// Three of four are up and needed, among them the primary whose signer failed.
#[test]
fn a_signer_that_fails_for_a_moment_is_asked_with_the_next_tick() {
    let world = World::equal(4);
    let primary = world.primary(1, 0);
    let silent = bystander(&world, &[0, 1]);
    let mut net = Net::off(world, 4);
    net.nodes[primary].signer.fails = true;
    (0..4).filter(|i| *i != silent).for_each(|i| net.power_on(i));
    net.run_for(100);
    assert_eq!(net.nodes[primary].record.guard, None);
    net.nodes[primary].signer.fails = false;
    let took = net.run_to(1, 10_000);
    assert!(took <= 3_000, "{took} ms");
}
