//! A claim with all that proves it, in one string of bytes (L-6): what a full node hands out and
//! anybody can check alone. A bundle is *sealed* with a hash of its bytes: that protects against
//! damage only, for anybody can seal. What protects against lies is that the bytes are verified.

use quorate_crypto::{Domain, Hash};
use quorate_types::{
    Canonical, Certificate, DecodeError, Epoch, Header, Power, Reader, Timestamp, Writer,
};

use crate::claim::{Claim, ProvedClaim};
use crate::epoch::EpochStep;
use crate::error::LightError;
use crate::limits::{MAX_BUNDLE_BYTES, MAX_EPOCH_STEPS};
use crate::trust::{Start, Trust};

/// The seal of a bundle.
const SEAL: Domain = Domain::new("quorate v1 proof bundle");

/// The layout's version.
const VERSION: u8 = 1;

/// Bytes of a seal.
const SEAL_BYTES: usize = 32;

/// From what is trusted to what is claimed, without a gap and without anything more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofBundle {
    /// The hash of the chain's genesis.
    pub genesis_hash: Hash,
    /// Where a checkpoint is trusted: its header and validators. Else none.
    pub start: Option<Start>,
    /// One for each epoch from the trusted one up to that of the header, without it.
    pub steps: Vec<EpochStep>,
    /// The header that carries the claim's root.
    pub header: Header,
    /// Its commit certificate.
    pub certificate: Certificate,
    /// What is claimed.
    pub claim: Claim,
}

impl ProofBundle {
    /// The canonical bytes and their seal.
    #[must_use]
    pub fn seal(&self) -> Vec<u8> {
        let mut bytes = self.to_bytes();
        let seal = SEAL.hash(&bytes);
        bytes.extend_from_slice(seal.as_bytes());
        bytes
    }

    /// Reads sealed bytes.
    ///
    /// # Errors
    /// When they are too many, damaged, or no canonical bytes of a bundle.
    pub fn open(sealed: &[u8]) -> Result<ProofBundle, DecodeError> {
        let found = sealed.len();
        if found > MAX_BUNDLE_BYTES {
            let (what, limit) = ("proof bundle", MAX_BUNDLE_BYTES);
            return Err(DecodeError::TooLong { what, found, limit });
        }
        let (bytes, seal) = sealed
            .split_last_chunk::<SEAL_BYTES>()
            .ok_or(DecodeError::Truncated { wanted: SEAL_BYTES, left: found })?;
        if SEAL.hash(bytes).as_bytes() != seal {
            return Err(DecodeError::Invalid("proof bundle: its seal"));
        }
        ProofBundle::from_bytes(bytes)
    }
}

/// A claim that holds, and who stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedBundle {
    /// What has been proved.
    pub claim: ProvedClaim,
    /// The epoch of the header that proves it.
    pub epoch: Epoch,
    /// The power of those who committed that header, by its certificate.
    pub signed: Power,
    /// The power of all validators of that epoch.
    pub total: Power,
    /// How many of them committed it, and how many there are.
    pub signers: (usize, usize),
}

/// L-6: verifies a bundle by nothing but its content, the trust and the time now.
///
/// # Errors
/// Says what does not hold first: the start, the epochs in order, the header, the claim.
pub fn verify_bundle(
    trust: &Trust,
    bundle: &ProofBundle,
    now: Timestamp,
) -> Result<ProvedClaim, LightError> {
    prove_bundle(trust, bundle, now).map(|proved| proved.claim)
}

/// Verifies a bundle as [`verify_bundle`] does, and says by how much power it holds: another
/// certificate of the same header proves the same claim by another power.
///
/// # Errors
/// As [`verify_bundle`].
pub fn prove_bundle(
    trust: &Trust,
    bundle: &ProofBundle,
    now: Timestamp,
) -> Result<ProvedBundle, LightError> {
    let (expected, found) = (trust.context.genesis_hash, bundle.genesis_hash);
    if found != expected {
        return Err(LightError::OtherChain { expected, found });
    }
    let mut epoch = trust.open(bundle.start.as_ref(), now)?;
    for step in &bundle.steps {
        epoch.advance(step)?;
    }
    let header = epoch.verify_header(&bundle.header, &bundle.certificate)?;
    let claim = bundle.claim.verify(&header)?;
    let (set, signers) = (epoch.validators(), &bundle.certificate.signers);
    // A set's whole power fits u64, so that of a part does (M-1).
    let signed = Power(u64::try_from(set.power_of(signers.iter())).unwrap_or(u64::MAX));
    let (total, signers) = (set.total_power(), (signers.count(), set.len()));
    Ok(ProvedBundle { claim, epoch: epoch.epoch(), signed, total, signers })
}

/// Reads sealed bytes and verifies them.
///
/// # Errors
/// When they are no sealed bundle, or it does not hold.
pub fn verify_bytes(
    trust: &Trust,
    sealed: &[u8],
    now: Timestamp,
) -> Result<ProvedClaim, LightError> {
    verify_bundle(trust, &ProofBundle::open(sealed)?, now)
}

impl Canonical for ProofBundle {
    fn encode(&self, writer: &mut Writer) {
        writer.u8(VERSION);
        self.genesis_hash.encode(writer);
        writer.option(self.start.as_ref());
        writer.list(&self.steps);
        self.header.encode(writer);
        self.certificate.encode(writer);
        self.claim.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = reader.u8()?;
        if version != VERSION {
            let what = "proof bundle version";
            return Err(DecodeError::Unknown { what, found: u64::from(version) });
        }
        Ok(ProofBundle {
            genesis_hash: Hash::decode(reader)?,
            start: reader.option("start")?,
            steps: reader.list("epoch steps", MAX_EPOCH_STEPS)?,
            header: Header::decode(reader)?,
            certificate: Certificate::decode(reader)?,
            claim: Claim::decode(reader)?,
        })
    }
}
