//! Who said what: statements, certificates, view changes and pre-prepares, each with every part
//! changed once (B-3, B-4, M-5, R-7).
#![allow(clippy::unwrap_used)]

mod common;

use common::{Validators, commit, context, digest, hash, prepare, samples, statement};
use quorate_crypto::Signature;
use quorate_types::verify::{self, VerifyError};
use quorate_types::{
    Certificate, CertificateKind, ChainContext, Height, Message, SignedStatement, SignerSet,
    StatementBody, ValidatorIndex, View,
};

/// Chains that differ from the tests' in one thing each.
fn other_chains() -> Vec<(&'static str, ChainContext)> {
    let chain_id = "local-other".parse().unwrap();
    vec![
        ("name", ChainContext { chain_id, ..context() }),
        ("genesis", ChainContext { genesis_hash: hash(9), ..context() }),
        ("version", ChainContext { protocol_version: 2, ..context() }),
    ]
}

fn bad(signer: u16) -> VerifyError {
    VerifyError::BadSignature(ValidatorIndex(signer))
}

fn statement_verdict(signed: SignedStatement) -> Result<(), VerifyError> {
    verify::statement(signed, &context(), &Validators::four().set).map(|_| ())
}

#[test]
fn a_statement_is_of_its_signer_and_of_nothing_else() {
    let validators = Validators::four();
    let signed = validators.sign(2, prepare(5, 1, digest(0xaa)));
    let verified = verify::statement(signed, &context(), &validators.set).unwrap();
    assert_eq!((verified.value(), verified.set()), (&signed, validators.set.id()));

    let bodies = [
        prepare(6, 1, digest(0xaa)),
        prepare(5, 2, digest(0xaa)),
        prepare(5, 1, digest(0xab)),
        commit(5, 1, digest(0xaa)),
    ];
    for statement in bodies {
        let changed = SignedStatement { statement, ..signed };
        assert_eq!(statement_verdict(changed), Err(bad(2)), "{statement:?}");
    }
    let other_signer = SignedStatement { signer: ValidatorIndex(1), ..signed };
    assert_eq!(statement_verdict(other_signer), Err(bad(1)));
    let outside = SignedStatement { signer: ValidatorIndex(4), ..signed };
    let error = VerifyError::UnknownSigner(ValidatorIndex(4));
    assert_eq!(statement_verdict(outside), Err(error));
    for (name, context) in other_chains() {
        let verdict = verify::statement(signed, &context, &validators.set);
        assert_eq!(verdict, Err(bad(2)), "another {name}");
    }
}

#[test]
fn a_message_has_the_step_of_its_kind() {
    let validators = Validators::four();
    let prepare = validators.sign(0, prepare(5, 0, digest(1)));
    let commit = validators.sign(0, commit(5, 0, digest(1)));
    let verdict =
        |message| verify::message(message, &context(), &validators.set).map(|_| ()).is_ok();
    assert!(verdict(Message::Prepare(prepare)));
    assert!(verdict(Message::Commit(commit)));
    assert!(!verdict(Message::Prepare(commit)), "never read as another step");
    assert!(!verdict(Message::Commit(prepare)));
}

fn certificate_verdict(certificate: Certificate) -> Result<(), VerifyError> {
    verify::certificate(certificate, &context(), &Validators::four().set).map(|_| ())
}

/// Signed by 1, 2 and 3 of the four, at (5, 1).
fn certificate(kind: CertificateKind) -> Certificate {
    Validators::four().certify(kind, (5, 1), digest(0xaa), &[1, 2, 3])
}

fn signers(size: usize, indexes: &[u16]) -> SignerSet {
    let mut set = SignerSet::none_of(size);
    for index in indexes {
        assert!(set.insert(ValidatorIndex(*index)));
    }
    set
}

#[test]
fn a_certificate_needs_a_quorum_of_power() {
    let validators = Validators::four();
    let quorum = |indexes: &[u16]| {
        let power = |index: &u16| validators.set.validators()[usize::from(*index)].power.0;
        3 * indexes.iter().map(power).sum::<u64>() > 2 * 100
    };
    for mask in 0..16_u16 {
        let indexes: Vec<u16> = (0..4).filter(|index| mask & (1 << index) != 0).collect();
        let kind = CertificateKind::Commit;
        let verdict = certificate_verdict(validators.certify(kind, (5, 0), digest(1), &indexes));
        let expected = if quorum(&indexes) { Ok(()) } else { Err(VerifyError::NoQuorum) };
        assert_eq!(verdict, expected, "{indexes:?}");
    }
}

#[test]
fn a_certificate_s_lengths_are_exact() {
    let valid = certificate(CertificateKind::Commit);
    assert_eq!(certificate_verdict(valid.clone()), Ok(()));
    for size in [0, 3, 5, 8, 200] {
        let indexes: Vec<u16> = (1..4).filter(|index| usize::from(*index) < size).collect();
        let certificate = Certificate { signers: signers(size, &indexes), ..valid.clone() };
        let error = VerifyError::WrongSize { expected: 4, found: size };
        assert_eq!(certificate_verdict(certificate), Err(error));
    }
    let mut extra = valid.clone();
    extra.signatures.push(extra.signatures[0]);
    let error = VerifyError::WrongCount { signers: 3, signatures: 4 };
    assert_eq!(certificate_verdict(extra), Err(error));
    let mut missing = valid;
    missing.signatures.pop();
    let error = VerifyError::WrongCount { signers: 3, signatures: 2 };
    assert_eq!(certificate_verdict(missing), Err(error));
}

