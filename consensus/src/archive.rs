//! What is kept of a height that took more than one view, and what it proves when safety is broken
//! (protocol section 8): two quorums share a third of the power, and each of those validators has
//! contradicted itself somewhere between their views, or signed a proposal that nothing justified.

use std::collections::BTreeMap;

use quorate_types::limits::MAX_ARCHIVED_PROPOSALS;
use quorate_types::{
    ArchivedProposal, Certificate, ChainContext, Evidence, HeightArchive, Justification,
    SignedStatement, ValidatorIndex, ValidatorSet, View,
};

use crate::evidence::{conflict_of, judge};
use crate::state::State;

impl State {
    /// Keeps an accepted proposal; at view 0 there is nothing to justify.
    pub(crate) fn keep_proposal(
        &mut self,
        view: View,
        signed: SignedStatement,
        justification: Justification,
    ) {
        if view > View::ZERO {
            self.proposals.insert(view, ArchivedProposal { signed, justification });
        }
        while self.proposals.len() > MAX_ARCHIVED_PROPOSALS {
            self.proposals.pop_first();
        }
    }

    /// The archive of this height, if it took more than one view.
    pub(crate) fn archive(&self) -> Option<HeightArchive> {
        let decided = self.decision.as_ref().map(|decision| decision.certificate.value().view);
        let views = self.view().max(decided.unwrap_or(View::ZERO));
        (views > View::ZERO).then(|| HeightArchive {
            height: self.height(),
            proposals: self.proposals.values().cloned().collect(),
            statements: self.conflicts.statements().copied().collect(),
        })
    }
}

/// Who is to blame for a fork: evidence out of its two certificates and of what nodes kept of that
/// height, judged, one piece per offender. With the archives of one honest node from each side it
/// convicts a third of the power, and never an honest validator.
#[must_use]
pub fn accuse(
    certificates: [&Certificate; 2],
    archives: &[HeightArchive],
    context: &ChainContext,
    set: &ValidatorSet,
) -> Vec<Evidence> {
    let mut said: BTreeMap<ValidatorIndex, Vec<SignedStatement>> = BTreeMap::new();
    let proposals = archives.iter().flat_map(|archive| &archive.proposals);
    let beside = proposals.clone().flat_map(|proposal| {
        let Justification { view_changes, certificate } = &proposal.justification;
        let proven = certificate.iter().flat_map(Certificate::signed_statements);
        view_changes.iter().copied().chain(proven).chain([proposal.signed])
    });
    let statements = certificates.into_iter().flat_map(Certificate::signed_statements);
    let statements = statements.chain(archives.iter().flat_map(|a| a.statements.iter().copied()));
    for signed in statements.chain(beside) {
        said.entry(signed.signer).or_default().push(signed);
    }
    let mut found: BTreeMap<ValidatorIndex, Evidence> = BTreeMap::new();
    let unjustified = proposals.map(|proposal| Evidence::Unjustified {
        pre_prepare: proposal.signed,
        justification: proposal.justification.clone(),
    });
    for evidence in unjustified.chain(said.values().flat_map(|said| contradictions(said))) {
        if !found.contains_key(&evidence.accused()) && judge(&evidence, context, set).is_ok() {
            found.insert(evidence.accused(), evidence);
        }
    }
    found.into_values().collect()
}

/// Every pair of statements of one validator that contradict each other.
fn contradictions(said: &[SignedStatement]) -> Vec<Evidence> {
    let pairs = said.iter().enumerate().flat_map(|(place, one)| {
        said.iter().skip(place.saturating_add(1)).map(move |other| (one, other))
    });
    pairs
        .filter(|(one, other)| one.statement.height == other.statement.height)
        .filter(|(one, other)| conflict_of(&one.statement, &other.statement).is_some())
        .map(|(one, other)| Evidence::conflict(*one, *other))
        .collect()
}
