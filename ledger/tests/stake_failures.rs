//! Each way in which an action on stake fails; nothing but the nonce changes then.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_crypto::Signature;
use quorate_types::limits::{MAX_CANDIDATES, MAX_DELEGATIONS, MAX_LOCKS, MAX_REDELEGATIONS};
use quorate_types::{
    Action, AddressList, Amount, Canonical, ChainContext, Epoch, FailureCode, Moniker, Outcome,
    Registration, StakingParams, StateKey, StateKind, prove_possession,
};
use support::chain::{
    Chain, Plan, delegate, evidence, redelegate, register, registration, rotate, staking, unbond,
    withdraw,
};
use support::{address, context, founder, validator_key};

const BONDS: [(u8, u64); 5] = [(1, 100), (2, 100), (3, 100), (4, 100), (5, 100)];

fn chain() -> Chain {
    Chain::new(StakingParams { min_self_bond: Amount(50), ..staking() }, &BONDS)
}

fn registering(change: impl FnOnce(&mut Registration)) -> Action {
    let mut wanted = registration(9, 50);
    change(&mut wanted);
    Action::RegisterValidator(Box::new(wanted))
}

fn edit(commission_bps: u16) -> Action {
    Action::EditValidator { moniker: Moniker::default(), commission_bps }
}

/// The identity, which every signature of it proves; a point of small order.
fn small_order() -> [u8; 32] {
    let mut key = [0; 32];
    key[0] = 1;
    key
}

#[test]
fn registering_fails_for_each_reason() {
    use FailureCode::*;
    let mut chain = chain();
    chain.fails(1, register(1, 50), AlreadyValidator);
    chain.fails(9, registering(|r| r.commission_bps = 10_001), CommissionTooHigh);
    chain.fails(9, registering(|r| r.bond = Amount(49)), BondTooSmall);
    chain.fails(9, registering(|r| r.key = *validator_key(3).public().as_bytes()), KeyInUse);
    chain.fails(9, registering(|r| r.key = small_order()), BadKey);
    chain.fails(9, registering(|r| r.key = [0xff; 32]), BadKey);
    chain.fails(9, registering(|r| r.bond = Amount(1_000_001)), InsufficientFunds);
    chain.fails(9, registering(|r| r.bond = Amount(u64::MAX)), InsufficientFunds);
    chain.fails(8, registering(|_| {}), BadProof);
    chain.does(9, registering(|r| r.commission_bps = 10_000));
    chain.fails(9, registering(|_| {}), AlreadyValidator);
}

#[test]
fn a_key_that_is_no_key_is_refused_whatever_its_proof() {
    let mut chain = chain();
    let order_eight = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ];
    for key in [order_eight, small_order(), [0; 32]] {
        let proof = Signature::from_bytes([0; 64]);
        chain.fails(1, Action::RotateKey { key, proof, from: Epoch(0) }, FailureCode::BadKey);
    }
}

#[test]
fn a_proof_of_possession_holds_for_one_chain_operator_and_key() {
    let mut chain = chain();
    let key = validator_key(9);
    let prove = |context: &ChainContext, name| prove_possession(context, &address(name), &key);
    let right = context();
    let other_id = ChainContext { chain_id: "local-other".parse().unwrap(), ..right.clone() };
    let other_hash = ChainContext { genesis_hash: quorate_crypto::Hash::ZERO, ..right.clone() };
    let other_version = ChainContext { protocol_version: 2, ..right.clone() };
    for proof in [
        prove(&other_id, 9),
        prove(&other_hash, 9),
        prove(&other_version, 9),
        prove(&right, 8),
        prove_possession(&right, &address(9), &validator_key(8)),
        Signature::from_bytes([0; 64]),
    ] {
        chain.fails(9, registering(|r| r.proof = proof), FailureCode::BadProof);
        let key = *key.public().as_bytes();
        chain.fails(1, Action::RotateKey { key, proof, from: Epoch(0) }, FailureCode::BadProof);
    }
    chain.does(9, registering(|r| r.proof = prove(&right, 9)));
}

#[test]
fn what_only_an_operator_does_fails_for_others() {
    use FailureCode::*;
    let mut chain = chain();
    for action in [edit(0), rotate(7, 9, 0), Action::Unjail] {
        chain.fails(7, action, NoValidator);
    }
    for action in
        [delegate(7, 9), unbond(7, 9), withdraw(7), redelegate(7, 1, 9), redelegate(1, 7, 9)]
    {
        chain.fails(9, action, NoValidator);
    }
    chain.fails(1, edit(10_001), CommissionTooHigh);
    chain.fails(1, edit(u16::MAX), CommissionTooHigh);
    chain.fails(1, Action::Unjail, NotJailed);
    chain.fails(7, withdraw(1), InsufficientStake);
}

