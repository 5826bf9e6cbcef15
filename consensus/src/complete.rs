//! The host's half of a vote (S-2): each statement passes S-1, is signed, and moves the record. A
//! pure function but for the signer. What comes out is written once, then sent, then fed back.

use quorate_crypto::museum;
use quorate_crypto::{Signature, ValidatorSecretKey};
use quorate_types::{
    ChainContext, Message, OwnMessage, PrePrepare, Rejoin, RejoinBody, SignRecord, SignedStatement,
    Statement, ViewChange,
};

use crate::input::Input;
use crate::record;
use crate::signing::{Permit, permit};
use crate::step::Vote;
use crate::vote::UnsignedMessage;

/// Who holds the key: a file, or a process of its own that keeps a guard of its own.
pub trait Signer {
    /// Signs a statement that S-1 permits.
    ///
    /// # Errors
    /// When the signer refuses or cannot be reached; the vote goes on without the signature.
    fn sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, SignerError>;

    /// Signs a rejoin entry. It is no vote: no guard is asked (S-5).
    ///
    /// # Errors
    /// When the signer cannot, which is what one says that knows nothing of it.
    fn sign_rejoin(&mut self, _: RejoinBody, _: &ChainContext) -> Result<Rejoin, SignerError> {
        Err(SignerError("this signer signs no rejoin entries".to_owned()))
    }
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signer did not sign: {0}")]
pub struct SignerError(pub String);

/// The signer that has the key in memory. Signatures are deterministic: the same statement has the
/// same bytes.
#[derive(Debug)]
pub struct KeySigner(ValidatorSecretKey);

impl KeySigner {
    /// A signer over a secret key.
    #[must_use]
    pub fn new(key: ValidatorSecretKey) -> KeySigner {
        KeySigner(key)
    }
}

impl Signer for KeySigner {
    fn sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, SignerError> {
        Ok(self.0.sign(statement.signing_hash(context).as_bytes()))
    }

    fn sign_rejoin(
        &mut self,
        body: RejoinBody,
        context: &ChainContext,
    ) -> Result<Rejoin, SignerError> {
        Ok(body.sign(context, &self.0))
    }
}

/// A vote with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The record to make durable before anything is sent.
    pub record: SignRecord,
    /// The messages to send once it is.
    pub messages: Vec<Message>,
    /// What to feed back to the state machine after that; feeding back writes nothing.
    pub answers: Vec<Input>,
}

/// Has a vote signed, statement by statement, in order. After one that is not signed the rest are
/// not asked for: they come later in the same view and would close the way back to it.
#[must_use]
pub fn complete(vote: Vote, signer: &mut dyn Signer) -> Completed {
    let Vote { mut record, statements, signer: index, context } = vote;
    let mut messages = Vec::new();
    let mut answers = Vec::new();
    let mut failed = false;
    if statements.is_empty() {
        let prepared = record.prepared.as_ref().map(|prepared| prepared.view);
        answers.push(Input::RecordWritten { height: record.height, prepared });
    }
    for unsigned in statements {
        let statement = *unsigned.statement();
        let signature = if failed { None } else { try_sign(&record, &statement, &context, signer) };
        let Some(signature) = signature else {
            failed = true;
            answers.push(Input::NotSigned(statement));
            continue;
        };
        let signed = SignedStatement { statement, signer: index, signature };
        let (own, message) = with_signature(unsigned, signed);
        if !museum!(SignedNotRecorded) {
            record::absorb(&mut record, own.clone(), &context);
        }
        messages.push(message);
        answers.push(Input::Signed(own));
    }
    Completed { record, messages, answers }
}

/// S-1, then the stored signature of the same statement, or a new one.
fn try_sign(
    record: &SignRecord,
    statement: &Statement,
    context: &ChainContext,
    signer: &mut dyn Signer,
) -> Option<Signature> {
    let stored = match permit(record, statement, context).ok()? {
        Permit::New => None,
        Permit::Again => record::find(record, statement.view, statement.step()),
    };
    let same = stored.map(OwnMessage::signed).filter(|signed| signed.statement == *statement);
    match same {
        Some(signed) => Some(signed.signature),
        None => signer.sign(statement, context).ok(),
    }
}

fn with_signature(unsigned: UnsignedMessage, signed: SignedStatement) -> (OwnMessage, Message) {
    match unsigned {
        UnsignedMessage::ViewChange { certificate, .. } => {
            let view_change = ViewChange { signed, certificate };
            (OwnMessage::ViewChange(view_change.clone()), Message::ViewChange(view_change))
        }
        UnsignedMessage::PrePrepare { payload, justification, .. } => {
            let own = OwnMessage::PrePrepare { signed, justification: justification.clone() };
            let message = PrePrepare { signed, payload, justification };
            (own, Message::PrePrepare(Box::new(message)))
        }
        UnsignedMessage::Prepare(_) => (OwnMessage::Prepare(signed), Message::Prepare(signed)),
        UnsignedMessage::Commit(_) => (OwnMessage::Commit(signed), Message::Commit(signed)),
    }
}
