//! What convicts validators and waits for a block: found here or heard of, judged, and not yet carried
//! by a block. Once for each validator, since it is punished once for ever; bounded in number.

use std::collections::{BTreeMap, BTreeSet};

use quorate_types::limits::MAX_BLOCK_EVIDENCE;
use quorate_types::{Address, Evidence, Height};

/// Pieces that wait at most; of more, the newest are passed over: the store keeps what was found here.
const MAX_WAITING: usize = 256;
/// Decided heights after which what still waits is said again.
const SAID_AGAIN_AFTER: u64 = 5;

/// A piece that waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Waiting {
    evidence: Evidence,
    /// The tip when it came, or was said again last.
    said: Height,
}

/// By the operator of the accused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct EvidencePool {
    waiting: BTreeMap<Address, Waiting>,
    /// Tombstoned, and in a set that is known here: nothing more is wanted against them.
    convicted: BTreeSet<Address>,
    /// Heights for which a piece is kept: the most that an epoch has asked for so far, since a vote for
    /// less does not end what an earlier epoch's evidence is good for.
    window: u64,
}

impl EvidencePool {
    /// Keeps a piece at this tip; the first against a validator stays, for as long as others can judge
    /// it. Whether it is news.
    pub(crate) fn insert(
        &mut self,
        accused: Address,
        evidence: Evidence,
        tip: Height,
        others_can_judge: impl Fn(Height) -> bool,
    ) -> bool {
        let is_news = match self.waiting.get(&accused) {
            Some(first) => !others_can_judge(first.evidence.height()),
            None => self.waiting.len() < MAX_WAITING && !self.convicted.contains(&accused),
        };
        if is_news {
            self.waiting.insert(accused, Waiting { evidence, said: tip });
        }
        is_news
    }

    /// What waits, the oldest offence first.
    pub(crate) fn waiting(&self) -> Vec<Evidence> {
        let mut waiting: Vec<_> = self.waiting.values().map(|one| one.evidence.clone()).collect();
        waiting.sort_by_key(|evidence| (evidence.height(), evidence.accused()));
        waiting
    }

    /// How many pieces wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What has waited long enough at this tip to be said again, and `others_can_judge`: as much as a
    /// block could carry.
    pub(crate) fn take_due(
        &mut self,
        tip: Height,
        others_can_judge: impl Fn(Height) -> bool,
    ) -> Vec<Evidence> {
        let is_due = |one: &&mut Waiting| {
            tip.above(one.said) >= SAID_AGAIN_AFTER && others_can_judge(one.evidence.height())
        };
        let due = self.waiting.values_mut().filter(is_due).take(MAX_BLOCK_EVIDENCE);
        due.map(|one| {
            one.said = tip;
            one.evidence.clone()
        })
        .collect()
    }

    /// These are out for ever. Whether that is news.
    pub(crate) fn convict(&mut self, validators: impl IntoIterator<Item = Address>) -> bool {
        let mut is_news = false;
        for validator in validators {
            self.waiting.remove(&validator);
            is_news |= self.convicted.insert(validator);
        }
        is_news
    }

    /// An epoch begins at this height, and evidence is good for so many heights by its parameters: drops
    /// what can be brought no more. Nobody can be accused who is in none of the sets that are known.
    pub(crate) fn forget(
        &mut self,
        first: Height,
        window: u64,
        is_known: impl Fn(&Address) -> bool,
    ) {
        self.window = self.window.max(window);
        let oldest = Height(first.0.saturating_sub(self.window));
        self.waiting.retain(|_, one| one.evidence.height() >= oldest);
        self.convicted.retain(is_known);
    }

    /// Against whom nothing more is wanted.
    pub(crate) fn settled(&self) -> BTreeSet<Address> {
        self.waiting.keys().chain(&self.convicted).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::Signature;
    use quorate_types::{
        Digest, Justification, SignedStatement, Statement, StatementBody, ValidatorIndex, View,
    };

    use super::*;

    fn evidence(signer: u16, height: u64) -> Evidence {
        let body = StatementBody::PrePrepare {
            digest: Digest::default(),
            justification: Default::default(),
        };
        let statement = Statement { height: Height(height), view: View(1), body };
        let (signer, signature) = (ValidatorIndex(signer), Signature::from_bytes([0; 64]));
        let pre_prepare = SignedStatement { statement, signer, signature };
        Evidence::Unjustified { pre_prepare, justification: Justification::default() }
    }

    fn address(number: u16) -> Address {
        let mut bytes = [0; 20];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        Address(bytes)
    }

    fn add(pool: &mut EvidencePool, accused: u16, height: u64) -> bool {
        pool.insert(address(accused), evidence(accused, height), Height(9), |of| of > Height(2))
    }

    #[test]
    fn a_validator_is_accused_once_and_the_oldest_offence_comes_first() {
        let mut pool = EvidencePool::default();
        assert!(add(&mut pool, 1, 8) && add(&mut pool, 2, 7));
        assert!(!add(&mut pool, 1, 3), "another offence of the same");
        assert_eq!(pool.waiting(), [evidence(2, 7), evidence(1, 8)]);
        assert_eq!(pool.settled(), [address(1), address(2)].into());
        assert!(
            add(&mut pool, 3, 2) && add(&mut pool, 3, 9),
            "what others cannot judge makes room"
        );
        assert_eq!(pool.waiting(), [evidence(2, 7), evidence(1, 8), evidence(3, 9)]);
    }

    #[test]
    fn of_who_is_convicted_nothing_waits_and_nothing_is_taken() {
        let mut pool = EvidencePool::default();
        assert!(add(&mut pool, 1, 8) && add(&mut pool, 2, 8));
        assert!(pool.convict([address(1)]));
        assert!(!pool.convict([address(1)]), "known");
        assert!(!add(&mut pool, 1, 9));
        assert_eq!(pool.waiting(), [evidence(2, 8)]);
        assert_eq!(pool.settled(), [address(1), address(2)].into());
        // In no set any more: it is not remembered for ever.
        pool.forget(Height(10), 2, |_| false);
        assert_eq!(pool.settled(), [address(2)].into());
        pool.forget(Height(10), 1, |_| false);
        assert_eq!(pool.len(), 1, "what was good for longer stays so");
        pool.forget(Height(11), 1, |_| false);
        assert_eq!(pool.len(), 0, "its time is over");
    }

    #[test]
    fn what_waits_is_said_again_after_some_heights_and_not_before() {
        let mut pool = EvidencePool::default();
        assert!(add(&mut pool, 1, 8));
        assert_eq!(pool.take_due(Height(13), |_| true), []);
        assert_eq!(
            pool.take_due(Height(14), |height| height > Height(8)),
            [],
            "nobody could judge"
        );
        assert_eq!(pool.take_due(Height(14), |_| true), [evidence(1, 8)]);
        assert_eq!(pool.take_due(Height(18), |_| true), []);
        assert_eq!(pool.take_due(Height(19), |_| true), [evidence(1, 8)]);
    }

    #[test]
    fn its_size_and_what_is_said_at_once_are_bounded() {
        let mut pool = EvidencePool::default();
        let taken = (0..300).filter(|number| add(&mut pool, *number, 8)).count();
        assert_eq!((taken, pool.len()), (MAX_WAITING, MAX_WAITING));
        let mut rounds = 0;
        while !pool.take_due(Height(14), |_| true).is_empty() {
            rounds += 1;
        }
        assert_eq!(rounds, MAX_WAITING / MAX_BLOCK_EVIDENCE);
    }
}
