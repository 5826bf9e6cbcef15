//! V(h) of every height that anybody may speak of, as the oracles compute it: of genesis first, then
//! of each epoch when the last height but one of the one before is executed (EP-1).

use quorate_types::Height;

use super::stakes::Stakes;

/// The validators of each epoch, oldest first.
#[derive(Debug)]
pub(crate) struct Sets {
    /// With the first height of each.
    epochs: Vec<(Height, Stakes)>,
}

impl Sets {
    pub(crate) fn new(genesis: Stakes) -> Sets {
        Sets { epochs: vec![(Height(1), genesis)] }
    }

    /// V(h). Of a height whose epoch is not yet known, which only the Byzantine speak of, the newest.
    pub(crate) fn at(&self, height: Height) -> &Stakes {
        let of = self.epochs.iter().rev().find(|(first, _)| *first <= height);
        let (_, stakes) = of.or(self.epochs.first()).expect("genesis has validators");
        stakes
    }

    /// The newest that are known.
    pub(crate) fn newest(&self) -> &Stakes {
        self.at(Height(u64::MAX))
    }

    /// The validators of the epoch that begins at a height.
    pub(crate) fn learn(&mut self, first: Height, stakes: Stakes) {
        self.epochs.push((first, stakes));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_crypto::ValidatorSecretKey;
    use quorate_types::Address;

    use super::*;

    /// Of (number, power): who it is, and how much.
    fn stakes(validators: &[(u8, u128)]) -> Stakes {
        let validator = |(number, power): &(u8, u128)| {
            let key = ValidatorSecretKey::from_seed([*number; 32]).public();
            (Address([*number; 20]), *key.as_bytes(), *power)
        };
        Stakes::new(validators.iter().map(validator)).unwrap()
    }

    #[test]
    fn the_last_height_takes_a_quorum_of_the_former_set_and_the_first_one_of_the_new() {
        let mut sets = Sets::new(stakes(&[(1, 5), (2, 1), (3, 1), (4, 1)]));
        sets.learn(Height(5), stakes(&[(1, 1), (2, 5), (3, 1), (4, 1)]));
        let without = |missing: u16| BTreeSet::from_iter((0..4).filter(|index| *index != missing));
        assert!(!sets.at(Height(4)).is_quorum(&without(0)), "the first has most of the power");
        assert!(sets.at(Height(4)).is_quorum(&without(1)));
        assert!(sets.at(Height(5)).is_quorum(&without(0)), "no longer");
        assert!(!sets.at(Height(5)).is_quorum(&without(1)));
        assert_eq!(sets.newest(), sets.at(Height(1_000)));
    }
}
