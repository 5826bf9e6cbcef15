//! What a proof bundle has proved, for people and programs: only what the verified bytes say, never
//! what a node adds.

use quorate_light::{Anchor, Fact, ProofBundle, ProvedBundle, Trust};
use quorate_types as types;
use quorate_types::worth::Whole;
use quorate_types::{Canonical, StateKey, StateKind};
use serde::Serialize;

use super::{AddressText, Decimal, HexBytes, HexHash, Receipt, Standing, Transaction};

/// Bytes of an address.
const ADDRESS: usize = 20;

/// The answer of `quorate verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proved {
    /// The chain's name.
    pub chain_id: String,
    /// The hash of its genesis document.
    pub genesis_hash: HexHash,
    /// The height of the header that was trusted; null: the genesis was.
    pub checkpoint: Option<u64>,
    /// The height that the fact is true at: after executing it, or in its block.
    pub height: u64,
    /// What is true.
    pub fact: ProvedFact,
    /// The header that proves it.
    pub header: ProvedHeader,
    /// How many epochs the way from what was trusted led over.
    pub epochs: usize,
    /// The power of those who committed the header.
    pub signed_power: Decimal,
    /// The power of all validators of its epoch; more than two thirds of it had to sign.
    pub total_power: Decimal,
    /// How many committed it.
    pub signers: usize,
    /// How many validators its epoch has.
    pub validators: usize,
}

/// The header under a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProvedHeader {
    /// Its height.
    pub height: u64,
    /// Its hash.
    pub digest: HexHash,
    /// Unix time in milliseconds: how old the fact is.
    pub time: u64,
    /// The epoch of its height.
    pub epoch: u64,
}

/// What is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProvedFact {
    /// An account; nothing of it where nobody has paid it.
    Account {
        /// Which.
        address: AddressText,
        /// Whether the state holds it.
        exists: bool,
        /// What it owns, in base units.
        balance: Decimal,
        /// How many of its transactions have been executed.
        nonce: u64,
    },
    /// A record.
    Record {
        /// Whose it is.
        owner: AddressText,
        /// Where it stands in its owner's namespace.
        key: HexBytes,
        /// Whether the state holds it.
        exists: bool,
        /// What it holds.
        value: Option<HexBytes>,
    },
    /// A validator.
    Validator {
        /// By its operator.
        operator: AddressText,
        /// Whether the state holds it.
        exists: bool,
        /// What the state says of it.
        validator: Option<ProvedValidator>,
    },
    /// What an account has with a validator.
    Delegation {
        /// Whose.
        delegator: AddressText,
        /// With whom, by its operator.
        validator: AddressText,
        /// Whether the state holds it.
        exists: bool,
        /// Its shares of the validator; what they are worth the validator's entry tells.
        shares: Decimal,
    },
    /// Anything else that the state holds, or does not.
    State {
        /// The key: kind, then key proper.
        key: HexBytes,
        /// Whether the state holds it.
        exists: bool,
        /// The value's canonical bytes.
        value: Option<HexBytes>,
    },
    /// A transaction that the block includes.
    Transaction {
        /// Its place in the block, from 0.
        index: u32,
        /// The transaction.
        transaction: Transaction,
    },
    /// What became of a transaction.
    Receipt {
        /// Its transaction's place in the block, from 0.
        index: u32,
        /// Its transaction's hash.
        hash: HexHash,
        /// The receipt.
        receipt: Receipt,
    },
}

/// A validator as the state alone has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProvedValidator {
    /// The name that it shows.
    pub moniker: String,
    /// The consensus key.
    pub key: HexBytes,
    /// Whether it may be chosen.
    pub standing: Standing,
    /// The operator's part of its rewards, in basis points.
    pub commission_bps: u16,
    /// Bonded base units, the operator's and the delegators'.
    pub bonded: Decimal,
    /// The shares that they are held in.
    pub shares: Decimal,
    /// What the operator's part of the shares is worth, in base units.
    pub self_bond: Decimal,
}

