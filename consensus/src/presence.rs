//! Who has been seen where: the highest view, or height, of any valid message, by signer. It moves
//! views, opens the gate (T-3), starts a height and shows that others are above.
//! One number per signer, whatever is sent.

use quorate_crypto::museum;
use std::collections::BTreeMap;

use quorate_types::{Height, ValidatorIndex, ValidatorSet, View};

/// The highest view seen of each validator at one height.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Presence(BTreeMap<ValidatorIndex, u64>);

impl Presence {
    /// Takes note of a valid message.
    pub(crate) fn note(&mut self, signer: ValidatorIndex, view: View) {
        raise(&mut self.0, signer, view.0);
    }

    /// Whether a weak set has been seen at this height.
    pub(crate) fn is_weak(&self, set: &ValidatorSet) -> bool {
        set.is_weak(self.0.keys().copied())
    }

    /// Whether a quorum has been seen at `view` or above (T-3).
    pub(crate) fn is_quorum_at(&self, view: View, set: &ValidatorSet) -> bool {
        set.is_quorum(at_least(&self.0, view.0))
    }

    /// The largest view above `view` that a weak set has reached.
    pub(crate) fn largest_weak_above(&self, view: View, set: &ValidatorSet) -> Option<View> {
        largest_weak(&self.0, view.0, set).map(View)
    }
}

/// The highest height seen of each validator, above the one being decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HeightPresence(BTreeMap<ValidatorIndex, u64>);

impl HeightPresence {
    /// Takes note of a valid message.
    pub(crate) fn note(&mut self, signer: ValidatorIndex, height: Height) {
        raise(&mut self.0, signer, height.0);
    }

    /// The largest height above `height` that a weak set has reached, so an honest one.
    pub(crate) fn largest_weak_above(&self, height: Height, set: &ValidatorSet) -> Option<Height> {
        largest_weak(&self.0, height.0, set).map(Height)
    }
}

fn raise(seen: &mut BTreeMap<ValidatorIndex, u64>, signer: ValidatorIndex, number: u64) {
    let highest = seen.entry(signer).or_insert(number);
    *highest = number.max(*highest);
}

fn at_least(
    seen: &BTreeMap<ValidatorIndex, u64>,
    number: u64,
) -> impl Iterator<Item = ValidatorIndex> + '_ {
    seen.iter().filter(move |(_, highest)| **highest >= number).map(|(signer, _)| *signer)
}

/// The lower the number the more signers have reached it, so the ones that a weak set has reached
/// are the first of the ascending list.
fn largest_weak(
    seen: &BTreeMap<ValidatorIndex, u64>,
    above: u64,
    set: &ValidatorSet,
) -> Option<u64> {
    let mut numbers: Vec<u64> = seen.values().copied().filter(|number| *number > above).collect();
    numbers.sort_unstable();
    let reached = numbers
        .partition_point(|number| set.is_weak(at_least(seen, *number)) || museum!(JumpOnOne));
    numbers.get(reached.checked_sub(1)?).copied()
}
