//! Each lie, and the error that names it (L-1 to L-6).
#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Validators, context, now, present};
use quorate_crypto::merkle::ProofError;
use quorate_crypto::state_tree::StateProofError;
use quorate_light::{
    Anchor, Claim, LightError, MAX_BUNDLE_BYTES, MAX_EPOCH_STEPS, MAX_STATE_KEY_BYTES,
    MAX_STATE_VALUE_BYTES, ProofBundle, StateClaim, verify_bundle, verify_bytes,
};
use quorate_types::verify::VerifyError;
use quorate_types::{
    Canonical, CertificateKind, DecodeError, Digest, Epoch, Height, Timestamp, ValidatorIndex, View,
};

/// From genesis over two epochs to a transaction in height 8.
fn honest(chain: &Chain) -> ProofBundle {
    chain.bundle(0, 8, chain.transaction_claim(8, 0))
}

fn refusal(chain: &Chain, bundle: &ProofBundle) -> LightError {
    verify_bundle(&chain.trust(0), bundle, now()).unwrap_err()
}

/// The verdict on the honest bundle with one change.
fn changed(change: impl FnOnce(&Chain, &mut ProofBundle)) -> LightError {
    let chain = Chain::three_epochs();
    let mut bundle = honest(&chain);
    change(&chain, &mut bundle);
    refusal(&chain, &bundle)
}

fn other_epoch(height: u64, known: u64, found: u64) -> LightError {
    LightError::OtherEpoch { height: Height(height), known: Epoch(known), found: Epoch(found) }
}

fn certificate(height: u64, error: VerifyError) -> LightError {
    LightError::Certificate { height: Height(height), error }
}

#[test]
fn a_skipped_repeated_missing_or_surplus_epoch() {
    let skipped = changed(|_, bundle| drop(bundle.steps.remove(0)));
    assert_eq!(skipped, other_epoch(6, 0, 1));
    let missing = changed(|_, bundle| drop(bundle.steps.pop()));
    assert_eq!(missing, other_epoch(8, 1, 2));
    let repeated = changed(|_, bundle| bundle.steps.insert(0, bundle.steps[0].clone()));
    assert_eq!(repeated, other_epoch(3, 1, 0));
    let swapped = changed(|_, bundle| bundle.steps.swap(0, 1));
    assert_eq!(swapped, other_epoch(6, 0, 1));
    let surplus = changed(|chain, bundle| {
        *bundle = {
            let steps = bundle.steps.clone();
            ProofBundle { steps, ..chain.bundle(0, 5, chain.transaction_claim(5, 0)) }
        }
    });
    assert_eq!(surplus, other_epoch(5, 2, 1));
}

/// The header of a height that does not end its epoch announces the same set: it leads nowhere.
#[test]
fn a_step_in_the_middle_of_an_epoch() {
    for height in [1, 2] {
        let error = changed(|chain, bundle| {
            let step = &mut bundle.steps[0];
            step.header = chain.header(height);
            step.certificate = chain.commits(&step.header);
            step.next = chain.sets[0].set.clone();
        });
        assert_eq!(error, LightError::NotLast { height: Height(height), epoch: Epoch(0) });
    }
}

#[test]
fn other_validators_than_the_announced_ones() {
    let announced = |epoch, height| LightError::OtherNextValidators {
        height: Height(height),
        epoch: Epoch(epoch),
    };
    for set in [0, 2] {
        let error = changed(|chain, bundle| bundle.steps[0].next = chain.sets[set].set.clone());
        assert_eq!(error, announced(1, 3), "the set of epoch {set} for epoch 1");
    }
    let more_power = [(5, 7), (6, 8), (7, 10)];
    let error = changed(|_, bundle| bundle.steps[1].next = Validators::of(&more_power).set);
    assert_eq!(error, announced(2, 6));
}

