//! What a final header proves beside itself: a value of the state or its absence (L-4), a
//! transaction, a receipt (L-5).

use quorate_crypto::merkle::MerkleProof;
use quorate_crypto::state_tree::{StateProof, hash_value};
use quorate_types::{
    Canonical, DecodeError, Header, Height, Reader, Receipt, StateKey, Transaction, Writer,
};

use crate::epoch::FinalHeader;
use crate::error::LightError;
use crate::limits::{MAX_STATE_KEY_BYTES, MAX_STATE_VALUE_BYTES};

/// That the state holds a value under a key, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateClaim {
    /// The key's bytes: kind, then key proper.
    pub key: Vec<u8>,
    /// The value's bytes; none when the key is said to be absent.
    pub value: Option<Vec<u8>>,
    /// The way from the value, or from its absence, to the state root.
    pub proof: StateProof,
}

/// Something about one block, with the way to the root that its header, or the next one, carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// About the state after the height below the header's.
    State(StateClaim),
    /// About a transaction in the header's block.
    Transaction {
        /// The transaction.
        transaction: Transaction,
        /// The way from its id to the transactions root.
        proof: MerkleProof,
    },
    /// About a receipt of the height below the header's.
    Receipt {
        /// The receipt.
        receipt: Receipt,
        /// The way from its hash to the receipts root.
        proof: MerkleProof,
    },
}

/// A claim without its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// What the state holds under a key.
    State {
        /// The key's bytes: kind, then key proper.
        key: Vec<u8>,
        /// The value's bytes; none when the key is absent.
        value: Option<Vec<u8>>,
    },
    /// A transaction that a block includes.
    Transaction {
        /// The transaction.
        transaction: Transaction,
        /// Its place in the block, from 0.
        index: u32,
    },
    /// What became of a transaction.
    Receipt {
        /// The receipt.
        receipt: Receipt,
        /// Its transaction's place in the block, from 0.
        index: u32,
    },
}

/// What has been proved. That it answers the question is for the caller to see: a full node may
/// have proved another key, another transaction or an old state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedClaim {
    /// What is true.
    pub fact: Fact,
    /// Of which height: the state after it, or the block that includes the transaction.
    pub height: Height,
    /// The final header that proves it; its time says how old the fact is.
    pub header: Header,
}

impl StateClaim {
    /// What a full node claims about a key.
    #[must_use]
    pub fn of(key: &StateKey, value: Option<Vec<u8>>, proof: StateProof) -> StateClaim {
        StateClaim { key: key.to_bytes(), value, proof }
    }

    fn verify(&self, header: &Header, height: Height) -> Result<(), LightError> {
        let key_hash = StateKey::hash_of_bytes(&self.key).ok_or(LightError::EmptyKey)?;
        let root = &header.parent_state_root;
        let verdict = match &self.value {
            Some(value) => self.proof.verify_inclusion(root, &key_hash, &hash_value(value)),
            None => self.proof.verify_exclusion(root, &key_hash),
        };
        verdict.map_err(|error| LightError::State { height, error })
    }
}

impl Claim {
    /// Holds the claim against a header that is final.
    ///
    /// # Errors
    /// When the proof does not hold.
    pub fn verify(&self, header: &FinalHeader) -> Result<ProvedClaim, LightError> {
        let header = header.header();
        let below = header.height.previous().unwrap_or(Height::GENESIS);
        let (fact, height) = match self {
            // L-4: header h carries the root of the state after h - 1.
            Claim::State(claim) => {
                claim.verify(header, below)?;
                let (key, value) = (claim.key.clone(), claim.value.clone());
                (Fact::State { key, value }, below)
            }
            // L-5: header h carries the root of its own transactions,
            Claim::Transaction { transaction, proof } => {
                let height = header.height;
                proof
                    .verify(&header.transactions_root, &transaction.id().0)
                    .map_err(|error| LightError::Transaction { height, error })?;
                let (transaction, index) = (transaction.clone(), proof.index);
                (Fact::Transaction { transaction, index }, height)
            }
            // L-5: and the root of the receipts of h - 1.
            Claim::Receipt { receipt, proof } => {
                proof
                    .verify(&header.parent_receipts_root, &receipt.hash())
                    .map_err(|error| LightError::Receipt { height: below, error })?;
                (Fact::Receipt { receipt: receipt.clone(), index: proof.index }, below)
            }
        };
        Ok(ProvedClaim { fact, height, header: header.clone() })
    }
}

impl Canonical for StateClaim {
    fn encode(&self, writer: &mut Writer) {
        writer.bytes_u32(&self.key);
        match &self.value {
            None => writer.u8(0),
            Some(value) => {
                writer.u8(1);
                writer.bytes_u32(value);
            }
        }
        self.proof.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let key = reader.bytes_u32("state key", MAX_STATE_KEY_BYTES)?.to_vec();
        if key.is_empty() {
            return Err(DecodeError::Invalid("state key: empty"));
        }
        let value = match reader.u8()? {
            0 => None,
            1 => Some(reader.bytes_u32("state value", MAX_STATE_VALUE_BYTES)?.to_vec()),
            other => {
                let what = "state value";
                return Err(DecodeError::Unknown { what, found: u64::from(other) });
            }
        };
        Ok(StateClaim { key, value, proof: StateProof::decode(reader)? })
    }
}

impl Canonical for Claim {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Claim::State(claim) => {
                writer.u8(0);
                claim.encode(writer);
            }
            Claim::Transaction { transaction, proof } => {
                writer.u8(1);
                transaction.encode(writer);
                proof.encode(writer);
            }
            Claim::Receipt { receipt, proof } => {
                writer.u8(2);
                receipt.encode(writer);
                proof.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.u8()? {
            0 => Claim::State(StateClaim::decode(reader)?),
            1 => Claim::Transaction {
                transaction: Transaction::decode(reader)?,
                proof: MerkleProof::decode(reader)?,
            },
            2 => Claim::Receipt {
                receipt: Receipt::decode(reader)?,
                proof: MerkleProof::decode(reader)?,
            },
            other => return Err(DecodeError::Unknown { what: "claim", found: u64::from(other) }),
        })
    }
}
