//! A quorum of Prepare for the accepted block makes it prepared.

use quorate_types::{Digest, PreparedMark, Statement, StatementBody, verify};

use crate::state::State;
use crate::step::{Action, Step};

impl State {
    /// Waits until the whole block is durable (S-2). Quorums of other views change nothing.
    pub(crate) fn try_prepare(&mut self) -> bool {
        let (height, view) = (self.height(), self.view());
        let Some(digest) = self.record.accepted else {
            return false;
        };
        let highest = self.record.prepared.as_ref().map(|prepared| prepared.view);
        if highest == Some(view) || !self.blocks.is_durable(digest) {
            return false;
        }
        let statement = Statement { height, view, body: StatementBody::Prepare { digest } };
        let votes = self.prepares.of(view, digest);
        let Ok(certificate) = verify::assemble(&statement, votes, &self.start.set) else {
            return false;
        };
        assert!(highest.is_none_or(|highest| highest < view), "prepared views ascend (I-4)");
        let certificate = certificate.into_inner();
        self.record.prepared = Some(PreparedMark { view, digest, certificate });
        self.asking.is_dirty = true;
        true
    }

    /// Fetches the blocks that the state needs: the decided one; accepted and prepared ones
    /// that a restart took from memory (S-4); one that a quorum prepares in this view.
    pub(crate) fn fetch_missing(&mut self, out: &mut Step) {
        if let Some(decision) = &self.decision {
            let digest = decision.certificate.value().digest;
            return self.fetch(digest, out);
        }
        let prepared = self.record.prepared.as_ref();
        let voted = match prepared {
            Some(prepared) if prepared.view == self.view() => None,
            Some(_) | None => self.prepares.quorum_in(self.view(), &self.start.set),
        };
        let prepared = prepared.map(|prepared| prepared.digest);
        for digest in [self.record.accepted, prepared, voted].into_iter().flatten() {
            self.fetch(digest, out);
        }
    }

    /// Asks for a block unless it is there or was asked for since the last tick.
    pub(crate) fn fetch(&mut self, digest: Digest, out: &mut Step) {
        if self.blocks.ask_fetch(digest) {
            out.now.push(Action::Fetch { height: self.height(), digest });
        }
    }
}
