//! The JSON form of the parameters of stake: amounts as texts, everything else as numbers.

use quorate_types::StakingParams;
use serde::{Deserialize, Serialize};

use crate::document::amount;
use crate::error::Fault;
use crate::json_path::Segment::Field;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Staking {
    max_validators: u16,
    min_self_bond: String,
    min_delegation: String,
    max_power_bps: u16,
    keep_four: bool,
    unbonding_epochs: u64,
    evidence_epochs: u64,
    presence_window: u64,
    max_missed_bps: u16,
    jail_epochs: u64,
    slash_double_sign_bps: u16,
    slash_downtime_bps: u16,
    issuance_per_epoch: String,
}

impl Default for Staking {
    fn default() -> Self {
        Staking::of(&StakingParams::default())
    }
}

impl Staking {
    pub(crate) fn of(params: &StakingParams) -> Staking {
        Staking {
            max_validators: params.max_validators,
            min_self_bond: params.min_self_bond.to_string(),
            min_delegation: params.min_delegation.to_string(),
            max_power_bps: params.max_power_bps,
            keep_four: params.keep_four,
            unbonding_epochs: params.unbonding_epochs,
            evidence_epochs: params.evidence_epochs,
            presence_window: params.presence_window,
            max_missed_bps: params.max_missed_bps,
            jail_epochs: params.jail_epochs,
            slash_double_sign_bps: params.slash_double_sign_bps,
            slash_downtime_bps: params.slash_downtime_bps,
            issuance_per_epoch: params.issuance_per_epoch.to_string(),
        }
    }

    /// Reads the texts in it.
    pub(crate) fn read(&self) -> Result<StakingParams, Fault> {
        let read =
            |text: &str, field| amount(text, &[Field("params"), Field("staking"), Field(field)]);
        Ok(StakingParams {
            max_validators: self.max_validators,
            min_self_bond: read(&self.min_self_bond, "min_self_bond")?,
            min_delegation: read(&self.min_delegation, "min_delegation")?,
            max_power_bps: self.max_power_bps,
            keep_four: self.keep_four,
            unbonding_epochs: self.unbonding_epochs,
            evidence_epochs: self.evidence_epochs,
            presence_window: self.presence_window,
            max_missed_bps: self.max_missed_bps,
            jail_epochs: self.jail_epochs,
            slash_double_sign_bps: self.slash_double_sign_bps,
            slash_downtime_bps: self.slash_downtime_bps,
            issuance_per_epoch: read(&self.issuance_per_epoch, "issuance_per_epoch")?,
        })
    }
}
