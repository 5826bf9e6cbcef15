//! What a transaction can do. Each action has a kind, a body of its own layout, and a cost.

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::limits::MAX_TRANSACTION_BYTES;
use crate::numbers::Amount;
use crate::reader::Reader;
use crate::record::{RecordKey, RecordValue};

const KIND_TRANSFER: u16 = 1;
const KIND_PUT_RECORD: u16 = 2;
const KIND_UPDATE_RECORD: u16 = 3;
const KIND_DELETE_RECORD: u16 = 4;

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
}

impl Action {
    /// The number of its kind in the transaction's bytes.
    #[must_use]
    pub fn kind(&self) -> u16 {
        match self {
            Action::Transfer(_) => KIND_TRANSFER,
            Action::PutRecord { .. } => KIND_PUT_RECORD,
            Action::UpdateRecord { .. } => KIND_UPDATE_RECORD,
            Action::DeleteRecord { .. } => KIND_DELETE_RECORD,
        }
    }

    /// How many times the parameter `action_fee` it costs: about the keys of the state that it
    /// reads and writes.
    #[must_use]
    pub fn cost(&self) -> u64 {
        match self {
            Action::Transfer(_) => 2,
            Action::PutRecord { .. }
            | Action::UpdateRecord { .. }
            | Action::DeleteRecord { .. } => 1,
        }
    }

    /// The account beside the sender's that it touches.
    #[must_use]
    pub fn other_account(&self) -> Option<Address> {
        match self {
            Action::Transfer(transfer) => Some(transfer.to),
            Action::PutRecord { .. }
            | Action::UpdateRecord { .. }
            | Action::DeleteRecord { .. } => None,
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
