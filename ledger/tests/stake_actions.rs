//! What actions on stake do: figures with their rounding, events, and their order in a block and
//! across blocks.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_types::limits::MAX_PAYMENTS_PER_BLOCK;
use quorate_types::{
    Action, Amount, Epoch, Event, KeyRotation, Lock, Moniker, Outcome, Redelegation, Standing,
    StateKey, StateReader, Unbonding,
};
use support::chain::{Chain, delegate, redelegate, register, rotate, staking, unbond, withdraw};
use support::{address, founder, validator_key};

const START: u64 = 1_000_000;
const BONDS: [(u8, u64); 5] = [(1, 100), (2, 100), (3, 100), (4, 100), (5, 100)];

fn chain() -> Chain {
    Chain::new(staking(), &BONDS)
}

/// Validator 1 has 90 base units in 100 shares: a tenth was burnt for its absence in epoch 0.
fn slashed() -> Chain {
    let mut chain =
        Chain::new(quorate_types::StakingParams { slash_downtime_bps: 1_000, ..staking() }, &BONDS);
    chain.run_to(1, &[]);
    chain.run_to(5, &[1]);
    assert_eq!(chain.pool(1), (90, 100));
    chain
}

#[test]
fn a_registered_validator_is_in_the_set_after_the_next_choice() {
    let mut chain = chain();
    let event = chain.does(9, register(9, 70));
    let key = *validator_key(9).public().as_bytes();
    assert_eq!(event, Event::ValidatorRegistered { operator: address(9), key, bond: Amount(70) });
    let entry = chain.validator(9);
    assert_eq!((entry.key, entry.moniker.as_str(), entry.standing), (key, "new", Standing::Good));
    assert_eq!((chain.pool(9), entry.self_shares, chain.shares(9, 9)), ((70, 70), 70, 70));
    assert_eq!(chain.balance(9), START - 70);
    chain.run_before(0, 4);
    assert_eq!(Chain::set(&chain.epochs.next).len(), 5);
    assert_eq!(Chain::set(&chain.epochs.after).last(), Some(&(9, 70)));
}

#[test]
fn an_edit_shows_at_once_and_its_commission_counts_from_the_next_epoch() {
    let mut chain = chain();
    let moniker = Moniker::new("one".to_owned()).unwrap();
    let event = chain.does(1, Action::EditValidator { moniker, commission_bps: 300 });
    assert_eq!(event, Event::ValidatorEdited { operator: address(1), commission_bps: 300 });
    let entry = chain.validator(1);
    assert_eq!((entry.moniker.as_str(), entry.commission_bps), ("one", 0));
    chain.run_before(1, 1);
    assert_eq!(chain.validator(1).commission_bps, 0);
    chain.run_before(1, 2);
    assert_eq!(chain.validator(1).commission_bps, 300);
}

#[test]
fn delegating_mints_shares_rounded_down() {
    let mut chain = chain();
    let event = chain.does(9, delegate(1, 40));
    let (delegator, validator) = (address(9), address(1));
    let rewards = Amount(0);
    assert_eq!(event, Event::Delegated { delegator, validator, amount: Amount(40), rewards });
    assert_eq!((chain.pool(1), chain.shares(9, 1)), ((140, 140), 40));
    assert_eq!((chain.balance(9), chain.validator(1).self_shares), (START - 40, 100));
    let mut chain = slashed();
    // 10 * 100 / 90 = 11.1
    chain.does(9, delegate(1, 10));
    assert_eq!((chain.pool(1), chain.shares(9, 1)), ((100, 111), 11));
    // 1 * 111 / 100 = 1.1
    chain.does(9, delegate(1, 1));
    assert_eq!((chain.pool(1), chain.shares(9, 1)), ((101, 112), 12));
}

