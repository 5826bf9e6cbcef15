//! The canonical bytes of proofs: the types are of `quorate_crypto`, which knows no encoding (B-1).
//! Sources: B-5 for lists, B-7 for the state.

use quorate_crypto::Hash;
use quorate_crypto::merkle::MerkleProof;
use quorate_crypto::state_tree::{MAX_DEPTH, StateProof, Terminal};

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::limits::MAX_MERKLE_SIBLINGS;
use crate::reader::Reader;

impl Canonical for MerkleProof {
    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.index);
        writer.u32(self.count);
        writer.list(&self.siblings);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(MerkleProof {
            index: reader.u32()?,
            count: reader.u32()?,
            siblings: reader.list("siblings", MAX_MERKLE_SIBLINGS)?,
        })
    }
}

impl Canonical for StateProof {
    fn encode(&self, writer: &mut Writer) {
        writer.list(&self.siblings);
        self.terminal.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let siblings = reader.list("siblings", MAX_DEPTH)?;
        Ok(StateProof { siblings, terminal: Terminal::decode(reader)? })
    }
}

impl Canonical for Terminal {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Terminal::Empty => writer.u8(0),
            Terminal::Leaf { key_hash, value_hash } => {
                writer.u8(1);
                key_hash.encode(writer);
                value_hash.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Ok(Terminal::Empty),
            1 => Ok(Terminal::Leaf {
                key_hash: Hash::decode(reader)?,
                value_hash: Hash::decode(reader)?,
            }),
            other => Err(DecodeError::Unknown { what: "terminal", found: u64::from(other) }),
        }
    }
}
