//! What a change of the parameters must not take from anybody: neither evidence that may still come,
//! nor the stake that it is for; nor does it bring anything back.
#![allow(clippy::unwrap_used)]

mod support;

use quorate_ledger::{BlockError, EvidenceError, LedgerError};
use quorate_types::{Amount, ChainParams, Epoch, FailureCode, Height, StakingParams};
use support::chain::{
    Chain, LENGTH, Plan, delegate, evidence, params, redelegate, staking, unbond,
};

const BONDS: [(u8, u64); 4] = [(1, 100), (2, 100), (3, 101), (4, 150)];

fn chain() -> Chain {
    Chain::new(staking(), &BONDS)
}

fn staked(change: impl FnOnce(&mut StakingParams)) -> ChainParams {
    let mut staking = staking();
    change(&mut staking);
    params(staking)
}

/// Evidence against validator 4 for its offence in epoch `of`, brought in the next block.
fn brought(chain: &mut Chain, of: u64) -> Result<(), LedgerError> {
    let height = of * LENGTH + 1;
    let entry = chain.state.view().epoch(Epoch(of)).unwrap();
    let entry = entry.unwrap_or_else(|| chain.epoch().clone());
    let evidence = vec![evidence(&entry, 4, height)];
    chain.execute(Plan { evidence, ..Plan::default() }).map(|_| ())
}

fn gone(of: u64) -> Result<(), LedgerError> {
    let error = EvidenceError::EpochGone(Height(of * LENGTH + 1));
    Err(LedgerError::Block(BlockError::Evidence { index: 0, error }))
}

/// The last epoch in which evidence of an offence in epoch `of` is accepted, by trying.
fn accepted_until(chain: &Chain, of: u64, limit: u64) -> Option<u64> {
    let mut chain = chain.clone();
    let mut last = None;
    for epoch in chain.epoch().number.0..=limit {
        // In the first block of an epoch and in a later one alike.
        if chain.height() < epoch * LENGTH {
            chain.run_before(epoch, 1);
        }
        let first = brought(&mut chain.clone(), of);
        chain.run_before(epoch, 3);
        let later = brought(&mut chain.clone(), of);
        assert_eq!(first, later, "epoch {epoch}");
        match later {
            Ok(()) => last = Some(epoch),
            error => assert_eq!(error, gone(of)),
        }
    }
    last
}

#[test]
fn a_shorter_evidence_period_is_for_later_offences_only() {
    let mut chain =
        Chain::new(StakingParams { unbonding_epochs: 4, evidence_epochs: 4, ..staking() }, &BONDS);
    let short = staked(|s| (s.unbonding_epochs, s.evidence_epochs) = (1, 1));
    chain.run_before(2, 1);
    chain.passes(3, short);
    for (of, last) in [(1, 5), (2, 6), (3, 4), (4, 5)] {
        chain.run_before(of.max(2), 3);
        assert_eq!(accepted_until(&chain, of, 8), Some(last), "offence in epoch {of}");
    }
}

#[test]
fn a_longer_evidence_period_brings_nothing_back_that_was_over() {
    let mut chain = chain();
    let long = staked(|s| (s.unbonding_epochs, s.evidence_epochs) = (6, 6));
    chain.run_before(2, 1);
    chain.passes(3, long);
    for (of, last) in [(0, 2), (1, 3), (2, 4), (3, 9)] {
        chain.run_before(of.max(2), 3);
        assert_eq!(accepted_until(&chain, of, 10), Some(last), "offence in epoch {of}");
    }
}

#[test]
fn an_offence_costs_what_it_did_when_it_was_done() {
    let mut chain = chain();
    chain.passes(1, staked(|s| s.slash_double_sign_bps = 10_000));
    chain.run_before(1, 3);
    let mut early = chain.clone();
    brought(&mut early, 0).unwrap();
    assert_eq!(early.pool(4), (135, 150), "a tenth");
    brought(&mut chain, 1).unwrap();
    assert_eq!(chain.pool(4), (1, 150), "all but one base unit");
}

