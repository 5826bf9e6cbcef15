//! M-1 and M-3: validator sets, quorums and weak quorums.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Validators, account_key, address};
use proptest::prelude::*;
use quorate_crypto::ValidatorSecretKey;
use quorate_types::limits::MAX_VALIDATORS;
use quorate_types::{Address, Power, Validator, ValidatorIndex, ValidatorSet, ValidatorSetError};

fn validator(operator: u8, key: u8, power: u64) -> Validator {
    let key = ValidatorSecretKey::from_seed([key; 32]).public();
    Validator { address: address(operator), key, power: Power(power) }
}

fn indexes(mask: u32) -> impl Iterator<Item = ValidatorIndex> + Clone {
    (0..16_u16).filter(move |index| mask & (1 << index) != 0).map(ValidatorIndex)
}

/// Checks every subset of a set of these powers against the rule in its own words.
fn check_every_subset(powers: &[u64]) {
    let set = Validators::of(powers).set;
    let total: u128 = powers.iter().map(|power| u128::from(*power)).sum();
    for mask in 0..1_u32 << powers.len() {
        let counted = set.iter().filter(|(index, _)| mask & (1 << index.0) != 0);
        let power: u128 = counted.map(|(_, validator)| u128::from(validator.power.0)).sum();
        let (quorum, weak) = (power > total * 2 / 3, power > 0 && power >= total.div_ceil(3));
        assert_eq!(set.is_quorum(indexes(mask)), quorum, "{powers:?} {mask:b}");
        assert_eq!(set.is_weak(indexes(mask)), weak, "{powers:?} {mask:b}");
    }
}

#[test]
fn equal_validators_exhaustively() {
    for count in 1..=10 {
        check_every_subset(&vec![1; count]);
    }
    let least = |count| {
        let set = Validators::of(&vec![1; count]).set;
        let of = |size: &u16| (0..*size).map(ValidatorIndex);
        let all = 0..=u16::try_from(count).unwrap();
        let quorum = all.clone().find(|size| set.is_quorum(of(size))).unwrap();
        (quorum, all.clone().find(|size| set.is_weak(of(size))).unwrap())
    };
    let expected = [(1, 1), (2, 1), (3, 1), (3, 2), (4, 2), (5, 2), (5, 3)];
    assert_eq!((1..8).map(least).collect::<Vec<_>>(), expected);
}

#[test]
fn unequal_validators_exhaustively() {
    for powers in [
        vec![1, 2],
        vec![1, 1, 4],
        vec![10, 20, 30, 40],
        vec![33, 33, 34],
        vec![66, 1, 1, 1, 30],
        vec![1, u64::MAX - 1],
        vec![u64::MAX / 3; 3],
        vec![u64::MAX / 4, u64::MAX / 4, u64::MAX / 4, u64::MAX / 4 + 3],
        vec![u64::MAX],
    ] {
        check_every_subset(&powers);
    }
}

#[test]
fn exactly_two_thirds_is_no_quorum_and_exactly_one_third_is_weak() {
    let third = u64::MAX / 3;
    for unit in [1, 7, third] {
        let set = Validators::of(&[unit, unit, unit]).set;
        assert!(!set.is_quorum(indexes(0b011)) && set.is_quorum(indexes(0b111)));
        assert!(set.is_weak(indexes(0b001)) && !set.is_weak(indexes(0)));
    }
}

#[test]
fn power_counts_distinct_validators_of_the_set() {
    let set = Validators::of(&[1; 4]).set;
    let repeated = [0, 0, 0, 1, 1, 1].map(ValidatorIndex);
    assert!(!set.is_quorum(repeated), "duplicates count once");
    let outside = [0, 1, 4, 5, u16::MAX].map(ValidatorIndex);
    assert!(!set.is_quorum(outside), "who is not in the set counts nothing");
    assert!(!set.is_weak([4, 5, 6, 7].map(ValidatorIndex)));
    assert!(set.is_quorum([0, 0, 1, 9, 2].map(ValidatorIndex)));
}

#[test]
fn a_set_is_ordered_by_address_and_finds_its_members() {
    let validators = Validators::four();
    let set = &validators.set;
    assert!(set.validators().is_sorted_by(|a, b| a.address < b.address));
    assert_eq!((set.len(), set.total_power()), (4, Power(100)));
    for (index, validator) in set.iter() {
        assert_eq!(set.get(index), Some(validator));
        assert_eq!(set.index_of_address(&validator.address), Some(index));
        assert_eq!(set.index_of_key(&validator.key), Some(index));
    }
    assert_eq!(set.get(ValidatorIndex(4)), None);
    assert_eq!(set.index_of_address(&address(9)), None);
    let mut shuffled = set.validators().to_vec();
    shuffled.reverse();
    assert_eq!(ValidatorSet::new(shuffled).as_ref(), Ok(set), "the order given does not matter");
}

#[test]
fn what_is_no_set() {
    let new = ValidatorSet::new;
    assert_eq!(new(Vec::new()), Err(ValidatorSetError::Empty));
    let error = ValidatorSetError::DuplicateAddress(address(1));
    assert_eq!(new(vec![validator(1, 11, 1), validator(1, 12, 1)]), Err(error));
    let two = vec![validator(1, 11, 1), validator(2, 11, 1)];
    assert!(matches!(new(two), Err(ValidatorSetError::DuplicateKey(_))));
    let error = ValidatorSetError::NoPower(address(2));
    assert_eq!(new(vec![validator(1, 11, 1), validator(2, 12, 0)]), Err(error));
    assert!(new(vec![validator(1, 11, u64::MAX - 1), validator(2, 12, 1)]).is_ok());
    let past = vec![validator(1, 11, u64::MAX), validator(2, 12, 1)];
    assert_eq!(new(past), Err(ValidatorSetError::PowerOverflow));
}

#[test]
fn a_set_has_at_most_200_validators() {
    let many = |count: usize| {
        let seed = |index: usize| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&u64::try_from(index).unwrap().to_be_bytes());
            seed
        };
        let of = |index: usize| Validator {
            address: Address::of(&account_key(1).public()),
            key: ValidatorSecretKey::from_seed(seed(index)).public(),
            power: Power(1),
        };
        let with_address = |index: usize| {
            let mut validator = of(index);
            validator.address.0[..8].copy_from_slice(&seed(index)[..8]);
            validator
        };
        ValidatorSet::new((0..count).map(with_address).collect())
    };
    assert_eq!(many(MAX_VALIDATORS).map(|set| set.len()), Ok(MAX_VALIDATORS));
    let past = MAX_VALIDATORS + 1;
    assert_eq!(many(past), Err(ValidatorSetError::TooMany(past)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// M-4: two quorums share validators of weak power, and the complement of one is not weak.
    #[test]
    fn quorums_intersect(powers in prop::collection::vec(1..u64::MAX / 16, 1..8), masks in any::<[u8; 2]>()) {
        let set = Validators::of(&powers).set;
        let [a, b] = masks.map(u32::from);
        if set.is_quorum(indexes(a)) {
            prop_assert!(!set.is_weak(indexes(!a & 0xff)));
            if set.is_quorum(indexes(b)) {
                prop_assert!(set.is_weak(indexes(a & b)));
            }
        }
    }
}
