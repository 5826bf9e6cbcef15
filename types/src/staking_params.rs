//! The parameters of stake, sets, rewards and punishment. Meaning, units and bounds:
//! docs/economics.md.

use crate::canonical::canonical_struct;
use crate::limits::{MAX_EPOCHS, MAX_VALIDATORS};
use crate::numbers::Amount;
use crate::params::ParamsError;

/// The whole of anything that is counted in basis points.
pub const WHOLE_BPS: u16 = 10_000;

/// What stake is worth and answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StakingParams {
    /// Validators in a set.
    pub max_validators: u16,
    /// The least self-bond with which a validator is chosen, in base units.
    pub min_self_bond: Amount,
    /// The least amount that is delegated, redelegated or unbonded, in base units.
    pub min_delegation: Amount,
    /// The share of the whole power that one validator has at most, in basis points (EP-2).
    pub max_power_bps: u16,
    /// Whether the set is kept at four validators where it can be (EP-2).
    pub keep_four: bool,
    /// Epochs for which stake stays liable after the last one in which it was in the set.
    pub unbonding_epochs: u64,
    /// Epochs for which evidence of an offence is accepted after the one of the offence.
    pub evidence_epochs: u64,
    /// Heights in a window of participation.
    pub presence_window: u64,
    /// The share of an epoch's windows that a validator may miss, in basis points.
    pub max_missed_bps: u16,
    /// Epochs for which an absent validator is jailed after the closing one.
    pub jail_epochs: u64,
    /// What evidence takes of the power at the offence, in basis points.
    pub slash_double_sign_bps: u16,
    /// What absence takes of the power of the closed epoch, in basis points.
    pub slash_downtime_bps: u16,
    /// What is made at the end of each epoch, in base units.
    pub issuance_per_epoch: Amount,
}

impl Default for StakingParams {
    fn default() -> Self {
        StakingParams {
            max_validators: 100,
            min_self_bond: Amount(1),
            min_delegation: Amount(1),
            max_power_bps: 3_333,
            keep_four: true,
            unbonding_epochs: 21,
            evidence_epochs: 21,
            presence_window: 10,
            max_missed_bps: 5_000,
            jail_epochs: 1,
            slash_double_sign_bps: 500,
            slash_downtime_bps: 1,
            issuance_per_epoch: Amount::ZERO,
        }
    }
}

impl StakingParams {
    /// Checks every range; a window is at most as long as an epoch.
    pub(crate) fn validate(&self, epoch_length: u64) -> Result<(), ParamsError> {
        let set_size = u64::try_from(MAX_VALIDATORS).unwrap_or(u64::MAX);
        let (whole, supply) = (WHOLE_BPS.into(), Amount::MAX_SUPPLY.0);
        let checks = [
            ("staking.max_validators", self.max_validators.into(), 1, set_size),
            ("staking.min_self_bond", self.min_self_bond.0, 1, supply),
            ("staking.min_delegation", self.min_delegation.0, 1, supply),
            ("staking.max_power_bps", self.max_power_bps.into(), 1, whole),
            ("staking.unbonding_epochs", self.unbonding_epochs, 1, MAX_EPOCHS),
            ("staking.evidence_epochs", self.evidence_epochs, 1, self.unbonding_epochs),
            ("staking.presence_window", self.presence_window, 1, epoch_length),
            ("staking.max_missed_bps", self.max_missed_bps.into(), 0, whole),
            ("staking.jail_epochs", self.jail_epochs, 1, MAX_EPOCHS),
            ("staking.slash_double_sign_bps", self.slash_double_sign_bps.into(), 0, whole),
            ("staking.slash_downtime_bps", self.slash_downtime_bps.into(), 0, whole),
            ("staking.issuance_per_epoch", self.issuance_per_epoch.0, 0, supply),
        ];
        ParamsError::first_of(&checks)
    }
}

canonical_struct!(StakingParams {
    max_validators,
    min_self_bond,
    min_delegation,
    max_power_bps,
    keep_four,
    unbonding_epochs,
    evidence_epochs,
    presence_window,
    max_missed_bps,
    jail_epochs,
    slash_double_sign_bps,
    slash_downtime_bps,
    issuance_per_epoch,
});
