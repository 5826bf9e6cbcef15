//! A key whose records are lost, or older than what it has signed, signs nothing (S-5). This file
//! says when a node begins to observe and what ends it; everything else goes on as before: it
//! counts others' votes, decides and syncs.

use quorate_types::{
    Height, Message, SignRecord, SignedStatement, Statement, ValidatorIndex, ValidatorSet,
    ValidatorSetId, Verified,
};

use crate::consensus::Consensus;
use crate::signing::is_beyond;
use crate::state::State;
use crate::step::{Action, Step, Vote};

/// Statements of the own key that wait for their set at most: one that is news is enough.
const MAX_MET: usize = 256;

/// What is known of a key's past at a start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Past {
    /// The sign-state record, as it was read.
    Record(Box<SignRecord>),
    /// The records are missing or unreadable, which is not fresh.
    Lost,
    /// The record of a node that looks for no statements of its key: an adversary that runs one key
    /// on two nodes, for tests and simulations. An honest node never says so.
    Heedless(Box<SignRecord>),
}

impl From<SignRecord> for Past {
    fn from(record: SignRecord) -> Past {
        Past::Record(Box::new(record))
    }
}

/// Why a node observes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ObserverReason {
    /// There is no record of what its key has signed.
    #[error("the records of what this key has signed are missing or unreadable")]
    Lost,
    /// It observed before a restart and has not rejoined since.
    #[error("this key has not rejoined yet")]
    Marked,
    /// Its key has signed this, which its record does not know.
    #[error(
        "this key has signed height {}, view {}, step {:?}, which its record does not know",
        .0.statement.height, .0.statement.view, .0.statement.step()
    )]
    Met(SignedStatement),
}

/// Whether this node observes, and what it has still to say about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Observer {
    observing: bool,
    /// It never begins to.
    heedless: bool,
    /// To be reported with the next step.
    reason: Option<ObserverReason>,
    /// The record is to be written once more, with its mark.
    mark_due: bool,
    /// Statements met before their set is that of a height, when the own index in it is not known.
    met: Vec<Verified<SignedStatement>>,
}

impl Observer {
    /// What a past makes of a node with a key, and the record that it goes on with.
    pub(crate) fn of(past: Past) -> (Observer, Option<SignRecord>) {
        let heedless = matches!(past, Past::Heedless(_));
        let (record, reason) = match past {
            Past::Lost => (None, Some(ObserverReason::Lost)),
            Past::Record(record) if record.observing => {
                (Some(*record), Some(ObserverReason::Marked))
            }
            Past::Record(record) | Past::Heedless(record) => (Some(*record), None),
        };
        let observing = reason.is_some();
        (Observer { observing, heedless, reason, ..Observer::default() }, record)
    }

    /// Whether a statement of the own key would be news.
    fn is_looking(&self) -> bool {
        !self.observing && !self.heedless
    }

    /// Whether it signs and records nothing.
    pub(crate) fn is_observing(&self) -> bool {
        self.observing
    }
}

impl Consensus {
    /// Whether this node signs nothing until it has rejoined (S-5).
    #[must_use]
    pub fn is_observing(&self) -> bool {
        self.observer.observing
    }

    /// Whether a statement of the own key would make this node observe (S-5).
    #[must_use]
    pub fn is_beyond(&self, statement: &Statement) -> bool {
        let Some(state) = self.state.as_ref().filter(|_| self.observer.is_looking()) else {
            return false;
        };
        let context = &state.start.context;
        let asked = state.asking.is_asked(statement);
        !asked && self.record().is_none_or(|record| is_beyond(record, statement, context))
    }

    /// S-5: looks for statements of the own key in a verified message and beside it.
    pub(crate) fn look_for_own(&mut self, message: &Verified<Message>) {
        if !self.observer.is_looking() || self.me.is_none() {
            return;
        }
        for signed in message.value().statements() {
            self.judge_own(signed, message.set());
        }
    }

    /// S-5: a statement that somebody has found, in the chain database or at a peer.
    pub(crate) fn on_met(&mut self, met: Verified<SignedStatement>) {
        if self.set_of(met.set()).is_some() {
            self.judge_own(*met.value(), met.set());
        } else if self.observer.is_looking() && self.observer.met.len() < MAX_MET {
            self.observer.met.push(met);
        }
    }

    /// What was met before a height had its set, judged before anything is signed in that height.
    pub(crate) fn judge_met(&mut self) {
        for met in std::mem::take(&mut self.observer.met) {
            self.on_met(met);
        }
        // A set that was not known at its height never will be.
        let height = self.state.as_ref().map(State::height);
        self.observer.met.retain(|met| Some(met.value().statement.height) > height);
    }

    /// S-5: begins to observe if the own key signed this and S-1 would not let it say so again.
    /// What the signer has been asked for and not yet answered is known here.
    fn judge_own(&mut self, signed: SignedStatement, set: ValidatorSetId) {
        if self.own_index(set) == Some(signed.signer) && self.is_beyond(&signed.statement) {
            self.observer.observing = true;
            self.observer.reason = Some(ObserverReason::Met(signed));
            self.observer.mark_due = true;
        }
    }

    /// The own index in the set that something was verified against, if that is known here.
    fn own_index(&self, set: ValidatorSetId) -> Option<ValidatorIndex> {
        self.set_of(set)?.index_of_key(&self.me?)
    }

    /// The set of this name, if it is that of the height or of the one below.
    fn set_of(&self, set: ValidatorSetId) -> Option<&ValidatorSet> {
        let state = self.state.as_ref().map(|state| &state.start.set);
        let parent = self.parent.as_ref().map(|parent| &parent.start.set);
        state.into_iter().chain(parent).find(|known| known.id() == set)
    }

    /// The record in force: one of a higher height stands above the state's.
    fn record(&self) -> Option<&SignRecord> {
        self.resume.as_ref().or_else(|| self.state.as_ref().map(|state| &state.record))
    }

    /// S-5: the own value stands in the decided block of `height`. The key signs only above it, and
    /// above all that it has signed in this life.
    pub(crate) fn on_rejoined(&mut self, height: Height) {
        if !self.observer.observing {
            return;
        }
        let signed = self.record().and_then(|record| record.guard).map(|guard| guard.height);
        let height = signed.map_or(height, |signed| signed.max(height));
        self.resume = Some(SignRecord::rejoined(height));
        self.observer = Observer::default();
    }

    /// Nothing is signed or recorded any more, whatever the rules that follow call for.
    pub(crate) fn mute(&mut self) {
        if let Some(state) = self.state.as_mut().filter(|_| self.observer.observing) {
            state.records = false;
        }
    }

    /// Says once why this node observes, and marks the record, once what the signer was asked
    /// before has been answered: a crash must not forget the mark.
    pub(crate) fn report_observing(&mut self, out: &mut Step) {
        let Some(state) = self.state.as_mut().filter(|_| self.observer.observing) else { return };
        if let Some(reason) = self.observer.reason.take() {
            out.now.push(Action::Observing { reason });
        }
        let Some(signer) = state.index.filter(|_| self.observer.mark_due) else { return };
        if !state.asking.is_idle() {
            return;
        }
        self.observer.mark_due = false;
        let record = self.resume.as_mut().unwrap_or(&mut state.record);
        record.observing = true;
        let (record, context) = (record.clone(), state.start.context.clone());
        out.vote = Some(Vote { record, statements: Vec::new(), signer, context });
    }
}
