//! L-6: every byte of a bundle is bound. Changed bytes are refused, sealed or not; the one exception
//! without the seal is the key of something absent, which then says something else that is true.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Validators, context, now, present};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use quorate_light::{Claim, Fact, LightError, ProofBundle, Trust, verify_bundle, verify_bytes};
use quorate_types::{Canonical, DecodeError, Digest, Height};

/// Two epochs of two heights, with few validators: short bundles with everything in them.
fn short_chain() -> Chain {
    let sets = [vec![(1, 3), (2, 1)], vec![(2, 1), (3, 1)]];
    let sets = sets.iter().map(|members| Validators::of(members)).collect();
    Chain::new(context("local-short"), 2, sets)
}

/// An honest bundle of every kind, with a start and a step where the claim is the first.
fn bundles(chain: &Chain) -> Vec<(Trust, ProofBundle)> {
    let of = |(number, claim): (usize, Claim)| {
        let trusted = if number == 0 { 1 } else { 3 };
        (chain.trust(trusted), chain.bundle(trusted, 3, claim))
    };
    let from_genesis = chain.bundle(0, 2, chain.state(1, &present()));
    let claims = chain.claims(3).into_iter().enumerate();
    claims.map(of).chain([(chain.trust(0), from_genesis)]).collect()
}

#[test]
fn every_changed_byte_of_a_sealed_bundle_is_refused() {
    let chain = short_chain();
    for (trust, bundle) in bundles(&chain) {
        let sealed = bundle.seal();
        assert!(verify_bytes(&trust, &sealed, now()).is_ok());
        for at in 0..sealed.len() {
            for flipped in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                let mut sealed = sealed.clone();
                sealed[at] ^= flipped;
                let refused = verify_bytes(&trust, &sealed, now()).unwrap_err();
                let damaged = DecodeError::Invalid("proof bundle: its seal");
                assert_eq!(refused, LightError::Malformed(damaged), "byte {at}");
            }
        }
    }
}

/// What becomes of bytes that a liar has sealed anew.
fn judge(trust: &Trust, bytes: &[u8]) -> Option<Fact> {
    let bundle = ProofBundle::from_bytes(bytes).ok()?;
    assert_eq!(bundle.to_bytes(), bytes, "one encoding for each bundle (B-2)");
    verify_bundle(trust, &bundle, now()).ok().map(|proved| proved.fact)
}

/// The only fact that a changed byte may prove: that another key is absent, if it is.
fn is_another_absence(chain: &Chain, bundle: &ProofBundle, fact: &Fact) -> bool {
    let Claim::State(claim) = &bundle.claim else {
        return false;
    };
    match fact {
        Fact::State { key, value: None } => {
            let height = bundle.header.height.previous().unwrap();
            claim.value.is_none() && *key != claim.key && chain.value(height.0, key).is_none()
        }
        Fact::State { value: Some(_), .. } | Fact::Transaction { .. } | Fact::Receipt { .. } => {
            false
        }
    }
}

/// All of the first bundle, which has a start and a step too; of the others the claims.
#[test]
fn every_changed_byte_that_is_sealed_anew_is_refused_but_for_the_key_of_an_absence() {
    let chain = short_chain();
    let mut absences = 0;
    for (number, (trust, bundle)) in bundles(&chain).into_iter().enumerate() {
        let bytes = bundle.to_bytes();
        let claim = bytes.len() - bundle.claim.to_bytes().len();
        for at in if number == 0 { 0 } else { claim }..bytes.len() {
            for flipped in [0x01, 0x10, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= flipped;
                let Some(fact) = judge(&trust, &changed) else {
                    continue;
                };
                assert!(is_another_absence(&chain, &bundle, &fact), "byte {at}: {fact:?}");
                absences += 1;
            }
        }
    }
    assert!(absences > 0, "in a small tree a near key ends in the same subtree");
}

/// All 255 other values of the bytes that no hash covers as they stand: tags, counts, signers.
#[test]
fn every_value_of_a_certificates_first_bytes_is_refused() {
    let chain = short_chain();
    let bundle = chain.bundle(0, 2, chain.state(1, &present()));
    let bytes = bundle.to_bytes();
    let header = bundle.header.to_bytes();
    let start = 1 + 32 + 1 + 4 + header.len();
    assert_eq!(bytes[start - header.len()..start], header[..]);
    let (fixed, signers) = (1 + 8 + 8 + 32, 2 + 1);
    let front = (0..38).chain(start..start + fixed + signers);
    for (at, flipped) in front.flat_map(|at| (1..=u8::MAX).map(move |flipped| (at, flipped))) {
        let mut changed = bytes.clone();
        changed[at] ^= flipped;
        assert_eq!(judge(&chain.trust(0), &changed), None, "byte {at} by {flipped}");
    }
}

#[test]
fn no_prefix_is_a_bundle() {
    let chain = short_chain();
    let (_, bundle) = bundles(&chain).swap_remove(0);
    let bytes = bundle.to_bytes();
    for length in 0..bytes.len() {
        let cut = ProofBundle::from_bytes(&bytes[..length]);
        assert!(matches!(cut, Err(DecodeError::Truncated { .. })), "{length}: {cut:?}");
    }
}

