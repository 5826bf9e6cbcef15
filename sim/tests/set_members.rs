//! Who is in a set: a whole set that is replaced, a full one that two ask to enter at once, one that
//! must not get too small or too uneven, and slashes beside stake that leaves (EP-2; VS2, VS3, VS6,
//! VS9).

mod common;

use common::stakes::{
    LENGTH, UNIT, decide, expect_all, first_of, join, leave, members, next_epoch, operator, params,
    pass, rotate, with, world,
};
use common::{MINUTE, highest, hold};
use quorate_sim::{Churn, NodeId, Options, Terms, World};
use quorate_types::{
    Action, Amount, Event, FailureCode, Height, Notice, Outcome, StakingParams, WHOLE_BPS,
};

const ZERO: NodeId = NodeId(0);
const FOUR: u16 = 4;
/// Heights in which a transaction that was just submitted is looked for.
const SOON: u64 = 8;

/// Every former node is gone, and the four others decide alone, each height in time.
fn go_on_without_the_former(world: &mut World) {
    let former: Vec<NodeId> = (0..FOUR).map(NodeId).collect();
    former.iter().for_each(|node| world.kill(*node));
    let new = (FOUR..2 * FOUR).map(NodeId).collect();
    common::go_on(world, new, 0);
}

#[test]
fn every_validator_gets_the_key_of_another_node() {
    for seed in 0..4 {
        let mut world = world(&[2, 3, 4, 5], FOUR, params(), seed);
        expect_all(&mut world);
        next_epoch(&mut world);
        let before = members(&world, ZERO);
        for number in 0..FOUR {
            next_epoch(&mut world);
            rotate(&mut world, NodeId(number), NodeId(FOUR + number));
        }
        pass(&mut world, 2);
        assert_eq!(members(&world, ZERO), before, "seed {seed}: the operators are the same");
        for number in 0..FOUR {
            assert!(!world.is_in_set(NodeId(number)) && world.is_in_set(NodeId(FOUR + number)));
        }
        go_on_without_the_former(&mut world);
    }
}

#[test]
fn other_validators_take_over_from_all() {
    for seed in 0..4 {
        let mut world = world(&[2, 3, 4, 5], FOUR, params(), seed);
        expect_all(&mut world);
        next_epoch(&mut world);
        let before = members(&world, ZERO);
        for number in 0..FOUR {
            next_epoch(&mut world);
            let new = NodeId(FOUR + number);
            join(&mut world, new, new, 3);
            next_epoch(&mut world);
            leave(&mut world, ZERO, NodeId(number));
        }
        pass(&mut world, 2);
        assert!(members(&world, ZERO).is_disjoint(&before), "seed {seed}");
        go_on_without_the_former(&mut world);
    }
}

/// The place of the first action of an operator's transaction that succeeds, after a height.
fn done(world: &World, from: Height, is_it: impl Fn(&Event) -> bool) -> Option<Height> {
    (from.0..from.0 + SOON).map(Height).find(|height| {
        let receipts = world.stored(NodeId(1), *height).map(|(_, receipts)| receipts);
        receipts.into_iter().flatten().flat_map(|receipt| receipt.events).any(|event| is_it(&event))
    })
}

