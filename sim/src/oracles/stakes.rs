//! Who has how much power, and M-3 restated: the honest alone are a quorum, and two quorums share an
//! honest validator while 3*b < W (M-2, M-4).

use std::collections::BTreeSet;

use quorate_crypto::{Domain, Hash, ValidatorPublicKey};
use quorate_types::Address;

const VALIDATOR_SET: Domain = Domain::new("quorate v1 validator set");

/// One validator.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stake {
    operator: Address,
    key: ValidatorPublicKey,
    power: u128,
}

/// The validators, ascending by operator address: the place is the bit in a certificate (M-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stakes(Vec<Stake>);

impl Stakes {
    /// Of (operator, key, power).
    pub(crate) fn new(
        validators: impl IntoIterator<Item = (Address, [u8; 32], u128)>,
    ) -> Result<Stakes, String> {
        let mut stakes = Vec::new();
        for (operator, key, power) in validators {
            let key = ValidatorPublicKey::from_bytes(key).map_err(|error| error.to_string())?;
            stakes.push(Stake { operator, key, power });
        }
        stakes.sort_by_key(|stake| stake.operator.0);
        Ok(Stakes(stakes))
    }

    /// The hash by which headers name them.
    pub(crate) fn hash(&self) -> Hash {
        let mut bytes = u32::try_from(self.0.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
        for Stake { operator, key, power } in &self.0 {
            bytes.extend(operator.0);
            bytes.extend(key.as_bytes());
            bytes.extend(u64::try_from(*power).unwrap_or(u64::MAX).to_be_bytes());
        }
        VALIDATOR_SET.hash(&bytes)
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
    use super::*;
    use quorate_crypto::ValidatorSecretKey;

    fn stakes(powers: &[u128]) -> Stakes {
        let validator = |(number, power): (u8, &u128)| {
            let key = ValidatorSecretKey::from_seed([number; 32]).public();
            (Address([number; 20]), *key.as_bytes(), *power)
        };
        Stakes::new((1_u8..).zip(powers).map(validator)).unwrap()
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
