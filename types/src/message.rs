//! What validators send each other: votes with what travels beside them, certificates, hints.
//! Source: protocol section 3.

use quorate_crypto::Hash;

use crate::block::BlockPayload;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::certificate::Certificate;
use crate::domains;
use crate::evidence::Evidence;
use crate::limits::MAX_VALIDATORS;
use crate::numbers::{Height, View};
use crate::reader::Reader;
use crate::rejoin::Rejoin;
use crate::statement::SignedStatement;

/// The proof that a primary may propose its value in a view above 0 (protocol section 6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Justification {
    /// Signed view changes, strictly ascending by signer, without their certificates.
    pub view_changes: Vec<SignedStatement>,
    /// The prepared certificate of the highest prepared view among them, if any is prepared.
    pub certificate: Option<Certificate>,
}

impl Justification {
    /// Whether it is the empty one of view 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.view_changes.is_empty() && self.certificate.is_none()
    }

    /// What the pre-prepare's signature covers: zero for the empty one.
    #[must_use]
    pub fn hash(&self) -> Hash {
        if self.is_empty() { Hash::ZERO } else { domains::JUSTIFICATION.hash(&self.to_bytes()) }
    }
}

impl Canonical for Justification {
    fn encode(&self, writer: &mut Writer) {
        writer.list(&self.view_changes);
        writer.option(self.certificate.as_ref());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Justification {
            view_changes: reader.list("view changes", MAX_VALIDATORS)?,
            certificate: reader.option("prepared certificate")?,
        })
    }
}

/// A primary's proposal with its block and justification.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PrePrepare {
    /// The signed statement: digest and the justification's hash.
    pub signed: SignedStatement,
    /// The block.
    pub payload: BlockPayload,
    /// Empty at view 0.
    pub justification: Justification,
}

/// A view change with the certificate that its prepared claim needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewChange {
    /// The signed statement.
    pub signed: SignedStatement,
    /// Present exactly when the statement claims something prepared.
    pub certificate: Option<Certificate>,
}

/// A consensus message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Demands a view.
    ViewChange(ViewChange),
    /// Proposes a block.
    PrePrepare(Box<PrePrepare>),
    /// A Prepare.
    Prepare(SignedStatement),
    /// A Commit.
    Commit(SignedStatement),
    /// A commit certificate.
    Certificate(Certificate),
    /// A validator that lost its records asks to sign again (S-5).
    Rejoin(Rejoin),
    /// What convicts a validator, on its way to whoever proposes (section 8).
    Evidence(Box<Evidence>),
}

impl Message {
    /// The signed statement, which a certificate, a rejoin entry and evidence have not.
    #[must_use]
    pub fn signed(&self) -> Option<&SignedStatement> {
        match self {
            Message::ViewChange(message) => Some(&message.signed),
            Message::PrePrepare(message) => Some(&message.signed),
            Message::Prepare(signed) | Message::Commit(signed) => Some(signed),
            Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => None,
        }
    }

    /// Every signed statement in it, its own first, then those that travel beside it; of evidence those
    /// of the accused, for beside them may be what nobody signed.
    #[must_use]
    pub fn statements(&self) -> Vec<SignedStatement> {
        let of = |certificate: Option<&Certificate>| {
            certificate.into_iter().flat_map(Certificate::signed_statements).collect::<Vec<_>>()
        };
        let beside = match self {
            Message::ViewChange(message) => of(message.certificate.as_ref()),
            Message::PrePrepare(message) => {
                let Justification { view_changes, certificate } = &message.justification;
                [view_changes.clone(), of(certificate.as_ref())].concat()
            }
            Message::Prepare(_) | Message::Commit(_) | Message::Rejoin(_) => Vec::new(),
            Message::Certificate(certificate) => of(Some(certificate)),
            Message::Evidence(evidence) => evidence.statements(),
        };
        self.signed().copied().into_iter().chain(beside).collect()
    }

    /// The height it is about; of a rejoin entry that of its sender's tip, of evidence that of the
    /// offence.
    #[must_use]
    pub fn height(&self) -> Height {
        match self {
            Message::Certificate(certificate) => certificate.height,
            Message::Rejoin(rejoin) => rejoin.body.height,
            Message::Evidence(evidence) => evidence.height(),
            Message::ViewChange(ViewChange { signed, .. })
            | Message::Prepare(signed)
            | Message::Commit(signed) => signed.statement.height,
            Message::PrePrepare(message) => message.signed.statement.height,
        }
    }
}

impl Canonical for PrePrepare {
    fn encode(&self, writer: &mut Writer) {
        self.signed.encode(writer);
        self.payload.encode(writer);
        self.justification.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(PrePrepare {
            signed: SignedStatement::decode(reader)?,
            payload: BlockPayload::decode(reader)?,
            justification: Justification::decode(reader)?,
        })
    }
}

impl Canonical for ViewChange {
    fn encode(&self, writer: &mut Writer) {
        self.signed.encode(writer);
        writer.option(self.certificate.as_ref());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(ViewChange {
            signed: SignedStatement::decode(reader)?,
            certificate: reader.option("prepared certificate")?,
        })
    }
}

/// Where a peer stands: unsigned, a hint for fetching and re-sending that influences no vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// The height the peer works on.
    pub height: Height,
    /// Its view there.
    pub view: View,
    /// Its best prepared view there.
    pub prepared: Option<View>,
    /// The highest height it holds a commit certificate of.
    pub decided: Height,
    /// The lowest height it can serve blocks of.
    pub first_stored: Height,
}
