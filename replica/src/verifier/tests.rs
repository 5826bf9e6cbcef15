//! Which evidence is heard (E-7): true, of an epoch that is known here, against somebody of whom none
//! is held; who sends what no honest node would is at fault, and nobody else is.

use quorate_crypto::{Hash, Signature};
use quorate_types::{ChainContext, Digest, SignedStatement, StatementBody, ValidatorIndex};

use super::*;
use crate::chain_of_one::{LENGTH, OPERATOR, context, known_in, prepare, sign};

/// The epoch that is being decided; evidence of two before it may come.
const NOW: u64 = 30;

fn verdict_of(verifier: &Verifier, evidence: Evidence) -> Result<(), WireError> {
    let bytes = wire::encode_message(&Message::Evidence(Box::new(evidence)));
    verifier.message(&bytes).map(|_| ())
}

fn verdict(evidence: Evidence) -> Result<(), WireError> {
    verdict_of(&Verifier::new(context(), known_in(NOW)), evidence)
}

/// Two Prepares of one height and view.
fn offence(height: u64) -> Evidence {
    Evidence::conflict(prepare(height, 1, &context()), prepare(height, 2, &context()))
}

#[test]
fn evidence_is_heard_of_the_current_epoch_and_the_one_before() {
    let first = NOW * LENGTH + 1;
    for height in [first - LENGTH, first - 1, first, first + LENGTH - 1] {
        assert_eq!(verdict(offence(height)), Ok(()), "{height}");
    }
    // The set of the next epoch is known, but nobody has said anything under it that counts.
    for height in [first + LENGTH, first + 2 * LENGTH, first - LENGTH - 1] {
        let error = verdict(offence(height)).unwrap_err();
        assert_eq!(error, WireError::OtherEpoch(Height(height)));
        assert!(!error.is_fault(), "this node cannot know");
    }
}

/// A block may carry evidence of two epochs back; twice that nobody sends who is nearly up to date.
#[test]
fn who_sends_what_is_ancient_is_at_fault() {
    let edge = (NOW - 4) * LENGTH + 1;
    assert!(!verdict(offence(edge)).unwrap_err().is_fault());
    let error = verdict(offence(edge - 1)).unwrap_err();
    assert_eq!(error, WireError::TooLate(Height(edge - 1)));
    assert!(error.is_fault());
}

#[test]
fn who_sends_what_convicts_nobody_is_at_fault() {
    let height = NOW * LENGTH + 1;
    let true_one = prepare(height, 1, &context());
    let unsigned = SignedStatement { signature: Signature::from_bytes([0; 64]), ..true_one };
    let elsewhere = ChainContext { genesis_hash: Hash::from_bytes([9; 32]), ..context() };
    let commit = StatementBody::Commit { digest: Digest(Hash::from_bytes([2; 32])) };
    let stranger = ValidatorIndex(1);
    let false_ones = [
        ("the same twice", Evidence::Conflict { first: true_one, second: true_one }),
        ("the same under two signatures", Evidence::conflict(true_one, unsigned)),
        ("of another chain", {
            Evidence::conflict(prepare(height, 1, &elsewhere), prepare(height, 2, &elsewhere))
        }),
        ("of two steps", Evidence::conflict(true_one, sign(height, commit, &context()))),
        ("of two heights", Evidence::conflict(true_one, prepare(height + 1, 2, &context()))),
        (
            "of nobody",
            Evidence::conflict(
                SignedStatement { signer: stranger, ..true_one },
                SignedStatement { signer: stranger, ..prepare(height, 2, &context()) },
            ),
        ),
    ];
    for (what, evidence) in false_ones {
        let error = verdict(evidence).unwrap_err();
        assert!(error.is_fault(), "{what}: {error}");
    }
}

/// Whatever it signs against itself: no signature is verified any more.
#[test]
fn of_whom_evidence_is_held_no_more_is_wanted() {
    let height = NOW * LENGTH + 1;
    let verifier = Verifier::new(context(), known_in(NOW)).with_settled([OPERATOR].into());
    let unsigned = |signed| SignedStatement { signature: Signature::from_bytes([0; 64]), ..signed };
    let [one, other] = [1, 2].map(|block| unsigned(prepare(height, block, &context())));
    for evidence in [offence(height), Evidence::conflict(one, other)] {
        let error = verdict_of(&verifier, evidence).unwrap_err();
        assert_eq!(error, WireError::Settled(OPERATOR));
        assert!(!error.is_fault());
    }
    let later = verifier.with_epochs(known_in(NOW + 1));
    assert_eq!(later.settled(), verifier.settled(), "also in the next epoch");
}