/// A header that the right validators signed, but that names others, is not of the chain.
#[test]
fn a_header_that_names_another_set() {
    let error = changed(|chain, bundle| {
        bundle.header.validators_hash = chain.sets[0].set.id();
        bundle.certificate = chain.commits(&bundle.header);
    });
    assert_eq!(error, LightError::OtherValidators(Height(8)));
}

#[test]
fn a_version_or_height_that_no_header_has() {
    let error = changed(|chain, bundle| {
        bundle.header.version = 2;
        bundle.certificate = chain.commits(&bundle.header);
    });
    let height = Height(8);
    assert_eq!(error, LightError::OtherVersion { height, expected: 1, found: 2 });
    let error = changed(|chain, bundle| {
        bundle.steps.clear();
        bundle.header.height = Height::GENESIS;
        bundle.certificate = chain.commits(&bundle.header);
    });
    assert_eq!(error, LightError::NoHeader);
    let error = changed(|_, bundle| bundle.header.height = Height(u64::MAX));
    assert_eq!(error, other_epoch(u64::MAX, 2, (u64::MAX - 1) / 3));
}

#[test]
fn a_certificate_of_another_kind_height_or_block() {
    let error = changed(|chain, bundle| {
        let at = (bundle.header.height, View::ZERO, bundle.header.digest());
        let (kind, validators) = (CertificateKind::Prepared, &chain.sets[2]);
        bundle.certificate = validators.certify(&chain.context, kind, at, &validators.everybody());
    });
    assert_eq!(error, LightError::NotCommitted(Height(8)));
    let other = LightError::OtherBlock(Height(8));
    let error = changed(|chain, bundle| {
        bundle.certificate = chain.commits(&chain.header(7));
    });
    assert_eq!(error, other);
    let error = changed(|_, bundle| bundle.certificate.height = Height(7));
    assert_eq!(error, other);
    let error = changed(|_, bundle| bundle.header.time = Timestamp(1));
    assert_eq!(error, other, "the signatures are of another header");
}

#[test]
fn a_certificate_that_does_not_hold() {
    let sub_quorum = changed(|chain, bundle| {
        let step = &mut bundle.steps[0];
        step.certificate = chain.commits_of(&step.header, &[0, 1]);
    });
    assert_eq!(sub_quorum, certificate(3, VerifyError::NoQuorum));
    let kind_changed = changed(|chain, bundle| {
        let at = (bundle.header.height, View::ZERO, bundle.header.digest());
        let (kind, validators) = (CertificateKind::Prepared, &chain.sets[2]);
        bundle.certificate = validators.certify(&chain.context, kind, at, &validators.everybody());
        bundle.certificate.kind = CertificateKind::Commit;
    });
    assert_eq!(kind_changed, certificate(8, VerifyError::BadSignature(ValidatorIndex(0))));
    let view_changed = changed(|_, bundle| bundle.certificate.view = View(7));
    assert_eq!(view_changed, certificate(8, VerifyError::BadSignature(ValidatorIndex(0))));
    let fewer = changed(|_, bundle| bundle.certificate.signatures.truncate(2));
    assert_eq!(fewer, certificate(8, VerifyError::WrongCount { signers: 3, signatures: 2 }));
}

/// The old validators cannot speak for the new epoch, nor the new ones for the old.
#[test]
fn a_certificate_of_another_epochs_validators() {
    let error = changed(|chain, bundle| {
        let at = (bundle.header.height, View::ZERO, bundle.header.digest());
        let (kind, validators) = (CertificateKind::Commit, &chain.sets[0]);
        bundle.certificate = validators.certify(&chain.context, kind, at, &validators.everybody());
    });
    assert_eq!(error, certificate(8, VerifyError::WrongSize { expected: 3, found: 4 }));
    let error = changed(|chain, bundle| {
        let step = &mut bundle.steps[0];
        let at = (step.header.height, View::ZERO, step.header.digest());
        let (kind, validators) = (CertificateKind::Commit, &chain.sets[1]);
        step.certificate = validators.certify(&chain.context, kind, at, &validators.everybody());
    });
    assert!(matches!(error, LightError::Certificate { height: Height(3), .. }), "{error}");
}

