//! Receipts: what became of each included transaction, for ever. They stand under the
//! receipts root of the next header.

use quorate_crypto::Hash;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::event::Event;
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
    /// There is no record under the key.
    RecordMissing,
    /// The sender is a validator's operator already.
    AlreadyValidator,
    /// There is no validator of this operator.
    NoValidator,
    /// The consensus key is or was a validator's.
    KeyInUse,
    /// The bytes are no consensus key: not canonical, or of small order, or with a torsion part.
    BadKey,
    /// The proof of possession does not hold for this chain, operator and key.
    BadProof,
    /// A commission above the whole.
    CommissionTooHigh,
    /// The self-bond is below the least.
    BondTooSmall,
    /// The amount is below the least, or is worth no share.
    AmountTooSmall,
    /// As many validators as there may be have a sufficient self-bond.
    TooManyValidators,
    /// The validator is out for ever.
    Tombstoned,
    /// The validator is not jailed.
    NotJailed,
    /// The time in jail is not over.
    StillJailed,
    /// The sender has less bonded with the validator.
    InsufficientStake,
    /// The stake came by redelegation and is still liable for its former validator.
    StakeLocked,
    /// A redelegation to the validator that it comes from.
    SameValidator,
    /// The sender has stake with as many validators as it may.
    TooManyDelegations,
    /// As many redelegations as there may be are still liable.
    TooManyRedelegations,
    /// Fewer than four validators would be left (EP-2).
    SetTooSmall,
    /// The set of the epoch is chosen already.
    EpochPassed,
    /// Another key is to take over already.
    RotationPending,
    /// The shares would not fit.
    ShareOverflow,
    /// The epoch named lies too far ahead.
    EpochTooFar,
    /// The signers operate less than a quorum of the set in force (M-3).
    NoQuorum,
    /// A parameter that no vote changes (EP-3).
    FixedParameter,
}

impl FailureCode {
    /// Every code.
    pub const ALL: [FailureCode; 27] = [
        FailureCode::InsufficientFunds,
        FailureCode::BalanceOverflow,
        FailureCode::RecordMissing,
        FailureCode::AlreadyValidator,
        FailureCode::NoValidator,
        FailureCode::KeyInUse,
        FailureCode::BadKey,
        FailureCode::BadProof,
        FailureCode::CommissionTooHigh,
        FailureCode::BondTooSmall,
        FailureCode::AmountTooSmall,
        FailureCode::TooManyValidators,
        FailureCode::Tombstoned,
        FailureCode::NotJailed,
        FailureCode::StillJailed,
        FailureCode::InsufficientStake,
        FailureCode::StakeLocked,
        FailureCode::SameValidator,
        FailureCode::TooManyDelegations,
        FailureCode::TooManyRedelegations,
        FailureCode::SetTooSmall,
        FailureCode::EpochPassed,
        FailureCode::RotationPending,
        FailureCode::ShareOverflow,
        FailureCode::EpochTooFar,
        FailureCode::NoQuorum,
        FailureCode::FixedParameter,
    ];

    /// The number in the receipt's bytes; 0 is success.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            FailureCode::InsufficientFunds => 1,
            FailureCode::BalanceOverflow => 2,
            FailureCode::RecordMissing => 3,
            FailureCode::AlreadyValidator => 4,
            FailureCode::NoValidator => 5,
            FailureCode::KeyInUse => 6,
            FailureCode::BadKey => 7,
            FailureCode::BadProof => 8,
            FailureCode::CommissionTooHigh => 9,
            FailureCode::BondTooSmall => 10,
            FailureCode::AmountTooSmall => 11,
            FailureCode::TooManyValidators => 12,
            FailureCode::Tombstoned => 13,
            FailureCode::NotJailed => 14,
            FailureCode::StillJailed => 15,
            FailureCode::InsufficientStake => 16,
            FailureCode::StakeLocked => 17,
            FailureCode::SameValidator => 18,
            FailureCode::TooManyDelegations => 19,
            FailureCode::TooManyRedelegations => 20,
            FailureCode::SetTooSmall => 21,
            FailureCode::EpochPassed => 22,
            FailureCode::RotationPending => 23,
            FailureCode::ShareOverflow => 24,
            FailureCode::EpochTooFar => 25,
            FailureCode::NoQuorum => 26,
            FailureCode::FixedParameter => 27,
        }
    }

    /// The stable string that interfaces show.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FailureCode::InsufficientFunds => "insufficient_funds",
            FailureCode::BalanceOverflow => "balance_overflow",
            FailureCode::RecordMissing => "record_missing",
            FailureCode::AlreadyValidator => "already_validator",
            FailureCode::NoValidator => "no_validator",
            FailureCode::KeyInUse => "key_in_use",
            FailureCode::BadKey => "bad_key",
            FailureCode::BadProof => "bad_proof",
            FailureCode::CommissionTooHigh => "commission_too_high",
            FailureCode::BondTooSmall => "bond_too_small",
            FailureCode::AmountTooSmall => "amount_too_small",
            FailureCode::TooManyValidators => "too_many_validators",
            FailureCode::Tombstoned => "tombstoned",
            FailureCode::NotJailed => "not_jailed",
            FailureCode::StillJailed => "still_jailed",
            FailureCode::InsufficientStake => "insufficient_stake",
            FailureCode::StakeLocked => "stake_locked",
            FailureCode::SameValidator => "same_validator",
            FailureCode::TooManyDelegations => "too_many_delegations",
            FailureCode::TooManyRedelegations => "too_many_redelegations",
            FailureCode::SetTooSmall => "set_too_small",
            FailureCode::EpochPassed => "epoch_passed",
            FailureCode::RotationPending => "rotation_pending",
            FailureCode::ShareOverflow => "share_overflow",
            FailureCode::EpochTooFar => "epoch_too_far",
            FailureCode::NoQuorum => "no_quorum",
            FailureCode::FixedParameter => "fixed_parameter",
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
