//! What a transaction's actions did, as its receipt lists it: one event for each action, under the
//! receipts root.

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::numbers::{Amount, Epoch};
use crate::reader::Reader;
use crate::record::RecordKey;

/// Gives the events their type, their numbers and their bytes: fields in the order written here.
macro_rules! events {
    ($($(#[$doc:meta])* $number:literal $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    })+) => {
        /// Something that happened, for those who watch.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Event {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type,)+ },)+
        }

        impl Canonical for Event {
            fn encode(&self, writer: &mut Writer) {
                match self {
                    $(Event::$name { $($field),+ } => {
                        writer.u16($number);
                        $($field.encode(writer);)+
                    })+
                }
            }

            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                match reader.u16()? {
                    $($number => {
                        $(let $field = Canonical::decode(reader)?;)+
                        Ok(Event::$name { $($field),+ })
                    })+
                    other => Err(DecodeError::Unknown { what: "event", found: other.into() }),
                }
            }
        }
    };
}

events! {
    /// Money moved.
    1 Transfer {
        /// From whom.
        from: Address,
        /// To whom.
        to: Address,
        /// How much, in base units.
        amount: Amount,
    }
    /// A record was created or replaced.
    2 RecordPut {
        /// Whose it is.
        owner: Address,
        /// Where it stands.
        key: RecordKey,
    }
    /// A record was removed.
    3 RecordDeleted {
        /// Whose it was.
        owner: Address,
        /// Where it stood.
        key: RecordKey,
    }
    /// An account became the operator of a validator.
    4 ValidatorRegistered {
        /// Whose it is.
        operator: Address,
        /// Its consensus key.
        key: [u8; 32],
        /// Its bond, in base units.
        bond: Amount,
    }
    /// A validator has another name or commission.
    5 ValidatorEdited {
        /// Whose it is.
        operator: Address,
        /// Its commission from the next epoch on, in basis points.
        commission_bps: u16,
    }
    /// A validator is to have another consensus key.
    6 KeyRotated {
        /// Whose it is.
        operator: Address,
        /// The new key.
        key: [u8; 32],
        /// The first epoch with it.
        from: Epoch,
    }
    /// Stake was bonded.
    7 Delegated {
        /// Whose it is.
        delegator: Address,
        /// With which validator.
        validator: Address,
        /// How much, in base units.
        amount: Amount,
        /// Rewards that were paid out with it, in base units.
        rewards: Amount,
    }
    /// Stake leaves.
    8 Unbonded {
        /// Whose it is.
        delegator: Address,
        /// Which validator.
        validator: Address,
        /// How much, in base units.
        amount: Amount,
        /// Rewards that were paid out with it, in base units.
        rewards: Amount,
        /// The last epoch in which it could be in the set; unbonding periods count from it.
        last: Epoch,
    }
    /// Stake went to another validator.
    9 Redelegated {
        /// Whose it is.
        delegator: Address,
        /// Which validator it left.
        from: Address,
        /// Which validator it is with.
        to: Address,
        /// How much, in base units.
        amount: Amount,
        /// Rewards that were paid out with it, in base units.
        rewards: Amount,
    }
    /// Rewards were paid out.
    10 RewardsWithdrawn {
        /// To whom.
        delegator: Address,
        /// By which validator.
        validator: Address,
        /// How much, commission included, in base units.
        rewards: Amount,
    }
    /// A validator was released.
    11 Unjailed {
        /// Whose it is.
        operator: Address,
    }
    /// A quorum has changed the parameters.
    12 ParamsSet {
        /// The first epoch that has them.
        epoch: Epoch,
    }
}
