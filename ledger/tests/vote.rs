//! Parameters by vote: who may change them, from when on, and what takes them over.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_types::{
    AddressList, Amount, ChainParams, Epoch, Event, FailureCode, Height, Notice, Outcome,
    ParamsChange, StakingParams, Standing, StateKey, StateKind,
};
use support::address;
use support::chain::{Chain, LENGTH, delegate, params, register, staking, unbond};

/// The first three are a quorum by one base unit; any two are none.
const BONDS: [(u8, u64); 4] = [(1, 100), (2, 100), (3, 101), (4, 150)];
const QUORUM: [u8; 3] = [1, 2, 3];

fn chain() -> Chain {
    Chain::new(staking(), &BONDS)
}

fn changed(change: impl FnOnce(&mut ChainParams)) -> ChainParams {
    let mut params = params(staking());
    change(&mut params);
    params
}

fn staked(change: impl FnOnce(&mut StakingParams)) -> ChainParams {
    changed(|params| change(&mut params.staking))
}

/// What a vote comes to.
fn votes(chain: &mut Chain, signers: &[u8], epoch: u64, params: ChainParams) -> Outcome {
    chain.vote(signers, epoch, params, 0).outcome
}

/// The vote leaves nothing but its payer's nonce.
fn fails(chain: &mut Chain, signers: &[u8], epoch: u64, code: FailureCode) {
    let mut idle = chain.clone();
    idle.block(&[]);
    let outcome = votes(chain, signers, epoch, staked(|s| s.jail_epochs = 9));
    assert_eq!(outcome, Outcome::Failed { code, action: 0 }, "{signers:?}");
    let payer = StateKey::account(&address(signers[0]));
    let mut after = chain.state.values.clone();
    assert_ne!(after.remove(&payer), idle.state.values.remove(&payer));
    assert_eq!(after, idle.state.values);
}

fn pending(chain: &Chain) -> Option<ParamsChange> {
    chain.get(&StateKey::single(StateKind::ParamsChange))
}

fn fee(params: &ChainParams) -> u64 {
    params.flat_fee.0
}

#[test]
fn more_than_two_thirds_of_the_power_is_a_quorum_and_one_base_unit_less_is_none() {
    // 301 of 451: thrice 903, twice 902.
    let mut chain = chain();
    let receipt = chain.vote(&QUORUM, 1, params(staking()), 0);
    assert_eq!(receipt.outcome, Outcome::Success);
    assert_eq!(receipt.events, [Event::ParamsSet { epoch: Epoch(1) }]);
    // 300 of 450: thrice 900, twice 900.
    let mut even = Chain::new(staking(), &[(1, 100), (2, 100), (3, 100), (4, 150)]);
    fails(&mut even, &QUORUM, 1, FailureCode::NoQuorum);
    assert_eq!(votes(&mut even, &[4, 3, 1], 1, params(staking())), Outcome::Success);
}

#[test]
fn strangers_may_pay_and_sign_but_add_nothing() {
    let mut chain = chain();
    fails(&mut chain, &[9, 1, 2], 1, FailureCode::NoQuorum);
    fails(&mut chain, &[9], 1, FailureCode::NoQuorum);
    assert_eq!(votes(&mut chain, &[9, 1, 2, 3, 10], 1, params(staking())), Outcome::Success);
}

#[test]
fn the_set_in_force_votes_with_the_power_that_it_has_there() {
    let mut chain = chain();
    // One who is jailed but in the set has its power; one who registered has none before its epoch.
    chain.run_to(LENGTH + 1, &[3]);
    assert!(matches!(chain.validator(3).standing, Standing::Jailed { .. }));
    chain.does(5, register(5, 1_000));
    assert_eq!(chain.epoch().number, Epoch(1));
    assert_eq!(Chain::set(chain.epoch()), BONDS);
    fails(&mut chain, &[1, 2, 5], 3, FailureCode::NoQuorum);
    assert_eq!(votes(&mut chain, &QUORUM, 3, params(staking())), Outcome::Success);
    // The next set has it, and the former quorum is none any more.
    chain.run_before(2, 1);
    fails(&mut chain, &QUORUM, 4, FailureCode::NoQuorum);
    assert_eq!(votes(&mut chain, &[5], 4, params(staking())), Outcome::Success);
}

