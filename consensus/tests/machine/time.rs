//! The clocks: which block times are prepared (T-1), when a height's timer starts, how long
//! views last (T-2).

use quorate_consensus::{Action, Input, TimerKind};
use quorate_types::{Height, Justification, Message, Timestamp, View};

use crate::net::Net;
use crate::solo::{Solo, bystander};
use crate::world::{BlockSpec, EPOCH_MS, IDLE_MS, World};

/// Whether a fresh block of this time is prepared, now or once it is held no longer.
fn prepares(time_ms: i64) -> (bool, Option<u64>, bool) {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    solo.now_ms = 10_000;
    let time = Timestamp(solo.wall().0.checked_add_signed(time_ms).unwrap());
    let block = solo.block_at(solo.primary(0), time, 0);
    solo.hear(solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    let at_once = !solo.prepares().is_empty();
    let held = solo.timer_ms(TimerKind::Hold, 0);
    solo.now_ms += held.unwrap_or(0);
    solo.fire(TimerKind::Hold, 0);
    (at_once, held, !solo.prepares().is_empty())
}

#[test]
fn fresh_blocks_lie_near_the_local_clock() {
    assert_eq!(prepares(0), (true, None, true));
    assert_eq!(prepares(500), (true, None, true));
    assert_eq!(prepares(501), (false, Some(1), true));
    assert_eq!(prepares(2_500), (false, Some(2_000), true));
    // 500 ms of tolerance and Timeout(0), which is one second at first.
    assert_eq!(prepares(-1_500), (true, None, true));
    assert_eq!(prepares(-1_501), (false, None, false));
    // Parent time + 1 ms is always in time, nothing at or below the parent's ever is.
    assert_eq!(prepares(-9_999), (true, None, true));
    assert_eq!(prepares(-9_998), (false, None, false));
    assert_eq!(prepares(-10_000), (false, None, false));
    // A year ahead: held, asked for again after the longest view, and again.
    assert_eq!(prepares(31_536_000_000), (false, Some(20_000), false));
}

/// The age counts from the first arrival: a repeated pre-prepare is not too old, and one that
/// was too old does not become young.
#[test]
fn the_age_counts_from_the_first_arrival() {
    let world = World::equal(4);
    let me = bystander(&world, &[0]);
    let mut solo = Solo::new(world, me);
    solo.answers_validate = false;
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    let message = solo.world.pre_prepare(solo.primary(0), 0, &block, Justification::default());
    solo.hear(message.clone());
    solo.now_ms += 2_000;
    solo.hear(message);
    solo.step(Input::Validated { digest, valid: true });
    assert_eq!(solo.prepares(), [(0, digest)]);
}

#[test]
fn buffered_messages_keep_their_time_of_arrival() {
    let world = World::equal(4);
    let proposer = world.primary(2, 0);
    let me = (0..4).find(|i| *i != proposer && *i != world.primary(1, 0)).unwrap();
    let mut solo = Solo::new(world.clone(), me);
    let first = solo.block(solo.primary(0), 0);
    let start = world.start(Height(2), first.header().digest(), first.header().time);
    solo.now_ms += 100;
    let spec = BlockSpec { proposer, time: solo.wall(), salt: 1 };
    let second = world.block(&start, spec, None);
    let message = world.pre_prepare(proposer, 0, &second, Justification::default());
    solo.hear(message);
    let certificate = world.committed(&solo.others(), 1, 0, first.header().digest());
    solo.hear(Message::Certificate(certificate));
    solo.step(Input::Fetched(first.clone()));
    solo.now_ms += 60_000;
    solo.start_next(&first);
    assert_eq!(solo.prepares(), [(0, second.header().digest())]);
}

/// The next height's Timeout(0), after one that was decided `late_ms` after its view began: by votes
/// or by a certificate.
fn timeout_after(late_ms: u64, by_votes: bool) -> Option<u64> {
    let world = World::equal(4);
    let mut solo = Solo::new(world.clone(), bystander(&world, &[0]));
    let block = solo.block(solo.primary(0), 0);
    let digest = block.header().digest();
    solo.hear(world.pre_prepare(solo.primary(0), 0, &block, Justification::default()));
    solo.now_ms += late_ms;
    let others = solo.others();
    if by_votes {
        others.iter().for_each(|i| solo.hear(world.commit(*i, 1, 0, digest)));
    } else {
        solo.hear(Message::Certificate(world.committed(&others, 1, 0, digest)));
    }
    solo.start_next(&block);
    solo.fire(TimerKind::Idle, 0);
    solo.timer_ms(TimerKind::View, 0)
}

/// A certificate may come after an outage of any length, which says nothing about latencies (T-2).
#[test]
fn only_votes_that_it_counted_itself_teach_a_node_how_long_a_view_takes() {
    assert_eq!(timeout_after(250, true), Some(872));
    assert_eq!(timeout_after(8_000, true), Some(4_000));
    assert_eq!(timeout_after(8_000, false), Some(1_000));
}

#[test]
fn a_quorum_that_committed_a_far_future_does_not_stop_the_chain() {
    let mut net = Net::new(World::equal(4));
    (0..4).for_each(|i| {
        net.skew_ms.insert(i, 31_536_000_000);
    });
    net.run_to(3, 2_000);
    net.skew_ms.clear();
    let height = net.heights()[0].unwrap().0;
    net.run_to(height + 20, 2_000);
}

#[test]
fn delays_beyond_the_tolerance_do_not_stop_the_chain() {
    let mut net = Net::new(World::equal(4));
    let mut turn = 0_u64;
    net.delay = Box::new(move |_, _| {
        turn += 1;
        550 + (turn * 37) % 100
    });
    net.run_to(3, 20_000);
}

/// A height at work asks for a block when it may; an idle one when there is a reason.
#[test]
fn the_timer_of_view_0_waits_for_a_reason_and_the_interval() {
    let world = World::equal(4);
    let me = world.primary(1, 0);
    let build = Action::Build { height: Height(1), view: View(0) };
    let mut start = world.first();
    start.work_waiting = false;
    let record = quorate_types::SignRecord::default;
    let mut solo = Solo::recover_at(world.clone(), me, record(), start.clone());
    assert!(!solo.has_set(TimerKind::View, 0));
    solo.step(Input::WorkWaiting);
    assert!(!solo.has_set(TimerKind::View, 0), "not before the target interval");
    solo.fire(TimerKind::Interval, 0);
    assert!(solo.has_set(TimerKind::View, 0) && solo.actions.contains(&build));

    let mut idle = Solo::recover_at(world.clone(), me, record(), start.clone());
    idle.fire(TimerKind::Interval, 0);
    assert!(!idle.actions.contains(&build));
    assert_eq!(idle.timer_ms(TimerKind::Idle, 0), Some(IDLE_MS));
    idle.fire(TimerKind::Idle, 0);
    assert!(idle.actions.contains(&build));

    start.parent_has_content = true;
    let mut after_content = Solo::recover_at(world, me, record(), start);
    after_content.fire(TimerKind::Interval, 0);
    assert!(after_content.actions.contains(&build));
}

#[test]
fn one_peer_alone_is_no_reason_unless_it_is_the_primary() {
    let world = World::equal(4);
    let (me, primary) = (bystander(&world, &[0, 1]), world.primary(1, 0));
    let starts = |messages: Vec<Message>| {
        let mut solo = Solo::new(world.clone(), me);
        messages.into_iter().for_each(|message| solo.hear(message));
        solo.has_set(TimerKind::View, 0)
    };
    let solo = Solo::new(world.clone(), me);
    let block = |view| solo.block(world.primary(1, view), 0);
    let pre_prepare = |view| {
        let signer = world.primary(1, view);
        world.pre_prepare(signer, view, &block(view), Justification::default())
    };
    let view_change = |i| Message::ViewChange(world.view_change(i, 1, 1, None));
    let other = (0..4).find(|i| *i != me && *i != primary).unwrap();
    assert!(starts(vec![pre_prepare(0)]));
    assert!(!starts(vec![pre_prepare(1)]), "unjustified, of a later view");
    let by_another = world.pre_prepare(other, 0, &block(0), Justification::default());
    assert!(!starts(vec![by_another]));
    assert!(!starts(vec![view_change(other)]));
    let digest = block(0).header().digest();
    assert!(starts(vec![world.prepare(other, 1, 0, digest), world.commit(primary, 1, 0, digest)]));
}

#[test]
fn an_idle_chain_makes_a_block_per_idle_interval() {
    let mut net = Net::off(World::equal(4), 4);
    net.has_work = false;
    (0..4).for_each(|i| net.power_on(i));
    net.run_for(10 * IDLE_MS + 500);
    let highest = net.heights().iter().flatten().map(|(height, _)| *height).max();
    assert_eq!(highest, Some(11));
}

/// T-2 learns from decided views; the tail beyond the cap grows slowly and ends.
#[test]
fn timeouts_adapt_double_and_end() {
    let mut net = Net::new(World::equal(4));
    net.run_to(40, 2_000);
    let primary = net.world.primary(41, 0);
    net.run_until(2_000, |net| net.heights().iter().all(|place| place.unwrap().0 == 41));
    net.power_off(primary);
    let took = net.run_to(41, 2_000);
    assert!((300..400).contains(&took), "{took} ms: the shortest base of 300 ms");
}

#[test]
fn the_unix_epoch_is_no_edge() {
    let world = World::equal(1);
    let mut solo = Solo::new(world, 0);
    solo.now_ms = u64::MAX - EPOCH_MS;
    solo.step(Input::WorkWaiting);
    assert!(solo.has_set(TimerKind::View, 0));
}
