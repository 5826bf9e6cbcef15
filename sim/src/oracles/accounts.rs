//! What the oracles have come to know of a run.

use quorate_crypto::ValidatorPublicKey;
use quorate_types::Height;

use super::{Liveness, Oracles, economy};

impl Oracles {
    /// How many validators honest nodes have evidence against.
    pub(crate) fn accused(&self) -> usize {
        self.accusations.count()
    }

    /// How many validators are out for ever for what evidence in blocks says.
    pub(crate) fn tombstoned(&self) -> usize {
        economy::tombstoned(self.ledger.state())
    }

    /// The longest that a height took after healing, in microseconds, beside its limit.
    pub(crate) fn slowest(&self) -> Option<(u64, u64)> {
        self.liveness.as_ref().map(Liveness::slowest)
    }

    /// Whether validators with these keys are a quorum.
    pub(crate) fn is_quorum(&self, keys: &[ValidatorPublicKey]) -> bool {
        self.ledger.sets.newest().keys_are_quorum(keys)
    }

    /// Whether validators with these keys are few enough to be Byzantine together (M-2).
    pub(crate) fn may_be_byzantine(&self, keys: &[ValidatorPublicKey]) -> bool {
        self.ledger.sets.newest().may_be_byzantine(keys)
    }

    /// The highest height that any honest node has decided.
    pub(crate) fn highest(&self) -> Height {
        self.agreement.highest()
    }

    /// Transactions in final blocks.
    pub(crate) fn transactions(&self) -> u64 {
        self.ledger.transactions()
    }

    /// The highest view that anybody has signed at any height.
    pub(crate) fn highest_view(&self) -> u64 {
        self.signatures.highest_view()
    }
}