/// The epoch in which an account's balance comes to this, if it does by `limit`.
fn paid_in(chain: &Chain, name: u8, balance: u64, limit: u64) -> Option<u64> {
    let mut chain = chain.clone();
    for epoch in chain.epoch().number.0..=limit {
        if chain.height() < epoch * LENGTH {
            chain.run_before(epoch, 1);
        }
        chain.block(&[]);
        if chain.balance(name) == balance {
            return Some(epoch);
        }
    }
    None
}

#[test]
fn a_shorter_unbonding_period_frees_nothing_that_evidence_may_still_come_for() {
    let long = StakingParams { unbonding_epochs: 6, evidence_epochs: 3, ..staking() };
    let mut chain = Chain::new(long, &BONDS);
    chain.does(9, delegate(4, 100));
    chain.run_before(2, 1);
    chain.does(9, unbond(4, 100));
    let balance = chain.balance(9) + 100;
    let paid = |chain: &Chain| paid_in(chain, 9, balance, 12);
    assert_eq!(paid(&chain), Some(9), "as things are: epoch 2 + 6 + 1");
    // Unbonding alone: at once, as soon as the evidence of epoch 2 is over.
    let mut alone = chain.clone();
    alone.passes(3, staked(|s| (s.unbonding_epochs, s.evidence_epochs) = (3, 3)));
    assert_eq!(paid(&alone), Some(6));
    // Both: evidence of epoch 2 comes until epoch 5 all the same.
    chain.passes(3, staked(|s| (s.unbonding_epochs, s.evidence_epochs) = (1, 1)));
    assert_eq!(accepted_until(&chain, 2, 8), Some(5));
    assert_eq!(paid(&chain), Some(6));
    chain.run_before(5, 4);
    brought(&mut chain, 2).unwrap();
    assert_eq!(chain.unbonding(4, 2), (90, 100), "it was there to be slashed");
}

#[test]
fn redelegated_stake_stays_liable_as_long_as_its_former_validator_s_offence() {
    let long = StakingParams { unbonding_epochs: 4, evidence_epochs: 4, ..staking() };
    let mut chain = Chain::new(long, &BONDS);
    chain.does(9, delegate(4, 100));
    chain.run_before(1, 1);
    chain.does(9, redelegate(4, 3, 100));
    chain.passes(2, staked(|s| (s.unbonding_epochs, s.evidence_epochs) = (1, 1)));
    chain.run_before(5, 3);
    chain.fails(9, unbond(3, 100), FailureCode::StakeLocked);
    let mut convicted = chain.clone();
    brought(&mut convicted, 1).unwrap();
    assert_eq!(convicted.redelegation(4, 0).map(|moved| moved.amount), Some(Amount(90)));
    chain.run_before(6, 2);
    assert_eq!(brought(&mut chain.clone(), 1), gone(1));
    chain.does(9, unbond(3, 100));
}

#[test]
fn a_longer_unbonding_period_holds_what_is_leaving_too() {
    let mut chain = chain();
    chain.does(9, delegate(4, 100));
    chain.run_before(1, 1);
    chain.does(9, unbond(4, 100));
    let balance = chain.balance(9) + 100;
    assert_eq!(paid_in(&chain, 9, balance, 9), Some(4));
    chain.passes(3, staked(|s| s.unbonding_epochs = 5));
    assert_eq!(paid_in(&chain, 9, balance, 9), Some(7));
}

#[test]
fn entries_are_forgotten_in_order_after_a_period_was_cut() {
    let long = StakingParams { unbonding_epochs: 9, evidence_epochs: 9, ..staking() };
    let mut chain = Chain::new(long, &BONDS);
    chain.passes(2, staked(|s| (s.unbonding_epochs, s.evidence_epochs) = (1, 1)));
    let oldest = |chain: &Chain| chain.state.view().epoch_clock().unwrap().oldest.0;
    for (epoch, expected) in [(2, 0), (9, 0), (10, 1), (11, 10), (12, 11)] {
        chain.run_before(epoch, 2);
        assert_eq!(oldest(&chain), expected, "in epoch {epoch}");
        let kept = |number| chain.state.view().epoch(Epoch(number)).unwrap().is_some();
        assert!((0..expected).all(|number| !kept(number)) && (expected..=epoch).all(kept));
    }
}
