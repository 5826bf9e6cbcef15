//! Certificates: the signatures of a quorum under one statement. A signer is a bit of V(height), so
//! a duplicate cannot be represented (M-5). Checked by [`crate::verify`].

use quorate_crypto::museum;
use quorate_crypto::{Hash, Signature};

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::header::Digest;
use crate::limits::MAX_VALIDATORS;
use crate::numbers::{Height, ValidatorIndex, View};
use crate::reader::{Reader, check_limit};
use crate::statement::{SignedStatement, Statement, StatementBody};

/// Which statement the signers signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateKind {
    /// Prepare: the block is prepared.
    Prepared,
    /// Commit: the block is decided.
    Commit,
}

/// Validators of one set, as one bit each; bit i of byte i/8 counts from the least significant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignerSet {
    size: u16,
    bits: Vec<u8>,
}

impl SignerSet {
    /// None of `size` validators; sizes above the limit are cut to it.
    #[must_use]
    pub fn none_of(size: usize) -> SignerSet {
        let size = size.min(MAX_VALIDATORS);
        let bits = vec![0; size.div_ceil(8)];
        SignerSet { size: u16::try_from(size).expect("at most MAX_VALIDATORS"), bits }
    }

    /// How many validators the set is over, n of V(h).
    #[must_use]
    pub fn size(&self) -> usize {
        usize::from(self.size)
    }

    /// Sets a validator's bit. Returns false when the index is outside or already set.
    pub fn insert(&mut self, index: ValidatorIndex) -> bool {
        if index.0 >= self.size || self.contains(index) {
            return false;
        }
        if let Some(byte) = self.bits.get_mut(index.position() / 8) {
            *byte |= 1 << (index.0 % 8);
        }
        true
    }

    /// Whether a validator's bit is set.
    #[must_use]
    pub fn contains(&self, index: ValidatorIndex) -> bool {
        self.bits.get(index.position() / 8).is_some_and(|byte| byte & (1 << (index.0 % 8)) != 0)
    }

    /// The validators in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = ValidatorIndex> + '_ {
        (0..self.size).map(ValidatorIndex).filter(|index| self.contains(*index))
    }

    /// How many bits are set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.iter().count()
    }
}

impl Canonical for SignerSet {
    fn encode(&self, writer: &mut Writer) {
        writer.u16(self.size);
        writer.raw(&self.bits);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let size = reader.u16()?;
        check_limit("signer set", usize::from(size), MAX_VALIDATORS)?;
        let bits = reader.raw(usize::from(size).div_ceil(8))?.to_vec();
        let used = u32::from(size % 8);
        let padded = used != 0 && bits.last().is_some_and(|last| last >> used != 0);
        if padded && !museum!(SignerBitBeyondSize) {
            return Err(DecodeError::Invalid("signer set: bit beyond its size"));
        }
        Ok(SignerSet { size, bits })
    }
}

/// (kind, height, view, digest, signers, signatures in index order). Proves nothing until verified.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// What was signed.
    pub kind: CertificateKind,
    /// The height of the statements.
    pub height: Height,
    /// The view of the statements.
    pub view: View,
    /// The block that the statements name.
    pub digest: Digest,
    /// Who signed.
    pub signers: SignerSet,
    /// One signature per signer, in ascending order of index.
    pub signatures: Vec<Signature>,
}

impl Certificate {
    /// The statement that each signer signed.
    #[must_use]
    pub fn statement(&self) -> Statement {
        let digest = self.digest;
        let body = match self.kind {
            CertificateKind::Prepared => StatementBody::Prepare { digest },
            CertificateKind::Commit => StatementBody::Commit { digest },
        };
        Statement { height: self.height, view: self.view, body }
    }

    /// What each signer signed, in order of index.
    pub fn signed_statements(&self) -> impl Iterator<Item = SignedStatement> + '_ {
        let statement = self.statement();
        let votes = self.signers.iter().zip(&self.signatures);
        votes.map(move |(signer, signature)| SignedStatement {
            statement,
            signer,
            signature: *signature,
        })
    }

    /// What the header of the next block commits to.
    #[must_use]
    pub fn hash(&self) -> Hash {
        domains::CERTIFICATE.hash(&self.to_bytes())
    }
}

impl Canonical for CertificateKind {
    fn encode(&self, writer: &mut Writer) {
        writer.u8(match self {
            CertificateKind::Prepared => 2,
            CertificateKind::Commit => 3,
        });
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            2 => Ok(CertificateKind::Prepared),
            3 => Ok(CertificateKind::Commit),
            other => {
                Err(DecodeError::Unknown { what: "certificate kind", found: u64::from(other) })
            }
        }
    }
}

impl Canonical for Certificate {
    fn encode(&self, writer: &mut Writer) {
        self.kind.encode(writer);
        self.height.encode(writer);
        self.view.encode(writer);
        self.digest.encode(writer);
        self.signers.encode(writer);
        for signature in &self.signatures {
            signature.encode(writer);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = CertificateKind::decode(reader)?;
        let height = Height::decode(reader)?;
        let view = View::decode(reader)?;
        let digest = Digest::decode(reader)?;
        let signers = SignerSet::decode(reader)?;
        let mut signatures = Vec::with_capacity(signers.count());
        for _ in signers.iter() {
            signatures.push(Signature::decode(reader)?);
        }
        Ok(Certificate { kind, height, view, digest, signers, signatures })
    }
}
