//! Evidence, absence and what is taken for them: figures from docs/economics.md.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_ledger::{BlockError, EvidenceError, LedgerError, check_evidence};
use quorate_types::{
    Action, Amount, Epoch, Evidence, Height, Notice, Outcome, StakingParams, Standing,
    ValidatorIndex,
};
use support::address;
use support::chain::{Chain, Plan, accusation, delegate, evidence, redelegate, staking, unbond};

const START: u64 = 1_000_000;
const BONDS: [(u8, u64); 5] = [(1, 1_000), (2, 1_000), (3, 1_000), (4, 1_000), (5, 1_000)];

fn chain() -> Chain {
    Chain::new(staking(), &BONDS)
}

fn convict(chain: &mut Chain, evidence: Vec<Evidence>) -> Result<Vec<Notice>, LedgerError> {
    let epoch = chain.epochs.next.clone();
    let checked = check_evidence(&evidence, &chain.state.view(), &epoch);
    let executed = chain.execute(Plan { evidence, ..Plan::default() });
    assert_eq!(checked.err(), executed.as_ref().err().cloned(), "both judge alike");
    executed.map(|execution| execution.notices)
}

fn refused(index: usize, error: EvidenceError) -> Result<Vec<Notice>, LedgerError> {
    Err(LedgerError::Block(BlockError::Evidence { index, error }))
}

/// Evidence against a validator of epoch 0.
fn early(chain: &Chain, name: u8) -> Evidence {
    evidence(&chain.state.view().epoch(Epoch(0)).unwrap().unwrap(), name, 1)
}

#[test]
fn evidence_slashes_tombstones_and_ends_with_the_next_set() {
    let mut chain = chain();
    chain.block(&[(9, delegate(1, 500))]);
    let supply = chain.supply();
    let accused = early(&chain, 1);
    let notices = convict(&mut chain, vec![accused]).unwrap();
    // A tenth of the power of epoch 0, which was 1 000.
    let (validator, epoch, amount) = (address(1), Epoch(0), Amount(100));
    let expected = [Notice::Slashed { validator, epoch, amount }, Notice::Tombstoned { validator }];
    assert_eq!(notices, expected);
    assert_eq!((chain.pool(1), chain.supply()), ((1_400, 1_500), supply - 100));
    assert_eq!(chain.validator(1).standing, Standing::Tombstoned);
    assert_eq!(Chain::set(&chain.epochs.next).len(), 5, "the set of an epoch is fixed");
    chain.run_before(1, 1);
    assert_eq!(Chain::set(&chain.epochs.next).len(), 4);
    // 500 * 1 400 / 1 500 = 466
    chain.does(9, unbond(1, 466));
}

#[test]
fn nobody_is_convicted_twice_or_for_what_is_too_long_ago() {
    let mut chain = chain();
    chain.block(&[]);
    let [one, two] = [1, 2].map(|name| early(&chain, name));
    let twice = EvidenceError::Tombstoned(address(1));
    let result = convict(&mut chain, vec![one.clone(), two.clone(), one.clone()]);
    assert_eq!(result, refused(2, twice.clone()));
    assert_eq!(chain.validator(2).standing, Standing::Good, "a refused block has no effect");
    convict(&mut chain, vec![one.clone()]).unwrap();
    assert_eq!(convict(&mut chain, vec![one]), refused(0, twice));
    chain.run_before(2, 4);
    convict(&mut chain.clone(), vec![two.clone()]).unwrap();
    chain.run_before(3, 1);
    let gone = EvidenceError::EpochGone(Height(1));
    assert_eq!(convict(&mut chain, vec![two]), refused(0, gone));
}

#[test]
fn evidence_names_a_height_that_has_been_and_a_validator_of_it() {
    let mut chain = chain();
    chain.run_before(1, 2);
    let nobody = ValidatorIndex(5);
    let result = convict(&mut chain, vec![accusation(nobody, 1)]);
    assert_eq!(result, refused(0, EvidenceError::NobodyAccused(nobody)));
    for height in [0, 9, u64::MAX] {
        let result = convict(&mut chain, vec![accusation(ValidatorIndex(0), height)]);
        assert_eq!(result, refused(0, EvidenceError::EpochGone(Height(height))));
    }
}

#[test]
fn old_epochs_are_forgotten_when_no_evidence_can_come() {
    let mut chain = chain();
    for (epoch, oldest) in [(2, 0), (3, 1), (4, 2), (5, 3)] {
        chain.run_before(epoch, 2);
        let view = chain.state.view();
        let clock = view.epoch_clock().unwrap();
        assert_eq!((clock.current, clock.oldest), (Epoch(epoch), Epoch(oldest)));
        let kept = |number| view.epoch(Epoch(number)).unwrap().is_some();
        assert!(kept(oldest) && (oldest == 0 || !kept(oldest - 1)));
    }
}

