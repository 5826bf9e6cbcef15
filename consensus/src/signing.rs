//! The rule that decides whether a statement may be signed (S-1). It stands alone here (S-3): a
//! pure function of what was signed before and of the statement. Whoever holds a key asks it first.

use quorate_crypto::museum;
use quorate_types::{ChainContext, CommitMark, Guard, SignRecord, Statement, StatementBody};

/// Leave to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Nothing like it was signed: the guard moves up to it.
    New,
    /// The very statement that was signed last: the same signature, or the stored one.
    Again,
}

/// Why a statement must not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its (height, view, step) is below the last signature's.
    #[error("below the last signed height, view and step")]
    BelowGuard,
    /// Another body was signed for the same (height, view, step).
    #[error("another body was signed for this height, view and step")]
    OtherBody,
    /// A view change that does not carry on what this key committed to.
    #[error("a view change that forgets a Commit")]
    ForgetsCommit,
}

/// S-1: whether `statement` may be signed by the key whose past `record` tells.
///
/// # Errors
/// Why it may not.
pub fn permit(
    record: &SignRecord,
    statement: &Statement,
    context: &ChainContext,
) -> Result<Permit, Refusal> {
    if record.last_commit.is_some_and(|commit| forgets(statement, &commit)) {
        return Err(Refusal::ForgetsCommit);
    }
    let Some(guard) = record.guard else {
        return Ok(Permit::New);
    };
    let last = (guard.height, guard.view, guard.step);
    let asked = (statement.height, statement.view, statement.step());
    if asked > last || (museum!(GuardIgnoresStep) && asked.1 == last.1) {
        Ok(Permit::New)
    } else if asked < last {
        Err(Refusal::BelowGuard)
    } else if statement.signing_hash(context) == guard.body || museum!(GuardOffByOne) {
        Ok(Permit::Again)
    } else {
        Err(Refusal::OtherBody)
    }
}

/// S-5: whether a statement that this key has signed is one that its record does not know: above the
/// guard, or of the guard's place with another body. Then the record is not all of the key's past.
#[must_use]
pub fn is_beyond(record: &SignRecord, statement: &Statement, context: &ChainContext) -> bool {
    let Some(guard) = record.guard else {
        return true;
    };
    let last = (guard.height, guard.view, guard.step);
    let said = (statement.height, statement.view, statement.step());
    said > last || (said == last && statement.signing_hash(context) != guard.body)
}

/// The guard and the commit mark once `statement` is signed. A signer that keeps a guard of its own
/// makes them durable before the signature leaves it.
pub fn remember(record: &mut SignRecord, statement: &Statement, context: &ChainContext) {
    let Statement { height, view, body } = *statement;
    let step = statement.step();
    record.guard = Some(Guard { height, view, step, body: statement.signing_hash(context) });
    if let StatementBody::Commit { digest } = body
        && !museum!(CommitMarkLost)
    {
        record.last_commit = Some(CommitMark { height, view, digest });
    }
}

/// Whether a view change claims less than the Commit of its height proves: nothing prepared, a
/// lower view, or another block at the Commit's view.
fn forgets(statement: &Statement, commit: &CommitMark) -> bool {
    let StatementBody::ViewChange { prepared } = statement.body else {
        return false;
    };
    let carries_on = prepared.is_some_and(|(view, digest)| {
        view > commit.view || (view == commit.view && digest == commit.digest)
    });
    statement.height == commit.height && !carries_on && !museum!(AmnesiaAllowed)
}
