//! Edges of stake that a validator reaches by leaving: keys that it had, evidence that comes after it,
//! locks whose stake is gone. Figures and rules from docs/economics.md.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_crypto::Signature;
use quorate_ledger::{BlockError, EvidenceError, LedgerError};
use quorate_types::{
    Action, Amount, Epoch, FailureCode, Notice, Outcome, StakingParams, Standing, ValidatorIndex,
};
use support::chain::{
    Chain, Plan, accusation, delegate, evidence, redelegate, register, registration, rotate,
    staking, unbond, withdraw,
};
use support::{address, validator_key};

const START: u64 = 1_000_000;
const BONDS: [(u8, u64); 5] = [(1, 1_000), (2, 1_000), (3, 1_000), (4, 1_000), (5, 1_000)];

fn chain() -> Chain {
    Chain::new(StakingParams { keep_four: false, ..staking() }, &BONDS)
}

/// Registers with the key of another name.
fn register_with(name: u8, key: u8) -> Action {
    let secret = validator_key(key);
    let proof = quorate_types::prove_possession(&support::context(), &address(name), &secret);
    let mut wanted = registration(name, 50);
    (wanted.key, wanted.proof) = (*secret.public().as_bytes(), proof);
    Action::RegisterValidator(Box::new(wanted))
}

#[test]
fn a_key_is_one_validators_for_ever() {
    let mut chain = chain();
    // The first of two in a block has it.
    let receipts = chain.block(&[(9, register_with(9, 30)), (10, register_with(10, 30))]);
    assert_eq!(receipts[0].outcome, Outcome::Success);
    let code = FailureCode::KeyInUse;
    assert_eq!(receipts[1].outcome, Outcome::Failed { code, action: 0 });
    // Its former key is nobody's again, nor its own.
    chain.does(9, rotate(9, 31, 0));
    chain.run_before(2, 1);
    assert_eq!(chain.validator(9).key, *validator_key(31).public().as_bytes());
    for name in [30, 31] {
        chain.fails(11, register_with(11, name), code);
        chain.fails(9, rotate(9, name, 0), code);
        chain.fails(1, rotate(1, name, 0), code);
    }
    // Nor is the key of one that has left.
    chain.does(9, unbond(9, 50));
    chain.fails(11, register_with(11, 31), code);
}

#[test]
fn a_key_with_a_torsion_part_is_none() {
    // The key of a secret, with the point of order two added: (x, y) becomes (-x, -y).
    let mut key = *validator_key(9).public().as_bytes();
    let sign = key[31] & 0x80;
    key[31] &= 0x7f;
    let mut borrow = 0_u16;
    let order = {
        let mut order = [0xff_u8; 32];
        (order[0], order[31]) = (0xed, 0x7f);
        order
    };
    for (byte, most) in key.iter_mut().zip(order) {
        let (have, take) = (u16::from(most) + 0x100, u16::from(*byte) + borrow);
        let rest = have - take;
        borrow = u16::from(rest < 0x100);
        *byte = rest.to_le_bytes()[0];
    }
    key[31] |= sign ^ 0x80;
    let mut chain = chain();
    let mut wanted = registration(9, 50);
    wanted.key = key;
    let action = Action::RegisterValidator(Box::new(wanted));
    chain.fails(9, action, FailureCode::BadKey);
    let proof = Signature::from_bytes([0; 64]);
    chain.fails(1, Action::RotateKey { key, proof, from: Epoch(0) }, FailureCode::BadKey);
}

