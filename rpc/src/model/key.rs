//! Which key of the state a client means.

use quorate_types as types;
use quorate_types::{StateKey, StateKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HexBytes;

/// What kind of thing stands under a key of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum KeyKind {
    /// An account, by address.
    Account,
    /// An epoch's heights, parameters and validators, by its number.
    Epoch,
    /// Which epochs the state knows.
    EpochClock,
    /// The fee pool.
    FeePool,
    /// The whole supply.
    Supply,
    /// A validator, by its operator.
    Validator,
    /// A record, by its owner's address and its key.
    Record,
    /// What an account has with a validator, by the address and the validator.
    Delegation,
    /// The validators with which an account has stake, by its address.
    Delegator,
    /// What left a validator in an epoch, by both.
    UnbondingPool,
    /// Whose a consensus key is or was, by the key.
    ConsensusKey,
    /// The operators with a sufficient self-bond.
    Candidates,
    /// Who took part in the epoch at work so far.
    Participation,
    /// The parameters that wait for their epoch.
    ParamsChange,
}

/// What names a key beside its kind: each kind needs some and takes no others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyParts {
    /// Whose.
    pub address: Option<types::Address>,
    /// A record's key, or a consensus key.
    pub key: Option<HexBytes>,
    /// A validator, by its operator.
    pub validator: Option<types::Address>,
    /// An epoch's number.
    pub epoch: Option<types::Epoch>,
}

/// Why nothing in the state is named so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Parts are missing, or there are too many.
    #[error("{} is named by {}", json(.0), .0.takes())]
    Parts(KeyKind),
    /// No record has such a key.
    #[error(transparent)]
    Record(#[from] types::RecordError),
    /// No consensus key has such a length.
    #[error("a consensus key has 32 bytes, not {0}")]
    ConsensusKey(usize),
}

/// The name of a kind in JSON.
fn json(kind: &KeyKind) -> String {
    serde_json::to_value(kind).map(|name| name.to_string()).unwrap_or_default()
}

impl KeyKind {
    /// Which parts it needs, for people.
    fn takes(self) -> &'static str {
        match self {
            KeyKind::Account | KeyKind::Delegator => "address alone",
            KeyKind::Epoch => "epoch alone",
            KeyKind::Validator => "validator alone",
            KeyKind::Record => "address and key",
            KeyKind::Delegation => "address and validator",
            KeyKind::UnbondingPool => "validator and epoch",
            KeyKind::ConsensusKey => "key alone",
            KeyKind::EpochClock
            | KeyKind::FeePool
            | KeyKind::Supply
            | KeyKind::Candidates
            | KeyKind::Participation
            | KeyKind::ParamsChange => "its kind alone",
        }
    }

    /// The key in the state.
    ///
    /// # Errors
    /// When a part is missing or too much, or none that such a key can have.
    pub fn key(self, mut parts: KeyParts) -> Result<StateKey, KeyError> {
        let key = self.take(&mut parts)?.ok_or(KeyError::Parts(self))?;
        if parts == KeyParts::default() { Ok(key) } else { Err(KeyError::Parts(self)) }
    }

    /// Makes the key out of the parts that it needs; none when one is missing.
    fn take(self, parts: &mut KeyParts) -> Result<Option<StateKey>, KeyError> {
        Ok(match self {
            KeyKind::Account => parts.address.take().map(|whose| StateKey::account(&whose)),
            KeyKind::Epoch => parts.epoch.take().map(StateKey::epoch),
            KeyKind::Validator => parts.validator.take().map(|whose| StateKey::validator(&whose)),
            KeyKind::Record => match parts.address.take().zip(parts.key.take()) {
                Some((owner, key)) => {
                    Some(StateKey::record(&owner, &types::RecordKey::new(key.0)?))
                }
                None => None,
            },
            KeyKind::Delegation => {
                let both = parts.address.take().zip(parts.validator.take());
                both.map(|(whose, validator)| StateKey::delegation(&whose, &validator))
            }
            KeyKind::Delegator => parts.address.take().map(|whose| StateKey::delegator(&whose)),
            KeyKind::UnbondingPool => {
                let both = parts.validator.take().zip(parts.epoch.take());
                both.map(|(validator, last)| StateKey::unbonding_pool(&validator, last))
            }
            KeyKind::ConsensusKey => match parts.key.take() {
                Some(HexBytes(bytes)) => {
                    let key = bytes.try_into();
                    let wrong = |bytes: Vec<u8>| KeyError::ConsensusKey(bytes.len());
                    Some(StateKey::consensus_key(&key.map_err(wrong)?))
                }
                None => None,
            },
            KeyKind::EpochClock => Some(StateKey::single(StateKind::EpochClock)),
            KeyKind::FeePool => Some(StateKey::single(StateKind::FeePool)),
            KeyKind::Supply => Some(StateKey::single(StateKind::Supply)),
            KeyKind::Candidates => Some(StateKey::single(StateKind::Candidates)),
            KeyKind::Participation => Some(StateKey::single(StateKind::Participation)),
            KeyKind::ParamsChange => Some(StateKey::single(StateKind::ParamsChange)),
        })
    }
}
