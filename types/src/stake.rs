//! What the state keeps of stake: validators, delegations, what unbonds. Formulas and bounds:
//! docs/economics.md.

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer, canonical_struct};
use crate::limits::{MAX_CANDIDATES, MAX_DELEGATIONS, MAX_LOCKS, MAX_MONIKER_BYTES};
use crate::numbers::{Amount, Epoch};
use crate::reader::Reader;

/// The name that a validator shows: up to [`MAX_MONIKER_BYTES`] bytes of text without control
/// characters; it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moniker(String);

/// A text that is no moniker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a moniker has at most {MAX_MONIKER_BYTES} bytes and no control characters")]
pub struct MonikerError;

impl Moniker {
    /// Takes a text as a moniker.
    ///
    /// # Errors
    /// When it is too long or has control characters.
    pub fn new(text: String) -> Result<Moniker, MonikerError> {
        let fits = text.len() <= MAX_MONIKER_BYTES && !text.chars().any(char::is_control);
        if fits { Ok(Moniker(text)) } else { Err(MonikerError) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Canonical for Moniker {
    fn encode(&self, writer: &mut Writer) {
        writer.bytes_u8(self.0.as_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.bytes_u8("moniker", MAX_MONIKER_BYTES)?;
        let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::Invalid("moniker"))?;
        Moniker::new(text.to_owned()).map_err(|_| DecodeError::Invalid("moniker"))
    }
}

/// Whether a validator may be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It may.
    #[default]
    Good,
    /// Out until it is released, which it may ask for from this epoch on.
    Jailed {
        /// The first epoch in which it may ask.
        until: Epoch,
    },
    /// Out for ever.
    Tombstoned,
}

impl Canonical for Standing {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Standing::Good => writer.u8(0),
            Standing::Jailed { until } => {
                writer.u8(1);
                until.encode(writer);
            }
            Standing::Tombstoned => writer.u8(2),
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Ok(Standing::Good),
            1 => Ok(Standing::Jailed { until: Epoch::decode(reader)? }),
            2 => Ok(Standing::Tombstoned),
            other => Err(DecodeError::Unknown { what: "standing", found: other.into() }),
        }
    }
}

/// A key that takes over with an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyRotation {
    /// The first epoch with the new key.
    pub from: Epoch,
    /// The new key.
    pub key: [u8; 32],
}

canonical_struct!(KeyRotation { from, key });

/// A validator, by its operator's address. The key is a consensus key: it was checked when it was
/// registered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ValidatorEntry {
    /// The consensus key.
    pub key: [u8; 32],
    /// The key that takes over later.
    pub rotation: Option<KeyRotation>,
    /// The name that it shows.
    pub moniker: Moniker,
    /// The operator's part of its rewards, in basis points.
    pub commission_bps: u16,
    /// The same from the next epoch on.
    pub next_commission_bps: u16,
    /// Whether it may be chosen.
    pub standing: Standing,
    /// Bonded base units, the operator's and the delegators'.
    pub bonded: Amount,
    /// The shares that they are held in.
    pub shares: u64,
    /// The operator's part of the shares.
    pub self_shares: u64,
    /// Rewards of one share since the beginning, in 2^-64 base units.
    pub index: u128,
    /// Rewards that are owed to delegators, with what rounding kept back, in base units.
    pub rewards: Amount,
    /// Commission that is owed to the operator, in base units.
    pub commission: Amount,
    /// The oldest liable redelegation away from it.
    pub first_redelegation: u64,
    /// The number of the next redelegation away from it.
    pub next_redelegation: u64,
}

impl Canonical for ValidatorEntry {
    fn encode(&self, writer: &mut Writer) {
        self.key.encode(writer);
        writer.option(self.rotation.as_ref());
        self.moniker.encode(writer);
        writer.u16(self.commission_bps);
        writer.u16(self.next_commission_bps);
        self.standing.encode(writer);
        self.bonded.encode(writer);
        writer.u64(self.shares);
        writer.u64(self.self_shares);
        writer.u128(self.index);
        self.rewards.encode(writer);
        self.commission.encode(writer);
        writer.u64(self.first_redelegation);
        writer.u64(self.next_redelegation);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(ValidatorEntry {
            key: reader.array()?,
            rotation: reader.option("key rotation")?,
            moniker: Moniker::decode(reader)?,
            commission_bps: reader.u16()?,
            next_commission_bps: reader.u16()?,
            standing: Standing::decode(reader)?,
            bonded: Amount::decode(reader)?,
            shares: reader.u64()?,
            self_shares: reader.u64()?,
            index: reader.u128()?,
            rewards: Amount::decode(reader)?,
            commission: Amount::decode(reader)?,
            first_redelegation: reader.u64()?,
            next_redelegation: reader.u64()?,
        })
    }
}

