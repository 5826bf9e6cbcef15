//! What a transaction does, as JSON: in answers, and in the lists that a user writes.

use quorate_crypto::Signature;
use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, Decimal, HexBytes, Params};

/// One thing that a transaction does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Moves money.
    Transfer {
        /// To whom.
        to: AddressText,
        /// How much, in base units.
        amount: Decimal,
    },
    /// Keeps a value under a key of the sender's, whatever is there.
    PutRecord {
        /// Where.
        key: HexBytes,
        /// What.
        value: HexBytes,
    },
    /// Replaces the value of a record of the sender's that is there.
    UpdateRecord {
        /// Where.
        key: HexBytes,
        /// What.
        value: HexBytes,
    },
    /// Removes a record of the sender's that is there.
    DeleteRecord {
        /// Where.
        key: HexBytes,
    },
    /// Makes the sender the operator of a validator, with a bond of its own.
    RegisterValidator {
        /// Its consensus key.
        key: HexBytes,
        /// The key's proof of possession: a signature.
        proof: HexBytes,
        /// The name that it shows.
        moniker: String,
        /// The operator's part of its rewards, in basis points.
        commission_bps: u16,
        /// What its operator bonds with it, in base units.
        bond: Decimal,
    },
    /// Changes the name and the commission of the sender's validator.
    EditValidator {
        /// The name that it shows.
        moniker: String,
        /// Its commission from the next epoch on, in basis points.
        commission_bps: u16,
    },
    /// Gives the sender's validator another consensus key.
    RotateKey {
        /// The new key.
        key: HexBytes,
        /// Its proof of possession: a signature.
        proof: HexBytes,
        /// The first epoch with it; 0: the first one whose set is not yet chosen.
        from_epoch: u64,
    },
    /// Bonds with a validator: the sender's own or another's.
    Delegate {
        /// Which validator, by its operator.
        validator: AddressText,
        /// How much, in base units.
        amount: Decimal,
    },
    /// Takes bonded stake back, after the unbonding period.
    Unbond {
        /// Which validator, by its operator.
        validator: AddressText,
        /// How much, in base units.
        amount: Decimal,
    },
    /// Moves bonded stake to another validator.
    Redelegate {
        /// From where, by its operator.
        from: AddressText,
        /// To where, by its operator.
        to: AddressText,
        /// How much, in base units.
        amount: Decimal,
    },
    /// Pays out what a validator owes the sender.
    WithdrawRewards {
        /// Which one, by its operator.
        validator: AddressText,
    },
    /// Releases the sender's validator from jail.
    Unjail,
    /// Changes the parameters from an epoch on, where a quorum of the operators sign.
    SetParams {
        /// The first epoch that has them.
        epoch: u64,
        /// All of them, those that stay as they are too.
        params: Box<Params>,
    },
}

