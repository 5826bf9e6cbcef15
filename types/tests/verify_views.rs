//! View changes by R-7, and pre-prepares whose parts belong together (protocol section 3).
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::samples::{blocks, justifications, payloads, pre_prepare, view_changes};
use common::{Validators, context, digest, sign, statement};
use quorate_types::verify::{self, VerifyError};
use quorate_types::{
    Block, BlockPayload, Certificate, CertificateKind, Digest, Evidence, Height, Justification,
    Message, PrePrepare, StatementBody, ValidatorIndex, View, ViewChange,
};

fn verdict(message: Message) -> Result<(), VerifyError> {
    verify::message(message, &context(), &Validators::four().set).map(|_| ())
}

fn inconsistent(message: Message) -> bool {
    matches!(verdict(message), Err(VerifyError::Inconsistent(_)))
}

/// A view change of height 2 by validator 2.
fn change(
    view: u64,
    prepared: Option<(View, Digest)>,
    certificate: Option<Certificate>,
) -> Message {
    let body = StatementBody::ViewChange { prepared };
    let signed = Validators::four().sign(2, statement(2, view, body));
    Message::ViewChange(ViewChange { signed, certificate })
}

/// A certificate of height 2 or another for digest aa, by validators 1 to 3.
fn certified(kind: CertificateKind, height: u64, view: u64) -> Certificate {
    Validators::four().certify(kind, (height, view), digest(0xaa), &[1, 2, 3])
}

#[test]
fn the_samples_are_valid() {
    for (name, view_change) in view_changes() {
        assert_eq!(verdict(Message::ViewChange(view_change)), Ok(()), "{name}");
    }
    for (name, justification) in justifications() {
        let view = if justification.is_empty() { 0 } else { 2 };
        for payload in [1, 2] {
            let payload = payloads().remove(payload).1;
            let message = pre_prepare(view, payload, justification.clone());
            assert_eq!(verdict(Message::PrePrepare(Box::new(message))), Ok(()), "{name}");
        }
    }
}

#[test]
fn a_view_change_is_to_a_view_above_0_and_above_the_prepared_one() {
    assert!(inconsistent(change(0, None, None)));
    assert_eq!(verdict(change(1, None, None)), Ok(()));
    let prepared = |view| Some((View(view), digest(0xaa)));
    let certificate = |view| Some(certified(CertificateKind::Prepared, 2, view));
    assert_eq!(verdict(change(2, prepared(1), certificate(1))), Ok(()));
    assert_eq!(verdict(change(2, prepared(0), certificate(0))), Ok(()));
    assert!(inconsistent(change(2, prepared(2), certificate(2))));
    assert!(inconsistent(change(2, prepared(3), certificate(3))));
    assert!(inconsistent(change(0, prepared(0), certificate(0))));
}

#[test]
fn a_certificate_is_attached_exactly_if_something_is_prepared() {
    let prepared = Some((View(1), digest(0xaa)));
    assert!(inconsistent(change(2, prepared, None)));
    assert!(inconsistent(change(2, None, Some(certified(CertificateKind::Prepared, 2, 1)))));
}

#[test]
fn the_attached_certificate_proves_exactly_the_claim() {
    let prepared = Some((View(1), digest(0xaa)));
    let with = |certificate| change(2, prepared, Some(certificate));
    assert_eq!(verdict(with(certified(CertificateKind::Prepared, 2, 1))), Ok(()));
    assert!(inconsistent(with(certified(CertificateKind::Commit, 2, 1))), "kind");
    assert!(inconsistent(with(certified(CertificateKind::Prepared, 3, 1))), "height");
    assert!(inconsistent(with(certified(CertificateKind::Prepared, 2, 0))), "view");
    let other = Certificate { digest: digest(1), ..certified(CertificateKind::Prepared, 2, 1) };
    assert!(inconsistent(with(other)), "digest");
    let few = Validators::four().certify(CertificateKind::Prepared, (2, 1), digest(0xaa), &[0, 1]);
    assert_eq!(verdict(with(few)), Err(VerifyError::NoQuorum));
    let mut forged = certified(CertificateKind::Prepared, 2, 1);
    forged.signatures.swap(0, 1);
    assert!(matches!(verdict(with(forged)), Err(VerifyError::BadSignature(_))));
}

#[test]
fn a_view_change_is_signed_and_is_one() {
    let (_, mut view_change) = view_changes().remove(0);
    view_change.signed.signer = ValidatorIndex(1);
    let error = VerifyError::BadSignature(ValidatorIndex(1));
    assert_eq!(verdict(Message::ViewChange(view_change.clone())), Err(error));
    view_change.signed = Validators::four().sign(1, common::prepare(2, 2, digest(1)));
    assert!(inconsistent(Message::ViewChange(view_change)));
}

fn proposal(change: impl FnOnce(&mut PrePrepare)) -> Message {
    let mut value = pre_prepare(2, payloads().remove(1).1, justifications().remove(2).1);
    change(&mut value);
    Message::PrePrepare(Box::new(value))
}

