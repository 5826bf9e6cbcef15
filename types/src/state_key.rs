//! Keys of the flat state, and so of the state tree (B-7).

use quorate_crypto::{Hash, state_tree};

use crate::address::Address;
use crate::numbers::Epoch;
use crate::record::RecordKey;

/// What kind of thing stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKind {
    /// An [`crate::Account`], by address.
    Account,
    /// An [`crate::EpochEntry`], by its number.
    Epoch,
    /// The [`crate::EpochClock`].
    EpochClock,
    /// The fee pool, an [`crate::Amount`].
    FeePool,
    /// The whole supply, an [`crate::Amount`].
    Supply,
    /// A [`crate::ValidatorEntry`], by operator address.
    Validator,
    /// The bytes of a record, by its owner's address and its key.
    Record,
    /// A [`crate::Delegation`], by the delegator's address and the validator's.
    Delegation,
    /// The validators with which an account has stake, a [`crate::AddressList`], by its address.
    Delegator,
    /// An [`crate::UnbondingPool`], by validator and epoch.
    UnbondingPool,
    /// A [`crate::Payment`], by epoch and number.
    Payment,
    /// How many payments an epoch has, a `u64`, by epoch.
    Payments,
    /// The [`crate::PaymentCursor`].
    PaymentCursor,
    /// A [`crate::Redelegation`], by the former validator and number.
    Redelegation,
    /// Whose a consensus key is or was, an address, by key.
    ConsensusKey,
    /// The operators with a sufficient self-bond, a [`crate::AddressList`].
    Candidates,
    /// The [`crate::Participation`] of the epoch at work.
    Participation,
    /// The [`crate::ParamsChange`] that waits for its epoch; absent where none does.
    ParamsChange,
}

impl StateKind {
    /// Every kind, in order of code.
    pub const ALL: [StateKind; 17] = [
        StateKind::Account,
        StateKind::Epoch,
        StateKind::EpochClock,
        StateKind::FeePool,
        StateKind::Supply,
        StateKind::Validator,
        StateKind::Record,
        StateKind::Delegation,
        StateKind::Delegator,
        StateKind::UnbondingPool,
        StateKind::Payment,
        StateKind::Payments,
        StateKind::PaymentCursor,
        StateKind::Redelegation,
        StateKind::ConsensusKey,
        StateKind::Candidates,
        StateKind::Participation,
    ];

    /// The kind of a number.
    #[must_use]
    pub fn of_code(code: u8) -> Option<StateKind> {
        StateKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The number in the key's bytes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            StateKind::Account => 1,
            StateKind::Epoch => 2,
            StateKind::EpochClock => 3,
            StateKind::FeePool => 4,
            StateKind::Supply => 5,
            StateKind::Validator => 6,
            StateKind::Record => 7,
            StateKind::Delegation => 8,
            StateKind::Delegator => 9,
            StateKind::UnbondingPool => 10,
            StateKind::Payment => 11,
            StateKind::Payments => 12,
            StateKind::PaymentCursor => 13,
            StateKind::Redelegation => 14,
            StateKind::ConsensusKey => 15,
            StateKind::Candidates => 16,
            StateKind::Participation => 17,
            StateKind::ParamsChange => 18,
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
        StateKey::of(StateKind::Account, &[&address.0])
    }

    /// An epoch's entry.
    #[must_use]
    pub fn epoch(number: Epoch) -> StateKey {
        StateKey::of(StateKind::Epoch, &[&number.0.to_be_bytes()])
    }

    /// A validator.
    #[must_use]
    pub fn validator(operator: &Address) -> StateKey {
        StateKey::of(StateKind::Validator, &[&operator.0])
    }

    /// What an account has with a validator.
    #[must_use]
    pub fn delegation(delegator: &Address, validator: &Address) -> StateKey {
        StateKey::of(StateKind::Delegation, &[&delegator.0, &validator.0])
    }

    /// The validators with which an account has stake.
    #[must_use]
    pub fn delegator(address: &Address) -> StateKey {
        StateKey::of(StateKind::Delegator, &[&address.0])
    }

    /// What left a validator in an epoch.
    #[must_use]
    pub fn unbonding_pool(validator: &Address, last: Epoch) -> StateKey {
        StateKey::of(StateKind::UnbondingPool, &[&validator.0, &last.0.to_be_bytes()])
    }

    /// A payment out of the pools of an epoch.
    #[must_use]
    pub fn payment(last: Epoch, number: u64) -> StateKey {
        let parts = [&last.0.to_be_bytes()[..], &number.to_be_bytes()];
        StateKey::of(StateKind::Payment, &parts)
    }

    /// How many payments the pools of an epoch have.
    #[must_use]
    pub fn payments(last: Epoch) -> StateKey {
        StateKey::of(StateKind::Payments, &[&last.0.to_be_bytes()])
    }

    /// A redelegation away from a validator.
    #[must_use]
    pub fn redelegation(former: &Address, number: u64) -> StateKey {
        StateKey::of(StateKind::Redelegation, &[&former.0, &number.to_be_bytes()])
    }

    /// Whose a consensus key is or was.
    #[must_use]
    pub fn consensus_key(key: &[u8; 32]) -> StateKey {
        StateKey::of(StateKind::ConsensusKey, &[key])
    }

    /// A record's key.
    #[must_use]
    pub fn record(owner: &Address, key: &RecordKey) -> StateKey {
        StateKey::of(StateKind::Record, &[&owner.0, key.as_bytes()])
    }

    /// All parts but the last have one length, so no two keys of a kind share bytes.
    fn of(kind: StateKind, parts: &[&[u8]]) -> StateKey {
        StateKey { kind, key: parts.concat() }
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

    /// Reads a key in its database form; none when its kind is not known. Whether anything can stand
    /// under such a key is not checked.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<StateKey> {
        let (code, key) = bytes.split_first()?;
        Some(StateKey { kind: StateKind::of_code(*code)?, key: key.to_vec() })
    }

    /// The key proper: what names the value among those of its kind.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.key
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
