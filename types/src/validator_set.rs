//! V(h), the validators of a height, and the one function that decides quorums (M-1, M-3).

use quorate_crypto::museum;
use std::sync::Arc;

use quorate_crypto::{Hash, ValidatorPublicKey};

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::limits::MAX_VALIDATORS;
use crate::numbers::{Power, ValidatorIndex};
use crate::reader::Reader;

/// One validator of a set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Validator {
    /// The operator's account.
    pub address: Address,
    /// The consensus key.
    pub key: ValidatorPublicKey,
    /// Voting power, at least 1.
    pub power: Power,
}

/// The hash of a validator set, as headers carry it. Names the set a `Verified` was checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValidatorSetId(pub Hash);

/// An ordered list of validators, ascending by address bytes; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ValidatorSet {
    validators: Arc<[Validator]>,
    total: u64,
    id: ValidatorSetId,
}

/// Why a list is no validator set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorSetError {
    /// No validator.
    #[error("a validator set needs at least one validator")]
    Empty,
    /// More than the limit.
    #[error("{0} validators, more than 200")]
    TooMany(usize),
    /// Two entries of one address.
    #[error("validator {0} is listed twice")]
    DuplicateAddress(Address),
    /// Two entries of one key.
    #[error("the consensus key of {0} is also another validator's")]
    DuplicateKey(Address),
    /// Power 0.
    #[error("validator {0} has no voting power")]
    NoPower(Address),
    /// The sum of all power does not fit 64 bits.
    #[error("the total voting power does not fit 64 bits")]
    PowerOverflow,
}

impl ValidatorSet {
    /// Orders and checks a list (M-1).
    ///
    /// # Errors
    /// When it is empty, too long, has duplicates or power 0, or its power does not fit u64.
    pub fn new(mut validators: Vec<Validator>) -> Result<ValidatorSet, ValidatorSetError> {
        if validators.is_empty() {
            return Err(ValidatorSetError::Empty);
        }
        if validators.len() > MAX_VALIDATORS {
            return Err(ValidatorSetError::TooMany(validators.len()));
        }
        validators.sort_by_key(|validator| validator.address);
        check_distinct(&validators)?;
        let mut total = 0_u64;
        for validator in &validators {
            if validator.power.0 == 0 {
                return Err(ValidatorSetError::NoPower(validator.address));
            }
            total = match total.checked_add(validator.power.0) {
                None if museum!(PowerOverflow) => total.wrapping_add(validator.power.0),
                sum => sum.ok_or(ValidatorSetError::PowerOverflow)?,
            };
        }
        let id = ValidatorSetId(set_hash(&validators));
        Ok(ValidatorSet { validators: validators.into(), total, id })
    }

    /// The hash that headers carry.
    #[must_use]
    pub fn id(&self) -> ValidatorSetId {
        self.id
    }

    /// How many validators, n.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a set has at least one validator")]
    pub fn len(&self) -> usize {
        self.validators.len()
    }

    /// The validators in order of index.
    #[must_use]
    pub fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// Each index with its validator, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ValidatorIndex, &Validator)> {
        (0_u16..).map(ValidatorIndex).zip(self.validators.iter())
    }

    /// The validator at an index.
    #[must_use]
    pub fn get(&self, index: ValidatorIndex) -> Option<&Validator> {
        self.validators.get(index.position())
    }

    /// The index of a consensus key.
    #[must_use]
    pub fn index_of_key(&self, key: &ValidatorPublicKey) -> Option<ValidatorIndex> {
        self.iter().find(|(_, validator)| validator.key == *key).map(|(index, _)| index)
    }

    /// The index of an operator's address.
    #[must_use]
    pub fn index_of_address(&self, address: &Address) -> Option<ValidatorIndex> {
        let position = self.validators.binary_search_by_key(address, |v| v.address).ok()?;
        u16::try_from(position).ok().map(ValidatorIndex)
    }

    /// The total voting power W.
    #[must_use]
    pub fn total_power(&self) -> Power {
        Power(self.total)
    }

    /// quorum(S): distinct validators with more than two thirds of the power (M-3).
    #[must_use]
    pub fn is_quorum(&self, signers: impl IntoIterator<Item = ValidatorIndex>) -> bool {
        let slack = u128::from(museum!(QuorumAtTwoThirds));
        3 * self.power_of(signers) + slack > 2 * u128::from(self.total)
    }

    /// weak(S): a non-empty set with at least one third of the power (M-3).
    #[must_use]
    pub fn is_weak(&self, signers: impl IntoIterator<Item = ValidatorIndex>) -> bool {
        let more = u128::from(museum!(WeakAboveOneThird));
        3 * self.power_of(signers) >= u128::from(self.total) + more
    }

    /// The power of the distinct validators among `signers`, in units of [`Power`]; indices outside
    /// the set count nothing.
    #[must_use]
    pub fn power_of(&self, signers: impl IntoIterator<Item = ValidatorIndex>) -> u128 {
        let mut counted = vec![false; self.validators.len()];
        let mut power = 0_u128;
        for index in signers {
            let Some(slot) = counted.get_mut(index.position()) else {
                continue;
            };
            if !std::mem::replace(slot, true) || museum!(DuplicateSignerCounted) {
                if museum!(HeadsNotStake) {
                    power +=
                        u128::from(self.total).div_ceil(u128::try_from(self.len()).unwrap_or(1));
                    continue;
                }
                power += self.get(index).map_or(0, |validator| u128::from(validator.power.0));
            }
        }
        power
    }
}

fn check_distinct(validators: &[Validator]) -> Result<(), ValidatorSetError> {
    let mut keys: Vec<_> = validators.iter().map(|v| (v.key.as_bytes(), v.address)).collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [(first, address), (second, _)] = pair
            && first == second
        {
            return Err(ValidatorSetError::DuplicateKey(*address));
        }
    }
    for pair in validators.windows(2) {
        if let [first, second] = pair
            && first.address == second.address
        {
            return Err(ValidatorSetError::DuplicateAddress(first.address));
        }
    }
    Ok(())
}

fn set_hash(validators: &[Validator]) -> Hash {
    let mut writer = Writer::default();
    writer.list(validators);
    domains::VALIDATOR_SET.hash(&writer.finish())
}

impl Canonical for ValidatorSetId {
    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Hash::decode(reader).map(ValidatorSetId)
    }
}

impl Canonical for Validator {
    fn encode(&self, writer: &mut Writer) {
        self.address.encode(writer);
        writer.raw(self.key.as_bytes());
        self.power.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let address = Address::decode(reader)?;
        let key = ValidatorPublicKey::from_bytes(reader.array()?)
            .map_err(|_| DecodeError::Invalid("validator key"))?;
        Ok(Validator { address, key, power: Power::decode(reader)? })
    }
}

impl Canonical for ValidatorSet {
    fn encode(&self, writer: &mut Writer) {
        writer.list(&self.validators);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let listed: Vec<Validator> = reader.list("validators", MAX_VALIDATORS)?;
        if !listed.is_sorted_by_key(|validator| validator.address) {
            return Err(DecodeError::Invalid("validator set: order"));
        }
        ValidatorSet::new(listed).map_err(|_| DecodeError::Invalid("validator set"))
    }
}
