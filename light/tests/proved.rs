//! What an honest node says is proved, from the genesis and from every checkpoint, for every kind of
//! claim (L-1 to L-5).
#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, absent_beside_a_leaf, now, present, time};
use quorate_light::{
    Claim, Fact, LightError, least_trust_ms, prove_bundle, verify_bundle, verify_bytes,
};
use quorate_types::{Account, Canonical, ChainParams, Epoch, Height, Nonce, Power};

/// The fact that an honest claim under the header of `height` comes to, and its height.
fn expected(claim: &Claim, height: u64) -> (Fact, Height) {
    match claim.clone() {
        Claim::State(claim) => {
            (Fact::State { key: claim.key, value: claim.value }, Height(height - 1))
        }
        Claim::Transaction { transaction, proof } => {
            (Fact::Transaction { transaction, index: proof.index }, Height(height))
        }
        Claim::Receipt { receipt, proof } => {
            (Fact::Receipt { receipt, index: proof.index }, Height(height - 1))
        }
    }
}

#[test]
fn every_claim_is_proved_from_every_trusted_point_below_it() {
    let chain = Chain::three_epochs();
    for trusted in 0..=8 {
        let first = Epoch::of(Height(trusted), 3).0 * 3 + 1;
        for height in first..=8 {
            for claim in chain.claims(height) {
                let bundle = chain.bundle(trusted, height, claim.clone());
                let trust = chain.trust(trusted);
                let proved = verify_bytes(&trust, &bundle.seal(), now()).unwrap();
                let (fact, of) = expected(&claim, height);
                assert_eq!((proved.fact, proved.height), (fact, of), "{trusted} to {height}");
                assert_eq!(proved.header, chain.header(height));
            }
        }
    }
}

#[test]
fn a_value_of_the_state_is_that_after_the_height_below_the_header() {
    let chain = Chain::three_epochs();
    for height in 1..=8 {
        let bundle = chain.bundle(0, height, chain.state(height - 1, &present()));
        let proved = verify_bundle(&chain.trust(0), &bundle, now()).unwrap();
        let Fact::State { key, value: Some(value) } = proved.fact else {
            panic!("a value");
        };
        assert_eq!(key, present().to_bytes());
        assert_eq!(Account::from_bytes(&value).unwrap().nonce, Nonce(height - 1));
    }
}

#[test]
fn an_absent_key_is_proved_absent() {
    let chain = Chain::three_epochs();
    let key = absent_beside_a_leaf(&chain, 4);
    let bundle = chain.bundle(0, 5, chain.state(4, &key));
    let proved = verify_bundle(&chain.trust(0), &bundle, now()).unwrap();
    assert_eq!(proved.fact, Fact::State { key: key.to_bytes(), value: None });
}

#[test]
fn a_client_that_stays_walks_the_epochs_once() {
    let chain = Chain::three_epochs();
    let mut known = chain.trust(0).open(None, now()).unwrap();
    for epoch in 0..3 {
        assert_eq!(known.epoch(), Epoch(epoch));
        assert_eq!(known.validators(), &chain.validators(epoch * 3 + 1).set);
        for height in epoch * 3 + 1..=(epoch * 3 + 3).min(8) {
            let header = chain.header(height);
            let verified = known.verify_header(&header, &chain.commits(&header)).unwrap();
            assert_eq!(verified.header(), &header);
            for claim in chain.claims(height) {
                let (fact, height) = expected(&claim, height);
                let proved = claim.verify(&verified).unwrap();
                assert_eq!((proved.fact, proved.height), (fact, height));
            }
        }
        if epoch < 2 {
            known.advance(&chain.step(epoch)).unwrap();
        }
    }
}

#[test]
fn any_quorum_and_any_view_prove_the_same() {
    let chain = Chain::three_epochs();
    let claim = chain.transaction_claim(2, 0);
    let honest = chain.bundle(0, 2, claim);
    let proved = verify_bundle(&chain.trust(0), &honest, now()).unwrap();
    for signers in [&[0, 1, 2][..], &[1, 2, 3], &[0, 2, 3]] {
        let mut other = honest.clone();
        other.certificate = chain.commits_of(&other.header, signers);
        assert_ne!(other.seal(), honest.seal());
        assert_eq!(verify_bundle(&chain.trust(0), &other, now()), Ok(proved.clone()));
    }
}

