//! The chain's parameters: in genesis, under the state root, the same on every node (B-9).

use crate::action::Action;
use crate::canonical::canonical_struct;
use crate::numbers::{Amount, Epoch};
use crate::staking_params::StakingParams;

/// The protocol version that this release speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// The largest fee rate, in base units.
const MAX_FEE: u64 = 1_000_000_000_000_000;

/// All that execution, validity and pacing depend on beside the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainParams {
    /// The protocol version in force.
    pub protocol_version: u32,
    /// Heights in an epoch, at least 2.
    pub epoch_length: u64,
    /// Bytes of transactions in a block.
    pub max_block_bytes: u32,
    /// Transactions in a block.
    pub max_block_transactions: u32,
    /// Milliseconds between blocks while there is work.
    pub min_block_interval_ms: u32,
    /// Milliseconds after which an idle chain makes a block.
    pub idle_block_interval_ms: u32,
    /// The fee of every transaction, in base units.
    pub flat_fee: Amount,
    /// The fee of each byte of a transaction, in base units.
    pub fee_per_byte: Amount,
    /// The fee of each action, in base units, times [`Action::cost`].
    pub action_fee: Amount,
    /// Stake, sets, rewards and punishment.
    pub staking: StakingParams,
}

impl Default for ChainParams {
    fn default() -> Self {
        ChainParams {
            protocol_version: PROTOCOL_VERSION,
            epoch_length: 43_200,
            max_block_bytes: 1_048_576,
            max_block_transactions: 5_000,
            min_block_interval_ms: 5,
            idle_block_interval_ms: 2_000,
            flat_fee: Amount(1_000),
            fee_per_byte: Amount(10),
            action_fee: Amount(100),
            staking: StakingParams::default(),
        }
    }
}

/// A vote on the parameters: all of them as they shall be, and from when on. Kept as a single value
/// of the state until the entry of its epoch takes them over (EP-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParamsChange {
    /// The first epoch that has them.
    pub epoch: Epoch,
    /// All parameters, those that stay as they are too.
    pub params: ChainParams,
}

canonical_struct!(ParamsChange { epoch, params });

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{field} is {found}, but must be {min} to {max}")]
pub struct ParamsError {
    /// The parameter's path below `params` in the genesis document, such as `staking.keep_four`; the
    /// same where parameters are changed.
    pub field: &'static str,
    /// Its value.
    pub found: u64,
    /// The lowest value it may have.
    pub min: u64,
    /// The highest value it may have.
    pub max: u64,
}

impl ParamsError {
    /// The first of (name, value, least, most) that is out of its range.
    pub(crate) fn first_of(checks: &[(&'static str, u64, u64, u64)]) -> Result<(), ParamsError> {
        let outside = |(_, found, min, max): &&(_, u64, u64, u64)| !(min..=max).contains(&found);
        match checks.iter().find(outside) {
            None => Ok(()),
            Some((field, found, min, max)) => {
                Err(ParamsError { field, found: *found, min: *min, max: *max })
            }
        }
    }
}

impl ChainParams {
    /// Checks every parameter's range.
    ///
    /// # Errors
    /// Names the first parameter that is out of range.
    pub fn validate(&self) -> Result<(), ParamsError> {
        let interval = u64::from(self.min_block_interval_ms);
        let checks = [
            ("protocol_version", u64::from(self.protocol_version), 1, 1),
            ("epoch_length", self.epoch_length, 2, 1_000_000),
            ("max_block_bytes", u64::from(self.max_block_bytes), 65_536, 1_048_576),
            ("max_block_transactions", u64::from(self.max_block_transactions), 1, 5_000),
            ("min_block_interval_ms", interval, 0, 60_000),
            (
                "idle_block_interval_ms",
                u64::from(self.idle_block_interval_ms),
                interval.max(1),
                600_000,
            ),
            ("flat_fee", self.flat_fee.0, 0, MAX_FEE),
            ("fee_per_byte", self.fee_per_byte.0, 0, MAX_FEE),
            ("action_fee", self.action_fee.0, 0, MAX_FEE),
        ];
        ParamsError::first_of(&checks)?;
        self.staking.validate(self.epoch_length)
    }

    /// The lowest fee of a transaction of `length` bytes with these actions: flat, per byte, and
    /// per action. Saturates.
    #[must_use]
    pub fn min_fee(&self, length: usize, actions: &[Action]) -> Amount {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let cost = actions.iter().fold(0_u64, |sum, action| sum.saturating_add(action.cost()));
        let bytes = self.fee_per_byte.0.saturating_mul(length);
        let actions = self.action_fee.0.saturating_mul(cost);
        Amount(self.flat_fee.0.saturating_add(bytes).saturating_add(actions))
    }
}

canonical_struct!(ChainParams {
    protocol_version,
    epoch_length,
    max_block_bytes,
    max_block_transactions,
    min_block_interval_ms,
    idle_block_interval_ms,
    flat_fee,
    fee_per_byte,
    action_fee,
    staking,
});
