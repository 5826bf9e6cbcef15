//! Rewards at the end of an epoch: figures from docs/economics.md worked out by hand.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_ledger::Founder;
use quorate_types::{Action, Amount, Moniker, Outcome, StakingParams};
use support::chain::{Chain, Plan, delegate, evidence, params, staking, unbond, withdraw};
use support::founder;

const START: u64 = 1_000_000;
const BONDS: [(u8, u64); 5] = [(1, 100), (2, 100), (3, 100), (4, 100), (5, 600)];

fn issuing(issued: u64) -> StakingParams {
    StakingParams { issuance_per_epoch: Amount(issued), ..staking() }
}

fn owed(chain: &Chain, name: u8) -> (u64, u64) {
    let entry = chain.validator(name);
    (entry.rewards.0, entry.commission.0)
}

#[test]
fn the_pot_is_shared_out_by_power_and_commission_taken() {
    let founders: Vec<Founder> = BONDS
        .iter()
        .map(|(name, bond)| Founder {
            commission_bps: 100 * u16::from(*name),
            ..founder(*name, *bond)
        })
        .collect();
    let mut chain = Chain::founded(params(issuing(1_000)), &founders);
    let acts = [(9, delegate(1, 0)), (10, delegate(1, 0))];
    chain.execute(Plan { acts: &acts, fee: 57, ..Plan::default() }).unwrap();
    assert_eq!(chain.fee_pool(), 114);
    let supply = chain.supply();
    chain.run_before(1, 1);
    assert_eq!((chain.fee_pool(), chain.supply()), (114, supply));
    chain.run_before(1, 2);
    // 1 114 * 100 / 1 000 = 111 each and 1 114 * 600 / 1 000 = 668; commissions 1 to 5 hundredths.
    let expected = [(110, 1), (109, 2), (108, 3), (107, 4), (635, 33)];
    for (name, figures) in (1..).zip(expected) {
        assert_eq!(owed(&chain, name), figures, "{name}");
    }
    assert_eq!(chain.fee_pool(), 1_114 - 4 * 111 - 668, "what rounding left");
    assert_eq!(chain.supply(), supply + 1_000);
}

#[test]
fn one_is_rewarded_for_the_windows_in_which_it_was_present() {
    let mut chain = Chain::new(issuing(1_000), &BONDS);
    chain.run_to(1, &[]);
    // Certificates of heights 1 to 4, in windows of one height.
    chain.run_to(2, &[1, 2]);
    chain.run_to(3, &[2]);
    chain.run_to(5, &[]);
    assert_eq!(owed(&chain, 1).0, 75);
    assert_eq!(owed(&chain, 2).0, 50);
    assert_eq!(owed(&chain, 3).0, 100);
    assert_eq!(chain.fee_pool(), 25 + 50, "nobody gains by what another does not get");
}

#[test]
fn a_window_is_longer_than_a_height_and_a_proposal_counts() {
    let windows = StakingParams { presence_window: 3, max_missed_bps: 10_000, ..issuing(1_000) };
    let mut chain = Chain::new(windows, &BONDS);
    chain.run_to(1, &[]);
    // Heights 1 to 3 are a window, height 4 another. 1 signs height 3 alone, 2 signs nothing, 3
    // signs nothing but proposes height 2, 4 nothing but proposes height 4, 5 signs all.
    let block = |chain: &mut Chain, absent: &[u8], proposer| {
        chain.execute(Plan { absent, proposer, ..Plan::default() }).unwrap();
    };
    block(&mut chain, &[1, 2, 3, 4], Some(3));
    block(&mut chain, &[1, 2, 3, 4], None);
    block(&mut chain, &[2, 3, 4], Some(4));
    // The proposer of height 5 proposed nothing of epoch 0.
    block(&mut chain, &[1, 2, 3, 4], Some(2));
    let rewards: Vec<u64> = (1..=5).map(|name| owed(&chain, name).0).collect();
    assert_eq!(rewards, [50, 0, 50, 50, 600]);
}

#[test]
fn rewards_are_owed_by_shares_and_paid_when_a_delegation_changes() {
    let mut chain = Chain::new(issuing(1_001), &BONDS);
    chain.block(&[(9, delegate(1, 200)), (10, delegate(1, 100))]);
    chain.run_before(1, 1);
    // The set of epoch 0 was chosen without them: 1 001 * 100 / 1 000 = 100 for 400 shares.
    chain.run_before(1, 2);
    assert_eq!(owed(&chain, 1), (100, 0));
    let event = chain.does(9, withdraw(1));
    let quorate_types::Event::RewardsWithdrawn { rewards, .. } = event else { panic!("{event:?}") };
    assert_eq!((rewards.0, chain.balance(9)), (50, START - 150));
    assert_eq!(chain.does(9, withdraw(1)), {
        let (delegator, validator) = (support::address(9), support::address(1));
        quorate_types::Event::RewardsWithdrawn { delegator, validator, rewards: Amount(0) }
    });
    chain.block(&[(10, delegate(1, 1)), (1, unbond(1, 1))]);
    assert_eq!(chain.balance(10), START - 100 + 25 - 1);
    assert_eq!((chain.balance(1), owed(&chain, 1).0), (START + 25, 0));
}