#[test]
fn another_chain_of_the_same_or_of_other_validators() {
    let chain = Chain::three_epochs();
    let same_keys = Chain::new(context("local-other"), 3, chain.sets.clone());
    assert_eq!(same_keys.context.genesis_hash, chain.context.genesis_hash, "only the name differs");
    let bad = VerifyError::BadSignature(ValidatorIndex(0));
    assert_eq!(refusal(&chain, &honest(&same_keys)), certificate(3, bad));

    let sets = [[(11, 1), (12, 1)], [(13, 1), (14, 1)], [(15, 1), (16, 1)]];
    let sets = sets.iter().map(|members| Validators::of(members)).collect();
    let other_sets = Chain::new(chain.context.clone(), 3, sets);
    assert_eq!(refusal(&chain, &honest(&other_sets)), LightError::OtherValidators(Height(3)));

    let other = Chain::new(context("local-elsewhere"), 3, chain.sets.clone());
    let (expected, found) = (chain.context.genesis_hash, other.context.genesis_hash);
    assert_eq!(refusal(&chain, &honest(&other)), LightError::OtherChain { expected, found });
}

#[test]
fn a_start_that_the_anchor_does_not_call_for() {
    let chain = Chain::three_epochs();
    let bundle = chain.bundle(2, 8, chain.transaction_claim(8, 0));
    assert_eq!(refusal(&chain, &bundle), LightError::StartUnknown(Height(2)));
    let missing = verify_bundle(&chain.trust(2), &honest(&chain), now());
    assert_eq!(missing, Err(LightError::StartMissing(Height(2))));
}

#[test]
fn a_start_that_is_not_the_checkpoint() {
    let chain = Chain::three_epochs();
    let verdict = |trusted, bundle: &ProofBundle| {
        verify_bundle(&chain.trust(trusted), bundle, now()).map(|_| ())
    };
    let mut bundle = chain.bundle(2, 8, chain.transaction_claim(8, 0));
    for trusted in [1, 3] {
        let other = Err(LightError::OtherCheckpoint(Height(trusted)));
        assert_eq!(verdict(trusted, &bundle), other);
    }
    let start = bundle.start.as_mut().unwrap();
    start.validators = chain.sets[1].set.clone();
    assert_eq!(verdict(2, &bundle), Err(LightError::OtherValidators(Height(2))));
    bundle.start.as_mut().unwrap().header.time = Timestamp(0);
    assert_eq!(verdict(2, &bundle), Err(LightError::OtherCheckpoint(Height(2))));
}

/// A digest that somebody calls that of height 7 is not believed to be of height 2.
#[test]
fn a_checkpoint_whose_height_is_not_its_headers() {
    let chain = Chain::three_epochs();
    let bundle = chain.bundle(2, 8, chain.transaction_claim(8, 0));
    let mut trust = chain.trust(2);
    let Anchor::Checkpoint { height, .. } = &mut trust.anchor else {
        panic!("a checkpoint");
    };
    *height = Height(7);
    let refused = verify_bundle(&trust, &bundle, now());
    assert_eq!(refused, Err(LightError::OtherCheckpoint(Height(7))));
}

#[test]
fn a_checkpoint_of_height_0_is_none() {
    let chain = Chain::three_epochs();
    let mut bundle = chain.bundle(1, 2, chain.transaction_claim(2, 0));
    let start = bundle.start.as_mut().unwrap();
    start.header.height = Height::GENESIS;
    let (digest, unbonding_ms) = (start.header.digest(), common::PERIOD_MS);
    let anchor = Anchor::Checkpoint { height: Height::GENESIS, digest, unbonding_ms };
    let trust = quorate_light::Trust { anchor, ..chain.trust(0) };
    assert_eq!(verify_bundle(&trust, &bundle, now()), Err(LightError::NoHeader));
}

