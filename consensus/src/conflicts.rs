//! What validators have said at one height, kept to notice who contradicts themselves. Apart
//! from the votes that count: the first one counts there, whatever is found here. Memory per signer
//! is a constant, and so is what a message can make of it: one piece of evidence per offender.

use quorate_crypto::museum;
use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{
    Evidence, Message, SignedStatement, StatementBody, Step, ValidatorIndex, ValidatorSet, View,
};

use crate::evidence::conflict_of;
use crate::justification::{Proposal, justify};
use crate::votes::{LOWER_COMMITS, VIEWS_AHEAD};

type Said = BTreeMap<(Step, View), SignedStatement>;

/// The statements of one height by signer, and who is convicted already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Conflicts {
    said: BTreeMap<ValidatorIndex, Said>,
    offenders: BTreeSet<ValidatorIndex>,
}

impl Conflicts {
    /// Takes note of a verified message and of the statements that it carries; gives the evidence
    /// that this completes. `current` is the view of the height.
    pub(crate) fn note(
        &mut self,
        message: &Message,
        current: View,
        set: &ValidatorSet,
    ) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = unjustified(message, set).into_iter().collect();
        let height = message.height();
        let statements = message.statements().into_iter();
        let statements = statements.filter(|signed| signed.statement.height == height);
        evidence.extend(statements.filter_map(|signed| self.note_statement(signed, current)));
        evidence.retain(|evidence| self.convict(evidence));
        evidence
    }

    /// Whether nothing is held against the accused yet.
    pub(crate) fn is_news(&self, evidence: &Evidence) -> bool {
        !self.offenders.contains(&evidence.accused())
    }

    /// Takes note of evidence that holds; says whether it is the first against the accused.
    pub(crate) fn convict(&mut self, evidence: &Evidence) -> bool {
        self.offenders.insert(evidence.accused())
    }

    /// Everything that is kept, in order of signer, step and view.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &SignedStatement> + '_ {
        self.said.values().flat_map(BTreeMap::values)
    }

    /// What one validator said.
    pub(crate) fn said_by(
        &self,
        signer: ValidatorIndex,
    ) -> impl Iterator<Item = &SignedStatement> + '_ {
        self.said.get(&signer).into_iter().flat_map(BTreeMap::values)
    }

    fn note_statement(&mut self, signed: SignedStatement, current: View) -> Option<Evidence> {
        if self.offenders.contains(&signed.signer) {
            return None;
        }
        let said = self.said.entry(signed.signer).or_default();
        let place = (signed.statement.step(), signed.statement.view);
        let contradicted =
            said.values().find(|other| conflict_of(&other.statement, &signed.statement).is_some());
        if let Some(other) = contradicted.filter(|_| !museum!(ConflictsUnnoticed)) {
            return Some(Evidence::conflict(*other, signed));
        }
        said.entry(place).or_insert(signed);
        for step in [Step::ViewChange, Step::PrePrepare, Step::Prepare, Step::Commit] {
            keep_bounds(said, step, current);
        }
        None
    }
}

/// Of each step: what is said of the current view and the two above, of the highest eight below,
/// and the view change of the highest view.
fn keep_bounds(said: &mut Said, step: Step, current: View) {
    let views: Vec<View> = of_step(said, step).collect();
    let highest = current.0.saturating_add(VIEWS_AHEAD);
    let below = views.iter().filter(|view| **view < current).count();
    let surplus = views.iter().take(below.saturating_sub(LOWER_COMMITS)).copied();
    let ahead = views.iter().copied().filter(|view| view.0 > highest);
    let is_last = |view: &View| step == Step::ViewChange && views.last() == Some(view);
    let dropped: Vec<View> = surplus.chain(ahead.filter(|view| !is_last(view))).collect();
    for view in dropped {
        said.remove(&(step, view));
    }
}

fn of_step(said: &Said, step: Step) -> impl Iterator<Item = View> + '_ {
    said.range((step, View::ZERO)..=(step, View(u64::MAX))).map(|((_, view), _)| *view)
}

/// E-6, of a message whose signatures are verified.
fn unjustified(message: &Message, set: &ValidatorSet) -> Option<Evidence> {
    let Message::PrePrepare(message) = message else {
        return None;
    };
    let (signed, justification) = (message.signed, &message.justification);
    let StatementBody::PrePrepare { digest, .. } = signed.statement.body else {
        return None;
    };
    let (height, view) = (signed.statement.height, signed.statement.view);
    if justify(Proposal { height, view, digest, justification }, set).is_some() {
        return None;
    }
    let justification = justification.clone();
    Some(Evidence::Unjustified { pre_prepare: signed, justification })
}