#[test]
fn what_left_in_the_epoch_of_the_offence_or_later_is_slashed_first() {
    let mut chain = chain();
    chain.block(&[(9, delegate(1, 300)), (10, delegate(1, 200))]);
    chain.does(9, unbond(1, 300));
    chain.run_before(1, 1);
    chain.does(10, unbond(1, 100));
    // Epoch 1: a power of 1 200, of which 120; 10 of the pool of epoch 1, the rest of the bonded.
    let offence = evidence(&chain.epochs.executed, 1, 5);
    convict(&mut chain, vec![offence]).unwrap();
    assert_eq!((chain.unbonding(1, 0), chain.unbonding(1, 1)), ((300, 300), (90, 100)));
    assert_eq!(chain.pool(1), (1_100 - 110, 1_100));
    // What leaves after it in the same epoch has been slashed already, and loses nothing more.
    chain.does(10, unbond(1, 90));
    assert_eq!(chain.unbonding(1, 1), (180, 200));
    chain.run_before(3, 2);
    assert_eq!(chain.balance(9), START);
    chain.run_before(4, 2);
    assert_eq!(chain.balance(10), START - 200 + 180);
}

#[test]
fn the_pools_are_paid_out_before_the_rest_is_taken_and_never_more_than_the_part_of_the_power() {
    let capped = StakingParams { max_power_bps: 3_333, ..staking() };
    let mut chain = Chain::new(capped, &[(1, 100_000), (2, 100), (3, 100), (4, 100), (5, 100)]);
    chain.does(1, unbond(1, 10_000));
    let accused = early(&chain, 1);
    // Its power was 3 333 * 400 / 6 667 = 199, of which 19; the pool alone would give 1 000.
    convict(&mut chain, vec![accused]).unwrap();
    assert_eq!((chain.unbonding(1, 0), chain.pool(1)), ((9_981, 10_000), (90_000, 90_000)));
}

#[test]
fn redelegated_stake_answers_for_its_former_validator() {
    let mut chain = chain();
    chain.block(&[(9, delegate(1, 300))]);
    chain.block(&[(9, redelegate(1, 2, 200)), (9, redelegate(1, 3, 100))]);
    let accused = early(&chain, 1);
    let notices = convict(&mut chain, vec![accused]).unwrap();
    assert!(matches!(notices[0], Notice::Slashed { amount: Amount(100), .. }));
    // 20 and 10 of the redelegations, the rest of the bonded ones.
    assert_eq!((chain.pool(2), chain.pool(3)), ((1_180, 1_180), (1_090, 1_090)));
    assert_eq!(chain.pool(1), (1_000 - 70, 1_000));
    assert_eq!(chain.redelegation(1, 0).unwrap().amount, Amount(180));
    assert_eq!(chain.delegation(9, 2).unwrap().locks[0].amount, Amount(180));
    assert_eq!((chain.shares(9, 2), chain.shares(9, 3)), (180, 90));
}

#[test]
fn a_redelegation_answers_with_no_more_than_is_there_and_only_for_its_epoch_and_earlier() {
    let all = StakingParams { slash_double_sign_bps: 10_000, ..staking() };
    let mut chain = Chain::new(all, &BONDS);
    chain.block(&[(9, delegate(1, 300)), (9, redelegate(1, 2, 200))]);
    let accused = early(&chain, 2);
    // Everything but one base unit of validator 2, so that 9 has no base unit left there.
    convict(&mut chain, vec![accused]).unwrap();
    assert_eq!(chain.pool(2), (200, 1_200));
    let accused = early(&chain, 1);
    convict(&mut chain, vec![accused]).unwrap();
    // 33 of 200 * 200 / 1 200, and 967 of the 1 100 that are bonded.
    assert_eq!((chain.pool(2).0, chain.pool(1).0), (167, 1_100 - 967));
    assert_eq!(chain.redelegation(1, 0).unwrap().amount, Amount(167));

    let mut chain = self::chain();
    chain.block(&[(9, delegate(1, 300)), (9, redelegate(1, 2, 200))]);
    chain.run_before(1, 1);
    chain.block(&[]);
    let offence = evidence(&chain.epochs.executed, 1, 5);
    convict(&mut chain, vec![offence]).unwrap();
    assert_eq!((chain.pool(2), chain.pool(1).0), ((1_200, 1_200), 1_100 - 110));
}