/// Of the second epoch's 10, 40, 10 and 7: who signs is told by the certificate, and named in the
/// order of the set.
#[test]
fn the_power_that_stands_for_a_claim_is_told() {
    let chain = Chain::three_epochs();
    let mut bundle = chain.bundle(0, 5, chain.transaction_claim(5, 0));
    let set = &chain.validators(5).set;
    let of = |index: u16| set.validators()[usize::from(index)].power.0;
    let forty = (0..4).find(|index| of(*index) == 40).unwrap();
    let mut signers = vec![forty, (forty + 1) % 4];
    signers.sort_unstable();
    let signed: u64 = signers.iter().map(|index| of(*index)).sum();
    bundle.certificate = chain.commits_of(&bundle.header, &signers);
    let proved = prove_bundle(&chain.trust(0), &bundle, now()).unwrap();
    assert_eq!((proved.signed, proved.total), (Power(signed), Power(67)));
    assert_eq!((proved.epoch, proved.signers), (Epoch(1), (2, 4)));
}

/// L-1: less than the period, to the millisecond, and ahead of the clock by the tolerance at most.
#[test]
fn a_checkpoint_is_good_for_the_unbonding_period() {
    let chain = Chain::three_epochs();
    let (trust, bundle) = (chain.trust(2), chain.bundle(2, 8, chain.transaction_claim(8, 0)));
    let verdict = |now| verify_bundle(&trust, &bundle, now).map(|_| ());
    let (made, period_ms) = (time(2), common::PERIOD_MS);
    assert_eq!(verdict(made), Ok(()));
    assert_eq!(verdict(made.plus(period_ms - 1)), Ok(()));
    let expired = |age_ms| Err(LightError::CheckpointExpired { age_ms, period_ms });
    assert_eq!(verdict(made.plus(period_ms)), expired(period_ms));
    assert_eq!(verdict(made.plus(period_ms + 5)), expired(period_ms + 5));
    let early = made.minus(quorate_light::CLOCK_TOLERANCE_MS);
    assert_eq!(verdict(early), Ok(()));
    let now = early.minus(1);
    assert_eq!(verdict(now), Err(LightError::CheckpointAhead { checkpoint: made, now }));
}

#[test]
fn the_least_trust_is_that_of_the_shorter_period_at_the_fastest_pace() {
    let mut params =
        ChainParams { epoch_length: 10, min_block_interval_ms: 3, ..Default::default() };
    (params.staking.unbonding_epochs, params.staking.evidence_epochs) = (7, 5);
    assert_eq!(least_trust_ms(&params), 5 * 10 * 3);
    params.staking.evidence_epochs = u64::MAX;
    assert_eq!(least_trust_ms(&params), 7 * 10 * 3);
    params.staking.unbonding_epochs = u64::MAX;
    assert_eq!(least_trust_ms(&params), u64::MAX);
}

#[test]
fn the_genesis_has_no_age() {
    let chain = Chain::three_epochs();
    let bundle = chain.bundle(0, 8, chain.transaction_claim(8, 0));
    for now in [0, u64::MAX].map(quorate_types::Timestamp) {
        assert!(verify_bundle(&chain.trust(0), &bundle, now).is_ok());
    }
}

#[test]
fn one_validator_and_epochs_of_two_heights() {
    let sets = [vec![(1, 1)], vec![(2, u64::MAX)], vec![(1, 1)]];
    let sets = sets.iter().map(|members| common::Validators::of(members)).collect();
    let chain = Chain::new(common::context("local-one"), 2, sets);
    let bundle = chain.bundle(0, 5, chain.receipt_claim(4, 0));
    assert_eq!(verify_bundle(&chain.trust(0), &bundle, now()).unwrap().height, Height(4));
}