/// The second block, changed, with the header left as it is.
fn body(change: impl FnOnce(&mut Block)) -> Block {
    let [_, mut block] = blocks();
    change(&mut block);
    block
}

#[test]
fn a_pre_prepare_s_parts_belong_together() {
    assert_eq!(verdict(proposal(|_| ())), Ok(()));
    assert!(inconsistent(proposal(|value| value.payload = payloads().remove(0).1)), "block");
    assert!(inconsistent(proposal(|value| value.justification = Justification::default())));
    assert!(inconsistent(proposal(|value| value.justification = justifications().remove(1).1)));
    assert!(inconsistent(proposal(|value| {
        value.signed = Validators::four().sign(1, common::prepare(2, 2, digest(1)));
    })));
    let another_block = Err(VerifyError::Inconsistent("another block than the digest's"));
    let other_height = proposal(|value| {
        let mut statement = value.signed.statement;
        statement.height = quorate_types::Height(3);
        value.signed = Validators::four().sign(1, statement);
    });
    assert_eq!(verdict(other_height), another_block);
    let other_header = proposal(|value| {
        let [_, mut block] = blocks();
        block.header.time = block.header.time.plus(1);
        value.payload = BlockPayload::Whole(Arc::new(block));
    });
    assert_eq!(verdict(other_header), another_block);
    let forged = proposal(|value| value.signed.signer = ValidatorIndex(0));
    assert_eq!(verdict(forged), Err(VerifyError::BadSignature(ValidatorIndex(0))));
}

#[test]
fn a_body_of_another_header_is_refused_whole_and_compact() {
    let one_more = body(|block| block.transactions.push(sign(common::body(), &[2])));
    let swapped = body(|block| block.transactions.swap(0, 1));
    let missing = body(|block| {
        block.transactions.pop();
    });
    let no_certificate = body(|block| block.last_commit = None);
    let other_certificate = body(|block| {
        let certificate = block.last_commit.as_mut().unwrap();
        certificate.signatures.swap(0, 1);
    });
    for block in [one_more, swapped, missing, no_certificate, other_certificate] {
        let compact = BlockPayload::Compact(Arc::new(block.compact()));
        assert!(inconsistent(proposal(|value| value.payload = compact)), "{block:?}");
        let whole = BlockPayload::Whole(Arc::new(block));
        assert!(inconsistent(proposal(|value| value.payload = whole)));
    }
}

#[test]
fn a_header_that_misstates_its_body_is_refused() {
    let propose = |change: fn(&mut quorate_types::Header)| {
        let [_, mut block] = blocks();
        change(&mut block.header);
        let payload = BlockPayload::Whole(Arc::new(block));
        Message::PrePrepare(Box::new(pre_prepare(2, payload, justifications().remove(1).1)))
    };
    assert_eq!(verdict(propose(|_| ())), Ok(()));
    assert!(inconsistent(propose(|header| header.transaction_count = 3)));
    assert!(inconsistent(propose(|header| header.body_bytes -= 1)));
    assert!(inconsistent(propose(|header| header.transactions_root = common::hash(1))));
    assert!(inconsistent(propose(|header| header.last_commit_hash = common::hash(0))));
    assert!(inconsistent(propose(|header| header.evidence_root = common::hash(1))));
}

#[test]
fn a_justification_holds_signed_view_changes_and_a_prepared_certificate_of_the_height() {
    let with = |justification: Justification| {
        let message = pre_prepare(2, payloads().remove(2).1, justification.clone());
        let whole = verdict(Message::PrePrepare(Box::new(message.clone())));
        let set = Validators::four().set;
        let verdict = verify::check_justification(&justification, Height(2), &context(), &set);
        let pre_prepare = message.signed;
        let proof = Evidence::Unjustified { pre_prepare, justification };
        let forged = VerifyError::ForgedJustification(Box::new(proof));
        assert_eq!(whole, verdict.clone().map_err(|_| forged), "its signer is accused (E-6)");
        verdict
    };
    let valid = || justifications().remove(2).1;
    assert_eq!(with(valid()), Ok(()));
    let mut forged = valid();
    forged.view_changes[1].signer = ValidatorIndex(0);
    assert_eq!(with(forged), Err(VerifyError::BadSignature(ValidatorIndex(0))));
    let mut votes = valid();
    votes.view_changes[0] = Validators::four().sign(1, common::prepare(2, 2, digest(1)));
    assert!(matches!(with(votes), Err(VerifyError::Inconsistent(_))));
    for (kind, height) in [(CertificateKind::Commit, 2), (CertificateKind::Prepared, 1)] {
        let certificate = Some(certified(kind, height, 1));
        let verdict = with(Justification { certificate, ..valid() });
        assert!(matches!(verdict, Err(VerifyError::Inconsistent(_))), "{kind:?} {height}");
    }
    let mut certificate = certified(CertificateKind::Prepared, 2, 1);
    certificate.signatures.swap(0, 1);
    let verdict = with(Justification { certificate: Some(certificate), ..valid() });
    assert!(matches!(verdict, Err(VerifyError::BadSignature(_))));
}
