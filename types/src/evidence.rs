//! Evidence: signed statements that no honest validator makes (protocol section 8). It proves
//! nothing until it is judged against V(height); this crate only fixes its bytes.

use quorate_crypto::Hash;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::domains;
use crate::limits::{MAX_ARCHIVED_PROPOSALS, MAX_ARCHIVED_STATEMENTS};
use crate::message::Justification;
use crate::numbers::{Height, ValidatorIndex};
use crate::reader::Reader;
use crate::statement::SignedStatement;

/// What is held against a validator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Two statements of one key and height that contradict each other (E-1 to E-5), the one with
    /// the lower bytes first, so that a pair has one form.
    Conflict {
        /// The lower one.
        first: SignedStatement,
        /// The higher one.
        second: SignedStatement,
    },
    /// A pre-prepare whose signed justification does not justify it (E-6).
    Unjustified {
        /// The pre-prepare, without its block.
        pre_prepare: SignedStatement,
        /// The justification whose hash it signs.
        justification: Justification,
    },
}

impl Evidence {
    /// A pair of statements, in its one order.
    #[must_use]
    pub fn conflict(one: SignedStatement, other: SignedStatement) -> Evidence {
        let (first, second) =
            if one.to_bytes() <= other.to_bytes() { (one, other) } else { (other, one) };
        Evidence::Conflict { first, second }
    }

    /// Who is accused, as an index into V(height).
    #[must_use]
    pub fn accused(&self) -> ValidatorIndex {
        self.leading().signer
    }

    /// The height of the offence.
    #[must_use]
    pub fn height(&self) -> Height {
        self.leading().statement.height
    }

    /// What the accused has signed, which is what the evidence stands on.
    #[must_use]
    pub fn statements(&self) -> Vec<SignedStatement> {
        match self {
            Evidence::Conflict { first, second } => vec![*first, *second],
            Evidence::Unjustified { pre_prepare, .. } => vec![*pre_prepare],
        }
    }

    /// The hash of its bytes.
    #[must_use]
    pub fn hash(&self) -> Hash {
        domains::EVIDENCE.hash(&self.to_bytes())
    }

    fn leading(&self) -> &SignedStatement {
        match self {
            Evidence::Conflict { first, .. } => first,
            Evidence::Unjustified { pre_prepare, .. } => pre_prepare,
        }
    }
}

impl Canonical for Evidence {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Evidence::Conflict { first, second } => {
                writer.u8(0);
                first.encode(writer);
                second.encode(writer);
            }
            Evidence::Unjustified { pre_prepare, justification } => {
                writer.u8(1);
                pre_prepare.encode(writer);
                justification.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => {
                let first = SignedStatement::decode(reader)?;
                let second = SignedStatement::decode(reader)?;
                if first.to_bytes() >= second.to_bytes() {
                    return Err(DecodeError::Invalid("evidence: not in its order"));
                }
                Ok(Evidence::Conflict { first, second })
            }
            1 => Ok(Evidence::Unjustified {
                pre_prepare: SignedStatement::decode(reader)?,
                justification: Justification::decode(reader)?,
            }),
            other => Err(DecodeError::Unknown { what: "evidence", found: u64::from(other) }),
        }
    }
}

/// A pre-prepare that was accepted, without its block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArchivedProposal {
    /// The signed statement.
    pub signed: SignedStatement,
    /// Its justification.
    pub justification: Justification,
}

/// What a node keeps of a height that took more than one view, so that a fork there could be
/// brought home to those who made it (protocol section 8). All of it was verified when it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeightArchive {
    /// The height.
    pub height: Height,
    /// The proposals that were accepted, in order of view.
    pub proposals: Vec<ArchivedProposal>,
    /// What the validators said, as far as it was kept.
    pub statements: Vec<SignedStatement>,
}

impl Canonical for ArchivedProposal {
    fn encode(&self, writer: &mut Writer) {
        self.signed.encode(writer);
        self.justification.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(ArchivedProposal {
            signed: SignedStatement::decode(reader)?,
            justification: Justification::decode(reader)?,
        })
    }
}

impl Canonical for HeightArchive {
    fn encode(&self, writer: &mut Writer) {
        self.height.encode(writer);
        writer.list(&self.proposals);
        writer.list(&self.statements);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(HeightArchive {
            height: Height::decode(reader)?,
            proposals: reader.list("archived proposals", MAX_ARCHIVED_PROPOSALS)?,
            statements: reader.list("archived statements", MAX_ARCHIVED_STATEMENTS)?,
        })
    }
}
