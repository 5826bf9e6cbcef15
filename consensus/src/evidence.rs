//! Who broke the protocol, judged from V(height) and the evidence alone, so that every node comes to
//! the same verdict (protocol section 8). None of it can be made against a key that S-1 guards and
//! whose proposals are justified. Evidence contains no time.

use quorate_crypto::museum;
use quorate_types::verify::{self, VerifyError};
use quorate_types::{
    Canonical, ChainContext, Evidence, Height, Justification, SignedStatement, Statement,
    StatementBody, Step, ValidatorIndex, ValidatorSet,
};

use crate::justification::{Proposal, justify};

/// How a validator broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OffenceKind {
    /// E-1: two pre-prepares of one view.
    TwoPrePrepares,
    /// E-2: two Prepares of one view.
    TwoPrepares,
    /// E-3: two Commits of one view.
    TwoCommits,
    /// E-4: two view changes to one view.
    TwoViewChanges,
    /// E-5: amnesia, a view change that forgets a Commit of a lower view.
    Amnesia,
    /// E-6: a pre-prepare that its justification does not justify.
    Unjustified,
}

impl OffenceKind {
    /// The rule's identifier.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            OffenceKind::TwoPrePrepares => "E-1",
            OffenceKind::TwoPrepares => "E-2",
            OffenceKind::TwoCommits => "E-3",
            OffenceKind::TwoViewChanges => "E-4",
            OffenceKind::Amnesia => "E-5",
            OffenceKind::Unjustified => "E-6",
        }
    }
}

/// A proven offence. Made only by [`judge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offence {
    kind: OffenceKind,
    height: Height,
    offender: ValidatorIndex,
}

impl Offence {
    /// What it was.
    #[must_use]
    pub fn kind(&self) -> OffenceKind {
        self.kind
    }

    /// Where it was; its power there is what answers for it.
    #[must_use]
    pub fn height(&self) -> Height {
        self.height
    }

    /// Whose it was, as an index into V(height).
    #[must_use]
    pub fn offender(&self) -> ValidatorIndex {
        self.offender
    }
}

/// Why evidence convicts nobody. Whoever made it is faulty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Two statements of different keys or heights.
    #[error("the statements are not of one validator and height")]
    NotOneSigner,
    /// The statements, or the pre-prepare and its justification, go together.
    #[error("an honest validator says as much")]
    NoConflict,
    /// The pair has its other order.
    #[error("the statements are not in their order")]
    OutOfOrder,
    /// The justification is not the one whose hash is signed.
    #[error("another justification than the signed one")]
    OtherJustification,
    /// A signature of the accused does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// Judges evidence against the set of its height (E-1 to E-6).
///
/// # Errors
/// When it convicts nobody.
pub fn judge(
    evidence: &Evidence,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<Offence, EvidenceError> {
    let kind = match evidence {
        Evidence::Conflict { first, second } => {
            if (first.signer, first.statement.height) != (second.signer, second.statement.height) {
                return Err(EvidenceError::NotOneSigner);
            }
            if first.to_bytes() >= second.to_bytes() {
                return Err(EvidenceError::OutOfOrder);
            }
            let kind = conflict_of(&first.statement, &second.statement);
            let kind = kind.ok_or(EvidenceError::NoConflict)?;
            if museum!(EvidenceUnverified) {
                return Ok(Offence {
                    kind,
                    height: evidence.height(),
                    offender: evidence.accused(),
                });
            }
            verify::statement(*first, context, set)?;
            verify::statement(*second, context, set)?;
            kind
        }
        Evidence::Unjustified { pre_prepare, justification } => {
            judge_pre_prepare(pre_prepare, justification, context, set)?
        }
    };
    Ok(Offence { kind, height: evidence.height(), offender: evidence.accused() })
}

/// E-6: the hash is signed, and what has it fails section 6, be it by a signature in it.
fn judge_pre_prepare(
    signed: &SignedStatement,
    justification: &Justification,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<OffenceKind, EvidenceError> {
    let Statement { height, view, body } = signed.statement;
    let StatementBody::PrePrepare { digest, justification: hash } = body else {
        return Err(EvidenceError::NoConflict);
    };
    if justification.hash() != hash {
        return Err(EvidenceError::OtherJustification);
    }
    verify::statement(*signed, context, set)?;
    let is_authentic = verify::check_justification(justification, height, context, set).is_ok();
    let proposal = Proposal { height, view, digest, justification };
    if is_authentic && justify(proposal, set).is_some() {
        return Err(EvidenceError::NoConflict);
    }
    Ok(OffenceKind::Unjustified)
}

/// What evidence is of that was judged before: nothing is verified here.
#[must_use]
pub fn offence_of(evidence: &Evidence) -> Option<OffenceKind> {
    match evidence {
        Evidence::Conflict { first, second } => conflict_of(&first.statement, &second.statement),
        Evidence::Unjustified { .. } => Some(OffenceKind::Unjustified),
    }
}

/// How two statements of one validator and height contradict each other, if they do: E-1 to E-5.
pub(crate) fn conflict_of(one: &Statement, other: &Statement) -> Option<OffenceKind> {
    if one.view == other.view && one.step() == other.step() {
        let kind = match one.step() {
            Step::PrePrepare => OffenceKind::TwoPrePrepares,
            Step::Prepare => OffenceKind::TwoPrepares,
            Step::Commit => OffenceKind::TwoCommits,
            Step::ViewChange => OffenceKind::TwoViewChanges,
        };
        return (one.body != other.body || museum!(SameVoteConvicts)).then_some(kind);
    }
    (is_amnesia(one, other) || is_amnesia(other, one)).then_some(OffenceKind::Amnesia)
}

/// E-5: a view change above a Commit's view that claims nothing prepared, a lower view, or another
/// block at the Commit's view.
fn is_amnesia(commit: &Statement, view_change: &Statement) -> bool {
    let (StatementBody::Commit { digest }, StatementBody::ViewChange { prepared }) =
        (commit.body, view_change.body)
    else {
        return false;
    };
    let remembers = |(view, block)| {
        (view > commit.view && !museum!(PreparedLaterConvicts))
            || (view, block) == (commit.view, digest)
    };
    !museum!(AmnesiaUnnoticed) && view_change.view > commit.view && !prepared.is_some_and(remembers)
}
