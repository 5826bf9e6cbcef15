//! What a transaction can do. Each action has a kind, a body of its own layout, and a cost.

use quorate_crypto::Signature;

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer, canonical_struct};
use crate::limits::MAX_TRANSACTION_BYTES;
use crate::numbers::{Amount, Epoch};
use crate::params::ParamsChange;
use crate::reader::Reader;
use crate::record::{RecordKey, RecordValue};
use crate::stake::Moniker;

const KIND_TRANSFER: u16 = 1;
const KIND_PUT_RECORD: u16 = 2;
const KIND_UPDATE_RECORD: u16 = 3;
const KIND_DELETE_RECORD: u16 = 4;
const KIND_REGISTER_VALIDATOR: u16 = 5;
const KIND_EDIT_VALIDATOR: u16 = 6;
const KIND_ROTATE_KEY: u16 = 7;
const KIND_DELEGATE: u16 = 8;
const KIND_UNBOND: u16 = 9;
const KIND_REDELEGATE: u16 = 10;
const KIND_WITHDRAW_REWARDS: u16 = 11;
const KIND_UNJAIL: u16 = 12;
const KIND_SET_PARAMS: u16 = 13;

/// Moves base units to another account, which it creates where needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// To whom.
    pub to: Address,
    /// How much, in base units.
    pub amount: Amount,
}

/// One thing that a transaction does. Records are the sender's: nobody else can change them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Moves money.
    Transfer(Transfer),
    /// Keeps a value under a key, whatever is there.
    PutRecord {
        /// Where.
        key: RecordKey,
        /// What.
        value: RecordValue,
    },
    /// Replaces the value of a record that is there.
    UpdateRecord {
        /// Where.
        key: RecordKey,
        /// What.
        value: RecordValue,
    },
    /// Removes a record that is there.
    DeleteRecord {
        /// Where.
        key: RecordKey,
    },
    /// Makes the sender the operator of a validator, with a bond of its own.
    RegisterValidator(Box<Registration>),
    /// Changes the name and the commission of the sender's validator.
    EditValidator {
        /// The name that it shows.
        moniker: Moniker,
        /// Its commission from the next epoch on, in basis points.
        commission_bps: u16,
    },
    /// Gives the sender's validator another consensus key.
    RotateKey {
        /// The new key, as bytes.
        key: [u8; 32],
        /// Its proof of possession.
        proof: Signature,
        /// The first epoch with it; 0: the first one whose set is not yet chosen.
        from: Epoch,
    },
    /// Bonds with a validator: the sender's own or another's.
    Delegate(StakeMove),
    /// Takes bonded stake back, after the unbonding period.
    Unbond(StakeMove),
    /// Moves bonded stake to another validator.
    Redelegate {
        /// From where.
        from: Address,
        /// To where.
        to: Address,
        /// How much, in base units.
        amount: Amount,
    },
    /// Pays out what a validator owes the sender: rewards, and commission if it is the operator.
    WithdrawRewards {
        /// Which one.
        validator: Address,
    },
    /// Releases the sender's validator from jail.
    Unjail,
    /// Changes the parameters from an epoch on, where a quorum of the operators sign. It stands alone
    /// in its transaction.
    SetParams(Box<ParamsChange>),
}

/// What a new validator starts with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Registration {
    /// Its consensus key, as bytes.
    pub key: [u8; 32],
    /// The key's proof of possession.
    pub proof: Signature,
    /// The name that it shows.
    pub moniker: Moniker,
    /// The operator's part of its rewards, in basis points.
    pub commission_bps: u16,
    /// What its operator bonds with it, in base units.
    pub bond: Amount,
}

/// Stake that is bonded with a validator, or leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StakeMove {
    /// Which validator, by its operator.
    pub validator: Address,
    /// How much, in base units.
    pub amount: Amount,
}

canonical_struct!(Registration { key, proof, moniker, commission_bps, bond });
canonical_struct!(StakeMove { validator, amount });

impl Action {
    /// The number of its kind in the transaction's bytes.
    #[must_use]
    pub fn kind(&self) -> u16 {
        match self {
            Action::Transfer(_) => KIND_TRANSFER,
            Action::PutRecord { .. } => KIND_PUT_RECORD,
            Action::UpdateRecord { .. } => KIND_UPDATE_RECORD,
            Action::DeleteRecord { .. } => KIND_DELETE_RECORD,
            Action::RegisterValidator(_) => KIND_REGISTER_VALIDATOR,
            Action::EditValidator { .. } => KIND_EDIT_VALIDATOR,
            Action::RotateKey { .. } => KIND_ROTATE_KEY,
            Action::Delegate(_) => KIND_DELEGATE,
            Action::Unbond(_) => KIND_UNBOND,
            Action::Redelegate { .. } => KIND_REDELEGATE,
            Action::WithdrawRewards { .. } => KIND_WITHDRAW_REWARDS,
            Action::Unjail => KIND_UNJAIL,
            Action::SetParams(_) => KIND_SET_PARAMS,
        }
    }