#[test]
fn every_signature_of_a_certificate_counts() {
    let valid = certificate(CertificateKind::Prepared);
    for position in 0..3_u16 {
        let mut broken = valid.clone();
        broken.signatures[usize::from(position)] = Signature::from_bytes([0; 64]);
        assert_eq!(certificate_verdict(broken), Err(bad(position + 1)));
    }
    let mut swapped = valid.clone();
    swapped.signatures.swap(0, 1);
    assert_eq!(certificate_verdict(swapped), Err(bad(1)), "in order of index");
    let all = Certificate { signers: signers(4, &[0, 2, 3]), ..valid };
    assert_eq!(certificate_verdict(all), Err(bad(0)), "others' signatures");
}

#[test]
fn a_certificate_is_of_one_statement() {
    let valid = certificate(CertificateKind::Prepared);
    assert_eq!(certificate_verdict(valid.clone()), Ok(()));
    let changed = [
        Certificate { kind: CertificateKind::Commit, ..valid.clone() },
        Certificate { height: Height(6), ..valid.clone() },
        Certificate { view: View(0), ..valid.clone() },
        Certificate { digest: digest(0xab), ..valid.clone() },
    ];
    for certificate in changed {
        assert_eq!(certificate_verdict(certificate.clone()), Err(bad(1)), "{certificate:?}");
    }
    let mut mixed = valid.clone();
    let (validators, other_view) = (Validators::four(), prepare(5, 2, digest(0xaa)));
    mixed.signatures[2] = validators.sign(3, other_view).signature;
    assert_eq!(certificate_verdict(mixed), Err(bad(3)), "one signature of another view");
    for (name, context) in other_chains() {
        let verdict = verify::certificate(valid.clone(), &context, &validators.set);
        assert_eq!(verdict, Err(bad(1)), "another {name}");
    }
}

#[test]
fn only_commit_certificates_travel_alone() {
    let verdict = |kind| {
        let message = Message::Certificate(certificate(kind));
        verify::message(message, &context(), &Validators::four().set).map(|_| ())
    };
    assert_eq!(verdict(CertificateKind::Commit), Ok(()));
    let error = VerifyError::Inconsistent("only commit certificates travel alone");
    assert_eq!(verdict(CertificateKind::Prepared), Err(error));
}

#[test]
fn votes_join_to_the_certificate_that_verifies() {
    let validators = Validators::four();
    let vote = |signer, statement| {
        let signed = validators.sign(signer, statement);
        verify::statement(signed, &context(), &validators.set).unwrap()
    };
    let prepare_5 = prepare(5, 1, digest(0xaa));
    let assemble = |votes: &[_]| verify::assemble(&prepare_5, votes, &validators.set);
    let votes = [3, 1, 2].map(|signer| vote(signer, prepare_5));
    let assembled = assemble(&votes).unwrap();
    assert_eq!(assembled.value(), &certificate(CertificateKind::Prepared), "in order of index");
    assert_eq!(certificate_verdict(assembled.value().clone()), Ok(()));

    assert_eq!(assemble(&votes[1..2]), Err(VerifyError::NoQuorum));
    let twice = [votes[0].clone(), votes[0].clone(), votes[1].clone()];
    assert!(matches!(assemble(&twice), Err(VerifyError::Inconsistent(_))));
    let mixed = [votes[0].clone(), vote(2, prepare(5, 2, digest(0xaa))), votes[1].clone()];
    assert!(matches!(assemble(&mixed), Err(VerifyError::Inconsistent(_))));
    let proposal = StatementBody::PrePrepare { digest: digest(1), justification: hash(0) };
    let proposals = [1, 2, 3].map(|signer| vote(signer, statement(5, 1, proposal)));
    let verdict = verify::assemble(&statement(5, 1, proposal), &proposals, &validators.set);
    assert!(matches!(verdict, Err(VerifyError::Inconsistent(_))), "no certificate of proposals");

    let fourth = assembled.with(&vote(0, prepare_5)).unwrap();
    assert_eq!(fourth.value().signers.count(), 4);
    assert_eq!(certificate_verdict(fourth.value().clone()), Ok(()));
    assert_eq!(fourth.with(&vote(0, prepare_5)), None, "it has that signer");
    assert_eq!(assembled.with(&vote(0, commit(5, 1, digest(0xaa)))), None);
}

#[test]
fn verified_parts_stay_verified() {
    let validators = Validators::four();
    let certificate = samples::certificates().remove(1).1;
    let verified = verify::certificate(certificate, &context(), &validators.set).unwrap();
    let message = quorate_types::Verified::<Message>::from(verified.clone());
    assert_eq!(message.certificate(), Some(verified));
    assert_eq!(message.signed(), None);
    let vote = Message::Prepare(validators.sign(0, prepare(5, 0, digest(1))));
    let vote = verify::message(vote, &context(), &validators.set).unwrap();
    assert_eq!(vote.signed().unwrap().value(), vote.value().signed().unwrap());
    assert_eq!(vote.certificate(), None);
}