/// Two final headers of one height: M-2 is broken, and the client does not pick a side.
#[test]
fn a_final_header_that_contradicts_the_checkpoint() {
    let chain = Chain::three_epochs();
    let mut bundle = chain.bundle(2, 2, chain.transaction_claim(2, 0));
    assert!(verify_bundle(&chain.trust(2), &bundle, now()).is_ok());
    bundle.header.time = bundle.header.time.plus(1);
    bundle.certificate = chain.commits(&bundle.header);
    let forked = verify_bundle(&chain.trust(2), &bundle, now());
    assert_eq!(forked, Err(LightError::Fork(Height(2))));
    bundle.certificate = chain.commits_of(&bundle.header, &[0, 1]);
    let unproved = verify_bundle(&chain.trust(2), &bundle, now());
    assert_eq!(unproved, Err(certificate(2, VerifyError::NoQuorum)), "anybody can say so");
}

#[test]
fn an_epoch_below_the_checkpoints() {
    let chain = Chain::three_epochs();
    let bundle = ProofBundle {
        start: Some(chain.start(5)),
        ..chain.bundle(0, 3, chain.transaction_claim(3, 0))
    };
    let refused = verify_bundle(&chain.trust(5), &bundle, now());
    assert_eq!(refused, Err(other_epoch(3, 1, 0)));
}

/// The honest bundle with another claim, under the header of height 8.
fn claiming(claim: impl FnOnce(&Chain) -> Claim) -> LightError {
    changed(|chain, bundle| bundle.claim = claim(chain))
}

#[test]
fn a_claim_about_the_state_that_is_not_so() {
    let wrong = |error| LightError::State { height: Height(7), error };
    let of_another_height = claiming(|chain| chain.state(6, &present()));
    assert_eq!(of_another_height, wrong(StateProofError::WrongRoot));
    let altered = |change: fn(&mut StateClaim)| {
        claiming(|chain| match chain.state(7, &present()) {
            Claim::State(mut claim) => {
                change(&mut claim);
                Claim::State(claim)
            }
            Claim::Transaction { .. } | Claim::Receipt { .. } => panic!("of the state"),
        })
    };
    let absent = altered(|claim| claim.value = None);
    assert_eq!(absent, wrong(StateProofError::WrongTerminal));
    let richer = altered(|claim| claim.value = Some(vec![0xff; 16]));
    assert_eq!(richer, wrong(StateProofError::WrongTerminal));
    let another_key = altered(|claim| claim.key[5] ^= 1);
    assert_eq!(another_key, wrong(StateProofError::WrongTerminal));
    let deeper = altered(|claim| claim.proof.siblings.push(claim.proof.siblings[0]));
    assert_eq!(deeper, wrong(StateProofError::WrongRoot));
    assert_eq!(altered(|claim| claim.key.clear()), LightError::EmptyKey);
}

#[test]
fn a_transaction_or_receipt_that_is_not_there() {
    let height = Height(8);
    let wrong = claiming(|chain| chain.transaction_claim(7, 0));
    assert_eq!(wrong, LightError::Transaction { height, error: ProofError::WrongRoot });
    let height = Height(7);
    for of in [6, 8] {
        let wrong = claiming(|chain| chain.receipt_claim(of, 0));
        assert_eq!(wrong, LightError::Receipt { height, error: ProofError::WrongRoot });
    }
    let outside = claiming(|chain| match chain.receipt_claim(7, 0) {
        Claim::Receipt { receipt, mut proof } => {
            proof.index = 3;
            Claim::Receipt { receipt, proof }
        }
        Claim::State(_) | Claim::Transaction { .. } => panic!("of a receipt"),
    });
    assert_eq!(outside, LightError::Receipt { height, error: ProofError::IndexOutOfRange });
}

