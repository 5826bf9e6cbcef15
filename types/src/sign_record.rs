//! The durable record of what a key has signed and must remember (protocol section 4, S-2). The
//! rule that reads it to decide stands in `consensus`; its file belongs to `storage`.

use quorate_crypto::Hash;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::certificate::Certificate;
use crate::header::Digest;
use crate::limits::MAX_OWN_MESSAGES;
use crate::message::{Justification, ViewChange};
use crate::numbers::{Height, View};
use crate::reader::Reader;
use crate::statement::{SignedStatement, Step};

/// The last signature: what S-1 orders by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guard {
    /// Its height.
    pub height: Height,
    /// Its view.
    pub view: View,
    /// Its step.
    pub step: Step,
    /// The hash of the whole signed body.
    pub body: Hash,
}

/// The last Commit signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommitMark {
    /// Its height.
    pub height: Height,
    /// Its view.
    pub view: View,
    /// Its block.
    pub digest: Digest,
}

/// The highest prepared block of the height, with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PreparedMark {
    /// Its view.
    pub view: View,
    /// Its block.
    pub digest: Digest,
    /// The quorum of Prepare.
    pub certificate: Certificate,
}

/// A message that this key signed, byte for byte what is sent again; a pre-prepare without block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OwnMessage {
    /// A view change with its certificate.
    ViewChange(ViewChange),
    /// A pre-prepare; its block is in the store by digest.
    PrePrepare {
        /// The signed statement.
        signed: SignedStatement,
        /// Its justification.
        justification: Justification,
    },
    /// A prepare.
    Prepare(SignedStatement),
    /// A commit.
    Commit(SignedStatement),
}

impl OwnMessage {
    /// The signed statement.
    #[must_use]
    pub fn signed(&self) -> &SignedStatement {
        match self {
            OwnMessage::ViewChange(message) => &message.signed,
            OwnMessage::PrePrepare { signed, .. }
            | OwnMessage::Prepare(signed)
            | OwnMessage::Commit(signed) => signed,
        }
    }
}

/// Everything that affects later votes. The default is the record of a key that never signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SignRecord {
    /// The last signature, none when the key never signed.
    pub guard: Option<Guard>,
    /// The last Commit signed.
    pub last_commit: Option<CommitMark>,
    /// The height being decided.
    pub height: Height,
    /// The view there.
    pub view: View,
    /// The block accepted in this view.
    pub accepted: Option<Digest>,
    /// The highest prepared block of this height.
    pub prepared: Option<PreparedMark>,
    /// Own messages of this height that may have to be sent again.
    pub messages: Vec<OwnMessage>,
    /// The commit certificate of the height below, until the chain database holds it.
    pub parent_certificate: Option<Certificate>,
    /// This key was seen to have signed what the record does not know: it signs nothing until it
    /// has rejoined (S-5), whatever happens to the process meanwhile.
    pub observing: bool,
}

impl SignRecord {
    /// The record of a key that has rejoined at a height: it signs only above (S-5).
    #[must_use]
    pub fn rejoined(height: Height) -> SignRecord {
        let body = Hash::ZERO;
        let guard = Guard { height, view: View(u64::MAX), step: Step::Commit, body };
        SignRecord { guard: Some(guard), height, ..SignRecord::default() }
    }
}

impl Canonical for Guard {
    fn encode(&self, writer: &mut Writer) {
        self.height.encode(writer);
        self.view.encode(writer);
        self.step.encode(writer);
        self.body.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Guard {
            height: Height::decode(reader)?,
            view: View::decode(reader)?,
            step: Step::decode(reader)?,
            body: Hash::decode(reader)?,
        })
    }
}

impl Canonical for CommitMark {
    fn encode(&self, writer: &mut Writer) {
        self.height.encode(writer);
        self.view.encode(writer);
        self.digest.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(CommitMark {
            height: Height::decode(reader)?,
            view: View::decode(reader)?,
            digest: Digest::decode(reader)?,
        })
    }
}

impl Canonical for PreparedMark {
    fn encode(&self, writer: &mut Writer) {
        self.view.encode(writer);
        self.digest.encode(writer);
        self.certificate.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(PreparedMark {
            view: View::decode(reader)?,
            digest: Digest::decode(reader)?,
            certificate: Certificate::decode(reader)?,
        })
    }
}

impl Canonical for OwnMessage {
    fn encode(&self, writer: &mut Writer) {
        self.signed().statement.step().encode(writer);
        match self {
            OwnMessage::ViewChange(message) => message.encode(writer),
            OwnMessage::PrePrepare { signed, justification } => {
                signed.encode(writer);
                justification.encode(writer);
            }
            OwnMessage::Prepare(signed) | OwnMessage::Commit(signed) => signed.encode(writer),
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let step = Step::decode(reader)?;
        let message = match step {
            Step::ViewChange => OwnMessage::ViewChange(ViewChange::decode(reader)?),
            Step::PrePrepare => OwnMessage::PrePrepare {
                signed: SignedStatement::decode(reader)?,
                justification: Justification::decode(reader)?,
            },
            Step::Prepare => OwnMessage::Prepare(SignedStatement::decode(reader)?),
            Step::Commit => OwnMessage::Commit(SignedStatement::decode(reader)?),
        };
        if message.signed().statement.step() != step {
            return Err(DecodeError::Invalid("own message: step"));
        }
        Ok(message)
    }
}

impl Canonical for SignRecord {
    fn encode(&self, writer: &mut Writer) {
        writer.option(self.guard.as_ref());
        writer.option(self.last_commit.as_ref());
        self.height.encode(writer);
        self.view.encode(writer);
        writer.option(self.accepted.as_ref());
        writer.option(self.prepared.as_ref());
        writer.list(&self.messages);
        writer.option(self.parent_certificate.as_ref());
        writer.u8(u8::from(self.observing));
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(SignRecord {
            guard: reader.option("guard")?,
            last_commit: reader.option("last commit")?,
            height: Height::decode(reader)?,
            view: View::decode(reader)?,
            accepted: reader.option("accepted")?,
            prepared: reader.option("prepared")?,
            messages: reader.list("own messages", MAX_OWN_MESSAGES)?,
            parent_certificate: reader.option("parent certificate")?,
            observing: decode_flag(reader)?,
        })
    }
}

fn decode_flag(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(DecodeError::Unknown { what: "observing", found: u64::from(other) }),
    }
}
