//! The proof that a peer acts for a validator (B-1 to B-3).
//!
//! The statement's bytes are fixed, integers big-endian: chain tag (length u8, UTF-8), peer id
//! (length u8, bytes), validator key (32), sequence number u64. The signature, by the validator's
//! key over the statement's hash, follows. Each byte string has one reading and each record one
//! encoding. The sequence number tells a newer statement from an older one: the highest wins.

use libp2p::PeerId;
use quorate_crypto::{Domain, Hash, Signature, SignatureError, ValidatorPublicKey};

const PEER_RECORD: Domain = Domain::new("quorate v1 peer record");

/// What a validator states: `peer` acts for `validator` on `chain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerRecord {
    /// The chain tag of [`crate::Config::chain`].
    pub chain: String,
    /// The network identity that acts for the validator.
    pub peer: PeerId,
    /// The validator's key.
    pub validator: ValidatorPublicKey,
    /// Grows with every statement of this validator.
    pub sequence: u64,
}

/// A record as it travels: nobody has checked the signature yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPeerRecord {
    /// The statement.
    pub record: PeerRecord,
    /// Claimed to be the validator's signature of [`PeerRecord::signing_hash`].
    pub signature: Signature,
}

/// Why bytes are not a valid record of the peer that sent them.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The bytes are no canonical encoding of a record.
    #[error("malformed peer record: {0}")]
    Malformed(&'static str),
    /// The record is for another network.
    #[error("the peer record is of another chain")]
    OtherChain,
    /// The record names another peer than the one at the other end of the connection.
    #[error("the peer record names {0}")]
    OtherPeer(PeerId),
    /// The validator has not signed it.
    #[error("forged peer record: {0}")]
    Forged(#[from] SignatureError),
}

impl PeerRecord {
    /// What the validator signs.
    ///
    /// # Panics
    /// When the chain tag is longer than 255 bytes; [`crate::start`] allows 100.
    #[must_use]
    pub fn signing_hash(&self) -> Hash {
        PEER_RECORD.hash(&self.encode())
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_short(&mut bytes, self.chain.as_bytes());
        push_short(&mut bytes, &self.peer.to_bytes());
        bytes.extend_from_slice(self.validator.as_bytes());
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes
    }
}

impl SignedPeerRecord {
    /// The record's bytes.
    ///
    /// # Panics
    /// When the chain tag is longer than 255 bytes; [`crate::start`] allows 100.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.record.encode();
        bytes.extend_from_slice(self.signature.as_bytes());
        bytes
    }

    /// Reads a record. Says nothing about its truth: see [`Self::verify`].
    ///
    /// # Errors
    /// [`RecordError::Malformed`] unless the bytes are exactly what [`Self::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut rest = bytes;
        let chain = str::from_utf8(take_short(&mut rest)?)
            .map_err(|_| RecordError::Malformed("the chain tag is not UTF-8"))?
            .to_owned();
        let peer = PeerId::from_bytes(take_short(&mut rest)?)
            .map_err(|_| RecordError::Malformed("bad peer id"))?;
        let validator = ValidatorPublicKey::from_bytes(take_array(&mut rest)?)
            .map_err(|_| RecordError::Malformed("bad validator key"))?;
        let sequence = u64::from_be_bytes(take_array(&mut rest)?);
        let signature = Signature::from_bytes(take_array(&mut rest)?);
        let record = PeerRecord { chain, peer, validator, sequence };
        let signed = Self { record, signature };
        // Covers trailing bytes, and a peer id that can be written in more than one way.
        if signed.encode() != bytes {
            return Err(RecordError::Malformed("not canonical"));
        }
        Ok(signed)
    }

    /// The statement, if it is the validator's own, for `chain`, and about `peer`.
    ///
    /// # Errors
    /// Says what it is instead.
    pub fn verify(self, chain: &str, peer: &PeerId) -> Result<PeerRecord, RecordError> {
        let Self { record, signature } = self;
        if record.chain != chain {
            return Err(RecordError::OtherChain);
        }
        if record.peer != *peer {
            return Err(RecordError::OtherPeer(record.peer));
        }
        record.validator.verify(record.signing_hash().as_bytes(), &signature)?;
        Ok(record)
    }
}

fn push_short(bytes: &mut Vec<u8>, field: &[u8]) {
    let length = u8::try_from(field.len()).expect("chain tags and peer ids are short");
    bytes.push(length);
    bytes.extend_from_slice(field);
}

fn take_short<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], RecordError> {
    let [length] = take_array::<1>(rest)?;
    take(rest, usize::from(length))
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RecordError> {
    let field = take(rest, N)?;
    Ok(field.try_into().expect("as many bytes were taken"))
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], RecordError> {
    let (field, left) = rest.split_at_checked(length).ok_or(RecordError::Malformed("truncated"))?;
    *rest = left;
    Ok(field)
}

#[cfg(test)]
mod tests {
    use quorate_crypto::ValidatorSecretKey;

    use super::*;

    const CHAIN: &str = "test-1.0123";

    fn signed(peer: PeerId) -> SignedPeerRecord {
        let key = ValidatorSecretKey::from_seed([7; 32]);
        let record =
            PeerRecord { chain: CHAIN.to_owned(), peer, validator: key.public(), sequence: 3 };
        let signature = key.sign(record.signing_hash().as_bytes());
        SignedPeerRecord { record, signature }
    }

    #[test]
    fn a_record_survives_the_wire_and_verifies() {
        let peer = crate::peer_id(&[1; 32]);
        let record = signed(peer);
        let decoded = SignedPeerRecord::decode(&record.encode()).unwrap();
        assert_eq!(decoded, record);
        assert_eq!(decoded.verify(CHAIN, &peer).unwrap(), record.record);
    }

    /// A change here is a change of the protocol.
    #[test]
    fn the_layout_is_pinned() {
        let peer = crate::peer_id(&[1; 32]);
        let SignedPeerRecord { record, signature } = signed(peer);
        let parts: [&[u8]; 7] = [
            &[11],
            b"test-1.0123",
            &[38],
            &peer.to_bytes(),
            record.validator.as_bytes(),
            &[0, 0, 0, 0, 0, 0, 0, 3],
            signature.as_bytes(),
        ];
        assert_eq!(signed(peer).encode(), parts.concat());
        let hash = "0x3689a6b6bd054ff8e039af9080b36f74cf69da335ea969c0547fe959ce225da6";
        assert_eq!(record.signing_hash().to_string(), hash);
    }

    #[test]
    fn any_changed_byte_and_any_other_length_is_refused() {
        let peer = crate::peer_id(&[1; 32]);
        let bytes = signed(peer).encode();
        let accepted = |bytes: &[u8]| {
            SignedPeerRecord::decode(bytes).and_then(|record| record.verify(CHAIN, &peer)).is_ok()
        };
        assert!(accepted(&bytes));
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert!(!accepted(&changed), "byte {index}");
            assert!(!accepted(&bytes[..index]), "length {index}");
        }
        assert!(!accepted(&[bytes.as_slice(), &[0]].concat()));
    }

    #[test]
    fn a_record_is_good_for_its_chain_and_peer_only() {
        let peer = crate::peer_id(&[1; 32]);
        let other = crate::peer_id(&[2; 32]);
        assert!(matches!(signed(peer).verify("test-2", &peer), Err(RecordError::OtherChain)));
        assert!(matches!(signed(peer).verify(CHAIN, &other), Err(RecordError::OtherPeer(_))));
        let mut forged = signed(peer);
        forged.record.sequence += 1;
        assert!(matches!(forged.verify(CHAIN, &peer), Err(RecordError::Forged(_))));
    }
}