#[test]
fn bytes_that_are_no_sealed_bundle() {
    let chain = Chain::three_epochs();
    let refused = |bytes: &[u8]| verify_bytes(&chain.trust(0), bytes, now()).unwrap_err();
    let (wanted, left) = (32, 31);
    assert_eq!(refused(&[0; 31]), DecodeError::Truncated { wanted, left }.into());
    let seal = LightError::from(DecodeError::Invalid("proof bundle: its seal"));
    assert_eq!(refused(&[0; 32]), seal);
    let sealed = honest(&chain).seal();
    assert_eq!(refused(&sealed[1..]), seal);
    assert_eq!(refused(&[&sealed[..], &[0]].concat()), seal);
    let (what, limit) = ("proof bundle", MAX_BUNDLE_BYTES);
    let found = limit + 1;
    assert_eq!(refused(&vec![0; found]), DecodeError::TooLong { what, found, limit }.into());
    assert_eq!(refused(&vec![0; limit]), seal);
}

#[test]
fn bytes_that_no_bundle_encodes_to() {
    let chain = Chain::three_epochs();
    let bytes = chain.bundle(0, 2, chain.state(1, &present())).to_bytes();
    let decoded = |at: usize, with: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        ProofBundle::from_bytes(&bytes).unwrap_err()
    };
    let unknown = |what, found| DecodeError::Unknown { what, found };
    for version in [0, 2] {
        assert_eq!(decoded(0, &[version]), unknown("proof bundle version", version.into()));
    }
    assert_eq!(decoded(33, &[2]), unknown("start", 2));
    let (what, found, limit) = ("epoch steps", MAX_EPOCH_STEPS + 1, MAX_EPOCH_STEPS);
    let count = u32::try_from(found).unwrap().to_be_bytes();
    assert_eq!(decoded(34, &count), DecodeError::TooLong { what, found, limit });
    let claim = bytes.len() - chain.state(1, &present()).to_bytes().len();
    assert_eq!(decoded(claim, &[3]), unknown("claim", 3));
    let trailing = ProofBundle::from_bytes(&[&bytes[..], &[0]].concat());
    assert_eq!(trailing, Err(DecodeError::Trailing(1)));
}

#[test]
fn keys_and_values_of_the_state_have_limits() {
    let chain = Chain::three_epochs();
    let Claim::State(claim) = chain.state(1, &present()) else {
        panic!("of the state");
    };
    let decoded = |key: usize, value: usize| {
        let (key, value) = (vec![1; key], Some(vec![1; value]));
        let claim = StateClaim { key, value, proof: claim.proof.clone() };
        StateClaim::from_bytes(&claim.to_bytes()).map(|decoded| assert_eq!(decoded, claim))
    };
    let (what, limit) = ("state value", MAX_STATE_VALUE_BYTES);
    let found = limit + 1;
    assert_eq!(decoded(MAX_STATE_KEY_BYTES, limit), Ok(()));
    assert_eq!(decoded(1, 0), Ok(()));
    assert_eq!(decoded(1, found), Err(DecodeError::TooLong { what, found, limit }));
    assert_eq!(decoded(0, 1), Err(DecodeError::Invalid("state key: empty")));
    let (what, limit) = ("state key", MAX_STATE_KEY_BYTES);
    let found = limit + 1;
    assert_eq!(decoded(found, 0), Err(DecodeError::TooLong { what, found, limit }));
}

/// What is refused changes nothing: the client goes on from where it was.
#[test]
fn a_refused_step_leaves_the_client_where_it_is() {
    let chain = Chain::three_epochs();
    let mut known = chain.trust(0).open(None, now()).unwrap();
    let before = known.clone();
    let mut lie = chain.step(0);
    lie.next = chain.sets[2].set.clone();
    known.advance(&lie).unwrap_err();
    lie = chain.step(0);
    lie.header.parent = Digest::default();
    known.advance(&lie).unwrap_err();
    assert_eq!(known, before);
    known.advance(&chain.step(0)).unwrap();
}
