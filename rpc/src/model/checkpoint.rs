//! A checkpoint as a file: a header that its owner believes, with what a light client has to know of
//! the chain (L-1). Whoever gives it to somebody else asks for that trust.

use quorate_light::{Anchor, Trust};
use quorate_types::{ChainContext, ChainIdError, Digest, Header, Height};
use serde::{Deserialize, Serialize};

use super::HexHash;

/// Fewest heights of an epoch, as of every chain (EP-1).
const LEAST_EPOCH_LENGTH: u64 = 2;

/// What `quorate verify` writes and reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The chain's name.
    pub chain_id: String,
    /// The hash of its genesis document.
    pub genesis_hash: HexHash,
    /// The protocol version that the client speaks.
    pub protocol_version: u32,
    /// Heights in an epoch.
    pub epoch_length: u64,
    /// The header's height.
    pub height: u64,
    /// The header's digest.
    pub digest: HexHash,
    /// For how long the header is good after its own time, in milliseconds.
    pub trust_ms: u64,
}

/// Why a checkpoint says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// No chain has such a name.
    #[error("the checkpoint: {0}")]
    Chain(#[from] ChainIdError),
    /// No chain has such epochs.
    #[error("the checkpoint: no chain has epochs of {0} heights")]
    EpochLength(u64),
    /// The genesis is trusted as such, not by a checkpoint.
    #[error("the checkpoint: genesis has no header")]
    Genesis,
}

impl Checkpoint {
    /// A header that a light client has verified, to start from later.
    #[must_use]
    pub fn of(trust: &Trust, header: &Header, trust_ms: u64) -> Checkpoint {
        Checkpoint {
            chain_id: trust.context.chain_id.to_string(),
            genesis_hash: trust.context.genesis_hash.into(),
            protocol_version: trust.context.protocol_version,
            epoch_length: trust.epoch_length,
            height: header.height.0,
            digest: header.digest().into(),
            trust_ms,
        }
    }

    /// What a light client starts with.
    ///
    /// # Errors
    /// When it is of no chain that there can be.
    pub fn trust(&self) -> Result<Trust, CheckpointError> {
        if self.epoch_length < LEAST_EPOCH_LENGTH {
            return Err(CheckpointError::EpochLength(self.epoch_length));
        }
        let (height, digest) = (Height(self.height), Digest(self.digest.0));
        if height == Height::GENESIS {
            return Err(CheckpointError::Genesis);
        }
        let context = ChainContext {
            chain_id: self.chain_id.parse()?,
            genesis_hash: self.genesis_hash.0,
            protocol_version: self.protocol_version,
        };
        let anchor = Anchor::Checkpoint { height, digest, unbonding_ms: self.trust_ms };
        Ok(Trust { context, epoch_length: self.epoch_length, anchor })
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::Hash;

    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            chain_id: String::from("local-light"),
            genesis_hash: HexHash(Hash::from_bytes([1; 32])),
            protocol_version: 1,
            epoch_length: 10,
            height: 25,
            digest: HexHash(Hash::from_bytes([2; 32])),
            trust_ms: 60_000,
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_trust() {
        let text = serde_json::to_string(&checkpoint()).unwrap();
        let read: Checkpoint = serde_json::from_str(&text).unwrap();
        let trust = read.trust().unwrap();
        let digest = Digest(Hash::from_bytes([2; 32]));
        let anchor = Anchor::Checkpoint { height: Height(25), digest, unbonding_ms: 60_000 };
        assert_eq!((trust.anchor, trust.epoch_length), (anchor, 10));
        assert_eq!(trust.context.chain_id.as_str(), "local-light");
        assert!(serde_json::from_str::<Checkpoint>(&text.replace("height", "hight")).is_err());
    }

    #[test]
    fn what_is_of_no_chain_is_refused() {
        let length = Checkpoint { epoch_length: 1, ..checkpoint() };
        assert_eq!(length.trust(), Err(CheckpointError::EpochLength(1)));
        let genesis = Checkpoint { height: 0, ..checkpoint() };
        assert_eq!(genesis.trust(), Err(CheckpointError::Genesis));
        let name = Checkpoint { chain_id: String::from("No Name"), ..checkpoint() };
        assert!(matches!(name.trust(), Err(CheckpointError::Chain(_))));
    }
}
