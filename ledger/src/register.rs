//! What operators do with their validators beside its stake: register, edit, rotate the key, leave
//! jail (docs/economics.md, Stake and Punishment).

use quorate_crypto::{Signature, ValidatorPublicKey};
use quorate_types::{
    Address, Amount, Epoch, Event, FailureCode, KeyRotation, Moniker, Registration, Standing,
    StateKey, ValidatorEntry, WHOLE_BPS, verify_possession,
};

use crate::draft::Draft;
use crate::holding::{Cause, Holding};
use crate::stop::Applied;

impl Draft<'_> {
    pub(crate) fn register(
        &mut self,
        operator: Address,
        registration: &Registration,
    ) -> Applied<Event> {
        let Registration { key, proof, moniker, commission_bps, bond } = registration;
        if self.validator(&operator)?.is_some() {
            return Err(FailureCode::AlreadyValidator.into());
        }
        check_commission(*commission_bps)?;
        if *bond < self.params().min_self_bond {
            return Err(FailureCode::BondTooSmall.into());
        }
        self.claim_key(operator, *key, proof)?;
        self.take(operator, *bond)?;
        let validator = fresh_validator(*key, moniker.clone(), *commission_bps);
        let delegation = self.delegation(&operator, &operator)?;
        let rewards = Amount::ZERO;
        let mut holding = Holding { delegator: operator, operator, delegation, validator, rewards };
        holding.add(*bond)?;
        self.close(&holding, Cause::Operator)?;
        Ok(Event::ValidatorRegistered { operator, key: *key, bond: *bond })
    }

    pub(crate) fn edit(
        &mut self,
        operator: Address,
        moniker: &Moniker,
        commission_bps: u16,
    ) -> Applied<Event> {
        let mut validator = self.known_validator(&operator)?;
        check_commission(commission_bps)?;
        validator.moniker = moniker.clone();
        validator.next_commission_bps = commission_bps;
        self.put_validator(&operator, &validator)?;
        Ok(Event::ValidatorEdited { operator, commission_bps })
    }

    pub(crate) fn rotate_key(
        &mut self,
        operator: Address,
        key: [u8; 32],
        proof: &Signature,
        from: Epoch,
    ) -> Applied<Event> {
        let mut validator = self.known_validator(&operator)?;
        if validator.standing == Standing::Tombstoned {
            return Err(FailureCode::Tombstoned.into());
        }
        take_over(&mut validator, self.epoch().number);
        if validator.rotation.is_some() {
            return Err(FailureCode::RotationPending.into());
        }
        // The set of the height above is chosen, and that of its epoch with it.
        let earliest = self.last_epoch().next();
        let from = if from == Epoch::FIRST { earliest } else { from };
        if from < earliest {
            return Err(FailureCode::EpochPassed.into());
        }
        // One that waits longer would block every other for as long: a key that is lost or stolen
        // could not be replaced.
        if from > earliest.plus(self.params().unbonding_epochs) {
            return Err(FailureCode::EpochTooFar.into());
        }
        self.claim_key(operator, key, proof)?;
        validator.rotation = Some(KeyRotation { from, key });
        self.put_validator(&operator, &validator)?;
        Ok(Event::KeyRotated { operator, key, from })
    }

    pub(crate) fn unjail(&mut self, operator: Address) -> Applied<Event> {
        let mut validator = self.known_validator(&operator)?;
        match validator.standing {
            Standing::Good => return Err(FailureCode::NotJailed.into()),
            Standing::Tombstoned => return Err(FailureCode::Tombstoned.into()),
            Standing::Jailed { until } if self.epoch().number < until => {
                return Err(FailureCode::StillJailed.into());
            }
            Standing::Jailed { .. } => {}
        }
        if !self.has_self_bond(&validator) {
            return Err(FailureCode::BondTooSmall.into());
        }
        validator.standing = Standing::Good;
        self.put_validator(&operator, &validator)?;
        Ok(Event::Unjailed { operator })
    }

    /// Makes a key an operator's for ever, if it has the key and nobody had it before. Cheap
    /// checks first: a proof costs as much as two signatures.
    fn claim_key(&mut self, operator: Address, key: [u8; 32], proof: &Signature) -> Applied<()> {
        let place = StateKey::consensus_key(&key);
        if self.has(&place)? {
            return Err(FailureCode::KeyInUse.into());
        }
        let known = ValidatorPublicKey::from_bytes(key).map_err(|_| FailureCode::BadKey)?;
        if !verify_possession(self.context(), &operator, &known, proof) {
            return Err(FailureCode::BadProof.into());
        }
        Ok(self.put(place, &operator)?)
    }
}

fn check_commission(commission_bps: u16) -> Result<(), FailureCode> {
    (commission_bps <= WHOLE_BPS).then_some(()).ok_or(FailureCode::CommissionTooHigh)
}

/// A validator in which nothing is bonded yet.
pub(crate) fn fresh_validator(
    key: [u8; 32],
    moniker: Moniker,
    commission_bps: u16,
) -> ValidatorEntry {
    ValidatorEntry {
        key,
        rotation: None,
        moniker,
        commission_bps,
        next_commission_bps: commission_bps,
        standing: Standing::Good,
        bonded: Amount::ZERO,
        shares: 0,
        self_shares: 0,
        index: 0,
        rewards: Amount::ZERO,
        commission: Amount::ZERO,
        first_redelegation: 0,
        next_redelegation: 0,
    }
}

/// The key of an epoch: a rotation that names it, or one before, has taken place.
pub(crate) fn take_over(validator: &mut ValidatorEntry, epoch: Epoch) {
    if let Some(rotation) = validator.rotation.take_if(|rotation| rotation.from <= epoch) {
        validator.key = rotation.key;
    }
}
