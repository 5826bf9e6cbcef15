//! Stake, read out of the flat state that the nodes' changes make: what all money comes to, and who
//! is to be the validators of the next epoch (EP-1, EP-2; docs/economics.md), restated.

use std::collections::BTreeMap;

use quorate_types::{
    Address, AddressList, Canonical, EpochEntry, StakingParams, Standing, StateChanges,
    UnbondingPool, ValidatorEntry,
};

use super::stakes::Stakes;

const ACCOUNT: u8 = 1;
const EPOCH: u8 = 2;
const FEE_POOL: u8 = 4;
const SUPPLY: u8 = 5;
const VALIDATOR: u8 = 6;
const UNBONDING_POOL: u8 = 10;
const CANDIDATES: u8 = 16;

/// The flat state by key bytes.
pub(crate) type State = BTreeMap<Vec<u8>, Vec<u8>>;

fn amount(bytes: &[u8]) -> u128 {
    let last: Option<[u8; 8]> = bytes.last_chunk().copied();
    u128::from(last.map_or(0, u64::from_be_bytes))
}

/// What everybody has: balances, the fee pool, what is bonded, what unbonds, what is owed.
pub(crate) fn money(state: &State) -> Result<u128, String> {
    let mut sum = 0;
    for (key, value) in state {
        sum += match *key.first().unwrap_or(&0) {
            ACCOUNT | FEE_POOL => amount(value),
            VALIDATOR => {
                let validator: ValidatorEntry = read(value)?;
                [validator.bonded, validator.rewards, validator.commission]
                    .iter()
                    .map(|part| u128::from(part.0))
                    .sum()
            }
            UNBONDING_POOL => u128::from(read::<UnbondingPool>(value)?.amount.0),
            _ => 0,
        };
    }
    Ok(sum)
}

/// What the state says the supply is.
pub(crate) fn supply(state: &State) -> u128 {
    state.get(&vec![SUPPLY]).map_or(0, |value| amount(value))
}

/// What the fee pool has.
pub(crate) fn fee_pool(state: &State) -> u64 {
    state.get(&vec![FEE_POOL]).map_or(0, |pool| u64::try_from(amount(pool)).unwrap_or(u64::MAX))
}

/// How many validators are out for ever.
pub(crate) fn tombstoned(state: &State) -> usize {
    let validators = state.iter().filter(|(key, _)| key.first() == Some(&VALIDATOR));
    let entries = validators.filter_map(|(_, value)| read::<ValidatorEntry>(value).ok());
    entries.filter(|entry| entry.standing == Standing::Tombstoned).count()
}

/// Base units of an operator with its own validator; none where it has no validator.
pub(crate) fn own_stake(state: &State, operator: &Address) -> u64 {
    let value = state.get(&[&[VALIDATOR][..], &operator.0].concat());
    let entry = value.and_then(|value| read::<ValidatorEntry>(value).ok());
    let own = entry.map_or(0, |entry| {
        let bonded = u128::from(entry.self_shares) * u128::from(entry.bonded.0);
        bonded / u128::from(entry.shares).max(1)
    });
    u64::try_from(own).unwrap_or(u64::MAX)
}

/// The entry that the state has of an epoch.
pub(crate) fn entry(state: &State, number: u64) -> Option<EpochEntry> {
    read(state.get(&[&[EPOCH][..], &number.to_be_bytes()].concat())?).ok()
}

fn read<T: Canonical>(value: &[u8]) -> Result<T, String> {
    T::from_bytes(value).map_err(|error| error.to_string())
}

/// V(1), by the state of genesis.
pub(crate) fn at_genesis(state: &StateChanges, params: &StakingParams) -> Stakes {
    let present = state.iter().filter_map(|(key, value)| Some((key.to_bytes(), value.clone()?)));
    let chosen = choose(&present.collect(), 0, params);
    chosen.ok().flatten().expect("genesis has validators")
}

/// One who may be chosen.
struct Runner {
    operator: Address,
    key: [u8; 32],
    bonded: u128,
    is_jailed: bool,
}

/// The validators that the state calls for in an epoch; none: nobody can be chosen.
pub(crate) fn choose(
    state: &State,
    epoch: u64,
    params: &StakingParams,
) -> Result<Option<Stakes>, String> {
    let mut runners = runners(state, epoch, params)?;
    runners.sort_by_key(|one| (one.is_jailed, std::cmp::Reverse(one.bonded), one.operator));
    let free = runners.iter().filter(|one| !one.is_jailed).count();
    let least = if params.keep_four { 4 } else { 0 };
    let most = usize::from(params.max_validators);
    runners.truncate(free.max(least).min(most));
    if runners.is_empty() {
        return Ok(None);
    }
    runners.sort_by_key(|one| std::cmp::Reverse(one.bonded));
    let powers: Vec<u128> = runners.iter().map(|one| one.bonded).collect();
    let cap = cap(&powers, params.max_power_bps.into()).unwrap_or(u128::MAX);
    let chosen = runners.iter().map(|one| (one.operator, one.key, one.bonded.min(cap)));
    Stakes::new(chosen).map(Some)
}

fn runners(state: &State, epoch: u64, params: &StakingParams) -> Result<Vec<Runner>, String> {
    let listed: AddressList = match state.get(&vec![CANDIDATES]) {
        Some(value) => read(value)?,
        None => AddressList::default(),
    };
    let mut runners = Vec::new();
    for operator in listed.as_slice() {
        let value = state.get(&[&[VALIDATOR][..], &operator.0].concat());
        let one: ValidatorEntry = read(value.ok_or("a candidate that is no validator")?)?;
        let (bonded, shares) = (u128::from(one.bonded.0), u128::from(one.shares));
        let own = u128::from(one.self_shares) * bonded / shares.max(1);
        if one.standing == Standing::Tombstoned || own < u128::from(params.min_self_bond.0) {
            continue;
        }
        let rotated = one.rotation.filter(|rotation| rotation.from.0 <= epoch);
        runners.push(Runner {
            operator: *operator,
            key: rotated.map_or(one.key, |rotation| rotation.key),
            bonded,
            is_jailed: one.standing != Standing::Good,
        });
    }
    Ok(runners)
}

/// The least k for which the cap of the first k is at least the next one's stake. `powers` descend.
fn cap(powers: &[u128], bps: u128) -> Option<u128> {
    (0..powers.len()).find_map(|k| {
        let count = u128::try_from(k).ok()?;
        let left = 10_000_u128.checked_sub(bps * count).filter(|left| *left > 0)?;
        let rest: u128 = powers.iter().skip(k).sum();
        let cap = bps * rest / left;
        (cap >= *powers.get(k)?).then_some(cap)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_more_than_the_cap() {
        assert_eq!(cap(&[4, 3, 2, 1], 3_333), Some(2));
        assert_eq!(cap(&[1_000, 10, 10, 10], 3_333), Some(14));
        assert_eq!(cap(&[10, 10, 10, 10], 3_333), Some(13), "nobody is above");
        assert_eq!(cap(&[10, 10, 10], 3_333), None, "too few");
        assert_eq!(cap(&[90, 10], 10_000), Some(100), "no cap at all");
    }
}