/// The jailed one and the one that is new have more than those inside: two have to go.
#[test]
fn a_full_set_takes_one_that_is_released_and_one_that_joins_at_once() {
    let staking = StakingParams { max_validators: 4, max_missed_bps: 5_000, ..params().staking };
    let mut together = 0;
    for seed in 0..6 {
        let mut world = world(&[6, 5, 5, 4], 2, with(staking), seed);
        expect_all(&mut world);
        next_epoch(&mut world);
        join(&mut world, NodeId(4), NodeId(4), 3);
        pass(&mut world, 2);
        let address = |world: &World, number| operator(world, NodeId(number));
        assert!(!members(&world, ZERO).contains(&address(&world, 4)), "the set is full");
        world.kill(ZERO);
        world.expect_progress((1..6).map(NodeId).collect(), 1);
        pass(&mut world, 5);
        let inside = members(&world, NodeId(1));
        assert!(!inside.contains(&address(&world, 0)), "seed {seed}: jailed");
        assert!(inside.contains(&address(&world, 4)), "seed {seed}: who waited is in");
        world.start(ZERO);
        expect_all(&mut world);
        let from = highest(&world);
        let registration = world.registration(NodeId(5), NodeId(5), 7 * UNIT).unwrap();
        let moves = [(ZERO, Action::Unjail), (NodeId(5), registration)];
        world.operate_together(NodeId(1), &moves);
        pass(&mut world, 3);
        let unjailed = done(&world, from, |event| matches!(event, Event::Unjailed { .. }));
        let joined = done(&world, from, |event| matches!(event, Event::ValidatorRegistered { .. }));
        assert!(unjailed.is_some() && joined.is_some(), "seed {seed}");
        together += u64::from(unjailed == joined);
        let inside = members(&world, ZERO);
        assert_eq!(inside.len(), 4, "seed {seed}: no more than there may be");
        for number in [0, 1, 2, 5] {
            assert!(inside.contains(&address(&world, number)), "seed {seed}: {number}");
        }
    }
    assert!(together > 0, "never in one block");
}

/// Asks again and again, once in a block, until the validator is out, and some time more.
fn ask_in_every_block(world: &mut World, byzantine: NodeId, by_redelegation: bool) {
    let own = operator(world, byzantine);
    let other = operator(world, NodeId((byzantine.0 + 1) % FOUR));
    for _ in 0..60 {
        let via = NodeId((byzantine.0 + 1) % FOUR);
        let amount = 1_000;
        let action = if by_redelegation {
            Action::Redelegate { from: own, to: other, amount: Amount(amount) }
        } else {
            Action::Unbond(World::stake(own, amount))
        };
        world.operate(via, byzantine, vec![action]);
        let next = highest(world).next();
        let limit = world.now_us() + MINUTE;
        assert!(world.run_until(limit, |world| highest(world) >= next));
        hold(world);
    }
}

/// Blocks that carry evidence and a successful action of the accused operator on its stake.
fn blocks_with_both(world: &World, by: NodeId) -> u64 {
    let mut found = 0;
    for height in (1..highest(world).0).map(Height) {
        let Some((block, receipts)) = world.stored(by, height) else { continue };
        let moves =
            |event: &Event| matches!(event, Event::Unbonded { .. } | Event::Redelegated { .. });
        let moved = receipts.iter().flat_map(|receipt| &receipt.events).any(moves);
        found += u64::from(moved && !block.evidence.is_empty());
    }
    found
}

#[test]
fn stake_leaves_in_the_block_that_slashes_it() {
    let (mut convicted, mut together) = (0, 0);
    for seed in 0..20 {
        let options = Options {
            churn: Some(Churn::Sets),
            full_nodes: Some(0),
            byzantine: "equivocating-commit".parse().unwrap(),
            workload: false,
            ..common::four()
        };
        let terms = Terms { bonds: vec![UNIT; 4], params: Some(params()) };
        let mut world = World::with(&options, &terms, seed);
        let plan = world.report().plan;
        let is_byzantine = |node: &NodeId| plan.contains(&format!("{node} equivocating-commit"));
        let byzantine = world.nodes().into_iter().find(is_byzantine).unwrap();
        // Every node has started; nobody has decided anything.
        world.run_for(MINUTE / 600);
        ask_in_every_block(&mut world, byzantine, seed % 2 == 1);
        convicted += world.report().tombstoned;
        together += blocks_with_both(&world, NodeId((byzantine.0 + 1) % FOUR));
    }
    assert!(convicted >= 15, "{convicted} of 20 convicted");
    assert!(together >= 5, "{together} blocks with both");
}

/// The outcome of an account's transaction, found by what it pays.
fn outcome_after(world: &World, from: Height) -> Option<Outcome> {
    (from.0..from.0 + SOON).map(Height).find_map(|height| {
        let (_, receipts) = world.stored(NodeId(1), height)?;
        receipts.first().map(|receipt| receipt.outcome)
    })
}

