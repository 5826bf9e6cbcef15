//! S-1 over every pair of a last and an asked statement, against the rule restated here.

use quorate_consensus::{Permit, Refusal, permit};
use quorate_types::{
    CommitMark, Digest, Guard, Height, SignRecord, Statement, StatementBody, Step, View,
};

use crate::world::{World, no_block};

const STEPS: [Step; 4] = [Step::ViewChange, Step::PrePrepare, Step::Prepare, Step::Commit];

/// Two statements of each place, of different bodies.
fn statements() -> Vec<Statement> {
    let mut all = Vec::new();
    for height in 1..=3 {
        for view in 0..=2 {
            for step in STEPS {
                for salt in 0..2 {
                    all.push(statement(height, view, step, salt));
                }
            }
        }
    }
    all
}

fn statement(height: u64, view: u64, step: Step, salt: u8) -> Statement {
    let digest = no_block(salt);
    let body = match step {
        Step::ViewChange => {
            StatementBody::ViewChange { prepared: (salt == 1).then_some((View(0), digest)) }
        }
        // The digest is the same: only the justification tells the two apart.
        Step::PrePrepare => {
            StatementBody::PrePrepare { digest: no_block(0), justification: digest.0 }
        }
        Step::Prepare => StatementBody::Prepare { digest },
        Step::Commit => StatementBody::Commit { digest },
    };
    Statement { height: Height(height), view: View(view), body }
}

fn code(step: Step) -> u64 {
    match step {
        Step::ViewChange => 0,
        Step::PrePrepare => 1,
        Step::Prepare => 2,
        Step::Commit => 3,
    }
}

fn place(statement: &Statement) -> [u64; 3] {
    [statement.height.0, statement.view.0, code(statement.step())]
}

fn signed(statement: &Statement, world: &World) -> SignRecord {
    let guard = Guard {
        height: statement.height,
        view: statement.view,
        step: statement.step(),
        body: statement.signing_hash(&world.context),
    };
    SignRecord { guard: Some(guard), ..SignRecord::default() }
}

#[test]
fn the_whole_table() {
    let world = World::equal(4);
    for last in statements() {
        let record = signed(&last, &world);
        for asked in statements() {
            let expected = if place(&asked) > place(&last) {
                Ok(Permit::New)
            } else if asked == last {
                Ok(Permit::Again)
            } else if place(&asked) == place(&last) {
                Err(Refusal::OtherBody)
            } else {
                Err(Refusal::BelowGuard)
            };
            assert_eq!(permit(&record, &asked, &world.context), expected, "{asked:?} on {last:?}");
        }
    }
}

#[test]
fn a_key_that_never_signed_may_sign_anything() {
    let world = World::equal(4);
    for asked in statements() {
        assert_eq!(permit(&SignRecord::default(), &asked, &world.context), Ok(Permit::New));
    }
}

#[test]
fn another_chain_or_version_is_another_body() {
    let world = World::equal(4);
    let last = statement(1, 1, Step::Prepare, 0);
    let record = signed(&last, &world);
    let mut other = world.context.clone();
    other.protocol_version += 1;
    assert_eq!(permit(&record, &last, &other), Err(Refusal::OtherBody));
}

#[test]
fn a_view_change_carries_on_the_last_commit() {
    let world = World::equal(4);
    let (mine, other) = (no_block(1), no_block(2));
    let commit = CommitMark { height: Height(5), view: View(3), digest: mine };
    let record = SignRecord { last_commit: Some(commit), ..SignRecord::default() };
    let asked = |height, prepared: Option<(u64, Digest)>| {
        let prepared = prepared.map(|(view, digest)| (View(view), digest));
        let body = StatementBody::ViewChange { prepared };
        let statement = Statement { height: Height(height), view: View(9), body };
        permit(&record, &statement, &world.context)
    };
    for forgetful in [None, Some((2, mine)), Some((3, other)), Some((0, other))] {
        assert_eq!(asked(5, forgetful), Err(Refusal::ForgetsCommit), "{forgetful:?}");
        assert_eq!(asked(6, forgetful), Ok(Permit::New), "{forgetful:?}");
    }
    for faithful in [Some((3, mine)), Some((4, mine)), Some((4, other))] {
        assert_eq!(asked(5, faithful), Ok(Permit::New), "{faithful:?}");
    }
}