#[test]
fn unbonding_burns_shares_rounded_up_and_what_is_worth_nothing() {
    let mut chain = slashed();
    chain.does(9, delegate(1, 10));
    // 5 * 111 / 100 = 5.55, so 6 of its 11 go. The five left are worth 5 * 95 / 105 = 4.
    let event = chain.does(9, unbond(1, 5));
    let last = Epoch(1);
    assert_eq!(
        event,
        Event::Unbonded {
            delegator: address(9),
            validator: address(1),
            amount: Amount(5),
            rewards: Amount(0),
            last
        }
    );
    assert_eq!((chain.pool(1), chain.shares(9, 1), chain.unbonding(1, 1)), ((95, 105), 5, (5, 5)));
    // 3 * 105 / 95 = 3.3, so four go; the one left would be worth 92 / 101.
    chain.does(9, unbond(1, 3));
    assert_eq!((chain.pool(1), chain.shares(9, 1)), ((92, 100), 0));
    assert_eq!(chain.balance(9), START - 10, "not paid yet");
}

#[test]
fn the_last_share_leaves_nothing_behind() {
    let mut chain = Chain::new(
        quorate_types::StakingParams { slash_downtime_bps: 1_000, keep_four: false, ..staking() },
        &BONDS,
    );
    chain.run_to(1, &[]);
    chain.run_to(5, &[1]);
    chain.does(1, unbond(1, 90));
    assert_eq!((chain.pool(1), chain.shares(1, 1)), ((0, 0), 0));
    assert_eq!(chain.validator(1).self_shares, 0);
    // Without shares the next one starts from the beginning.
    chain.does(9, delegate(1, 7));
    assert_eq!((chain.pool(1), chain.shares(9, 1)), ((7, 7), 7));
}

#[test]
fn redelegating_moves_stake_at_once_and_locks_it() {
    let mut chain = chain();
    chain.does(9, delegate(1, 40));
    let event = chain.does(9, redelegate(1, 2, 30));
    let (delegator, from, to, amount) = (address(9), address(1), address(2), Amount(30));
    assert_eq!(event, Event::Redelegated { delegator, from, to, amount, rewards: Amount(0) });
    assert_eq!((chain.pool(1), chain.pool(2)), ((110, 110), (130, 130)));
    assert_eq!((chain.shares(9, 1), chain.shares(9, 2)), (10, 30));
    let last = Epoch(0);
    assert_eq!(chain.delegation(9, 2).unwrap().locks, [Lock { last, amount }]);
    assert_eq!(chain.redelegation(1, 0), Some(Redelegation { delegator, to, amount, last }));
    assert_eq!(chain.balance(9), START - 40);
    let entry = chain.validator(1);
    assert_eq!((entry.first_redelegation, entry.next_redelegation), (0, 1));
}

#[test]
fn an_operators_own_stake_counts_as_its_self_bond_wherever_it_comes_from() {
    let mut chain = chain();
    chain.block(&[(1, delegate(1, 5)), (2, delegate(1, 5)), (2, redelegate(1, 2, 5))]);
    assert_eq!((chain.validator(1).self_shares, chain.validator(2).self_shares), (105, 105));
    chain.does(1, redelegate(1, 2, 105 - 60));
    assert_eq!((chain.validator(1).self_shares, chain.validator(2).self_shares), (60, 105));
}

/// The pool of stake that leaves is that of the last epoch in which it could be in the set.
#[test]
fn stake_that_leaves_in_the_last_height_of_an_epoch_was_chosen_for_the_next() {
    for (place, last) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
        let mut chain = chain();
        chain.does(9, delegate(1, 10));
        chain.run_before(1, place);
        let event = chain.does(9, unbond(1, 10));
        assert!(matches!(event, Event::Unbonded { last: found, .. } if found == Epoch(last)));
        assert_eq!(chain.unbonding(1, last), (10, 10));
        // Chosen for epoch 2 or not: with 110 or 100.
        let chosen = |chain: &Chain| Chain::set(&chain.epochs.next)[0];
        chain.run_before(2, 1);
        assert_eq!(chosen(&chain), (1, if place == 4 { 110 } else { 100 }));
        // Two epochs later it is still held, and paid by the first block of the one after.
        chain.run_before(last + 3, 1);
        assert_eq!((chain.balance(9), chain.unbonding(1, last)), (START - 10, (10, 10)));
        chain.run_before(last + 3, 2);
        assert_eq!((chain.balance(9), chain.unbonding(1, last)), (START, (0, 0)));
        assert_eq!(chain.delegation(9, 1), None);
    }
}

