//! Receipts: what became of each included transaction, for ever. They stand under the
//! receipts root of the next header.

use quorate_crypto::Hash;

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::limits::MAX_EVENTS;
use crate::numbers::Amount;
use crate::reader::Reader;
use crate::transaction::TransactionId;

/// Why a transaction's action failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureCode {
    /// The sender's balance after the fee does not cover the amount.
    InsufficientFunds,
    /// The recipient's balance would not fit.
    BalanceOverflow,
}

impl FailureCode {
    /// The number in the receipt's bytes.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            FailureCode::InsufficientFunds => 1,
            FailureCode::BalanceOverflow => 2,
        }
    }

    /// The stable string that interfaces show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FailureCode::InsufficientFunds => "insufficient_funds",
            FailureCode::BalanceOverflow => "balance_overflow",
        }
    }
}

/// Whether the transaction's actions took effect. The fee is paid either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// All of them.
    Success,
    /// None of them.
    Failed(FailureCode),
}

/// Something that happened, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
        writer.u16(match self {
            Outcome::Success => 0,
            Outcome::Failed(failure) => failure.code(),
        });
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u16()? {
            0 => Ok(Outcome::Success),
            1 => Ok(Outcome::Failed(FailureCode::InsufficientFunds)),
            2 => Ok(Outcome::Failed(FailureCode::BalanceOverflow)),
            other => Err(DecodeError::Unknown { what: "outcome", found: u64::from(other) }),
        }
    }
}

/// The kind of a transfer's event.
const EVENT_TRANSFER: u16 = 1;

impl Canonical for Event {
    fn encode(&self, writer: &mut Writer) {
        let Event::Transfer { from, to, amount } = self;
        writer.u16(EVENT_TRANSFER);
        from.encode(writer);
        to.encode(writer);
        amount.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.u16()?;
        if kind != EVENT_TRANSFER {
            return Err(DecodeError::Unknown { what: "event", found: u64::from(kind) });
        }
        Ok(Event::Transfer {
            from: Address::decode(reader)?,
            to: Address::decode(reader)?,
            amount: Amount::decode(reader)?,
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
