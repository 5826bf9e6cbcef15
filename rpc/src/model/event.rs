//! What a transaction's actions did, as its receipt lists it.

use quorate_types as types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AddressText, Decimal, HexBytes};

/// How a field of an event is written.
trait Written {
    type Form;
    fn written(&self) -> Self::Form;
}

impl Written for types::Address {
    type Form = AddressText;

    fn written(&self) -> AddressText {
        (*self).into()
    }
}

impl Written for types::Amount {
    type Form = Decimal;

    fn written(&self) -> Decimal {
        (*self).into()
    }
}

impl Written for types::Epoch {
    type Form = u64;

    fn written(&self) -> u64 {
        self.0
    }
}

impl Written for u16 {
    type Form = u16;

    fn written(&self) -> u16 {
        *self
    }
}

impl Written for [u8; 32] {
    type Form = HexBytes;

    fn written(&self) -> HexBytes {
        self.as_slice().into()
    }
}

impl Written for types::RecordKey {
    type Form = HexBytes;

    fn written(&self) -> HexBytes {
        self.as_bytes().into()
    }
}

/// Gives the events their JSON: the fields of [`types::Event`] by their names.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    })+) => {
        /// Something that a transaction made happen.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Event {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type,)+ },)+
        }

        impl From<&types::Event> for Event {
            fn from(event: &types::Event) -> Self {
                match event {
                    $(types::Event::$name { $($field),+ } => {
                        Event::$name { $($field: $field.written()),+ }
                    })+
                }
            }
        }
    };
}

events! {
    /// Money moved.
    Transfer {
        /// From whom.
        from: AddressText,
        /// To whom.
        to: AddressText,
        /// How much, in base units.
        amount: Decimal,
    }
    /// A record was created or replaced.
    RecordPut {
        /// Whose it is.
        owner: AddressText,
        /// Where it stands.
        key: HexBytes,
    }
    /// A record was removed.
    RecordDeleted {
        /// Whose it was.
        owner: AddressText,
        /// Where it stood.
        key: HexBytes,
    }
    /// An account became the operator of a validator.
    ValidatorRegistered {
        /// Whose it is.
        operator: AddressText,
        /// Its consensus key.
        key: HexBytes,
        /// Its bond, in base units.
        bond: Decimal,
    }
    /// A validator has another name or commission.
    ValidatorEdited {
        /// Whose it is.
        operator: AddressText,
        /// Its commission from the next epoch on, in basis points.
        commission_bps: u16,
    }
    /// A validator is to have another consensus key.
    KeyRotated {
        /// Whose it is.
        operator: AddressText,
        /// The new key.
        key: HexBytes,
        /// The first epoch with it.
        from: u64,
    }
    /// Stake was bonded.
    Delegated {
        /// Whose it is.
        delegator: AddressText,
        /// With which validator.
        validator: AddressText,
        /// How much, in base units.
        amount: Decimal,
        /// Rewards that were paid out with it, in base units.
        rewards: Decimal,
    }
    /// Stake leaves.
    Unbonded {
        /// Whose it is.
        delegator: AddressText,
        /// Which validator.
        validator: AddressText,
        /// How much, in base units.
        amount: Decimal,
        /// Rewards that were paid out with it, in base units.
        rewards: Decimal,
        /// The last epoch in which it could be in the set; unbonding periods count from it.
        last: u64,
    }
    /// Stake went to another validator.
    Redelegated {
        /// Whose it is.
        delegator: AddressText,
        /// Which validator it left.
        from: AddressText,
        /// Which validator it is with.
        to: AddressText,
        /// How much, in base units.
        amount: Decimal,
        /// Rewards that were paid out with it, in base units.
        rewards: Decimal,
    }
    /// Rewards were paid out.
    RewardsWithdrawn {
        /// To whom.
        delegator: AddressText,
        /// By which validator.
        validator: AddressText,
        /// How much, commission included, in base units.
        rewards: Decimal,
    }
    /// A validator was released.
    Unjailed {
        /// Whose it is.
        operator: AddressText,
    }
    /// A quorum has changed the parameters.
    ParamsSet {
        /// The first epoch that has them.
        epoch: u64,
    }
}