impl Proved {
    /// What a bundle has proved under a trust.
    #[must_use]
    pub fn of(trust: &Trust, bundle: &ProofBundle, proved: &ProvedBundle) -> Proved {
        let ProvedBundle { claim, epoch, signed, total, signers } = proved;
        let checkpoint = match &trust.anchor {
            Anchor::Genesis { .. } => None,
            Anchor::Checkpoint { height, .. } => Some(height.0),
        };
        let header = &claim.header;
        Proved {
            chain_id: trust.context.chain_id.to_string(),
            genesis_hash: trust.context.genesis_hash.into(),
            checkpoint,
            height: claim.height.0,
            fact: ProvedFact::from(&claim.fact),
            header: ProvedHeader {
                height: header.height.0,
                digest: header.digest().into(),
                time: header.time.0,
                epoch: epoch.0,
            },
            epochs: bundle.steps.len(),
            signed_power: (*signed).into(),
            total_power: (*total).into(),
            signers: signers.0,
            validators: signers.1,
        }
    }
}

impl From<&Fact> for ProvedFact {
    fn from(fact: &Fact) -> Self {
        match fact {
            Fact::State { key, value } => of_state(key, value.as_deref()),
            Fact::Transaction { transaction, index } => {
                ProvedFact::Transaction { index: *index, transaction: transaction.into() }
            }
            Fact::Receipt { receipt, index } => ProvedFact::Receipt {
                index: *index,
                hash: receipt.transaction.into(),
                receipt: receipt.into(),
            },
        }
    }
}

/// In words where the key and the value are ones that this release knows, in bytes else.
fn of_state(key: &[u8], value: Option<&[u8]>) -> ProvedFact {
    let known = StateKey::from_bytes(key).and_then(|key| in_words(&key, value));
    known.unwrap_or_else(|| ProvedFact::State {
        key: key.into(),
        exists: value.is_some(),
        value: value.map(Into::into),
    })
}

fn in_words(key: &StateKey, value: Option<&[u8]>) -> Option<ProvedFact> {
    let exists = value.is_some();
    match key.kind() {
        StateKind::Account => {
            let account = read::<types::Account>(value)?.unwrap_or_default();
            let address = address(key.name())?.into();
            let (balance, nonce) = (account.balance.into(), account.nonce.0);
            Some(ProvedFact::Account { address, exists, balance, nonce })
        }
        StateKind::Record => {
            let (owner, key) = key.name().split_at_checked(ADDRESS)?;
            let owner = address(owner)?.into();
            Some(ProvedFact::Record {
                owner,
                key: key.into(),
                exists,
                value: value.map(Into::into),
            })
        }
        StateKind::Validator => {
            let validator = read::<types::ValidatorEntry>(value)?;
            let validator = validator.as_ref().map(ProvedValidator::from);
            Some(ProvedFact::Validator { operator: address(key.name())?.into(), exists, validator })
        }
        StateKind::Delegation => {
            let delegation = read::<types::Delegation>(value)?.unwrap_or_default();
            let (delegator, validator) = key.name().split_at_checked(ADDRESS)?;
            let (delegator, validator) = (address(delegator)?.into(), address(validator)?.into());
            let shares = Decimal(delegation.shares);
            Some(ProvedFact::Delegation { delegator, validator, exists, shares })
        }
        StateKind::Epoch
        | StateKind::EpochClock
        | StateKind::FeePool
        | StateKind::Supply
        | StateKind::Delegator
        | StateKind::UnbondingPool
        | StateKind::Payment
        | StateKind::Payments
        | StateKind::PaymentCursor
        | StateKind::Redelegation
        | StateKind::ConsensusKey
        | StateKind::Candidates
        | StateKind::Participation
        | StateKind::ParamsChange => None,
    }
}

fn address(bytes: &[u8]) -> Option<types::Address> {
    bytes.try_into().ok().map(types::Address)
}

/// Absent, or present and readable; none where it cannot be read.
fn read<T: Canonical>(value: Option<&[u8]>) -> Option<Option<T>> {
    value.map(T::from_bytes).transpose().ok()
}

impl From<&types::ValidatorEntry> for ProvedValidator {
    fn from(entry: &types::ValidatorEntry) -> Self {
        let standing = match entry.standing {
            types::Standing::Good => Standing::Good,
            types::Standing::Jailed { .. } => Standing::Jailed,
            types::Standing::Tombstoned => Standing::Tombstoned,
        };
        ProvedValidator {
            moniker: entry.moniker.as_str().to_owned(),
            key: entry.key.as_slice().into(),
            standing,
            commission_bps: entry.commission_bps,
            bonded: entry.bonded.into(),
            shares: Decimal(entry.shares),
            self_bond: Whole::from(entry).worth(entry.self_shares).into(),
        }
    }
}
