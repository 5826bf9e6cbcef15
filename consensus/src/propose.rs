//! What the primary of a view proposes: a new block, or what the view changes allow.

use quorate_types::{BlockPayload, Justification, Step as Phase, View};

use crate::input::Now;
use crate::justification::{Choice, Proposal, choices, justify};
use crate::state::{Draft, State};
use crate::step::{Action, Step};

impl State {
    /// the primary of the view, which has proposed nothing in it, builds a block or
    /// carries one over.
    pub(crate) fn try_draft(&mut self, now: Now, out: &mut Step) -> bool {
        if !self.is_primary() || !self.may_propose() {
            return false;
        }
        let Some(choice) = self.choose(out) else {
            return false;
        };
        let (view, justification) = (self.view(), choice.justification);
        match choice.carried_over.and_then(|digest| self.blocks.payload(digest)).cloned() {
            Some(payload) => self.propose(now, justification, payload, out),
            None => {
                self.draft = Some(Draft { view, justification, payload: None });
                out.now.push(Action::Build { height: self.height(), view });
            }
        }
        true
    }

    /// Nothing is proposed or accepted in the view, and S-1 would let a pre-prepare of any body
    /// through.
    fn may_propose(&self) -> bool {
        let guard = self.record.guard.map(|guard| (guard.height, guard.view, guard.step));
        let free = guard.is_none_or(|last| last < (self.height(), self.view(), Phase::PrePrepare));
        let nothing = self.draft.is_none() && self.record.accepted.is_none();
        free && nothing && self.may_sign()
    }

    /// The value that is free at view 0 once the timer runs. Above, the first way to justify whose
    /// block is at hand, the highest prepared view first; while there is none, the block of the
    /// highest one is fetched and judged.
    fn choose(&mut self, out: &mut Step) -> Option<Choice> {
        if self.view() == View::ZERO {
            let justification = Justification::default();
            let started = self.clock.view_started_ms.is_some();
            return started.then_some(Choice { carried_over: None, justification });
        }
        let view_changes: Vec<_> = self.view_changes.of(self.view()).collect();
        let mut ways = choices(self.height(), self.view(), &view_changes, &self.start.set);
        ways.retain(|way| !way.carried_over.is_some_and(|digest| self.blocks.is_invalid(digest)));
        let at_hand = ways
            .iter()
            .find(|way| way.carried_over.is_none_or(|digest| self.blocks.is_valid(digest)));
        if let Some(choice) = at_hand {
            return Some(choice.clone());
        }
        if let Some(digest) = ways.first().and_then(|way| way.carried_over) {
            self.fetch(digest, out);
            if self.blocks.is_whole(digest) {
                self.validate(digest, out);
            }
        }
        None
    }

    /// The application's block for a view of this height; a late one changes nothing.
    pub(crate) fn on_built(&mut self, now: Now, view: View, payload: BlockPayload, out: &mut Step) {
        let waiting = |draft: &Draft| draft.view == view && draft.payload.is_none();
        let timely = self.draft.as_ref().is_some_and(waiting) && view == self.view();
        let open = self.record.accepted.is_none() && self.decision.is_none();
        if timely && open && self.fits(payload.header(), self.index) {
            let draft = self.draft.take();
            let justification = draft.map(|draft| draft.justification).unwrap_or_default();
            self.blocks.built(payload.header().digest(), payload.clone());
            self.propose(now, justification, payload, out);
        }
    }

    /// Accepts the own proposal; pre-prepare and prepare are asked for when the rules rest. Never
    /// one that fails section 6 (R-7, I-7).
    fn propose(
        &mut self,
        now: Now,
        justification: Justification,
        payload: BlockPayload,
        out: &mut Step,
    ) {
        let (height, view, digest) = (self.height(), self.view(), payload.header().digest());
        let proposal = Proposal { height, view, digest, justification: &justification };
        assert!(justify(proposal, &self.start.set).is_some(), "own proposals are justified (I-7)");
        self.draft = Some(Draft { view, justification, payload: Some(payload) });
        self.accept(now, digest, out);
    }
}