#[test]
fn stake_unbonded_twice_in_an_epoch_is_one_payment_of_one_pool() {
    let mut chain = chain();
    chain.block(&[(9, delegate(1, 10)), (9, unbond(1, 3)), (9, unbond(1, 4))]);
    chain.run_before(1, 1);
    chain.does(9, unbond(1, 2));
    let unbonding = |last, shares| Unbonding { last: Epoch(last), shares };
    assert_eq!(chain.delegation(9, 1).unwrap().unbonding, [unbonding(0, 7), unbonding(1, 2)]);
    let payments = |chain: &Chain| chain.state.get(&StateKey::payments(Epoch(0))).unwrap();
    assert_eq!(payments(&chain), Some(1_u64.to_be_bytes().to_vec()));
    chain.run_before(3, 2);
    assert_eq!((chain.balance(9), payments(&chain)), (START - 10 + 7, None));
    assert_eq!(chain.delegation(9, 1).unwrap().unbonding, [unbonding(1, 2)]);
    chain.run_before(4, 2);
    assert_eq!(chain.balance(9), START - 1);
    assert_eq!(chain.shares(9, 1), 1);
}

#[test]
fn payments_are_made_in_order_and_so_many_in_a_block() {
    let mut chain = chain();
    let names = 6..=60;
    // Everybody leaves two validators: 110 payments, in this order.
    let mut acts: Vec<(u8, Action)> = Vec::new();
    for validator in [1, 2] {
        acts.extend(names.clone().map(|name| (name, delegate(validator, 10))));
    }
    for validator in [2, 1] {
        acts.extend(names.clone().rev().map(|name| (name, unbond(validator, 10))));
    }
    assert!(chain.block(&acts).iter().all(|receipt| receipt.outcome == Outcome::Success));
    chain.run_before(3, 1);
    assert_eq!(chain.unbonding(1, 0), (550, 550));
    chain.run_before(3, 2);
    let left = 2 * 55 - u64::try_from(MAX_PAYMENTS_PER_BLOCK).unwrap();
    assert_eq!((chain.unbonding(2, 0), chain.unbonding(1, 0)), ((0, 0), (10 * left, 10 * left)));
    let unpaid: Vec<u8> = names.clone().filter(|name| chain.balance(*name) < START).collect();
    assert_eq!(unpaid, (6..6 + u8::try_from(left).unwrap()).collect::<Vec<_>>());
    chain.run_before(3, 3);
    assert!(names.clone().all(|name| chain.balance(name) == START));
    assert_eq!(chain.pool(1), (100, 100));
}

#[test]
fn a_new_key_takes_over_with_its_epoch_and_no_set_has_both() {
    let mut chain = chain();
    let event = chain.does(1, rotate(1, 20, 0));
    let key = *validator_key(20).public().as_bytes();
    let from = Epoch(1);
    assert_eq!(event, Event::KeyRotated { operator: address(1), key, from });
    assert_eq!(chain.validator(1).rotation, Some(KeyRotation { from, key }));
    chain.block(&[(2, rotate(2, 21, 2))]);
    let old = *validator_key(1).public().as_bytes();
    let keys = |chain: &Chain| -> Vec<[u8; 32]> {
        chain.epoch().validators.validators().iter().map(|v| *v.key.as_bytes()).collect()
    };
    while chain.height() < 12 {
        let epoch = chain.epoch().number;
        let (is_new, is_old) = (keys(&chain).contains(&key), keys(&chain).contains(&old));
        assert_eq!((is_new, is_old), (epoch >= from, epoch < from), "epoch {epoch}");
        let other = *validator_key(21).public().as_bytes();
        assert_eq!(keys(&chain).contains(&other), epoch >= Epoch(2));
        chain.block(&[]);
        let entry = chain.validator(1);
        let now = if epoch < from { old } else { key };
        assert_eq!((entry.key, entry.rotation.is_some()), (now, epoch < from));
    }
    chain.does(1, rotate(1, 22, 0));
}

