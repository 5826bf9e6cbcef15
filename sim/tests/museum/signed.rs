//! Rules of signatures: what is signed, what may be signed, what a contradiction is.

use quorate_consensus::{OffenceKind, Permit, Refusal, judge, permit};
use quorate_types::{
    ChainContext, CommitMark, Evidence, Guard, Height, SignRecord, SignedStatement, Statement,
    ValidatorIndex, View, verify,
};

use crate::chain::{block, commit, context, four, key, prepare, signed, view_change};

/// B-3: a signature is of one statement of one chain, by a validator of the set.
pub fn statements() {
    let holds = |signed: SignedStatement, context: &ChainContext| {
        verify::statement(signed, context, &four()).is_ok()
    };
    let good = signed(prepare(0, 1), 0);
    assert!(holds(good, &context()));
    let of = |statement: Statement| SignedStatement { statement, ..good };
    assert!(!holds(of(prepare(1, 1)), &context()), "of another view");
    assert!(!holds(of(commit(0, 1)), &context()), "of another step");
    assert!(!holds(of(prepare(0, 2)), &context()), "of another block");
    let chain_id = "local-other".parse().expect("a valid chain id");
    assert!(!holds(good, &ChainContext { chain_id, ..context() }), "of another chain");
    let stolen = SignedStatement { signer: ValidatorIndex(1), ..good };
    assert!(!holds(stolen, &context()), "of another validator");
    let stranger = prepare(0, 1).sign_unguarded(&context(), ValidatorIndex(4), &key(4));
    assert!(!holds(stranger, &context()), "of nobody");
}

fn record(last: &Statement, last_commit: Option<CommitMark>) -> SignRecord {
    let (height, view, step) = (last.height, last.view, last.step());
    let guard = Guard { height, view, step, body: last.signing_hash(&context()) };
    SignRecord { guard: Some(guard), last_commit, ..SignRecord::default() }
}

/// S-1.
pub fn guard() {
    let after = record(&prepare(1, 1), None);
    let asked = |statement: Statement| permit(&after, &statement, &context());
    assert_eq!(asked(prepare(1, 1)), Ok(Permit::Again));
    assert_eq!(asked(commit(1, 1)), Ok(Permit::New));
    assert_eq!(asked(prepare(1, 2)), Err(Refusal::OtherBody));
    assert_eq!(asked(view_change(1, None)), Err(Refusal::BelowGuard));
    assert_eq!(asked(commit(0, 1)), Err(Refusal::BelowGuard));
    let mark = CommitMark { height: Height(1), view: View(1), digest: block(1) };
    let after = record(&commit(1, 1), Some(mark));
    let asked = |prepared| permit(&after, &view_change(2, prepared), &context());
    assert_eq!(asked(Some((1, 1))), Ok(Permit::New));
    for forgotten in [None, Some((0, 1)), Some((1, 2))] {
        assert_eq!(asked(forgotten), Err(Refusal::ForgetsCommit));
    }
}

/// E-1 to E-5.
pub fn evidence() {
    let judged = |one: Statement, other: Statement| {
        let evidence = Evidence::conflict(signed(one, 2), signed(other, 2));
        judge(&evidence, &context(), &four()).map(|offence| offence.kind())
    };
    assert_eq!(judged(prepare(0, 1), prepare(0, 2)), Ok(OffenceKind::TwoPrepares));
    assert_eq!(judged(commit(0, 1), view_change(2, None)), Ok(OffenceKind::Amnesia));
    assert!(judged(prepare(0, 1), prepare(1, 2)).is_err(), "in a later view all is open");
    assert!(judged(commit(0, 1), view_change(2, Some((1, 2)))).is_err(), "prepared again later");
    let forged = SignedStatement { signer: ValidatorIndex(2), ..signed(prepare(0, 2), 1) };
    let evidence = Evidence::conflict(signed(prepare(0, 1), 2), forged);
    assert!(judge(&evidence, &context(), &four()).is_err(), "a forged half");
}
