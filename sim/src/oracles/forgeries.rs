//! What Byzantine validators make must not be taken: no node takes bytes for a message that were
//! forged to be none (B-2, B-4, M-5), no honest validator votes for a block that breaks a rule,
//! and all honest nodes judge a block alike.

use std::collections::BTreeSet;

use quorate_crypto::Hash;
use quorate_types::{Digest, Statement, StatementBody};

use super::Verdict;

/// What was forged, and how blocks were judged.
#[derive(Debug, Default)]
pub(crate) struct Forgeries {
    refusable: BTreeSet<Hash>,
    forbidden: BTreeSet<Digest>,
    valid: BTreeSet<Digest>,
    invalid: BTreeSet<Digest>,
}

impl Forgeries {
    /// A parcel of this hash was forged to be no message.
    pub(crate) fn must_refuse(&mut self, parcel: Hash) {
        self.refusable.insert(parcel);
    }

    /// A block was forged to break a rule, or proposed where it may not be.
    pub(crate) fn forbid(&mut self, block: Digest) {
        self.forbidden.insert(block);
    }

    /// A node took a parcel for a message.
    pub(crate) fn taken(&self, parcel: &Hash) -> Verdict {
        if self.refusable.contains(parcel) {
            return Err(format!("parcel {parcel} is forged, and was taken"));
        }
        Ok(())
    }

    /// An honest validator sends a statement.
    pub(crate) fn said(&self, statement: &Statement) -> Verdict {
        match &statement.body {
            StatementBody::Prepare { digest } | StatementBody::Commit { digest }
                if self.forbidden.contains(digest) =>
            {
                let (height, view) = (statement.height, statement.view);
                Err(format!("a vote at ({height}, {view}) for {digest}, which breaks a rule (R-2)"))
            }
            StatementBody::ViewChange { .. }
            | StatementBody::PrePrepare { .. }
            | StatementBody::Prepare { .. }
            | StatementBody::Commit { .. } => Ok(()),
        }
    }

    /// An honest node has judged a block.
    pub(crate) fn judged(&mut self, block: Digest, is_valid: bool) -> Verdict {
        let (same, other) = if is_valid {
            (&mut self.valid, &self.invalid)
        } else {
            (&mut self.invalid, &self.valid)
        };
        same.insert(block);
        if other.contains(&block) {
            return Err(format!("block {block} is valid here and invalid there (R-2)"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use quorate_types::{Height, View};

    use super::*;

    #[test]
    fn a_forged_parcel_that_is_taken_and_a_vote_for_a_forbidden_block_are_noticed() {
        let mut forgeries = Forgeries::default();
        let hash = |byte| Hash::from_bytes([byte; 32]);
        forgeries.must_refuse(hash(1));
        assert!(forgeries.taken(&hash(1)).is_err());
        assert_eq!(forgeries.taken(&hash(2)), Ok(()));
        forgeries.forbid(Digest(hash(3)));
        let vote = |byte| Statement {
            height: Height(1),
            view: View(0),
            body: StatementBody::Prepare { digest: Digest(hash(byte)) },
        };
        assert!(forgeries.said(&vote(3)).is_err());
        assert_eq!(forgeries.said(&vote(4)), Ok(()));
    }

    #[test]
    fn two_verdicts_on_one_block_are_noticed() {
        let mut forgeries = Forgeries::default();
        let block = Digest(Hash::from_bytes([1; 32]));
        assert_eq!(forgeries.judged(block, false), Ok(()));
        assert_eq!(forgeries.judged(block, false), Ok(()));
        assert!(forgeries.judged(block, true).is_err());
    }
}
