//! Leaving a view: its timer fired, or a weak set is ahead.

use quorate_crypto::museum;
use quorate_types::View;

use crate::record;
use crate::state::State;

impl State {
    /// enter(w) of R-5. The view change is asked for when the rules have come to rest, unless a
    /// pre-prepare of the view is accepted by then.
    pub(crate) fn enter(&mut self, view: View) {
        if view <= self.view() {
            return; // only at the end of the range of views: I-1
        }
        self.record.view = view;
        self.record.accepted = None;
        if museum!(PreparedDropped) {
            self.record.prepared = None;
        }
        record::forget_superseded(&mut self.record);
        self.asking.is_dirty = true;
        self.clock.view_started_ms = None;
        self.clock.holding = false;
        self.draft = None;
        self.candidates.retain(|of, _| *of >= view);
        self.prepares.enter(view);
        self.commits.enter(view);
        let named = self.named_blocks();
        self.blocks.forget_all_but(&named);
    }

    /// enters the largest view that a weak set has reached.
    pub(crate) fn try_jump(&mut self) -> bool {
        let ahead = self.presence.largest_weak_above(self.view(), &self.start.set);
        ahead.filter(|_| !museum!(NoJump)).inspect(|view| self.enter(*view)).is_some()
    }
}
