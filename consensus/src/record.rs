//! The sign-state record between two inputs: what a signed message adds to it, and which own
//! messages it keeps: those that R-9 sends again. At most 12, below the record's limit.

use quorate_types::{Certificate, ChainContext, Height, OwnMessage, SignRecord, Step, View};

use crate::signing;
use crate::votes::LOWER_COMMITS;

/// The record of a height that starts afresh: the key's past, and the certificate below (S-2).
pub(crate) fn following(
    past: &SignRecord,
    height: Height,
    parent_certificate: Option<Certificate>,
) -> SignRecord {
    let SignRecord { guard, last_commit, .. } = *past;
    SignRecord { guard, last_commit, height, parent_certificate, ..SignRecord::default() }
}

/// Adds a message that was just signed: guard, commit mark, and the message itself if it is of the
/// record's height (S-2).
pub(crate) fn absorb(record: &mut SignRecord, message: OwnMessage, context: &ChainContext) {
    let statement = message.signed().statement;
    signing::remember(record, &statement, context);
    if statement.height == record.height && find(record, statement.view, statement.step()).is_none()
    {
        record.messages.push(message);
        forget_superseded(record);
    }
}

/// The own message of a step of a view of the record's height.
pub(crate) fn find(record: &SignRecord, view: View, step: Step) -> Option<&OwnMessage> {
    record.messages.iter().find(|message| {
        let statement = &message.signed().statement;
        (statement.view, statement.step()) == (view, step)
    })
}

/// Keeps the latest view change, the messages of the view, and the Commits of the highest lower
/// views.
pub(crate) fn forget_superseded(record: &mut SignRecord) {
    let current = record.view;
    let views = |step: Step| {
        let of_step = record.messages.iter().filter(move |m| m.signed().statement.step() == step);
        of_step.map(|message| message.signed().statement.view)
    };
    let latest_view_change = views(Step::ViewChange).max();
    let mut commits: Vec<View> = views(Step::Commit).filter(|view| *view < current).collect();
    commits.sort_unstable();
    let oldest_commit =
        commits.len().checked_sub(LOWER_COMMITS).and_then(|surplus| commits.get(surplus)).copied();
    record.messages.retain(|message| {
        let statement = &message.signed().statement;
        match statement.step() {
            Step::ViewChange => Some(statement.view) == latest_view_change,
            Step::PrePrepare | Step::Prepare => statement.view >= current,
            Step::Commit => oldest_commit.is_none_or(|oldest| statement.view >= oldest),
        }
    });
}
