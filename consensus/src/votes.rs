//! Votes by view and signer, and the latest view change of each signer. The first valid vote of a
//! (view, signer) counts. Memory per signer is a constant.

use quorate_crypto::museum;
use std::collections::BTreeMap;

use quorate_types::{
    Certificate, Digest, SignedStatement, ValidatorIndex, ValidatorSet, Verified, View, ViewChange,
};

/// Views above the current one whose votes are kept.
pub(crate) const VIEWS_AHEAD: u64 = 2;
/// Views below the current one whose Commits are kept, per signer, and sent again.
pub(crate) const LOWER_COMMITS: usize = 8;

/// The votes of one step, Prepare or Commit, at one height.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Votes {
    by_signer: BTreeMap<ValidatorIndex, BTreeMap<View, Verified<SignedStatement>>>,
    /// How many views below the current one are kept per signer.
    lower: usize,
}

impl Votes {
    /// No votes; of those below the current view `lower` are kept per signer.
    pub(crate) fn keeping(lower: usize) -> Votes {
        Votes { by_signer: BTreeMap::new(), lower }
    }

    /// Counts a vote unless its signer has voted in that view or the bounds leave no place for it.
    pub(crate) fn insert(&mut self, vote: Verified<SignedStatement>, current: View) {
        let view = vote.value().statement.view;
        if view.0 > current.0.saturating_add(VIEWS_AHEAD) {
            return;
        }
        let votes = self.by_signer.entry(vote.value().signer).or_default();
        if museum!(LastVoteCounts) {
            votes.remove(&view);
        }
        votes.entry(view).or_insert(vote);
        keep_highest_below(votes, current, self.lower);
    }

    /// Forgets what the bounds do not keep any more once `current` is the view.
    pub(crate) fn enter(&mut self, current: View) {
        for votes in self.by_signer.values_mut() {
            keep_highest_below(votes, current, self.lower);
        }
    }

    /// The votes for one block in one view, in order of signer.
    pub(crate) fn of(
        &self,
        view: View,
        digest: Digest,
    ) -> impl Iterator<Item = &Verified<SignedStatement>> + '_ {
        let in_view = self.by_signer.values().filter_map(move |votes| votes.get(&view));
        in_view.filter(move |vote| vote.value().statement.digest() == Some(digest))
    }

    /// The block that a quorum votes for in a view.
    pub(crate) fn quorum_in(&self, view: View, set: &ValidatorSet) -> Option<Digest> {
        let mut supporters: BTreeMap<Digest, Vec<ValidatorIndex>> = BTreeMap::new();
        for (signer, votes) in &self.by_signer {
            let digest = votes.get(&view).and_then(|vote| vote.value().statement.digest());
            if let Some(digest) = digest {
                supporters.entry(digest).or_default().push(*signer);
            }
        }
        supporters
            .into_iter()
            .find(|(_, signers)| set.is_quorum(signers.iter().copied()))
            .map(|(digest, _)| digest)
    }
}

fn keep_highest_below(
    votes: &mut BTreeMap<View, Verified<SignedStatement>>,
    current: View,
    lower: usize,
) {
    let below: Vec<View> = votes.range(..current).map(|(view, _)| *view).collect();
    let surplus = below.len().saturating_sub(lower);
    for view in below.iter().take(surplus) {
        votes.remove(view);
    }
}

/// A valid view change: signature and certificate were verified with its message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProvenViewChange {
    /// What its sender signed.
    pub(crate) signed: SignedStatement,
    /// The proof of its prepared claim.
    pub(crate) certificate: Option<Certificate>,
}

impl From<ViewChange> for ProvenViewChange {
    fn from(view_change: ViewChange) -> Self {
        let ViewChange { signed, certificate } = view_change;
        ProvenViewChange { signed, certificate }
    }
}

/// The view change of the highest view, by signer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ViewChanges(BTreeMap<ValidatorIndex, ProvenViewChange>);

impl ViewChanges {
    /// Keeps a view change if it is its signer's first of the highest view.
    pub(crate) fn insert(&mut self, view_change: ProvenViewChange) {
        let signer = view_change.signed.signer;
        let view = view_change.signed.statement.view;
        let kept = self.0.get(&signer).map(|kept| kept.signed.statement.view);
        if kept.is_none_or(|kept| kept < view) {
            self.0.insert(signer, view_change);
        }
    }

    /// Those for exactly one view, in order of signer.
    pub(crate) fn of(&self, view: View) -> impl Iterator<Item = &ProvenViewChange> + '_ {
        self.0.values().filter(move |kept| kept.signed.statement.view == view)
    }
}