/// Whoever signs: the certificate holds exactly with more than two thirds of the power.
fn check_signers(powers: &[u64], mask: u8) -> Result<(), TestCaseError> {
    let members: Vec<(u8, u64)> = (1..).zip(powers.iter().copied()).collect();
    let chain = Chain::new(context("local-quorum"), 2, vec![Validators::of(&members)]);
    let mut bundle = chain.bundle(0, 1, chain.transaction_claim(1, 0));
    let everybody = chain.sets[0].everybody();
    let signers: Vec<u16> =
        everybody.into_iter().filter(|index| mask & (1 << index) != 0).collect();
    bundle.certificate = chain.commits_of(&bundle.header, &signers);
    let power = |index: &u16| chain.sets[0].set.validators()[usize::from(*index)].power.0;
    let signed: u128 = signers.iter().map(|index| u128::from(power(index))).sum();
    let total: u128 = powers.iter().map(|power| u128::from(*power)).sum();
    let proved = verify_bundle(&chain.trust(0), &bundle, now()).is_ok();
    prop_assert_eq!(proved, 3 * signed > 2 * total);
    Ok(())
}

/// Epochs of any length under any sets, from any trusted height to any above it.
fn check_walk(
    length: u64,
    sets: &[Vec<u64>],
    (from, to): (Index, Index),
) -> Result<(), TestCaseError> {
    let of = |(number, powers): (usize, &Vec<u64>)| {
        let first = u8::try_from(number * 3 + 1).unwrap();
        let members: Vec<(u8, u64)> = (first..).zip(powers.iter().copied()).collect();
        Validators::of(&members)
    };
    let sets: Vec<Validators> = sets.iter().enumerate().map(of).collect();
    let chain = Chain::new(context("local-walk"), length, sets);
    let height = 1 + u64::try_from(to.index(chain.blocks.len())).unwrap();
    let trusted = from.index(usize::try_from(height).unwrap() + 1);
    let trusted = u64::try_from(trusted).unwrap();
    for claim in chain.claims(height) {
        let bundle = chain.bundle(trusted, height, claim);
        let sealed = bundle.seal();
        prop_assert_eq!(ProofBundle::open(&sealed), Ok(bundle.clone()));
        let proved = verify_bytes(&chain.trust(trusted), &sealed, now());
        prop_assert_eq!(proved.map(|proved| proved.header.height), Ok(Height(height)));
        for step in 0..bundle.steps.len() {
            let mut gap = bundle.clone();
            gap.steps.remove(step);
            let refused = verify_bundle(&chain.trust(trusted), &gap, now());
            prop_assert!(matches!(refused, Err(LightError::OtherEpoch { .. })), "{refused:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn exactly_a_quorum_proves(
        powers in vec(select(vec![1, 2, 3, 50, u64::MAX / 8]), 1..6),
        mask in any::<u8>(),
    ) {
        check_signers(&powers, mask)?;
    }

    #[test]
    fn any_chain_of_epochs_is_walked_and_no_epoch_skipped(
        length in 2..6_u64,
        sets in vec(vec(1..100_u64, 1..4), 1..5),
        ends in any::<(Index, Index)>(),
    ) {
        check_walk(length, &sets, ends)?;
    }

    /// Bytes of strangers: nothing panics, and what decodes encodes to the same bytes.
    #[test]
    fn any_bytes_are_refused(bytes in vec(any::<u8>(), 0..600), version in any::<bool>()) {
        let chain = short_chain();
        let mut bytes = bytes;
        if version && let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        prop_assert_eq!(judge(&chain.trust(0), &bytes), None);
        prop_assert!(verify_bytes(&chain.trust(0), &bytes, now()).is_err());
    }

    /// An honest bundle with pieces overwritten, cut out and put in.
    #[test]
    fn mangled_bundles_prove_nothing_new(
        which in any::<Index>(),
        edits in vec((any::<Index>(), 0..3_u8, vec(any::<u8>(), 1..40)), 1..4),
    ) {
        let chain = short_chain();
        let bundles = bundles(&chain);
        let (trust, bundle) = which.get(&bundles);
        let honest = bundle.to_bytes();
        let mut bytes = honest.clone();
        for (place, kind, piece) in &edits {
            let at = place.index(bytes.len());
            let end = (at + piece.len()).min(bytes.len());
            let piece: &[u8] = if *kind == 1 { &[] } else { piece };
            let end = if *kind == 2 { at } else { end };
            bytes.splice(at..end, piece.iter().copied());
        }
        if bytes != honest && let Some(fact) = judge(trust, &bytes) {
            prop_assert!(is_another_absence(&chain, bundle, &fact), "{:?}", fact);
        }
    }

    /// Whoever has the checkpoint's digest needs to believe nothing else.
    #[test]
    fn another_digest_is_another_checkpoint(byte in 0..32_usize, flipped in 1..=u8::MAX) {
        let chain = short_chain();
        let bundle = chain.bundle(1, 3, chain.transaction_claim(3, 0));
        let mut trust = chain.trust(1);
        if let quorate_light::Anchor::Checkpoint { digest, .. } = &mut trust.anchor {
            let mut bytes = *digest.0.as_bytes();
            bytes[byte] ^= flipped;
            *digest = Digest(quorate_crypto::Hash::from_bytes(bytes));
        }
        let refused = verify_bundle(&trust, &bundle, now());
        prop_assert_eq!(refused, Err(LightError::OtherCheckpoint(Height(1))));
    }
}