#[test]
fn an_operator_that_has_left_the_set_votes_no_more() {
    let mut chain = Chain::new(StakingParams { keep_four: false, ..staking() }, &BONDS);
    chain.does(3, unbond(3, 101));
    // It left, but is in the set in force until the epoch ends.
    let still = StakingParams { keep_four: false, ..staking() };
    assert_eq!(votes(&mut chain, &QUORUM, 1, params(still)), Outcome::Success);
    chain.run_before(1, 1);
    fails(&mut chain, &QUORUM, 2, FailureCode::NoQuorum);
    assert_eq!(votes(&mut chain, &[1, 4], 2, params(staking())), Outcome::Success);
}

#[test]
fn a_change_takes_force_with_the_first_height_of_its_epoch() {
    let mut chain = chain();
    let dearer = changed(|params| params.flat_fee = Amount(7));
    chain.passes(2, dearer);
    for height in chain.height()..2 * LENGTH {
        assert_eq!(fee(&chain.epoch().params), 0, "for height {}", height + 1);
        let waits = height < 2 * LENGTH - 1;
        assert_eq!(pending(&chain).is_some(), waits, "after height {height}");
        chain.block(&[]);
    }
    assert_eq!((chain.height(), fee(&chain.epoch().params)), (2 * LENGTH, 7));
    assert_eq!(chain.epoch().first, Height(2 * LENGTH + 1));
    assert_eq!(pending(&chain), None, "taken over");
    assert!(chain.notices.contains(&Notice::NewParams { epoch: Epoch(2) }));
    chain.run_before(4, 1);
    assert_eq!(fee(&chain.epoch().params), 7, "it stays");
    let told = chain.notices.iter().filter(|n| matches!(n, Notice::NewParams { .. })).count();
    assert_eq!(told, 1);
}

#[test]
fn no_entry_that_is_made_changes() {
    let mut chain = chain();
    // The last height but one of epoch 0 makes the entry of epoch 1 behind its transactions.
    for epoch in [0, u64::MAX] {
        let outcome = votes(&mut chain.clone(), &QUORUM, epoch, params(staking()));
        assert_eq!(outcome == Outcome::Success, epoch > 0, "{epoch}");
    }
    chain.run_before(0, LENGTH - 1);
    chain.passes(1, changed(|params| params.flat_fee = Amount(7)));
    assert_eq!(fee(&chain.epoch().params), 0, "that of the height above");
    assert_eq!((chain.height(), pending(&chain)), (LENGTH - 1, None));
    let next = chain.state.view().epoch(Epoch(1)).unwrap().unwrap();
    assert_eq!(fee(&next.params), 7);
    // The last height comes too late for it.
    fails(&mut chain, &QUORUM, 1, FailureCode::EpochPassed);
    fails(&mut chain, &QUORUM, 0, FailureCode::EpochPassed);
    assert_eq!(fee(&chain.epoch().params), 7);
}

#[test]
fn a_later_change_replaces_one_that_waits_whenever_that_was_for() {
    let mut chain = chain();
    chain.passes(1, changed(|params| params.flat_fee = Amount(1)));
    chain.passes(3, changed(|params| params.flat_fee = Amount(3)));
    assert_eq!(pending(&chain).map(|change| change.epoch), Some(Epoch(3)));
    chain.run_before(1, 1);
    assert_eq!(fee(&chain.epoch().params), 0, "the first vote is void");
    chain.passes(2, changed(|params| params.flat_fee = Amount(2)));
    chain.run_before(2, 1);
    assert_eq!(fee(&chain.epoch().params), 2);
    // What is in force is voted for again, so nothing changes.
    chain.passes(3, changed(|params| params.flat_fee = Amount(2)));
    chain.run_before(4, 1);
    assert_eq!(fee(&chain.epoch().params), 2);
    let news = |epoch| chain.notices.contains(&Notice::NewParams { epoch: Epoch(epoch) });
    assert_eq!([1, 2, 3, 4].map(news), [false, true, false, false]);
}

