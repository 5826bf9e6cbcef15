//! Where a light client starts (L-1): the genesis, or a header that somebody it believes has named.

use quorate_types::{
    Canonical, ChainContext, ChainParams, DecodeError, Digest, Epoch, Header, Height, Reader,
    Timestamp, ValidatorSet, Writer,
};

use crate::epoch::TrustedEpoch;
use crate::error::LightError;
use crate::limits::CLOCK_TOLERANCE_MS;

/// What the client knows before it is told anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Which chain, and the protocol version that the client speaks.
    pub context: ChainContext,
    /// Heights in an epoch, from the chain's parameters.
    pub epoch_length: u64,
    /// Where it starts.
    pub anchor: Anchor,
}

/// Where a chain of epochs begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The genesis: V(1) is known in full. It has no age, so its holder relies on the first
    /// validators' keys for ever; see L-1.
    Genesis {
        /// V(1).
        validators: ValidatorSet,
    },
    /// A header whose digest came from somebody whom the client believes.
    Checkpoint {
        /// The header's height.
        height: Height,
        /// The header's digest.
        digest: Digest,
        /// For how long the header is good, in milliseconds after its own time: the chain's
        /// unbonding period.
        unbonding_ms: u64,
    },
}

/// What a checkpoint's digest stands for. Anybody may say it: the digest proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The header of that digest.
    pub header: Header,
    /// V(header.height).
    pub validators: ValidatorSet,
}

impl Trust {
    /// The epoch that the client starts in. `start` is there exactly for a checkpoint.
    ///
    /// # Errors
    /// When `start` is not what the anchor calls for, or the checkpoint is too old.
    pub fn open(&self, start: Option<&Start>, now: Timestamp) -> Result<TrustedEpoch, LightError> {
        match (&self.anchor, start) {
            (Anchor::Genesis { validators }, None) => {
                Ok(TrustedEpoch::new(self, Epoch(0), validators.clone(), None))
            }
            (Anchor::Genesis { .. }, Some(start)) => {
                Err(LightError::StartUnknown(start.header.height))
            }
            (Anchor::Checkpoint { height, .. }, None) => Err(LightError::StartMissing(*height)),
            (Anchor::Checkpoint { height, digest, unbonding_ms }, Some(start)) => {
                self.open_checkpoint((*height, *digest), start, *unbonding_ms, now)
            }
        }
    }

    /// L-1: the header is the trusted one, the set is its own, and its stake can still be slashed.
    fn open_checkpoint(
        &self,
        (height, digest): (Height, Digest),
        start: &Start,
        unbonding_ms: u64,
        now: Timestamp,
    ) -> Result<TrustedEpoch, LightError> {
        let Start { header, validators } = start;
        if header.height != height || header.digest() != digest {
            return Err(LightError::OtherCheckpoint(height));
        }
        if height == Height::GENESIS {
            return Err(LightError::NoHeader);
        }
        if header.validators_hash != validators.id() {
            return Err(LightError::OtherValidators(height));
        }
        check_age(header.time, unbonding_ms, now)?;
        let epoch = Epoch::of(height, self.epoch_length);
        Ok(TrustedEpoch::new(self, epoch, validators.clone(), Some((height, digest))))
    }
}

/// How long a header can be trusted at least, in milliseconds: for as long as whoever signed it can
/// be punished, at the fastest pace that the parameters allow (L-1). Periods are in heights, so a
/// chain whose blocks come at another pace gives more time.
#[must_use]
pub fn least_trust_ms(params: &ChainParams) -> u64 {
    let staking = &params.staking;
    let epochs = staking.evidence_epochs.min(staking.unbonding_epochs);
    let heights = epochs.saturating_mul(params.epoch_length);
    heights.saturating_mul(u64::from(params.min_block_interval_ms))
}

fn check_age(checkpoint: Timestamp, period_ms: u64, now: Timestamp) -> Result<(), LightError> {
    if checkpoint > now.plus(CLOCK_TOLERANCE_MS) {
        return Err(LightError::CheckpointAhead { checkpoint, now });
    }
    let age_ms = now.0.saturating_sub(checkpoint.0);
    if age_ms >= period_ms {
        return Err(LightError::CheckpointExpired { age_ms, period_ms });
    }
    Ok(())
}

impl Canonical for Start {
    fn encode(&self, writer: &mut Writer) {
        self.header.encode(writer);
        self.validators.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Start { header: Header::decode(reader)?, validators: ValidatorSet::decode(reader)? })
    }
}
