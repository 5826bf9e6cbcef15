//! Which epoch a height belongs to, as far as the state tells (EP-1), and the making of the next
//! one.

use std::sync::Arc;

use quorate_crypto::ValidatorPublicKey;
use quorate_types::{
    Address, Epoch, EpochClock, EpochEntry, Epochs, Height, Notice, Power, StakingParams, Standing,
    StateKey, StateKind, StateReader, Validator, ValidatorSet,
};

use crate::choose::{Candidate, choose};
use crate::convict::{is_accepted, params};
use crate::draft::Draft;
use crate::error::LedgerError;
use crate::holding::{FEWEST_VALIDATORS, self_bond};
use crate::register::take_over;
use crate::state::StateView;

/// Old entries that the first block of an epoch forgets at most. More than one are over at once only
/// after a vote for a shorter period; until they are gone the stake of their time stays liable.
const MAX_FORGOTTEN: usize = 64;

/// The epochs of a height and of the two above it, read from the state after that height.
pub(crate) fn read_epochs(state: &StateView<'_>, executed: Height) -> Result<Epochs, LedgerError> {
    let clock = state.epoch_clock()?;
    let next = entry(state, clock.current)?;
    let above = executed.next();
    let after = if next.contains(above.next()) {
        Arc::clone(&next)
    } else {
        entry(state, clock.current.next())?
    };
    let before = clock.current.0.checked_sub(1).filter(|_| executed < next.first).map(Epoch);
    let executed = match before {
        Some(former) => entry(state, former)?,
        None => Arc::clone(&next),
    };
    Ok(Epochs { executed, next, after })
}

fn entry(state: &StateView<'_>, number: Epoch) -> Result<Arc<EpochEntry>, LedgerError> {
    state.epoch(number)?.map(Arc::new).ok_or(LedgerError::Missing("epoch entry"))
}

impl Draft<'_> {
    /// The block at this height is executed: chooses a set where it is the last height but one of
    /// its epoch, moves the clock on where it is the last one. Returns the epochs of this height
    /// and of the two above.
    pub(crate) fn advance(&mut self, height: Height) -> Result<Epochs, LedgerError> {
        let Epochs { next: executed, after: next, .. } = self.epochs().clone();
        let after =
            if next.contains(height.plus(2)) { Arc::clone(&next) } else { self.make_epoch(&next)? };
        if next.number != executed.number {
            let clock: EpochClock = self.single(StateKind::EpochClock, "epoch clock")?;
            let clock = EpochClock { current: next.number, ..clock };
            self.put_single(StateKind::EpochClock, &clock)?;
        }
        Ok(Epochs { executed, next, after })
    }

    /// Chooses the set of the epoch after one, and keeps its entry.
    fn make_epoch(&mut self, former: &EpochEntry) -> Result<Arc<EpochEntry>, LedgerError> {
        let number = former.number.next();
        let params = self.params_of(number, &former.params)?;
        let chosen = choose(self.candidates(&params.staking)?, &params.staking);
        let validators = if chosen.is_empty() {
            self.notices.push(Notice::NobodyChosen { epoch: number });
            former.validators.clone()
        } else {
            self.set_of(&chosen, number, &former.validators)?
        };
        self.warn(number, &validators);
        let entry = EpochEntry { number, first: former.last().next(), params, validators };
        self.put(StateKey::epoch(number), &entry)?;
        Ok(Arc::new(entry))
    }

    /// Those who may be chosen by the parameters of the epoch that they are chosen for.
    fn candidates(&mut self, params: &StakingParams) -> Result<Vec<Candidate>, LedgerError> {
        let listed = self.address_list(&StateKey::single(StateKind::Candidates))?;
        let mut candidates = Vec::with_capacity(listed.as_slice().len());
        for operator in listed.as_slice() {
            let validator = self.chosen_validator(operator)?;
            if self_bond(&validator) < params.min_self_bond {
                continue;
            }
            let is_jailed = match validator.standing {
                Standing::Good => false,
                Standing::Jailed { .. } => true,
                Standing::Tombstoned => continue,
            };
            candidates.push(Candidate {
                operator: *operator,
                bonded: validator.bonded.0,
                is_jailed,
            });
        }
        Ok(candidates)
    }

    /// The set of the chosen ones with the keys of an epoch. A key that the former set has is not
    /// checked again, which is dear.
    fn set_of(
        &mut self,
        chosen: &[(Address, Power)],
        epoch: Epoch,
        former: &ValidatorSet,
    ) -> Result<ValidatorSet, LedgerError> {
        let mut validators = Vec::with_capacity(chosen.len());
        for (address, power) in chosen {
            let mut entry = self.chosen_validator(address)?;
            take_over(&mut entry, epoch);
            let known = former.index_of_address(address).and_then(|index| former.get(index));
            let known = known.map(|known| known.key).filter(|key| *key.as_bytes() == entry.key);
            let key = match known {
                Some(key) => key,
                None => ValidatorPublicKey::from_bytes(entry.key)
                    .map_err(|_| LedgerError::Unsound("consensus key"))?,
            };
            validators.push(Validator { address: *address, key, power: *power });
        }
        ValidatorSet::new(validators).map_err(|_| LedgerError::Unsound("validator set"))
    }

    fn warn(&mut self, epoch: Epoch, validators: &ValidatorSet) {
        let count = validators.len();
        if count < FEWEST_VALIDATORS {
            self.notices.push(Notice::FewValidators { epoch, count });
        }
        for (index, validator) in validators.iter() {
            if validators.is_weak([index]) {
                self.notices.push(Notice::LargePower { epoch, validator: validator.address });
            }
        }
    }

    /// Drops entries of epochs of which no evidence can come any more, nor of one before.
    pub(crate) fn forget_epochs(&mut self) -> Result<(), LedgerError> {
        let current = self.epoch().number;
        let mut clock: EpochClock = self.single(StateKind::EpochClock, "epoch clock")?;
        for _ in 0..MAX_FORGOTTEN {
            let key = StateKey::epoch(clock.oldest);
            let entry = self.state().get(&key)?.ok_or(LedgerError::Missing("epoch entry"))?;
            if is_accepted(clock.oldest, &params(&entry)?, current) {
                break;
            }
            self.set(key, None)?;
            clock.oldest = clock.oldest.next();
        }
        self.put_single(StateKind::EpochClock, &clock)
    }
}