#[test]
fn nobody_leaves_a_set_of_four() {
    let mut world = world(&[2, 3, 4, 5], 0, params(), 1);
    expect_all(&mut world);
    next_epoch(&mut world);
    let (before, from) = (members(&world, ZERO), highest(&world));
    leave(&mut world, ZERO, ZERO);
    pass(&mut world, 3);
    let refused = Outcome::Failed { code: FailureCode::SetTooSmall, action: 0 };
    assert_eq!(outcome_after(&world, from), Some(refused));
    assert_eq!(members(&world, ZERO), before);
}

/// Notices of all heights of the newest epochs.
fn notices(world: &World) -> Vec<Notice> {
    let all = (1..=highest(world).0).map(Height);
    all.flat_map(|height| world.notices(height).to_vec()).collect()
}

#[test]
fn where_it_may_a_set_of_three_is_reported() {
    let staking = StakingParams { keep_four: false, ..params().staking };
    let mut world = world(&[4, 4, 4, 4], 0, with(staking), 2);
    expect_all(&mut world);
    let epoch = next_epoch(&mut world);
    leave(&mut world, NodeId(1), ZERO);
    decide(&mut world, first_of(epoch + 2));
    assert_eq!(members(&world, NodeId(1)).len(), 3);
    let few = |notice: &Notice| matches!(notice, Notice::FewValidators { count: 3, .. });
    assert!(notices(&world).iter().any(few));
    // Each has a third now.
    let large = |notice: &Notice| matches!(notice, Notice::LargePower { .. });
    assert!(notices(&world).iter().any(large));
}

#[test]
fn nobody_is_lifted_to_a_third_under_the_cap_and_without_it_that_is_reported() {
    for (max_power_bps, is_capped) in [(3_333, true), (WHOLE_BPS, false)] {
        let staking = StakingParams { max_power_bps, ..params().staking };
        let mut world = world(&[5, 5, 5, 5, 5], 0, with(staking), 3);
        expect_all(&mut world);
        next_epoch(&mut world);
        let favourite = operator(&world, ZERO);
        let stake = World::stake(favourite, 100 * UNIT);
        world.transact(NodeId(1), 0, vec![Action::Delegate(stake)]);
        pass(&mut world, 3);
        let powers = world.powers(ZERO);
        let all: u64 = powers.iter().map(|(_, power)| power).sum();
        let own = powers.iter().find(|(address, _)| *address == favourite).unwrap().1;
        assert_eq!(3 * own < all, is_capped, "{own} of {all}");
        let is_large = |notice: &Notice| matches!(notice, Notice::LargePower { validator, .. } if *validator == favourite);
        assert_eq!(notices(&world).iter().any(is_large), !is_capped, "{:?}", notices(&world));
        // A quorum of the five decides on: not all of the power is in one hand under the cap.
        common::go_on(&mut world, (0..5).map(NodeId).collect(), 0);
    }
}

/// Each of these has signed something of the newest epoch.
fn all_sign(world: &World, nodes: &[NodeId]) {
    let since = Height(highest(world).0 - LENGTH);
    for node in nodes {
        assert!(world.last_signed(*node) >= Some(since), "{node}: {:?}", world.last_signed(*node));
    }
}

/// Who joins has an address below some of the others', so that these get other indices; no signature
/// covers an index.
#[test]
fn signers_of_their_own_go_on_where_indices_change() {
    for seed in 0..4 {
        let mut world = world(&[2, 3, 4, 5], 2, params(), seed);
        let first: Vec<NodeId> = (0..FOUR).map(NodeId).collect();
        first.iter().for_each(|node| world.give_signer(*node));
        expect_all(&mut world);
        next_epoch(&mut world);
        join(&mut world, NodeId(4), NodeId(4), 1);
        join(&mut world, NodeId(5), NodeId(5), 1);
        pass(&mut world, 3);
        assert_eq!(members(&world, ZERO).len(), 6);
        all_sign(&world, &world.nodes());
        leave(&mut world, NodeId(1), ZERO);
        pass(&mut world, 3);
        assert_eq!(members(&world, ZERO).len(), 5);
        all_sign(&world, &world.nodes()[1..]);
    }
}