#[test]
fn amounts_are_covered_and_not_too_small() {
    use FailureCode::*;
    let least = StakingParams { min_delegation: Amount(10), ..staking() };
    let mut chain = Chain::new(least, &BONDS);
    for amount in [0, 1, 9] {
        chain.fails(9, delegate(1, amount), AmountTooSmall);
    }
    chain.does(9, delegate(1, 25));
    for amount in [0, 9] {
        chain.fails(9, unbond(1, amount), AmountTooSmall);
        chain.fails(9, redelegate(1, 2, amount), AmountTooSmall);
    }
    for amount in [26, 1_000_000, u64::MAX] {
        chain.fails(9, unbond(1, amount), InsufficientStake);
        chain.fails(9, redelegate(1, 2, amount), InsufficientStake);
        chain.fails(7, unbond(1, amount), InsufficientStake);
    }
    chain.fails(9, delegate(1, 999_976), InsufficientFunds);
    chain.fails(9, delegate(1, u64::MAX), InsufficientFunds);
    chain.fails(9, redelegate(1, 1, 10), SameValidator);
    chain.does(9, unbond(1, 20));
    // The rest is less than the least, but all there is.
    chain.does(9, redelegate(1, 2, 5));
    assert_eq!((chain.shares(9, 1), chain.shares(9, 2)), (0, 5));
}

#[test]
fn the_last_four_stay() {
    use FailureCode::*;
    let mut chain = chain();
    chain.does(1, unbond(1, 50));
    chain.does(1, unbond(1, 1));
    chain.does(2, unbond(2, 50));
    chain.fails(2, unbond(2, 1), SetTooSmall);
    chain.fails(2, redelegate(2, 3, 50), SetTooSmall);
    let mut chain = Chain::new(StakingParams { keep_four: false, ..staking() }, &BONDS);
    for name in 1..=5 {
        chain.does(name, unbond(name, 100));
    }
}

#[test]
fn an_account_has_stake_with_at_most_so_many_validators() {
    let bonds: Vec<(u8, u64)> = (1..=34).map(|name| (name, 100)).collect();
    let mut chain = Chain::new(staking(), &bonds);
    for name in 1..=u8::try_from(MAX_DELEGATIONS).unwrap() {
        chain.does(50, delegate(name, 10));
    }
    chain.fails(50, delegate(33, 10), FailureCode::TooManyDelegations);
    chain.fails(50, redelegate(1, 33, 5), FailureCode::TooManyDelegations);
    // What unbonds counts; what has gone does not.
    chain.does(50, unbond(1, 10));
    chain.fails(50, delegate(33, 10), FailureCode::TooManyDelegations);
    chain.does(50, redelegate(2, 33, 10));
}

#[test]
fn so_many_redelegations_are_liable_at_once() {
    use FailureCode::*;
    let mut chain = Chain::new(staking(), &BONDS);
    chain.does(9, delegate(1, 1_000));
    let locks = u64::try_from(MAX_LOCKS).unwrap();
    let acts: Vec<_> = (0..locks).map(|_| (9, redelegate(1, 2, 10))).collect();
    assert_eq!(chain.block(&acts).len(), MAX_LOCKS);
    assert_eq!(chain.delegation(9, 2).unwrap().locks.len(), MAX_LOCKS);
    chain.fails(9, redelegate(1, 2, 10), TooManyRedelegations);
    chain.does(9, redelegate(1, 3, 10));
    // The last ones of epoch 0 are liable until epoch 2 is over.
    chain.run_before(2, 4);
    chain.fails(9, redelegate(1, 2, 10), TooManyRedelegations);
    chain.does(9, redelegate(1, 2, 10));
    assert_eq!(chain.delegation(9, 2).unwrap().locks.len(), 1);
    assert_eq!(chain.redelegation(1, 0), None);

    let mut chain = Chain::new(staking(), &BONDS);
    let many = 10..=u8::try_from(9 + MAX_REDELEGATIONS / locks).unwrap();
    let mut acts: Vec<_> = (10..=50).map(|name| (name, delegate(1, 1_000))).collect();
    for name in many {
        acts.extend((0..locks).map(|_| (name, redelegate(1, 2, 10))));
    }
    assert!(chain.block(&acts).iter().all(|receipt| receipt.outcome == Outcome::Success));
    chain.fails(50, redelegate(1, 2, 10), TooManyRedelegations);
    chain.does(50, delegate(3, 10));
    chain.does(50, redelegate(3, 2, 10));
}