/// Why the JSON of an action is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// A record's key or value is too long, or its key is empty.
    #[error(transparent)]
    Record(#[from] types::RecordError),
    /// The name of a validator is none.
    #[error(transparent)]
    Moniker(#[from] types::MonikerError),
    /// Bytes of another length.
    #[error("a {what} has {expected} bytes, not {found}")]
    Length {
        /// What they should be.
        what: &'static str,
        /// How many it has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

/// Bytes of one length.
fn sized<const N: usize>(what: &'static str, bytes: HexBytes) -> Result<[u8; N], ActionError> {
    let bytes = bytes.0.try_into();
    bytes.map_err(|bytes: Vec<u8>| ActionError::Length { what, expected: N, found: bytes.len() })
}

fn consensus_key(key: HexBytes) -> Result<[u8; 32], ActionError> {
    sized("consensus key", key)
}

fn possession(proof: HexBytes) -> Result<Signature, ActionError> {
    sized("proof of possession", proof).map(Signature::from_bytes)
}

fn stake(validator: AddressText, amount: Decimal) -> types::StakeMove {
    types::StakeMove { validator: validator.0, amount: types::Amount(amount.0) }
}

impl From<&types::Action> for Action {
    fn from(action: &types::Action) -> Self {
        match action {
            types::Action::Transfer(types::Transfer { to, amount }) => {
                Action::Transfer { to: (*to).into(), amount: (*amount).into() }
            }
            types::Action::PutRecord { key, value } => {
                Action::PutRecord { key: key.as_bytes().into(), value: value.as_bytes().into() }
            }
            types::Action::UpdateRecord { key, value } => {
                Action::UpdateRecord { key: key.as_bytes().into(), value: value.as_bytes().into() }
            }
            types::Action::DeleteRecord { key } => {
                Action::DeleteRecord { key: key.as_bytes().into() }
            }
            types::Action::RegisterValidator(registration) => Action::from(&**registration),
            types::Action::EditValidator { moniker, commission_bps } => Action::EditValidator {
                moniker: moniker.as_str().to_owned(),
                commission_bps: *commission_bps,
            },
            types::Action::RotateKey { key, proof, from } => Action::RotateKey {
                key: key.as_slice().into(),
                proof: proof.as_bytes().as_slice().into(),
                from_epoch: from.0,
            },
            types::Action::Delegate(types::StakeMove { validator, amount }) => {
                Action::Delegate { validator: (*validator).into(), amount: (*amount).into() }
            }
            types::Action::Unbond(types::StakeMove { validator, amount }) => {
                Action::Unbond { validator: (*validator).into(), amount: (*amount).into() }
            }
            types::Action::Redelegate { from, to, amount } => Action::Redelegate {
                from: (*from).into(),
                to: (*to).into(),
                amount: (*amount).into(),
            },
            types::Action::WithdrawRewards { validator } => {
                Action::WithdrawRewards { validator: (*validator).into() }
            }
            types::Action::Unjail => Action::Unjail,
            types::Action::SetParams(change) => Action::SetParams {
                epoch: change.epoch.0,
                params: Box::new((&change.params).into()),
            },
        }
    }
}

impl From<&types::Registration> for Action {
    fn from(registration: &types::Registration) -> Self {
        Action::RegisterValidator {
            key: registration.key.as_slice().into(),
            proof: registration.proof.as_bytes().as_slice().into(),
            moniker: registration.moniker.as_str().to_owned(),
            commission_bps: registration.commission_bps,
            bond: registration.bond.into(),
        }
    }
}

impl TryFrom<Action> for types::Action {
    type Error = ActionError;

    fn try_from(action: Action) -> Result<Self, Self::Error> {
        Ok(match action {
            Action::Transfer { to, amount } => types::Action::Transfer(types::Transfer {
                to: to.0,
                amount: types::Amount(amount.0),
            }),
            Action::PutRecord { key, value } => types::Action::PutRecord {
                key: types::RecordKey::new(key.0)?,
                value: types::RecordValue::new(value.0)?,
            },
            Action::UpdateRecord { key, value } => types::Action::UpdateRecord {
                key: types::RecordKey::new(key.0)?,
                value: types::RecordValue::new(value.0)?,
            },
            Action::DeleteRecord { key } => {
                types::Action::DeleteRecord { key: types::RecordKey::new(key.0)? }
            }
            Action::RegisterValidator { key, proof, moniker, commission_bps, bond } => {
                types::Action::RegisterValidator(Box::new(types::Registration {
                    key: consensus_key(key)?,
                    proof: possession(proof)?,
                    moniker: types::Moniker::new(moniker)?,
                    commission_bps,
                    bond: types::Amount(bond.0),
                }))
            }
            Action::EditValidator { moniker, commission_bps } => types::Action::EditValidator {
                moniker: types::Moniker::new(moniker)?,
                commission_bps,
            },
            Action::RotateKey { key, proof, from_epoch } => types::Action::RotateKey {
                key: consensus_key(key)?,
                proof: possession(proof)?,
                from: types::Epoch(from_epoch),
            },
            Action::Delegate { validator, amount } => {
                types::Action::Delegate(stake(validator, amount))
            }
            Action::Unbond { validator, amount } => types::Action::Unbond(stake(validator, amount)),
            Action::Redelegate { from, to, amount } => types::Action::Redelegate {
                from: from.0,
                to: to.0,
                amount: types::Amount(amount.0),
            },
            Action::WithdrawRewards { validator } => {
                types::Action::WithdrawRewards { validator: validator.0 }
            }
            Action::Unjail => types::Action::Unjail,
            Action::SetParams { epoch, params } => {
                let (epoch, params) = (types::Epoch(epoch), (&*params).into());
                types::Action::SetParams(Box::new(types::ParamsChange { epoch, params }))
            }
        })
    }
}
