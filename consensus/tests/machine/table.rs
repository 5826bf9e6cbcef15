//! Every phase of a height against every input: what one call of `step` results in. The table is
//! written by hand, the code has to agree; a pair that is missing does not compile.
//!
//! `-` nothing happens and nothing changes; `.` it is noted: the state changes, nothing is done.
//! Otherwise what is done: T a timer is set, B a block is asked for, J judged, S stored, F fetched;
//! R own messages are sent again, P the certificate is published, D decided, U catching up starts;
//! E evidence is kept, A a height is archived, X it stops on a fork,
//! O it observes;
//! w a record is written without a signature, or one that asks for o a pre-prepare, p a prepare,
//! c a commit, v a view change.

mod given;
mod input;
mod kinds;
mod phase;

use quorate_consensus::{Action, Consensus, Step};
use quorate_types::Step as Phase;

use given::Given;
use phase::Stand;

use crate::solo::Solo;

/// What one step did, in the letters of the table.
fn outcome(before: &Consensus, after: &Consensus, step: &Step) -> String {
    let mut letters: Vec<char> = step.now.iter().map(letter).collect();
    if let Some(vote) = &step.vote {
        letters.extend(vote.statements.iter().map(|asked| match asked.statement().step() {
            Phase::ViewChange => 'v',
            Phase::PrePrepare => 'o',
            Phase::Prepare => 'p',
            Phase::Commit => 'c',
        }));
        if vote.statements.is_empty() {
            letters.push('w');
        }
    }
    if letters.is_empty() {
        letters.push(if before == after { '-' } else { '.' });
    }
    letters.into_iter().collect()
}

fn letter(action: &Action) -> char {
    match action {
        Action::SetTimer { .. } => 'T',
        Action::Build { .. } => 'B',
        Action::Validate { .. } => 'J',
        Action::StoreBlock(_) => 'S',
        Action::Fetch { .. } => 'F',
        Action::Resend(_) => 'R',
        Action::PublishCertificate(_) => 'P',
        Action::Decided(_) => 'D',
        Action::Behind(_) => 'U',
        Action::Evidence(_) => 'E',
        Action::Archive(_) => 'A',
        Action::Fork(_) => 'X',
        Action::Observing { .. } => 'O',
    }
}

/// The rows in which the code and the table differ, as the code has them.
fn differences(stands: &[Stand], expected: impl Fn(Given) -> &'static str) -> Vec<String> {
    let reached: Vec<Solo> = stands.iter().map(|stand| phase::reach(*stand)).collect();
    let mut wrong = Vec::new();
    for given in Given::ALL {
        let cell = |solo: &Solo| {
            let mut after = solo.consensus.clone();
            let step = after.step(solo.now(), input::input(given, solo));
            outcome(&solo.consensus, &after, &step)
        };
        let row: Vec<String> = reached.iter().map(cell).collect();
        if row != expected(given).split_whitespace().collect::<Vec<_>>() {
            let cells: Vec<String> = row.iter().map(|cell| format!("{cell:3}")).collect();
            wrong.push(format!("{given:?} => \"{}\",", cells.join(" ").trim_end()));
        }
    }
    wrong
}

#[test]
fn every_resting_phase_against_every_input() {
    let wrong = differences(&phase::RESTING, given::at_rest);
    assert!(wrong.is_empty(), "the code, by {:?}:\n{}", phase::RESTING, wrong.join("\n"));
}

#[test]
fn every_phase_on_the_brink_against_every_input() {
    let wrong = differences(&phase::BRINK, given::on_the_brink);
    assert!(wrong.is_empty(), "the code, by {:?}:\n{}", phase::BRINK, wrong.join("\n"));
}

/// Every kind of input, message and timer is in the table: a new one does not compile here.
#[test]
fn every_kind_of_input_is_in_the_table() {
    let solo = phase::reach(Stand::Idle);
    let inputs = Given::ALL.into_iter().map(|given| input::input(given, &solo));
    let mut kinds: Vec<&str> = inputs.map(|input| kinds::kind(&input)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut expected = kinds::KINDS;
    expected.sort_unstable();
    assert_eq!(kinds, expected);
}