#[test]
fn rounding_keeps_less_than_a_base_unit_of_each_settlement() {
    let mut chain = Chain::new(issuing(1_000), &[(1, 1), (2, 1), (3, 1), (4, 1)]);
    chain.block(&[(9, delegate(1, 1)), (10, delegate(1, 1))]);
    chain.run_before(1, 2);
    // 250 for three shares: 83 each.
    for name in [1, 9, 10] {
        chain.block(&[(name, withdraw(1))]);
    }
    let paid = |name| chain.balance(name);
    assert_eq!([paid(9), paid(10), paid(1)], [START - 1 + 83, START - 1 + 83, START + 83]);
    assert_eq!(owed(&chain, 1).0, 1);
}

#[test]
fn commission_is_paid_to_the_operator_when_it_asks_and_changes_with_the_epoch() {
    let half = Founder { commission_bps: 5_000, ..founder(1, 100) };
    let others = [founder(2, 100), founder(3, 100), founder(4, 100)];
    let founders = [&[half][..], &others].concat();
    let mut chain = Chain::founded(params(issuing(400)), &founders);
    let edit = Action::EditValidator { moniker: Moniker::default(), commission_bps: 10_000 };
    chain.does(1, edit);
    chain.run_before(1, 2);
    assert_eq!(owed(&chain, 1), (50, 50), "the epoch in which it was asked for");
    chain.run_before(2, 2);
    assert_eq!(owed(&chain, 1), (50, 150));
    let receipts = chain.block(&[(9, delegate(1, 5)), (9, withdraw(1)), (1, withdraw(1))]);
    assert!(receipts.iter().all(|receipt| receipt.outcome == Outcome::Success));
    assert_eq!((chain.balance(1), chain.balance(9)), (START + 200, START - 5));
    assert_eq!(owed(&chain, 1), (0, 0));
}

#[test]
fn the_jailed_are_rewarded_for_what_they_did_and_the_tombstoned_are_not() {
    let mut chain = Chain::new(StakingParams { max_missed_bps: 4_000, ..issuing(1_000) }, &BONDS);
    let entry = chain.epoch().clone();
    chain.run_to(2, &[]);
    chain.run_to(4, &[1]);
    let evidence = vec![evidence(&entry, 2, 1)];
    chain.execute(Plan { evidence, ..Plan::default() }).unwrap();
    // The closing came first: 2 has its reward of epoch 0, and 1 for two windows of four.
    assert_eq!((owed(&chain, 1).0, owed(&chain, 2).0), (50, 100));
    chain.run_before(2, 2);
    let set = Chain::set(&chain.epochs.executed);
    assert!(owed(&chain, 1).0 > 50, "it is in the set of epoch 1 still: {set:?}");
    assert_eq!(owed(&chain, 2).0, 100);
}

#[test]
fn one_without_shares_gets_nothing() {
    let mut chain = Chain::new(issuing(1_000), &BONDS);
    chain.does(1, unbond(1, 100));
    chain.run_before(1, 2);
    assert_eq!((owed(&chain, 1), chain.fee_pool()), ((0, 0), 100));
}

#[test]
fn the_supply_is_never_above_its_limit() {
    let most = Amount::MAX_SUPPLY.0;
    let bond = (most - 60 * START) / 4;
    let bonds = [1, 2, 3, 4].map(|name| (name, bond));
    let mut chain = Chain::new(issuing(most), &bonds);
    let room = most - chain.supply();
    assert!(room < 4);
    chain.run_before(1, 2);
    assert_eq!(chain.supply(), most);
    chain.run_before(2, 2);
    assert_eq!(chain.supply(), most);
}

#[test]
fn fees_of_the_first_block_of_an_epoch_are_shared_out_at_its_end() {
    let mut chain = Chain::new(staking(), &BONDS);
    chain.run_before(1, 1);
    let acts = [(9, delegate(1, 10))];
    chain.execute(Plan { acts: &acts, fee: 1_000, ..Plan::default() }).unwrap();
    assert_eq!(chain.fee_pool(), 1_000);
    chain.run_before(2, 2);
    assert_eq!((chain.fee_pool(), owed(&chain, 5).0), (0, 600));
}
