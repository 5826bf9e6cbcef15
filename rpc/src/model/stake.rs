//! Validators, delegations and what unbonds, as the state has them after a height. What shares are
//! worth and what is owed for them is computed as docs/economics.md says.

use quorate_types as types;
use quorate_types::worth::{Whole, rewards_owed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, Decimal, HexBytes};

/// The answer of `state_getValidator`, and an entry of that of `state_getValidators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidatorInfo {
    /// The operator's address, by which the validator is named.
    pub address: AddressText,
    /// The name that it shows.
    pub moniker: String,
    /// The consensus key.
    pub key: HexBytes,
    /// The key that takes over later; null: none.
    pub rotation: Option<KeyRotation>,
    /// Its place in the set of the next height; null while it is not in it.
    pub index: Option<u16>,
    /// Its voting power in that set; 0 while it is not in it.
    pub power: Decimal,
    /// Whether it may be chosen.
    pub standing: Standing,
    /// While jailed: the first epoch in which it may ask to be released.
    pub jailed_until: Option<u64>,
    /// The operator's part of its rewards, in basis points.
    pub commission_bps: u16,
    /// The same from the next epoch on.
    pub next_commission_bps: u16,
    /// Bonded base units, the operator's and the delegators'.
    pub bonded: Decimal,
    /// The shares that they are held in.
    pub shares: Decimal,
    /// What the operator's part of the shares is worth, in base units.
    pub self_bond: Decimal,
    /// Rewards that are owed to delegators, in base units.
    pub rewards: Decimal,
    /// Commission that is owed to the operator, in base units.
    pub commission: Decimal,
    /// Its part in the epoch at work so far; null while it is not in that epoch's set.
    pub presence: Option<Presence>,
}

/// A key that takes over with an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyRotation {
    /// The first epoch with the new key.
    pub from_epoch: u64,
    /// The new key.
    pub key: HexBytes,
}

/// Whether a validator may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Standing {
    /// It may, with a sufficient self-bond.
    Good,
    /// Out until it is released.
    Jailed,
    /// Out for ever.
    Tombstoned,
}

/// In how many windows of an epoch a validator took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// Which epoch.
    pub epoch: u64,
    /// Its windows that are over.
    pub windows: u32,
    /// Those of them in which the validator was present.
    pub present: u32,
}

/// The epochs against which a validator is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// That of the next height.
    pub next: types::EpochEntry,
    /// The one whose participation is counted: that of the last executed height.
    pub counted: types::EpochEntry,
    /// The counts.
    pub participation: types::Participation,
}

impl Work {
    fn presence(&self, operator: &types::Address) -> Option<Presence> {
        let index = self.counted.validators.index_of_address(operator)?;
        Some(Presence {
            epoch: self.counted.number.0,
            windows: self.participation.windows,
            present: *self.participation.present.get(index.position())?,
        })
    }
}

impl ValidatorInfo {
    /// The JSON form of a validator.
    #[must_use]
    pub fn of(operator: types::Address, entry: &types::ValidatorEntry, work: &Work) -> Self {
        let set = &work.next.validators;
        let index = set.index_of_address(&operator);
        let power = index.and_then(|index| set.get(index)).map(|validator| validator.power);
        let (standing, jailed_until) = match entry.standing {
            types::Standing::Good => (Standing::Good, None),
            types::Standing::Jailed { until } => (Standing::Jailed, Some(until.0)),
            types::Standing::Tombstoned => (Standing::Tombstoned, None),
        };
        ValidatorInfo {
            address: operator.into(),
            moniker: entry.moniker.as_str().to_owned(),
            key: entry.key.as_slice().into(),
            rotation: entry.rotation.as_ref().map(|rotation| KeyRotation {
                from_epoch: rotation.from.0,
                key: rotation.key.as_slice().into(),
            }),
            index: index.map(|index| index.0),
            power: power.unwrap_or_default().into(),
            standing,
            jailed_until,
            commission_bps: entry.commission_bps,
            next_commission_bps: entry.next_commission_bps,
            bonded: entry.bonded.into(),
            shares: Decimal(entry.shares),
            self_bond: Whole::from(entry).worth(entry.self_shares).into(),
            rewards: entry.rewards.into(),
            commission: entry.commission.into(),
            presence: work.presence(&operator),
        }
    }
}

/// The answer of `state_getValidators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidatorInfos {
    /// The epoch of the next height.
    pub epoch: u64,
    /// The power of its set; a quorum has more than two thirds of it.
    pub total_power: Decimal,
    /// The validators of the set, and all others with a sufficient self-bond, by address bytes.
    pub validators: Vec<ValidatorInfo>,
}

/// The answer of `state_getDelegations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delegations {
    /// Whose.
    pub account: AddressText,
    /// What it has with each validator, by address bytes.
    pub delegations: Vec<Delegation>,
}

/// What an account has bonded with a validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delegation {
    /// With which validator, by its operator.
    pub validator: AddressText,
    /// What it is worth now, in base units.
    pub amount: Decimal,
    /// Its shares of the validator.
    pub shares: Decimal,
    /// Rewards that are owed for it now, in base units; an operator's commission is not counted.
    pub rewards: Decimal,
    /// What of it came by redelegation and can be neither unbonded nor redelegated yet, in base
    /// units.
    pub locked: Decimal,
}

impl Delegation {
    /// The JSON form of a delegation in an epoch.
    #[must_use]
    pub fn of(
        validator: types::Address,
        entry: &types::ValidatorEntry,
        delegation: &types::Delegation,
        epoch: &types::EpochEntry,
    ) -> Delegation {
        let liable = epoch.params.staking.unbonding_epochs;
        let holds = |lock: &&types::Lock| epoch.number <= lock.last.plus(liable);
        let locks = delegation.locks.iter().filter(holds);
        let locked = locks.fold(0_u64, |sum, lock| sum.saturating_add(lock.amount.0));
        let amount = Whole::from(entry).worth(delegation.shares);
        Delegation {
            validator: validator.into(),
            amount: amount.into(),
            shares: Decimal(delegation.shares),
            rewards: rewards_owed(entry, delegation).into(),
            locked: Decimal(locked.min(amount.0)),
        }
    }
}

/// The answer of `state_getUnbonding`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnbondingStake {
    /// Whose.
    pub account: AddressText,
    /// How many entries there are in all.
    pub total: u64,
    /// The entries that are paid out first, at most 1 000.
    pub unbonding: Vec<Unbonding>,
}

/// Stake that leaves a validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unbonding {
    /// Which validator, by its operator.
    pub validator: AddressText,
    /// What it is worth now, in base units; evidence may still make it less.
    pub amount: Decimal,
    /// The last epoch in which it could be in the set.
    pub last_epoch: u64,
    /// The epoch in whose first blocks it is paid out.
    pub payable_epoch: u64,
    /// The first height of that epoch, once it is known.
    pub payable_height: Option<u64>,
}

/// The answer of `evidence_list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceList {
    /// What this node keeps, by height.
    pub evidence: Vec<Evidence>,
}

/// What is held against a validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The height of the offence.
    pub height: u64,
    /// Who is accused, by the operator's address; null when that set is kept no longer.
    pub accused: Option<AddressText>,
    /// The rule that was broken; null when that cannot be judged any longer.
    pub rule: Option<String>,
    /// Whether the chain has judged the accused: it is out for ever.
    pub judged: bool,
}
