//! What must never happen, told from outside: from what was decided, and from what was sent.

use std::collections::BTreeMap;

use quorate_types::{
    Digest, Height, SignedStatement, Statement, StatementBody, Step, ValidatorIndex, View,
};

type Place = (Height, View, Step);

#[derive(Default)]
pub struct Oracle {
    decided: BTreeMap<Height, Digest>,
    /// Everything that honest keys have signed.
    signed: BTreeMap<ValidatorIndex, BTreeMap<Place, Statement>>,
}

impl Oracle {
    /// I-8: one digest per height over all nodes.
    pub fn on_decided(&mut self, height: Height, digest: Digest) {
        let first = *self.decided.entry(height).or_insert(digest);
        assert_eq!(first, digest, "height {height} is decided twice (I-8)");
    }

    /// I-2, I-3 and I-9 for a message of an honest key.
    pub fn on_sent(&mut self, signed: &SignedStatement) {
        let statement = signed.statement;
        let place = (statement.height, statement.view, statement.step());
        let past = self.signed.entry(signed.signer).or_default();
        if let Some(other) = past.get(&place) {
            assert_eq!(*other, statement, "two bodies for one place (I-2)");
            return;
        }
        let last = past.keys().next_back();
        assert!(last.is_none_or(|last| *last < place), "{place:?} after {last:?} (I-3)");
        if let StatementBody::ViewChange { prepared } = statement.body {
            let commits = past.values().filter(|other| other.height == statement.height);
            for commit in commits.filter(|other| other.step() == Step::Commit) {
                let (view, digest) = (commit.view, commit.digest().unwrap());
                let carried = prepared
                    .is_some_and(|(at, block)| at > view || (at == view && block == digest));
                assert!(carried, "a view change that forgets a Commit (I-9)");
            }
        }
        past.insert(place, statement);
    }

    /// The digest that a height was decided with.
    pub fn digest(&self, height: u64) -> Option<Digest> {
        self.decided.get(&Height(height)).copied()
    }
}