#[test]
fn redelegated_stake_is_locked_until_its_liability_ends() {
    use FailureCode::*;
    let mut chain = Chain::new(staking(), &BONDS);
    chain.block(&[(9, delegate(1, 100)), (9, delegate(2, 30)), (9, redelegate(1, 2, 60))]);
    chain.fails(9, unbond(2, 31), StakeLocked);
    chain.fails(9, redelegate(2, 3, 31), StakeLocked);
    chain.does(9, redelegate(2, 3, 30));
    chain.fails(9, redelegate(3, 4, 1), StakeLocked);
    chain.run_before(2, 4);
    chain.fails(9, unbond(2, 1), StakeLocked);
    chain.does(9, unbond(2, 60));
}

#[test]
fn jail_ends_and_a_tombstone_does_not() {
    use FailureCode::*;
    let mut chain = Chain::new(StakingParams { min_self_bond: Amount(50), ..staking() }, &BONDS);
    let entry = chain.epoch().clone();
    chain.run_to(1, &[]);
    chain.run_to(5, &[1]);
    let evidence = vec![evidence(&entry, 2, 1)];
    chain.execute(Plan { evidence, ..Plan::default() }).unwrap();
    for action in [Action::Unjail, rotate(2, 20, 0), delegate(2, 10)] {
        chain.fails(2, action, Tombstoned);
    }
    chain.fails(3, redelegate(3, 2, 10), Tombstoned);
    chain.run_before(2, 4);
    chain.fails(1, Action::Unjail, StillJailed);
    chain.does(1, Action::Unjail);
    chain.fails(1, Action::Unjail, NotJailed);
}

#[test]
fn one_is_released_with_a_sufficient_self_bond_only() {
    let mut chain = Chain::new(StakingParams { min_self_bond: Amount(100), ..staking() }, &BONDS);
    chain.run_to(1, &[]);
    chain.run_to(5, &[1]);
    assert_eq!(chain.pool(1), (99, 100), "slashed below the least");
    chain.run_before(3, 1);
    chain.fails(1, Action::Unjail, FailureCode::BondTooSmall);
    chain.does(1, delegate(1, 2));
    chain.does(1, Action::Unjail);
}

#[test]
fn a_rotation_names_an_epoch_that_is_not_yet_chosen() {
    use FailureCode::*;
    let mut chain = chain();
    chain.fails(1, rotate(1, 2, 0), KeyInUse);
    chain.fails(1, rotate(1, 1, 0), KeyInUse);
    chain.run_before(1, 2);
    // Epoch 2 is chosen at the end of the third block of epoch 1.
    chain.fails(1, rotate(1, 20, 1), EpochPassed);
    chain.does(1, rotate(1, 20, 2));
    chain.fails(1, rotate(1, 21, 0), RotationPending);
    chain.fails(2, rotate(2, 22, 2), EpochPassed);
    chain.does(2, rotate(2, 22, 3));
    chain.fails(3, rotate(3, 20, 5), KeyInUse);
}

/// The parameters say two epochs of unbonding.
#[test]
fn a_rotation_names_an_epoch_that_is_not_too_far_ahead() {
    use FailureCode::EpochTooFar;
    let mut chain = chain();
    chain.run_before(1, 1);
    // The set of epoch 2 is the first that is not yet chosen.
    chain.fails(1, rotate(1, 20, 5), EpochTooFar);
    chain.fails(1, rotate(1, 20, u64::MAX), EpochTooFar);
    assert_eq!(chain.validator(1).rotation, None);
    chain.run_before(2, 1);
    chain.does(1, rotate(1, 20, 5));
    chain.does(2, rotate(2, 21, 0));
}

#[test]
fn at_most_so_many_validators_are_candidates() {
    let mut chain = chain();
    let mut full = AddressList::default();
    for number in 0..u64::try_from(MAX_CANDIDATES).unwrap() {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        full.insert(quorate_types::Address(bytes));
    }
    let key = StateKey::single(StateKind::Candidates);
    chain.state.values.insert(key, full.to_bytes());
    chain.fails(9, register(9, 50), FailureCode::TooManyValidators);
    chain.fails(1, delegate(1, 1), FailureCode::TooManyValidators);
}

#[test]
fn shares_fit_64_bits() {
    let max = i64::MAX.unsigned_abs() - 60 * 1_000_000 - 10;
    let params = StakingParams { keep_four: false, slash_downtime_bps: 10_000, ..staking() };
    let founders = [founder(1, max), founder(2, 1)];
    let mut chain = Chain::founded(support::chain::params(params), &founders);
    chain.run_to(1, &[]);
    chain.run_to(5, &[1]);
    assert_eq!(chain.pool(1), (1, max), "all but one base unit is burnt");
    // Each base unit is worth nearly 2^63 shares now.
    chain.does(9, delegate(1, 1));
    chain.fails(9, delegate(1, 1), FailureCode::ShareOverflow);
    chain.fails(9, delegate(1, 3), FailureCode::ShareOverflow);
}
