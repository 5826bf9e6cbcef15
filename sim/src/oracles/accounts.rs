//! What the oracles have come to know of a run.

use quorate_crypto::ValidatorPublicKey;
use quorate_types::{Address, Height, View};

use super::stakes::Stakes;
use super::{Liveness, Oracles, economy};
use crate::event::NodeId;

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

    /// Whether validators with these keys are a quorum of every height that is yet to be decided.
    pub(crate) fn is_quorum(&self, keys: &[ValidatorPublicKey]) -> bool {
        self.coming().iter().all(|stakes| stakes.keys_are_quorum(keys))
    }

    /// Whether validators with these keys are few enough to be Byzantine together at every height
    /// that is yet to be decided (M-2).
    pub(crate) fn may_be_byzantine(&self, keys: &[ValidatorPublicKey]) -> bool {
        self.coming().iter().all(|stakes| stakes.may_be_byzantine(keys))
    }

    /// V of the height to be decided, and the newest that is chosen.
    fn coming(&self) -> [&Stakes; 2] {
        let sets = &self.ledger.sets;
        [sets.at(self.highest().next()), sets.newest()]
    }

    /// A node has a key of its own from now on.
    pub(crate) fn learn_key(&mut self, node: NodeId, key: &ValidatorPublicKey) {
        self.accusations.learn(node, key);
    }

    /// Base units of an operator with its own validator.
    pub(crate) fn own_stake(&self, operator: &Address) -> u64 {
        economy::own_stake(self.ledger.state(), operator)
    }

    /// Whose turn it is in view 0 of a height whose set is known.
    pub(crate) fn turn(&mut self, height: Height) -> Option<Address> {
        let stakes = self.ledger.sets.at(height);
        stakes.operator(self.proposals.primary(height, View::ZERO, stakes)?)
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