#[test]
fn the_key_of_one_that_is_in_no_set_takes_over_too() {
    let mut chain = chain();
    chain.block(&[(9, register(9, 1))]);
    chain.block(&[(9, unbond(9, 1))]);
    chain.does(9, rotate(9, 20, 1));
    chain.run_before(2, 1);
    chain.does(9, rotate(9, 21, 0));
    assert_eq!(chain.validator(9).key, *validator_key(20).public().as_bytes());
}

/// Delegations, unbondings and redelegations of one block see each other in its order.
#[test]
fn the_order_in_a_block_decides() {
    let (bond, leave, shift) = (delegate(1, 10), unbond(1, 10), redelegate(1, 2, 10));
    let orders: [(&[&Action], &[bool]); 4] = [
        (&[&bond, &leave, &shift], &[true, true, false]),
        (&[&bond, &shift, &leave], &[true, true, false]),
        (&[&leave, &bond, &shift], &[false, true, true]),
        (&[&shift, &leave, &bond], &[false, false, true]),
    ];
    for (acts, expected) in orders {
        let mut chain = chain();
        let acts: Vec<_> = acts.iter().map(|act| (9, (*act).clone())).collect();
        let receipts = chain.block(&acts);
        let found: Vec<_> = receipts.iter().map(|r| r.outcome == Outcome::Success).collect();
        assert_eq!(found, expected);
        let mut apart = self::chain();
        for act in &acts {
            apart.block(std::slice::from_ref(act));
        }
        for validator in [1, 2] {
            assert_eq!(apart.pool(validator), chain.pool(validator));
            assert_eq!(apart.shares(9, validator), chain.shares(9, validator));
        }
    }
}

#[test]
fn a_transaction_that_fails_leaves_no_stake_behind() {
    let mut chain = chain();
    let before = chain.state.values.clone();
    chain.fails(9, redelegate(1, 2, 1), quorate_types::FailureCode::InsufficientStake);
    let changed = |key: &&StateKey| before.get(*key) != chain.state.values.get(*key);
    assert_eq!(chain.state.values.keys().filter(changed).count(), 1, "the sender's nonce");
}

#[test]
fn withdrawing_nothing_is_nothing() {
    let mut chain = chain();
    let (delegator, validator) = (address(1), address(1));
    let event = chain.does(1, withdraw(1));
    assert_eq!(event, Event::RewardsWithdrawn { delegator, validator, rewards: Amount(0) });
}

#[test]
fn the_largest_figures_do_not_panic() {
    let max = i64::MAX.unsigned_abs() - 60 * START;
    let mut chain = Chain::founded(support::chain::params(staking()), &[founder(1, max)]);
    let amounts = [0, 1, START, max, i64::MAX.unsigned_abs(), u64::MAX];
    let mut acts = Vec::new();
    for amount in amounts {
        for name in [1, 2] {
            acts.extend([(name, delegate(1, amount)), (name, unbond(1, amount))]);
            acts.extend([(name, redelegate(1, 1, amount)), (name, redelegate(1, 2, amount))]);
        }
        acts.push((3, register(3, amount)));
    }
    for _ in 0..3 {
        chain.block(&acts);
        let height = chain.height() + 4;
        chain.run_to(height, &[]);
    }
}
