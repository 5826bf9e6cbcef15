//! Who is in a validator set, and with what power (EP-2; docs/economics.md, Epochs and sets).

use std::cmp::Reverse;

use quorate_types::{Address, Power, StakingParams, WHOLE_BPS};

use crate::holding::FEWEST_VALIDATORS;

/// A validator with a sufficient self-bond that is not out for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Whose validator.
    pub operator: Address,
    /// Its bonded base units, at least 1.
    pub bonded: u64,
    /// Whether it is out for the time being.
    pub is_jailed: bool,
}

/// The chosen ones and their power: at most `max_validators`, the most bonded first, equal ones by
/// address; jailed ones only to keep four. Nobody, where there is no candidate that may be chosen.
#[must_use]
pub fn choose(candidates: Vec<Candidate>, params: &StakingParams) -> Vec<(Address, Power)> {
    let (mut jailed, mut chosen): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| candidate.is_jailed);
    let most = usize::from(params.max_validators);
    sort(&mut chosen);
    chosen.truncate(most);
    if params.keep_four {
        sort(&mut jailed);
        let wanted = FEWEST_VALIDATORS.min(most).saturating_sub(chosen.len());
        chosen.extend(jailed.into_iter().take(wanted));
        sort(&mut chosen);
    }
    let stakes: Vec<u64> = chosen.iter().map(|candidate| candidate.bonded).collect();
    let cap = cap(&stakes, params.max_power_bps).unwrap_or(u64::MAX);
    let power = |candidate: &Candidate| Power(candidate.bonded.min(cap));
    chosen.iter().map(|candidate| (candidate.operator, power(candidate))).collect()
}

fn sort(candidates: &mut [Candidate]) {
    candidates.sort_unstable_by_key(|candidate| (Reverse(candidate.bonded), candidate.operator));
}

/// The most power that one has, of stakes in descending order: for the least k for which
/// c = B * R(k) / (10 000 - B * k) is at least t(k + 1), c. None: there are too few for a cap.
fn cap(stakes: &[u64], max_power_bps: u16) -> Option<u64> {
    let (most, whole) = (u128::from(max_power_bps), u128::from(WHOLE_BPS));
    let mut rest: u128 = stakes.iter().copied().map(u128::from).sum();
    for (capped, stake) in (0_u128..).zip(stakes) {
        let left = whole.checked_sub(most * capped).filter(|left| *left > 0)?;
        let cap = most * rest / left;
        if cap >= u128::from(*stake) {
            return Some(u64::try_from(cap).unwrap_or(u64::MAX));
        }
        rest -= u128::from(*stake);
    }
    None
}
