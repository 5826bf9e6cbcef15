//! Messages of heights above the one being decided, until they start. Per signer and height
//! a constant number, so that nobody can crowd out another or fill the memory.

use quorate_crypto::museum;
use std::collections::BTreeMap;

use crate::conflicts::Conflicts;
use quorate_types::{Height, Message, Timestamp, ValidatorIndex, Verified};

/// Heights above the current one whose messages are kept.
const HEIGHTS_AHEAD: u64 = 10;
/// Prepares, and Commits, kept per signer and height.
const VOTES: usize = 2;

/// A message with the time at which it came, which T-1 asks for.
pub(crate) type Arrived = (Verified<Message>, Timestamp);

/// What one signer has said about one height. Of each kind those of the highest views are kept; of
/// one view the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Slot {
    view_changes: Vec<Arrived>,
    pre_prepares: Vec<Arrived>,
    prepares: Vec<Arrived>,
    commits: Vec<Arrived>,
}

/// What has been said about one height.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Heard {
    slots: BTreeMap<ValidatorIndex, Slot>,
    conflicts: Conflicts,
}

/// The messages of heights to come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Buffer(BTreeMap<Height, Heard>);

impl Buffer {
    /// Keeps a message if its height is near enough above `current`.
    pub(crate) fn insert(&mut self, current: Height, message: Verified<Message>, now: Timestamp) {
        let height = message.value().height();
        let Some(signed) = message.value().signed() else {
            return;
        };
        if !is_near(current, height) {
            return;
        }
        let slot = self.0.entry(height).or_default().slots.entry(signed.signer).or_default();
        let (kept, most) = match message.value() {
            Message::ViewChange(_) => (&mut slot.view_changes, 1),
            Message::PrePrepare(_) => (&mut slot.pre_prepares, 1),
            Message::Prepare(_) => (&mut slot.prepares, VOTES),
            Message::Commit(_) => (&mut slot.commits, VOTES),
            Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => return,
        };
        keep_highest(kept, (message, now), most);
    }

    /// What is kept to notice contradictions at a height near enough above `current`.
    pub(crate) fn conflicts(&mut self, current: Height, height: Height) -> Option<&mut Conflicts> {
        is_near(current, height).then(|| &mut self.0.entry(height).or_default().conflicts)
    }

    /// Everything that is kept to notice contradictions.
    pub(crate) fn all_conflicts(&self) -> impl Iterator<Item = &Conflicts> + '_ {
        self.0.values().map(|heard| &heard.conflicts)
    }

    /// Forgets who said what, by indices of a set that is over.
    pub(crate) fn forget_conflicts(&mut self) {
        self.0.values_mut().for_each(|heard| heard.conflicts = Conflicts::default());
    }

    /// Takes out what is known of a height that starts, and forgets lower ones.
    pub(crate) fn take(&mut self, height: Height) -> (Vec<Arrived>, Conflicts) {
        let above = self.0.split_off(&height.next());
        let started = std::mem::replace(&mut self.0, above).remove(&height).unwrap_or_default();
        let slots = started.slots.into_values();
        let messages = slots.flat_map(|slot| {
            let Slot { view_changes, pre_prepares, prepares, commits } = slot;
            [view_changes, pre_prepares, prepares, commits].concat()
        });
        (messages.collect(), started.conflicts)
    }
}

fn is_near(current: Height, height: Height) -> bool {
    (1..=HEIGHTS_AHEAD).contains(&height.above(current)) || museum!(BufferUnbounded)
}

fn keep_highest(kept: &mut Vec<Arrived>, arrived: Arrived, most: usize) {
    let view = |(message, _): &Arrived| message.value().signed().map(|s| s.statement.view);
    if kept.iter().any(|other| view(other) == view(&arrived)) {
        return;
    }
    kept.push(arrived);
    kept.sort_by_key(|arrived| std::cmp::Reverse(view(arrived)));
    kept.truncate(most);
}
