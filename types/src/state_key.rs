//! Keys of the flat state, and so of the state tree (B-7).

use quorate_crypto::{Hash, state_tree};

use crate::address::Address;
use crate::record::RecordKey;

/// What kind of thing stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKind {
    /// An [`crate::Account`], by address.
    Account,
    /// The [`crate::ChainParams`].
    Params,
    /// The [`crate::ValidatorSet`] of the next height.
    Validators,
    /// The fee pool, an [`crate::Amount`].
    FeePool,
    /// The whole supply, an [`crate::Amount`].
    Supply,
    /// A genesis validator's bonded amount and moniker, by operator address.
    Bond,
    /// The bytes of a record, by its owner's address and its key.
    Record,
}

impl StateKind {
    /// The number in the key's bytes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            StateKind::Account => 1,
            StateKind::Params => 2,
            StateKind::Validators => 3,
            StateKind::FeePool => 4,
            StateKind::Supply => 5,
            StateKind::Bond => 6,
            StateKind::Record => 7,
        }
    }
}

/// A key of the flat state: the kind and the key proper.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey {
    kind: StateKind,
    key: Vec<u8>,
}

impl StateKey {
    /// An account's key.
    #[must_use]
    pub fn account(address: &Address) -> StateKey {
        StateKey { kind: StateKind::Account, key: address.0.to_vec() }
    }

    /// A genesis validator's bond.
    #[must_use]
    pub fn bond(operator: &Address) -> StateKey {
        StateKey { kind: StateKind::Bond, key: operator.0.to_vec() }
    }

    /// A record's key. The address has one length, so no two records share bytes.
    #[must_use]
    pub fn record(owner: &Address, key: &RecordKey) -> StateKey {
        let key = [&owner.0[..], key.as_bytes()].concat();
        StateKey { kind: StateKind::Record, key }
    }

    /// The key of a kind that has one value only.
    #[must_use]
    pub fn single(kind: StateKind) -> StateKey {
        StateKey { kind, key: Vec::new() }
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        self.kind
    }

    /// The account that an account's key names.
    #[must_use]
    pub fn as_account(&self) -> Option<Address> {
        let bytes = self.key.as_slice().try_into().ok()?;
        (self.kind == StateKind::Account).then_some(Address(bytes))
    }

    /// The bytes under which a database keeps the value: kind, then key.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind.code()];
        bytes.extend_from_slice(&self.key);
        bytes
    }

    /// The place in the state tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        state_tree::hash_key(self.kind.code(), &self.key)
    }

    /// The place in the state tree of a key in its database form; none for an empty string.
    #[must_use]
    pub fn hash_of_bytes(bytes: &[u8]) -> Option<Hash> {
        let (kind, key) = bytes.split_first()?;
        Some(state_tree::hash_key(*kind, key))
    }
}