#[test]
fn a_pool_and_the_bonded_units_keep_one() {
    let all = StakingParams { slash_double_sign_bps: 10_000, ..staking() };
    let mut chain = Chain::new(all, &[(1, 10), (2, 9), (3, 9), (4, 9), (5, 9)]);
    chain.block(&[(1, unbond(1, 3))]);
    let accused = early(&chain, 1);
    convict(&mut chain, vec![accused]).unwrap();
    assert_eq!((chain.unbonding(1, 0), chain.pool(1)), ((1, 3), (1, 7)));
}

#[test]
fn nothing_is_taken_where_nothing_is_to_be() {
    for bps in [0, 1] {
        let mild = StakingParams { slash_double_sign_bps: bps, ..staking() };
        let mut chain = Chain::new(mild, &BONDS);
        chain.block(&[]);
        let accused = early(&chain, 1);
        let notices = convict(&mut chain, vec![accused]).unwrap();
        assert_eq!(notices, [Notice::Tombstoned { validator: address(1) }]);
        assert_eq!(chain.pool(1), (1_000, 1_000));
    }
}

#[test]
fn one_that_is_absent_too_often_is_slashed_and_jailed() {
    // Half of four windows may be missed.
    for (missed, is_jailed) in [(2, false), (3, true)] {
        let mut chain = chain();
        chain.run_to(1, &[]);
        chain.run_to(1 + missed, &[1]);
        chain.run_before(1, 2);
        let until = Epoch(3);
        let (pool, standing) = if is_jailed {
            ((990, 1_000), Standing::Jailed { until })
        } else {
            ((1_000, 1_000), Standing::Good)
        };
        assert_eq!((chain.pool(1), chain.validator(1).standing), (pool, standing));
        let notice = Notice::Jailed { validator: address(1), until };
        assert_eq!(chain.notices.contains(&notice), is_jailed);
        assert_eq!(Chain::set(&chain.epochs.executed).len(), 5);
        chain.run_before(2, 1);
        assert_eq!(Chain::set(&chain.epochs.next).len(), if is_jailed { 4 } else { 5 });
        chain.run_before(3, 1);
        if is_jailed {
            chain.does(1, Action::Unjail);
            chain.run_before(4, 1);
            assert_eq!(Chain::set(&chain.epochs.next).len(), 5);
        }
    }
}

#[test]
fn a_jailed_one_stays_where_there_would_be_fewer_than_four() {
    for (keep_four, left) in [(true, 4), (false, 3)] {
        let mut chain = Chain::new(StakingParams { keep_four, ..staking() }, &BONDS[..4]);
        chain.run_to(1, &[]);
        chain.run_to(5, &[1]);
        chain.run_before(2, 1);
        assert_eq!(Chain::set(&chain.epochs.next).len(), left);
        let few = Notice::FewValidators { epoch: Epoch(2), count: 3 };
        assert_eq!(chain.notices.contains(&few), left < 4);
        let large = |epoch| Notice::LargePower { epoch: Epoch(epoch), validator: address(2) };
        assert_eq!(chain.notices.contains(&large(2)), left < 4);
    }
}

#[test]
fn the_former_set_stays_where_nobody_can_be_chosen() {
    let mut chain = Chain::new(staking(), &BONDS[..1]);
    chain.block(&[]);
    let accused = early(&chain, 1);
    convict(&mut chain, vec![accused]).unwrap();
    chain.run_before(1, 1);
    assert!(chain.notices.contains(&Notice::NobodyChosen { epoch: Epoch(1) }));
    assert_eq!(Chain::set(&chain.epochs.next), [(1, 1_000)]);
}

/// Bond, unbond, redelegate and slash in one block: the slash comes first, whatever the order.
#[test]
fn a_slash_comes_before_the_transactions_of_its_block() {
    let mut chain = chain();
    chain.block(&[(9, delegate(1, 1_000))]);
    let acts = [(9, unbond(1, 950)), (9, unbond(1, 1)), (8, delegate(2, 5))];
    let evidence = vec![early(&chain, 1)];
    let plan = Plan { acts: &acts, evidence, ..Plan::default() };
    let execution = chain.execute(plan).unwrap();
    assert_eq!(execution.receipts[0].outcome, Outcome::Success);
    // 1 000 of 2 000 shares of 1 900 base units: 950 was all.
    assert!(matches!(execution.receipts[1].outcome, Outcome::Failed { .. }));
    assert_eq!((chain.pool(1), chain.unbonding(1, 0)), ((950, 1_000), (950, 950)));
}

#[test]
fn absence_of_the_tombstoned_is_not_punished_again() {
    let mut chain = chain();
    chain.block(&[]);
    let accused = early(&chain, 1);
    convict(&mut chain, vec![accused]).unwrap();
    chain.run_to(5, &[1]);
    assert_eq!(chain.validator(1).standing, Standing::Tombstoned);
    assert_eq!(chain.pool(1), (900, 1_000));
}