#[test]
fn a_vote_that_fails_costs_its_payer_the_fee_and_nobody_else_anything() {
    let mut chain = chain();
    let before = [1, 2, 9].map(|name| chain.balance(name));
    let receipt = chain.vote(&[9, 1, 2], 1, params(staking()), 5);
    let failed = Outcome::Failed { code: FailureCode::NoQuorum, action: 0 };
    assert_eq!((receipt.outcome, receipt.fee), (failed, Amount(5)));
    assert_eq!([1, 2, 9].map(|name| chain.balance(name)), [before[0], before[1], before[2] - 5]);
    assert_eq!((pending(&chain), chain.fee_pool()), (None, 5));
}

#[test]
fn no_vote_changes_how_long_an_epoch_is() {
    let mut chain = chain();
    let code = FailureCode::FixedParameter;
    for length in [LENGTH - 1, LENGTH + 1] {
        let longer = changed(|params| params.epoch_length = length);
        assert_eq!(votes(&mut chain, &QUORUM, 2, longer), Outcome::Failed { code, action: 0 });
        assert_eq!(pending(&chain), None);
    }
    assert_eq!(votes(&mut chain, &QUORUM, 2, params(staking())), Outcome::Success);
}

#[test]
fn a_set_is_chosen_by_the_parameters_of_its_own_epoch() {
    let mut chain = Chain::new(StakingParams { keep_four: false, ..staking() }, &BONDS);
    let two = StakingParams { keep_four: false, max_validators: 2, ..staking() };
    chain.passes(1, params(two));
    chain.run_to(LENGTH, &[]);
    assert_eq!(Chain::set(chain.epoch()), [(3, 101), (4, 150)]);
    let rich = StakingParams { keep_four: false, min_self_bond: Amount(150), ..staking() };
    assert_eq!(votes(&mut chain, &[3, 4], 2, params(rich)), Outcome::Success);
    chain.run_before(2, 1);
    assert_eq!(Chain::set(chain.epoch()), [(4, 150)]);
    // Nobody has so much: the former set stays, and can vote for less.
    let none = StakingParams { min_self_bond: Amount(151), ..rich };
    assert_eq!(votes(&mut chain, &[4], 3, params(none)), Outcome::Success);
    chain.run_before(3, 1);
    assert_eq!(Chain::set(chain.epoch()), [(4, 150)]);
    assert!(chain.notices.contains(&Notice::NobodyChosen { epoch: Epoch(3) }));
    assert_eq!(votes(&mut chain, &[4], 4, params(rich)), Outcome::Success);
}

#[test]
fn a_higher_self_bond_takes_candidates_off_the_list_and_a_lower_one_waits_for_their_operators() {
    let mut chain = Chain::new(StakingParams { keep_four: false, ..staking() }, &BONDS);
    let listed = |chain: &Chain| {
        let list: AddressList = chain.get(&StateKey::single(StateKind::Candidates)).unwrap();
        BONDS.map(|(name, _)| list.contains(&address(name)))
    };
    let bond =
        |least| StakingParams { keep_four: false, min_self_bond: Amount(least), ..staking() };
    chain.passes(1, params(bond(101)));
    chain.run_to(LENGTH, &[]);
    assert_eq!(listed(&chain), [true; 4]);
    chain.block(&[]);
    assert_eq!(listed(&chain), [false, false, true, true]);
    assert_eq!(votes(&mut chain, &[3, 4], 2, params(bond(1))), Outcome::Success);
    chain.run_before(2, 2);
    assert_eq!(listed(&chain), [false, false, true, true]);
    chain.does(1, delegate(1, 1));
    chain.does(9, delegate(2, 1));
    assert_eq!(listed(&chain), [true, false, true, true]);
    chain.run_before(3, 1);
    assert_eq!(Chain::set(chain.epoch()), [(1, 101), (3, 101), (4, 150)]);
}
