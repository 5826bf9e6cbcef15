//! What travels between nodes: bytes of the wire, whose hash is what gossip knows them by.

use std::sync::Arc;

use quorate_crypto::{Domain, Hash};
use quorate_replica::RequestId;
use quorate_types::{Message, Transaction, wire};

/// What parcels are hashed under.
pub(crate) const PARCEL: Domain = Domain::new("quorate v1 simulator parcel");

/// What travels, as bytes of the wire.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    /// A consensus message, and the hash of its bytes.
    Message(Arc<[u8]>, Hash),
    /// A batch of transactions, and the hash of its bytes.
    Transactions(Arc<[u8]>, Hash),
    /// A status.
    Status(Arc<[u8]>),
    /// A request, under the asking node's number.
    Request(RequestId, Arc<[u8]>),
    /// The answer to it.
    Answer(RequestId, Arc<[u8]>),
}

impl Parcel {
    /// Its bytes.
    pub(crate) fn length(&self) -> usize {
        match self {
            Parcel::Message(bytes, _) | Parcel::Transactions(bytes, _) => bytes.len(),
            Parcel::Status(bytes) | Parcel::Request(_, bytes) | Parcel::Answer(_, bytes) => {
                bytes.len()
            }
        }
    }

    /// What the trace keeps of it.
    pub(crate) fn digest(&self) -> Hash {
        match self {
            Parcel::Message(_, hash) | Parcel::Transactions(_, hash) => *hash,
            Parcel::Status(bytes) => PARCEL.hash(bytes),
            Parcel::Request(id, bytes) | Parcel::Answer(id, bytes) => {
                PARCEL.hash_parts(&[&id.0.to_be_bytes(), bytes])
            }
        }
    }
}

/// A message as it travels.
pub(crate) fn parcel_of(message: &Message) -> Parcel {
    let bytes: Arc<[u8]> = wire::encode_message(message).into();
    let hash = PARCEL.hash(&bytes);
    Parcel::Message(bytes, hash)
}

/// Transactions as they travel.
pub(crate) fn parcel_of_batch(batch: &[Transaction]) -> Parcel {
    let bytes: Arc<[u8]> = wire::encode_transactions(batch).into();
    let hash = PARCEL.hash(&bytes);
    Parcel::Transactions(bytes, hash)
}
