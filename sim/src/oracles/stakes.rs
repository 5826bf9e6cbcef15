//! Who has how much power, straight from the genesis document, and M-3 restated: the honest alone
//! are a quorum, and two quorums share an honest validator while 3*b < W (M-2, M-4).

use std::collections::BTreeSet;

use quorate_crypto::ValidatorPublicKey;
use quorate_genesis::Draft;
use quorate_types::Address;

/// One validator as genesis has it.
#[derive(Clone, Debug)]
struct Stake {
    operator: Address,
    key: ValidatorPublicKey,
    power: u128,
}

/// The validators, ascending by operator address: the place is the bit in a certificate (M-1).
#[derive(Clone, Debug)]
pub(crate) struct Stakes(Vec<Stake>);

impl Stakes {
    pub(crate) fn of(document: &Draft) -> Stakes {
        let stake = |validator: &quorate_genesis::GenesisValidator| Stake {
            operator: validator.operator,
            key: validator.consensus_key,
            power: u128::from(validator.bonded.0),
        };
        let mut stakes: Vec<Stake> = document.validators.iter().map(stake).collect();
        stakes.sort_by_key(|stake| stake.operator.0);
        Stakes(stakes)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn key(&self, signer: u16) -> Option<&ValidatorPublicKey> {
        self.0.get(usize::from(signer)).map(|stake| &stake.key)
    }

    /// The power of each, in order of index.
    pub(crate) fn powers(&self) -> impl Iterator<Item = u128> + '_ {
        self.0.iter().map(|stake| stake.power)
    }

    pub(crate) fn operator(&self, index: u16) -> Option<Address> {
        self.0.get(usize::from(index)).map(|stake| stake.operator)
    }

    pub(crate) fn is_operator(&self, address: &Address) -> bool {
        self.0.iter().any(|stake| stake.operator == *address)
    }

    /// More than two thirds of all power, each validator once.
    pub(crate) fn is_quorum(&self, signers: &BTreeSet<u16>) -> bool {
        let of = |signer: &u16| self.0.get(usize::from(*signer)).map_or(0, |stake| stake.power);
        let all: u128 = self.0.iter().map(|stake| stake.power).sum();
        let theirs: u128 = signers.iter().map(of).sum();
        theirs * 3 > all * 2
    }

    /// Whether validators with these keys have less than a third of all power (M-2).
    pub(crate) fn may_be_byzantine(&self, keys: &[ValidatorPublicKey]) -> bool {
        let held = self.0.iter().filter(|stake| keys.contains(&stake.key));
        let theirs: u128 = held.map(|stake| stake.power).sum();
        let all: u128 = self.0.iter().map(|stake| stake.power).sum();
        theirs * 3 < all
    }

    /// Whether validators with these keys have a quorum.
    pub(crate) fn keys_are_quorum(&self, keys: &[ValidatorPublicKey]) -> bool {
        let held = (0_u16..).zip(&self.0).filter(|(_, stake)| keys.contains(&stake.key));
        self.is_quorum(&held.map(|(place, _)| place).collect())
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::ValidatorSecretKey;
    use quorate_genesis::GenesisValidator;
    use quorate_types::{Amount, Timestamp};

    use super::*;

    fn stakes(powers: &[u64]) -> Stakes {
        let mut draft = Draft::new("local-sim".parse().unwrap(), Timestamp(1));
        for (number, power) in (1_u8..).zip(powers) {
            draft.add_validator(GenesisValidator {
                operator: Address([number; 20]),
                consensus_key: ValidatorSecretKey::from_seed([number; 32]).public(),
                bonded: Amount(*power),
                moniker: String::new(),
            });
        }
        Stakes::of(&draft)
    }

    #[test]
    fn the_byzantine_have_less_than_a_third() {
        let keys = |numbers: &[u8]| -> Vec<ValidatorPublicKey> {
            let key = |number: &u8| ValidatorSecretKey::from_seed([*number; 32]).public();
            numbers.iter().map(key).collect()
        };
        let equal = stakes(&[1, 1, 1, 1, 1, 1]);
        assert!(equal.may_be_byzantine(&keys(&[2])));
        assert!(!equal.may_be_byzantine(&keys(&[2, 3])), "a third is too much");
        let unequal = stakes(&[5, 1, 1]);
        assert!(!unequal.may_be_byzantine(&keys(&[1])));
        assert!(unequal.may_be_byzantine(&keys(&[2, 3])));
    }

    #[test]
    fn a_quorum_is_more_than_two_thirds() {
        let equal = stakes(&[1, 1, 1]);
        assert!(!equal.is_quorum(&BTreeSet::from([0, 1])), "two thirds are not more");
        assert!(equal.is_quorum(&BTreeSet::from([0, 1, 2])));
        let unequal = stakes(&[5, 1, 1]);
        assert!(unequal.is_quorum(&BTreeSet::from([0])));
        assert!(!unequal.is_quorum(&BTreeSet::from([1, 2, 9])));
    }
}
