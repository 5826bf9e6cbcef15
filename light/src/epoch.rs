//! The chain of epochs (L-3) and what is final in one of them (L-2).

use quorate_types::{
    Canonical, Certificate, CertificateKind, ChainContext, DecodeError, Digest, Epoch, Header,
    Height, Reader, ValidatorSet, Writer, verify,
};

use crate::error::LightError;
use crate::trust::Trust;

/// The validators of one epoch, which the client has proof of. It keeps nothing else between calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedEpoch {
    context: ChainContext,
    epoch_length: u64,
    epoch: Epoch,
    validators: ValidatorSet,
    /// The header that the client started from, if it was one.
    checkpoint: Option<(Height, Digest)>,
}

/// What leads from one epoch's validators to the next one's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochStep {
    /// The header of the epoch's last height.
    pub header: Header,
    /// Its commit certificate.
    pub certificate: Certificate,
    /// The validators of the next epoch.
    pub next: ValidatorSet,
}

/// A header that a quorum of its height's validators has committed: only [`TrustedEpoch`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalHeader(Header);

impl FinalHeader {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.0
    }

    /// The header, out of its proof.
    #[must_use]
    pub fn into_inner(self) -> Header {
        self.0
    }
}

impl TrustedEpoch {
    pub(crate) fn new(
        trust: &Trust,
        epoch: Epoch,
        validators: ValidatorSet,
        checkpoint: Option<(Height, Digest)>,
    ) -> TrustedEpoch {
        let (context, epoch_length) = (trust.context.clone(), trust.epoch_length);
        TrustedEpoch { context, epoch_length, epoch, validators, checkpoint }
    }

    /// Which epoch.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The validators of all its heights.
    #[must_use]
    pub fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    /// L-2: the certificate is a quorum's commits of exactly this header, which is of this epoch.
    ///
    /// # Errors
    /// Says what is wrong; a contradiction to the checkpoint comes last, when all else holds.
    pub fn verify_header(
        &self,
        header: &Header,
        certificate: &Certificate,
    ) -> Result<FinalHeader, LightError> {
        self.check_place(header)?;
        let (height, digest) = (header.height, header.digest());
        if certificate.kind != CertificateKind::Commit {
            return Err(LightError::NotCommitted(height));
        }
        if (certificate.height, certificate.digest) != (height, digest) {
            return Err(LightError::OtherBlock(height));
        }
        verify::certificate(certificate.clone(), &self.context, &self.validators)
            .map_err(|error| LightError::Certificate { height, error })?;
        let contradicts = |(at, other): (Height, Digest)| at == height && other != digest;
        if self.checkpoint.is_some_and(contradicts) {
            return Err(LightError::Fork(height));
        }
        Ok(FinalHeader(header.clone()))
    }

    /// What costs no signature: version, epoch and set of a header.
    fn check_place(&self, header: &Header) -> Result<(), LightError> {
        let height = header.height;
        if height == Height::GENESIS {
            return Err(LightError::NoHeader);
        }
        let (expected, found) = (self.context.protocol_version, header.version);
        if found != expected {
            return Err(LightError::OtherVersion { height, expected, found });
        }
        let (known, found) = (self.epoch, Epoch::of(height, self.epoch_length));
        if found != known {
            return Err(LightError::OtherEpoch { height, known, found });
        }
        if header.validators_hash != self.validators.id() {
            return Err(LightError::OtherValidators(height));
        }
        Ok(())
    }

    /// L-3: takes the client to the next epoch.
    ///
    /// # Errors
    /// When the header is not final or not this epoch's last, or announces other validators. The
    /// client stays where it is.
    pub fn advance(&mut self, step: &EpochStep) -> Result<(), LightError> {
        let header = self.verify_header(&step.header, &step.certificate)?.into_inner();
        let height = header.height;
        if !Epoch::ends_at(height, self.epoch_length) {
            return Err(LightError::NotLast { height, epoch: self.epoch });
        }
        let epoch = self.epoch.next();
        if header.next_validators_hash != step.next.id() {
            return Err(LightError::OtherNextValidators { height, epoch });
        }
        self.epoch = epoch;
        self.validators = step.next.clone();
        Ok(())
    }
}

impl Canonical for EpochStep {
    fn encode(&self, writer: &mut Writer) {
        self.header.encode(writer);
        self.certificate.encode(writer);
        self.next.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(EpochStep {
            header: Header::decode(reader)?,
            certificate: Certificate::decode(reader)?,
            next: ValidatorSet::decode(reader)?,
        })
    }
}
