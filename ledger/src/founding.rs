//! The stake that a chain begins with (B-9): its first validators, bonded, and epoch 0.

use quorate_crypto::ValidatorPublicKey;
use quorate_types::{
    Address, AddressList, Amount, Canonical, ChainParams, Delegation, Epoch, EpochClock,
    EpochEntry, Height, Moniker, Participation, PaymentCursor, StateChanges, StateKey, StateKind,
    Validator, ValidatorSet, ValidatorSetError,
};

use crate::choose::{Candidate, choose};
use crate::register::fresh_validator;

/// A validator from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founder {
    /// The operator's account.
    pub operator: Address,
    /// The consensus key.
    pub key: ValidatorPublicKey,
    /// The name that it shows.
    pub moniker: Moniker,
    /// The operator's part of its rewards, in basis points.
    pub commission_bps: u16,
    /// What its operator has bonded with it, in base units.
    pub bond: Amount,
}

/// What the state begins with, beside accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founding {
    /// Epoch 0.
    pub epoch: EpochEntry,
    /// The entries; all but the supply.
    pub changes: StateChanges,
}

impl Founding {
    /// Bonds the founders, who have `min_self_bond` each, and chooses the first set.
    ///
    /// # Errors
    /// When nobody founds, or two share an operator or a key.
    pub fn new(founders: &[Founder], params: &ChainParams) -> Result<Founding, ValidatorSetError> {
        let validators = first_set(founders, params)?;
        let (number, first) = (Epoch::FIRST, Height::GENESIS.next());
        let participation = Participation::new(validators.len());
        let epoch = EpochEntry { number, first, params: *params, validators };
        let mut candidates = AddressList::default();
        founders.iter().for_each(|founder| candidates.insert(founder.operator));
        let single = |kind, value| (StateKey::single(kind), Some(value));
        let mut changes = StateChanges::from([
            (StateKey::epoch(number), Some(epoch.to_bytes())),
            single(StateKind::EpochClock, EpochClock::default().to_bytes()),
            single(StateKind::FeePool, Amount::ZERO.to_bytes()),
            single(StateKind::PaymentCursor, PaymentCursor::default().to_bytes()),
            single(StateKind::Participation, participation.to_bytes()),
            single(StateKind::Candidates, candidates.to_bytes()),
        ]);
        founders.iter().for_each(|founder| founder.bond(&mut changes));
        Ok(Founding { epoch, changes })
    }
}

impl Founder {
    fn bond(&self, changes: &mut StateChanges) {
        let (operator, shares) = (&self.operator, self.bond.0);
        let mut entry =
            fresh_validator(*self.key.as_bytes(), self.moniker.clone(), self.commission_bps);
        (entry.bonded, entry.shares, entry.self_shares) = (self.bond, shares, shares);
        let delegation = Delegation { shares, ..Delegation::default() };
        let mut validators = AddressList::default();
        validators.insert(*operator);
        changes.extend([
            (StateKey::validator(operator), Some(entry.to_bytes())),
            (StateKey::delegation(operator, operator), Some(delegation.to_bytes())),
            (StateKey::delegator(operator), Some(validators.to_bytes())),
            (StateKey::consensus_key(self.key.as_bytes()), Some(operator.to_bytes())),
        ]);
    }
}

fn first_set(
    founders: &[Founder],
    params: &ChainParams,
) -> Result<ValidatorSet, ValidatorSetError> {
    let candidate = |founder: &Founder| Candidate {
        operator: founder.operator,
        bonded: founder.bond.0,
        is_jailed: false,
    };
    let chosen = choose(founders.iter().map(candidate).collect(), &params.staking);
    let validator = |(address, power)| {
        let founder = founders.iter().find(|founder| founder.operator == address)?;
        Some(Validator { address, key: founder.key, power })
    };
    ValidatorSet::new(chosen.into_iter().filter_map(validator).collect())
}
