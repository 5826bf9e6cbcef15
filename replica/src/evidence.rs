//! Evidence between nodes (E-7): what is found here is gossiped, what others found waits here too, and
//! is said again until a block has punished the accused. A node that catches up says
//! nothing: those who are ahead may know the epochs of its evidence no longer.

use quorate_types::{Address, Evidence, ExecutedBlock, KnownEpochs, Message, Notice, Persist};

use crate::replica::Replica;
use crate::status::SyncState;
use crate::step::Action;

/// Heights for which evidence is good: the most by the parameters of an epoch that is known.
pub(crate) fn window(epochs: &KnownEpochs) -> u64 {
    let params = epochs.entries().iter().map(|entry| &entry.params);
    let windows =
        params.map(|params| params.staking.evidence_epochs.saturating_mul(params.epoch_length));
    windows.max().unwrap_or(0)
}

impl Replica {
    /// Consensus has found it, and judged it: kept, and gossiped if it is the first against its
    /// validator.
    pub(crate) fn on_evidence_found(&mut self, evidence: Box<Evidence>) {
        let is_news = self.hold_evidence(&evidence);
        self.keep_evidence(evidence.clone());
        if is_news && self.sync_state() == SyncState::InSync {
            self.out.now.push(Action::Publish(Message::Evidence(evidence)));
        }
    }

    /// A peer has found it, and the verifier has judged it.
    pub(crate) fn on_evidence_heard(&mut self, evidence: &Evidence) {
        if self.hold_evidence(evidence) {
            self.keep_evidence(Box::new(evidence.clone()));
        }
    }

    /// Into the store: at the next start what waits is what is there and can still be brought.
    fn keep_evidence(&mut self, evidence: Box<Evidence>) {
        self.store_aside(Persist::Evidence(evidence.clone()));
        self.out.now.push(Action::Evidence(evidence));
    }

    /// Lets it wait for a block. Whether that is news.
    fn hold_evidence(&mut self, evidence: &Evidence) -> bool {
        let set = self.epochs.set_of(evidence.height());
        let Some(accused) = set.and_then(|set| set.get(evidence.accused())) else {
            return false;
        };
        let (accused, tip) = (accused.address, self.chain.tip.height);
        let epochs = &self.epochs;
        let is_news = self
            .evidence
            .insert(accused, evidence.clone(), tip, |height| epochs.set_of(height).is_some());
        if is_news {
            self.publish_settled();
        }
        is_news
    }

    /// A height is decided: what has waited for some says itself again, for those whom the first time
    /// did not reach.
    pub(crate) fn say_evidence_again(&mut self) {
        if self.sync_state() != SyncState::InSync {
            return;
        }
        let epochs = &self.epochs;
        let due =
            self.evidence.take_due(self.chain.tip.height, |height| epochs.set_of(height).is_some());
        if !due.is_empty() {
            let messages = due.into_iter().map(|evidence| Message::Evidence(Box::new(evidence)));
            self.out.now.push(Action::Resend(messages.collect()));
        }
    }

    /// A decided block is executed: who is out for ever has nothing more to fear.
    pub(crate) fn settle_convicted(&mut self, executed: &ExecutedBlock) {
        let convicted = executed.notices.iter().filter_map(tombstoned);
        if self.evidence.convict(convicted) {
            self.publish_settled();
        }
    }

    /// Another epoch is the current one.
    pub(crate) fn forget_evidence(&mut self) {
        let epochs = &self.epochs;
        let (first, window) = (epochs.current().first, window(epochs));
        self.evidence.forget(first, window, |operator| epochs.has_validator(operator));
        self.publish_settled();
    }

    fn publish_settled(&mut self) {
        self.out.now.push(Action::Settled(self.evidence.settled()));
    }

    /// How many pieces of evidence wait for a block.
    #[must_use]
    pub fn evidence_waiting(&self) -> usize {
        self.evidence.len()
    }
}

fn tombstoned(notice: &Notice) -> Option<Address> {
    match notice {
        Notice::Tombstoned { validator } => Some(*validator),
        Notice::Slashed { .. }
        | Notice::Jailed { .. }
        | Notice::FewValidators { .. }
        | Notice::LargePower { .. }
        | Notice::NobodyChosen { .. }
        | Notice::NewParams { .. } => None,
    }
}
