//! A quorum of Commit decides the height, in any view; so does a certificate.

use quorate_types::{
    Digest, SignedStatement, Statement, StatementBody, Verified, VerifiedCertificate, View, verify,
};

use crate::input::Now;
use crate::state::{Decision, State};
use crate::step::{Action, Step};

impl State {
    /// Counts a Commit: towards a decision, or into the certificate of the one that is there, so
    /// that the next block can name every signer (M-5).
    pub(crate) fn on_commit(&mut self, vote: Verified<SignedStatement>) {
        if let Some(decision) = &mut self.decision
            && let Some(fuller) = decision.certificate.with(&vote)
        {
            decision.certificate = fuller;
        }
        let Statement { view, body, .. } = vote.value().statement;
        let current = self.view();
        self.commits.insert(vote, current);
        if let StatementBody::Commit { digest } = body {
            self.try_decide(view, digest);
        }
    }

    /// the certificate of a quorum of Commit(h, view, digest). One for another block than the
    /// decided is half of a fork.
    fn try_decide(&mut self, view: View, digest: Digest) {
        let is_decided = |decision: &Decision| decision.certificate.value().digest == digest;
        if self.decision.as_ref().is_some_and(is_decided) {
            return;
        }
        let body = StatementBody::Commit { digest };
        let statement = Statement { height: self.height(), view, body };
        let votes = self.commits.of(view, digest);
        let Ok(certificate) = verify::assemble(&statement, votes, &self.start.set) else {
            return;
        };
        match &mut self.decision {
            Some(decision) => decision.rival = Some(certificate),
            None => self.decision = Some(Decision::new(certificate, true)),
        }
    }

    /// a certificate of this height decides like a quorum of votes, and takes in the Commits
    /// that are here already.
    pub(crate) fn on_certificate(&mut self, certificate: VerifiedCertificate) {
        if self.decision.is_some() {
            return;
        }
        let decided = certificate.value();
        let mut fullest = certificate.clone();
        for vote in self.commits.of(decided.view, decided.digest) {
            if let Some(fuller) = fullest.with(vote) {
                fullest = fuller;
            }
        }
        self.decision = Some(Decision::new(fullest, false));
    }

    /// announces the decision once the block is at hand, and learns how long it took (T-2).
    pub(crate) fn try_announce(&mut self, now: Now, out: &mut Step) -> bool {
        let current = self.view();
        let Some(decision) = &mut self.decision else {
            return false;
        };
        let decided = decision.certificate.value();
        if decision.announced || !self.blocks.is_whole(decided.digest) {
            return false;
        }
        decision.announced = true;
        if decision.assembled {
            out.now.push(Action::PublishCertificate(decided.clone()));
        }
        // A certificate that arrives may come after an outage of any length.
        if let Some(started_ms) = self.clock.view_started_ms
            && decided.view == current
            && decision.assembled
        {
            self.pace.learn(now.monotonic_ms.saturating_sub(started_ms));
        }
        let certificate = decision.certificate.clone();
        if let Some(archive) = self.archive() {
            out.now.push(Action::Archive(Box::new(archive)));
        }
        out.now.push(Action::Decided(certificate));
        true
    }
}
