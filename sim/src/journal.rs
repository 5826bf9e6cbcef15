//! A readable account of a run, line by line, for those who look for the reason of a failure. Off
//! unless asked for: it costs more than the run.

use std::collections::VecDeque;
use std::fmt::Arguments;

use quorate_replica::Job;
use quorate_types::wire::FetchAnswer;
use quorate_types::{Digest, Message, StatementBody};

use crate::event::NodeId;
use crate::plan::MS;

/// The newest lines are kept, this many.
const LINES: usize = 20_000;

/// The newest lines of a run.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    is_on: bool,
    lines: VecDeque<String>,
}

impl Journal {
    pub(crate) fn switch_on(&mut self) {
        self.is_on = true;
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    pub(crate) fn add(&mut self, now_us: u64, node: NodeId, line: Arguments<'_>) {
        if !self.is_on {
            return;
        }
        if self.lines.len() >= LINES {
            self.lines.pop_front();
        }
        let (ms, us) = (now_us / MS, now_us % MS);
        self.lines.push_back(format!("{ms:>8}.{us:03} {node}: {line}"));
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }
}

/// A message in a few words.
pub(crate) fn in_words(message: &Message) -> String {
    if let Message::Evidence(evidence) = message {
        return format!("evidence of {} against {}", evidence.height(), evidence.accused());
    }
    let Some(signed) = message.signed() else {
        return format!("certificate of {}", message.height());
    };
    let statement = &signed.statement;
    let at = format!("({}, {})", statement.height, statement.view);
    let short = |digest: &Digest| digest.to_string().chars().take(10).collect::<String>();
    match &statement.body {
        StatementBody::ViewChange { prepared: None } => format!("ViewChange {at}, none"),
        StatementBody::ViewChange { prepared: Some((view, digest)) } => {
            format!("ViewChange {at}, prepared ({view}, {})", short(digest))
        }
        StatementBody::PrePrepare { digest, .. } => format!("PrePrepare {at} {}", short(digest)),
        StatementBody::Prepare { digest } => format!("Prepare {at} {}", short(digest)),
        StatementBody::Commit { digest } => format!("Commit {at} {}", short(digest)),
    }
}

/// An answer in a few words.
pub(crate) fn answer_in_words(answer: &FetchAnswer) -> String {
    match answer {
        FetchAnswer::Block(block) => block
            .as_ref()
            .map_or("no block".to_owned(), |block| format!("block {}", block.height())),
        FetchAnswer::Statements(said) => format!("{} statements", said.len()),
        FetchAnswer::Range(blocks) => format!("{} blocks", blocks.len()),
    }
}

/// A job in a few words.
pub(crate) fn job_in_words(job: &Job) -> String {
    match job {
        Job::Build(request) => format!("to build {}", request.height),
        Job::Validate { block, digest, .. } => format!("to validate {} {digest}", block.height()),
        Job::Execute { block, digest } => format!("to execute {} {digest}", block.height()),
        Job::Discard(height) => format!("to discard {height}"),
        Job::Stored(height) => format!("to take {height} for stored"),
        Job::Admit { at, .. } => format!("to admit at {at}"),
        Job::Account { height, .. } => format!("to look up an account at {height}"),
        Job::Prove { height, .. } => format!("to prove at {height}"),
        Job::Simulate { height, .. } => format!("to simulate at {height}"),
    }
}