    /// How many times the parameter `action_fee` it costs: about the keys of the state that it
    /// reads and writes, and 16 for a signature.
    #[must_use]
    pub fn cost(&self) -> u64 {
        match self {
            Action::PutRecord { .. }
            | Action::UpdateRecord { .. }
            | Action::DeleteRecord { .. } => 1,
            Action::Transfer(_) | Action::EditValidator { .. } | Action::Unjail => 2,
            Action::WithdrawRewards { .. } | Action::SetParams(_) => 4,
            Action::Delegate(_) => 6,
            Action::Unbond(_) => 8,
            Action::Redelegate { .. } => 12,
            Action::RegisterValidator(_) | Action::RotateKey { .. } => 20,
        }
    }

    /// The account beside the sender's that it concerns.
    #[must_use]
    pub fn other_account(&self) -> Option<Address> {
        match self {
            Action::Transfer(transfer) => Some(transfer.to),
            Action::Delegate(stake) | Action::Unbond(stake) => Some(stake.validator),
            Action::Redelegate { to, .. } => Some(*to),
            Action::WithdrawRewards { validator } => Some(*validator),
            Action::PutRecord { .. }
            | Action::UpdateRecord { .. }
            | Action::DeleteRecord { .. }
            | Action::RegisterValidator(_)
            | Action::EditValidator { .. }
            | Action::RotateKey { .. }
            | Action::Unjail
            | Action::SetParams(_) => None,
        }
    }

    fn decode_body(kind: u16, body: &mut Reader<'_>) -> Result<Action, DecodeError> {
        Ok(match kind {
            KIND_TRANSFER => Action::Transfer(Transfer {
                to: Address::decode(body)?,
                amount: Amount::decode(body)?,
            }),
            KIND_PUT_RECORD => Action::PutRecord {
                key: RecordKey::decode(body)?,
                value: RecordValue::decode(body)?,
            },
            KIND_UPDATE_RECORD => Action::UpdateRecord {
                key: RecordKey::decode(body)?,
                value: RecordValue::decode(body)?,
            },
            KIND_DELETE_RECORD => Action::DeleteRecord { key: RecordKey::decode(body)? },
            KIND_REGISTER_VALIDATOR => {
                Action::RegisterValidator(Box::new(Registration::decode(body)?))
            }
            KIND_EDIT_VALIDATOR => Action::EditValidator {
                moniker: Moniker::decode(body)?,
                commission_bps: body.u16()?,
            },
            KIND_ROTATE_KEY => Action::RotateKey {
                key: body.array()?,
                proof: Signature::decode(body)?,
                from: Epoch::decode(body)?,
            },
            KIND_DELEGATE => Action::Delegate(StakeMove::decode(body)?),
            KIND_UNBOND => Action::Unbond(StakeMove::decode(body)?),
            KIND_REDELEGATE => Action::Redelegate {
                from: Address::decode(body)?,
                to: Address::decode(body)?,
                amount: Amount::decode(body)?,
            },
            KIND_WITHDRAW_REWARDS => Action::WithdrawRewards { validator: Address::decode(body)? },
            KIND_UNJAIL => Action::Unjail,
            KIND_SET_PARAMS => Action::SetParams(Box::new(ParamsChange::decode(body)?)),
            other => {
                return Err(DecodeError::Unknown { what: "action kind", found: other.into() });
            }
        })
    }

    fn encode_body(&self, body: &mut Writer) {
        match self {
            Action::Transfer(Transfer { to, amount }) => {
                to.encode(body);
                amount.encode(body);
            }
            Action::PutRecord { key, value } | Action::UpdateRecord { key, value } => {
                key.encode(body);
                value.encode(body);
            }
            Action::DeleteRecord { key } => key.encode(body),
            Action::RegisterValidator(registration) => registration.encode(body),
            Action::EditValidator { moniker, commission_bps } => {
                moniker.encode(body);
                body.u16(*commission_bps);
            }
            Action::RotateKey { key, proof, from } => {
                body.raw(key);
                proof.encode(body);
                from.encode(body);
            }
            Action::Delegate(stake) | Action::Unbond(stake) => stake.encode(body),
            Action::Redelegate { from, to, amount } => {
                from.encode(body);
                to.encode(body);
                amount.encode(body);
            }
            Action::WithdrawRewards { validator } => validator.encode(body),
            Action::Unjail => {}
            Action::SetParams(change) => change.encode(body),
        }
    }
}

impl Canonical for Action {
    fn encode(&self, writer: &mut Writer) {
        writer.u16(self.kind());
        let mut body = Writer::default();
        self.encode_body(&mut body);
        writer.bytes_u32(&body.finish());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.u16()?;
        let mut body = Reader::new(reader.bytes_u32("action", MAX_TRANSACTION_BYTES)?);
        let action = Action::decode_body(kind, &mut body)?;
        body.finish()?;
        Ok(action)
    }
}
