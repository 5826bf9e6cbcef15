//! The parameters of a chain, to and fro. Meaning and bounds: docs/economics.md and
//! docs/wire-format.md.

use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Decimal;

/// The parameters of an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Params {
    /// The protocol version in force.
    pub protocol_version: u32,
    /// Heights in an epoch.
    pub epoch_length: u64,
    /// Bytes of transactions in a block.
    pub max_block_bytes: u32,
    /// Transactions in a block.
    pub max_block_transactions: u32,
    /// Milliseconds between blocks while there is work.
    pub min_block_interval_ms: u32,
    /// Milliseconds after which an idle chain makes a block.
    pub idle_block_interval_ms: u32,
    /// The fee of every transaction, in base units.
    pub flat_fee: Decimal,
    /// The fee of each byte of a transaction, in base units.
    pub fee_per_byte: Decimal,
    /// The fee of each action, in base units, times the action's cost.
    pub action_fee: Decimal,
    /// What stake is worth and answers for.
    pub staking: StakingParams,
}

/// The answer of `chain_getParams`: the parameters of an epoch, and those that are to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParamsInForce {
    /// Which epoch.
    pub epoch: u64,
    /// Its parameters.
    #[serde(flatten)]
    pub params: Params,
    /// What a quorum has voted for and no epoch has yet; null where nothing waits.
    pub pending: Option<PendingParams>,
}

/// Parameters that wait for their epoch; another vote before it takes their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PendingParams {
    /// The first epoch that has them.
    pub epoch: u64,
    /// All of them.
    pub params: Params,
}

impl From<&types::ParamsChange> for PendingParams {
    fn from(change: &types::ParamsChange) -> Self {
        PendingParams { epoch: change.epoch.0, params: (&change.params).into() }
    }
}

impl From<&ParamsInForce> for types::ChainParams {
    fn from(answer: &ParamsInForce) -> Self {
        (&answer.params).into()
    }
}

/// The parameters of stake, sets, rewards and punishment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StakingParams {
    /// Validators in a set.
    pub max_validators: u16,
    /// The least self-bond with which a validator is chosen, in base units.
    pub min_self_bond: Decimal,
    /// The least amount that is delegated, redelegated or unbonded, in base units.
    pub min_delegation: Decimal,
    /// The share of the whole power that one validator has at most, in basis points.
    pub max_power_bps: u16,
    /// Whether the set is kept at four validators where it can be.
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
    pub issuance_per_epoch: Decimal,
}

/// How a parameter is written; numbers and yes or no as they are.
trait Parameter<Form> {
    fn converted(&self) -> Form;
}

impl<T: Copy> Parameter<T> for T {
    fn converted(&self) -> T {
        *self
    }
}

impl Parameter<Decimal> for types::Amount {
    fn converted(&self) -> Decimal {
        (*self).into()
    }
}

impl Parameter<types::Amount> for Decimal {
    fn converted(&self) -> types::Amount {
        types::Amount(self.0)
    }
}

impl Parameter<StakingParams> for types::StakingParams {
    fn converted(&self) -> StakingParams {
        self.into()
    }
}

impl Parameter<types::StakingParams> for StakingParams {
    fn converted(&self) -> types::StakingParams {
        self.into()
    }
}

/// Both ways between two structs whose fields have the same names.
macro_rules! alike {
    ($form:ident, $proper:ident { $($field:ident),+ $(,)? }) => {
        impl From<&types::$proper> for $form {
            fn from(params: &types::$proper) -> Self {
                $form { $($field: params.$field.converted()),+ }
            }
        }

        impl From<&$form> for types::$proper {
            fn from(params: &$form) -> Self {
                types::$proper { $($field: params.$field.converted()),+ }
            }
        }
    };
}

alike!(
    Params,
    ChainParams {
        protocol_version,
        epoch_length,
        max_block_bytes,
        max_block_transactions,
        min_block_interval_ms,
        idle_block_interval_ms,
        flat_fee,
        fee_per_byte,
        action_fee,
        staking,
    }
);

alike!(
    StakingParams,
    StakingParams {
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
    }
);
