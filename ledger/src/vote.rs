//! Parameters by vote (EP-3; docs/economics.md, Votes). A change waits in the state for the entry of its
//! epoch, which takes it over: no entry that is made changes (EP-1).

use quorate_types::{
    Address, AddressList, ChainParams, Epoch, EpochClock, EpochEntry, Event, FailureCode, Notice,
    ParamsChange, StateKey, StateKind,
};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::holding::self_bond;
use crate::stop::Applied;

impl Draft<'_> {
    /// Keeps a change for its epoch, in place of one that waits, if a quorum of the set in force
    /// signs by its operators (M-3). Others who sign add nothing.
    pub(crate) fn set_params(
        &mut self,
        signers: &[Address],
        change: &ParamsChange,
    ) -> Applied<Event> {
        // The entry of the height above is made.
        if change.epoch <= self.last_epoch() {
            return Err(FailureCode::EpochPassed.into());
        }
        // Light clients tell by it which epoch a header is of (L-2).
        if change.params.epoch_length != self.epoch().params.epoch_length {
            return Err(FailureCode::FixedParameter.into());
        }
        let set = &self.epoch().validators;
        if !set.is_quorum(signers.iter().filter_map(|signer| set.index_of_address(signer))) {
            return Err(FailureCode::NoQuorum.into());
        }
        self.put_single(StateKind::ParamsChange, change)?;
        Ok(Event::ParamsSet { epoch: change.epoch })
    }

    /// The parameters of an epoch whose entry is made now: those voted for, or the former ones.
    pub(crate) fn params_of(
        &mut self,
        epoch: Epoch,
        former: &ChainParams,
    ) -> Result<ChainParams, LedgerError> {
        let key = StateKey::single(StateKind::ParamsChange);
        let waits: Option<ParamsChange> = self.get(&key, "change of parameters")?;
        let Some(change) = waits.filter(|change| change.epoch <= epoch) else {
            return Ok(*former);
        };
        self.set(key, None)?;
        if change.params != *former {
            self.notices.push(Notice::NewParams { epoch });
        }
        Ok(change.params)
    }

    /// Takes those off the list of candidates whose self-bond a higher least one no longer lets be
    /// there. Whom a lower one would let in comes in when its operator changes its stake.
    pub(crate) fn raise_self_bond(&mut self, closed: &EpochEntry) -> Result<(), LedgerError> {
        let least = self.params().min_self_bond;
        if least <= closed.params.staking.min_self_bond {
            return Ok(());
        }
        let key = StateKey::single(StateKind::Candidates);
        let listed = self.address_list(&key)?;
        let mut left = AddressList::default();
        for operator in listed.as_slice() {
            if self_bond(&self.chosen_validator(operator)?) >= least {
                left.insert(*operator);
            }
        }
        self.put(key, &left)
    }

    /// The first epoch whose leaving stake is still liable: what left in an earlier one has served
    /// the period in force, and no evidence of an epoch in which it was in the set can come.
    pub(crate) fn first_liable(&mut self) -> Result<Epoch, LedgerError> {
        let clock: EpochClock = self.single(StateKind::EpochClock, "epoch clock")?;
        let served = self.epoch().number.0.saturating_sub(self.params().unbonding_epochs);
        Ok(Epoch(served).min(clock.oldest))
    }
}