/// Stake that came by redelegation and is liable for its former validator until unbonding periods
/// after `last` are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lock {
    /// The last epoch in which it could be in the set with the former validator.
    pub last: Epoch,
    /// How much, in base units.
    pub amount: Amount,
}

canonical_struct!(Lock { last, amount });

/// Stake that leaves: shares of its validator's pool of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unbonding {
    /// The last epoch in which it could be in the set: names the pool.
    pub last: Epoch,
    /// Shares of the pool.
    pub shares: u64,
}

canonical_struct!(Unbonding { last, shares });

/// All that one account has with one validator, by both addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Delegation {
    /// Shares of the validator.
    pub shares: u64,
    /// The validator's index at which rewards were last settled.
    pub index: u128,
    /// What of it is liable for former validators, oldest first.
    pub locks: Vec<Lock>,
    /// What leaves, ascending by epoch.
    pub unbonding: Vec<Unbonding>,
}

/// Epochs of which one delegation can have unbonding stake at once: two more than a period has.
const MAX_UNBONDINGS: usize = 2_002;

impl Canonical for Delegation {
    fn encode(&self, writer: &mut Writer) {
        writer.u64(self.shares);
        writer.u128(self.index);
        writer.list(&self.locks);
        writer.list(&self.unbonding);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Delegation {
            shares: reader.u64()?,
            index: reader.u128()?,
            locks: reader.list("locks", MAX_LOCKS)?,
            unbonding: reader.list("unbonding", MAX_UNBONDINGS)?,
        })
    }
}

/// The stake that left a validator in one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UnbondingPool {
    /// Base units.
    pub amount: Amount,
    /// The shares that they are held in.
    pub shares: u64,
}

canonical_struct!(UnbondingPool { amount, shares });

/// A payment to come: all that an account has in one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// To whom.
    pub delegator: Address,
    /// Out of whose pool.
    pub validator: Address,
}

canonical_struct!(Payment { delegator, validator });

/// Where paying out stands: a single value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PaymentCursor {
    /// The epoch whose pools are paid out next.
    pub epoch: Epoch,
    /// The number of the next payment of that epoch.
    pub number: u64,
}

canonical_struct!(PaymentCursor { epoch, number });

/// Stake that went from one validator to another and is liable for the former.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Redelegation {
    /// Whose.
    pub delegator: Address,
    /// Where it went.
    pub to: Address,
    /// How much of it is liable, in base units.
    pub amount: Amount,
    /// The last epoch in which it could be in the set with the former validator.
    pub last: Epoch,
}

canonical_struct!(Redelegation { delegator, to, amount, last });

/// Addresses in ascending order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressList(Vec<Address>);

impl AddressList {
    /// The addresses, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[Address] {
        &self.0
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: &Address) -> bool {
        self.0.binary_search(address).is_ok()
    }

    /// Adds an address; one that is there stays.
    pub fn insert(&mut self, address: Address) {
        if let Err(place) = self.0.binary_search(&address) {
            self.0.insert(place, address);
        }
    }

    /// Takes an address out, if it is there.
    pub fn remove(&mut self, address: &Address) {
        if let Ok(place) = self.0.binary_search(address) {
            self.0.remove(place);
        }
    }
}

impl Canonical for AddressList {
    fn encode(&self, writer: &mut Writer) {
        writer.list(&self.0);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let listed: Vec<Address> = reader.list("addresses", MAX_CANDIDATES.max(MAX_DELEGATIONS))?;
        if !listed.is_sorted_by(|one, other| one < other) {
            return Err(DecodeError::Invalid("address list: order"));
        }
        Ok(AddressList(listed))
    }
}
