//! Signed consensus statements: the four steps of PBFT at one (height, view). Source: protocol
//! section 3; the signed bytes are those of B-3.

use quorate_crypto::museum;
use quorate_crypto::{Hash, Signature, ValidatorSecretKey};

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::chain::ChainContext;
use crate::domains;
use crate::header::Digest;
use crate::numbers::{Height, ValidatorIndex, View};
use crate::reader::Reader;

/// The place of a statement within its view; S-1 orders by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Demands to leave the views below.
    ViewChange,
    /// Proposes a block.
    PrePrepare,
    /// Supports an accepted block.
    Prepare,
    /// Has seen a quorum of Prepare.
    Commit,
}

impl Step {
    /// The number that stands in the signed bytes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Step::ViewChange => 0,
            Step::PrePrepare => 1,
            Step::Prepare => 2,
            Step::Commit => 3,
        }
    }
}

impl Canonical for Step {
    fn encode(&self, writer: &mut Writer) {
        writer.u8(self.code());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Ok(Step::ViewChange),
            1 => Ok(Step::PrePrepare),
            2 => Ok(Step::Prepare),
            3 => Ok(Step::Commit),
            other => Err(DecodeError::Unknown { what: "step", found: u64::from(other) }),
        }
    }
}

/// What a statement says beside its height and view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatementBody {
    /// The highest prepared (view, digest) of the sender, if any.
    ViewChange {
        /// None when the sender has prepared nothing at this height.
        prepared: Option<(View, Digest)>,
    },
    /// The primary's proposal.
    PrePrepare {
        /// The proposed block.
        digest: Digest,
        /// The hash of the justification; zero at view 0.
        justification: Hash,
    },
    /// Support for the accepted block.
    Prepare {
        /// The accepted block.
        digest: Digest,
    },
    /// The sender holds a prepared certificate for the block.
    Commit {
        /// The prepared block.
        digest: Digest,
    },
}

/// One thing that a validator says about (height, view).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The height it is about.
    pub height: Height,
    /// The view it is about.
    pub view: View,
    /// What it says.
    pub body: StatementBody,
}

impl Statement {
    /// Its step.
    #[must_use]
    pub fn step(&self) -> Step {
        match self.body {
            StatementBody::ViewChange { .. } => Step::ViewChange,
            StatementBody::PrePrepare { .. } => Step::PrePrepare,
            StatementBody::Prepare { .. } => Step::Prepare,
            StatementBody::Commit { .. } => Step::Commit,
        }
    }

    /// The block that it names; a view change names that of its prepared claim.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        match self.body {
            StatementBody::ViewChange { prepared } => prepared.map(|(_, digest)| digest),
            StatementBody::PrePrepare { digest, .. }
            | StatementBody::Prepare { digest }
            | StatementBody::Commit { digest } => Some(digest),
        }
    }

    /// The hash of the whole signed body, chain included: what is signed, and what S-1 compares.
    #[must_use]
    pub fn signing_hash(&self, context: &ChainContext) -> Hash {
        let mut writer = Writer::default();
        if !museum!(ChainNotSigned) {
            context.encode_prefix(&mut writer);
        }
        let view = if museum!(ViewNotSigned) { View::ZERO } else { self.view };
        let body = match self.digest() {
            Some(digest) if museum!(StepNotSigned) => StatementBody::Prepare { digest },
            Some(_) | None => self.body,
        };
        Statement { view, body, ..*self }.encode(&mut writer);
        domains::STATEMENT.hash(&writer.finish())
    }

    /// Signs without asking any guard: for signers behind S-1, and for tests.
    #[must_use]
    pub fn sign_unguarded(
        self,
        context: &ChainContext,
        signer: ValidatorIndex,
        key: &ValidatorSecretKey,
    ) -> SignedStatement {
        let signature = key.sign(self.signing_hash(context).as_bytes());
        SignedStatement { statement: self, signer, signature }
    }
}

impl Canonical for Statement {
    fn encode(&self, writer: &mut Writer) {
        self.step().encode(writer);
        self.height.encode(writer);
        self.view.encode(writer);
        match &self.body {
            StatementBody::ViewChange { prepared: None } => writer.u8(0),
            StatementBody::ViewChange { prepared: Some((view, digest)) } => {
                writer.u8(1);
                view.encode(writer);
                digest.encode(writer);
            }
            StatementBody::PrePrepare { digest, justification } => {
                digest.encode(writer);
                justification.encode(writer);
            }
            StatementBody::Prepare { digest } | StatementBody::Commit { digest } => {
                digest.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let step = Step::decode(reader)?;
        let height = Height::decode(reader)?;
        let view = View::decode(reader)?;
        let body = match step {
            Step::ViewChange => StatementBody::ViewChange { prepared: decode_prepared(reader)? },
            Step::PrePrepare => StatementBody::PrePrepare {
                digest: Digest::decode(reader)?,
                justification: Hash::decode(reader)?,
            },
            Step::Prepare => StatementBody::Prepare { digest: Digest::decode(reader)? },
            Step::Commit => StatementBody::Commit { digest: Digest::decode(reader)? },
        };
        Ok(Statement { height, view, body })
    }
}

fn decode_prepared(reader: &mut Reader<'_>) -> Result<Option<(View, Digest)>, DecodeError> {
    match reader.u8()? {
        0 => Ok(None),
        1 => Ok(Some((View::decode(reader)?, Digest::decode(reader)?))),
        other => Err(DecodeError::Unknown { what: "prepared", found: u64::from(other) }),
    }
}

/// A statement with its signer's index in V(height) and signature. Says nothing until verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignedStatement {
    /// What is said.
    pub statement: Statement,
    /// Who says so, as an index into V(height).
    pub signer: ValidatorIndex,
    /// Ed25519 over [`Statement::signing_hash`].
    pub signature: Signature,
}

impl Canonical for SignedStatement {
    fn encode(&self, writer: &mut Writer) {
        self.statement.encode(writer);
        self.signer.encode(writer);
        self.signature.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(SignedStatement {
            statement: Statement::decode(reader)?,
            signer: ValidatorIndex::decode(reader)?,
            signature: Signature::decode(reader)?,
        })
    }
}
