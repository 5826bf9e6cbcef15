//! Receipts: what became of each included transaction, for ever. They stand under the
//! receipts root of the next header.

use quorate_crypto::Hash;

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::limits::MAX_EVENTS;
use crate::numbers::Amount;
use crate::reader::Reader;
use crate::record::RecordKey;
use crate::transaction::TransactionId;

/// Why a transaction's action failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCode {
    /// The sender's balance after the fee does not cover the amount.
    InsufficientFunds,
    /// The recipient's balance would not fit.
    BalanceOverflow,
    /// There is no record under the key.
    RecordMissing,
}

impl FailureCode {
    /// Every code.
    pub const ALL: [FailureCode; 3] =
        [FailureCode::InsufficientFunds, FailureCode::BalanceOverflow, FailureCode::RecordMissing];

    /// The number in the receipt's bytes; 0 is success.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            FailureCode::InsufficientFunds => 1,
            FailureCode::BalanceOverflow => 2,
            FailureCode::RecordMissing => 3,
        }
    }

    /// The stable string that interfaces show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FailureCode::InsufficientFunds => "insufficient_funds",
            FailureCode::BalanceOverflow => "balance_overflow",
            FailureCode::RecordMissing => "record_missing",
        }
    }
}

/// Whether the transaction's actions took effect. The fee is paid either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// All of them.
    Success,
    /// None of them.
    Failed {
        /// Why.
        code: FailureCode,
        /// Which action failed, counted from 0.
        action: u16,
    },
}

/// Something that happened, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Money moved.
    Transfer {
        /// From whom.
        from: Address,
        /// To whom.
        to: Address,
        /// How much, in base units.
        amount: Amount,
    },
    /// A record was created or replaced.
    RecordPut {
        /// Whose it is.
        owner: Address,
        /// Where it stands.
        key: RecordKey,
    },
    /// A record was removed.
    RecordDeleted {
        /// Whose it was.
        owner: Address,
        /// Where it stood.
        key: RecordKey,
    },
}

/// One transaction's result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// Which transaction.
    pub transaction: TransactionId,
    /// Whether its actions took effect.
    pub outcome: Outcome,
    /// The fee that was paid, in base units.
    pub fee: Amount,
    /// What happened; empty when the outcome is a failure.
    pub events: Vec<Event>,
}

impl Receipt {
    /// The leaf under the receipts root.
    #[must_use]
    pub fn hash(&self) -> Hash {
        domains::RECEIPT.hash(&self.to_bytes())
    }
}

impl Canonical for Outcome {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Outcome::Success => writer.u16(0),
            Outcome::Failed { code, action } => {
                writer.u16(code.code());
                writer.u16(*action);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let number = reader.u16()?;
        if number == 0 {
            return Ok(Outcome::Success);
        }
        let code = FailureCode::ALL.into_iter().find(|code| code.code() == number);
        let unknown = DecodeError::Unknown { what: "outcome", found: u64::from(number) };
        Ok(Outcome::Failed { code: code.ok_or(unknown)?, action: reader.u16()? })
    }
}

const EVENT_TRANSFER: u16 = 1;
const EVENT_RECORD_PUT: u16 = 2;
const EVENT_RECORD_DELETED: u16 = 3;

impl Canonical for Event {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Event::Transfer { from, to, amount } => {
                writer.u16(EVENT_TRANSFER);
                from.encode(writer);
                to.encode(writer);
                amount.encode(writer);
            }
            Event::RecordPut { owner, key } => {
                writer.u16(EVENT_RECORD_PUT);
                owner.encode(writer);
                key.encode(writer);
            }
            Event::RecordDeleted { owner, key } => {
                writer.u16(EVENT_RECORD_DELETED);
                owner.encode(writer);
                key.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.u16()?;
        Ok(match kind {
            EVENT_TRANSFER => Event::Transfer {
                from: Address::decode(reader)?,
                to: Address::decode(reader)?,
                amount: Amount::decode(reader)?,
            },
            EVENT_RECORD_PUT => Event::RecordPut {
                owner: Address::decode(reader)?,
                key: RecordKey::decode(reader)?,
            },
            EVENT_RECORD_DELETED => Event::RecordDeleted {
                owner: Address::decode(reader)?,
                key: RecordKey::decode(reader)?,
            },
            other => return Err(DecodeError::Unknown { what: "event", found: other.into() }),
        })
    }
}

impl Canonical for Receipt {
    fn encode(&self, writer: &mut Writer) {
        self.transaction.encode(writer);
        self.outcome.encode(writer);
        self.fee.encode(writer);
        writer.list(&self.events);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Receipt {
            transaction: TransactionId::decode(reader)?,
            outcome: Outcome::decode(reader)?,
            fee: Amount::decode(reader)?,
            events: reader.list("events", MAX_EVENTS)?,
        })
    }
}