#[test]
fn evidence_reaches_one_that_has_left() {
    let mut chain = chain();
    let entry = chain.epoch().clone();
    chain.block(&[(9, delegate(1, 500))]);
    chain.block(&[(1, unbond(1, 1_000)), (9, redelegate(1, 2, 500))]);
    assert_eq!((chain.pool(1), chain.unbonding(1, 0)), ((0, 0), (1_000, 1_000)));
    chain.run_before(2, 2);
    assert!(!Chain::set(&chain.epochs.executed).iter().any(|(name, _)| *name == 1));
    let accused = evidence(&entry, 1, 2);
    let plan = Plan { evidence: vec![accused.clone()], ..Plan::default() };
    let execution = chain.execute(plan).unwrap();
    // A tenth of the power, which was 1 000: all of it is in the pool.
    let (validator, epoch, amount) = (address(1), Epoch(0), Amount(100));
    let expected = [Notice::Slashed { validator, epoch, amount }, Notice::Tombstoned { validator }];
    assert_eq!(execution.notices, expected);
    assert_eq!((chain.pool(1), chain.unbonding(1, 0)), ((0, 0), (900, 1_000)));
    assert_eq!((chain.pool(2), chain.shares(9, 2)), ((1_500, 1_500), 500));
    // Once, also where nothing is left with it.
    let again = chain.execute(Plan { evidence: vec![accused], ..Plan::default() });
    let error = EvidenceError::Tombstoned(validator);
    assert_eq!(again, Err(LedgerError::Block(BlockError::Evidence { index: 0, error })));
    chain.run_before(3, 2);
    assert_eq!(chain.balance(1), START + 900);
    for action in [delegate(1, 5), redelegate(2, 1, 5), Action::Unjail] {
        let name = if action == Action::Unjail { 1 } else { 9 };
        chain.fails(name, action, FailureCode::Tombstoned);
    }
    chain.fails(1, register(1, 50), FailureCode::AlreadyValidator);
}

#[test]
fn refused_evidence_takes_the_whole_block_with_it() {
    let mut chain = chain();
    chain.run_before(1, 2);
    let before = (chain.state.values.clone(), chain.epochs.clone());
    let one = evidence(&chain.epochs.executed, 1, 5);
    let acts = [(9, delegate(2, 10))];
    for wrong in [accusation(ValidatorIndex(5), 5), accusation(ValidatorIndex(0), 9), one.clone()] {
        let evidence = vec![one.clone(), wrong];
        assert!(chain.execute(Plan { evidence, acts: &acts, ..Plan::default() }).is_err());
        assert_eq!((&before.0, &before.1), (&chain.state.values, &chain.epochs));
    }
}

#[test]
fn the_jailed_can_leave_and_be_bonded_with() {
    let jailing = StakingParams { keep_four: false, slash_downtime_bps: 1_000, ..staking() };
    let mut chain = Chain::new(jailing, &BONDS);
    chain.run_to(1, &[]);
    chain.run_to(5, &[1]);
    assert_eq!(chain.validator(1).standing, Standing::Jailed { until: Epoch(3) });
    chain.does(9, delegate(1, 90));
    chain.does(9, redelegate(1, 2, 40));
    chain.does(9, withdraw(1));
    chain.does(1, unbond(1, 900));
    chain.run_before(3, 1);
    chain.fails(1, Action::Unjail, FailureCode::BondTooSmall);
    chain.does(1, delegate(1, 5));
    chain.does(1, Action::Unjail);
}

/// Liable base units are locked, whatever became of those that came.
#[test]
fn a_lock_outlasts_the_stake_that_it_held() {
    let all = StakingParams {
        slash_downtime_bps: 10_000,
        slash_double_sign_bps: 10_000,
        max_missed_bps: 7_500,
        ..staking()
    };
    let mut chain = Chain::new(all, &BONDS);
    let entry = chain.epoch().clone();
    chain.block(&[(9, delegate(1, 300)), (9, redelegate(1, 2, 200))]);
    // All of the power of validator 2 is burnt: 200 base units are left in 1 200 shares.
    chain.run_to(5, &[2]);
    assert_eq!(chain.pool(2), (200, 1_200));
    // Validator 1 answers with all: what 9 has left there, which was 33, and more elsewhere.
    let accused = evidence(&entry, 1, 1);
    chain.execute(Plan { evidence: vec![accused], ..Plan::default() }).unwrap();
    assert_eq!((chain.pool(2), chain.shares(9, 2)), ((167, 1_000), 0));
    assert_eq!(chain.redelegation(1, 0).unwrap().amount, Amount(167));
    // 50 * 1 000 / 167 = 299 shares, worth 299 * 217 / 1 299 = 49.
    chain.does(9, delegate(2, 50));
    assert_eq!(chain.shares(9, 2), 299);
    chain.fails(9, unbond(2, 1), FailureCode::StakeLocked);
    chain.fails(9, redelegate(2, 3, 49), FailureCode::StakeLocked);
    chain.run_before(2, 4);
    chain.fails(9, unbond(2, 1), FailureCode::StakeLocked);
    chain.does(9, unbond(2, 49));
    assert_eq!(chain.delegation(9, 2).unwrap().locks, []);
}
