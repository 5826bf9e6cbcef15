//! What a signer in a process of its own answers, by the record that it keeps apart from its node's.
//! Pure but for the key: whoever runs the signer makes the record durable before a signature leaves.
//!
//! Invariant: of one record come no two statements for one height, view and step (S-1).

use quorate_crypto::ValidatorSecretKey;
use quorate_types::{
    ChainContext, Height, Justification, OwnMessage, Rejoin, RejoinBody, SignRecord,
    SignedStatement, Statement, StatementBody, ValidatorIndex, ViewChange,
};

use crate::signing::{Permit, Refusal, permit, remember};

/// The index in what a signer keeps and returns. It knows no validator set: its key may have no
/// place yet, and another one in each epoch. No signature covers an index; the node puts its own in.
const NO_PLACE: ValidatorIndex = ValidatorIndex(0);

/// A key and the chain that it signs for, and no other.
#[derive(Debug)]
pub struct OwnKey {
    /// The key.
    pub secret: ValidatorSecretKey,
    /// The chain.
    pub context: ChainContext,
}

/// Leave that a signer's own record gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What was asked for, signed.
    pub signed: SignedStatement,
    /// The record to make durable first; none where the signer knows the statement.
    pub record: Option<Box<SignRecord>>,
}

/// Why a rejoin entry is not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejoinRefusal {
    /// A block that its node may lack was signed at already.
    #[error("a rejoin entry on height {tip}, below what this key has signed at height {signed}")]
    Behind {
        /// The tip that the entry names.
        tip: Height,
        /// The height of the last signature.
        signed: Height,
    },
}

impl OwnKey {
    /// S-1, asked of the signer's own record: the stored signature of the statement that was signed
    /// last, or a new one with the record that remembers it.
    ///
    /// # Errors
    /// Why the statement must not be signed.
    pub fn grant(&self, record: &SignRecord, statement: Statement) -> Result<Granted, Refusal> {
        let verdict = permit(record, &statement, &self.context)?;
        let stored = self.last(record).filter(|last| last.statement == statement);
        if let (Permit::Again, Some(signed)) = (verdict, stored) {
            return Ok(Granted { signed, record: None });
        }
        let signed = statement.sign_unguarded(&self.context, NO_PLACE, &self.secret);
        let record = (verdict == Permit::New).then(|| Box::new(self.after(record, signed)));
        Ok(Granted { signed, record })
    }

    /// What a node's record remembers beside its guard is the node's to keep.
    fn after(&self, record: &SignRecord, signed: SignedStatement) -> SignRecord {
        let Statement { height, view, .. } = signed.statement;
        let SignRecord { guard, last_commit, observing, .. } = *record;
        let messages = vec![bare(signed)];
        let mut after = SignRecord {
            guard,
            last_commit,
            height,
            view,
            messages,
            observing,
            ..SignRecord::default()
        };
        remember(&mut after, &signed.statement, &self.context);
        after
    }

    /// What was signed last (S-4); none if nothing was, or the signature is not kept.
    #[must_use]
    pub fn last(&self, record: &SignRecord) -> Option<SignedStatement> {
        let guard = record.guard?;
        let mut signed = record.messages.iter().map(OwnMessage::signed).copied();
        signed.find(|kept| kept.statement.signing_hash(&self.context) == guard.body)
    }

    /// S-5: signs a rejoin entry under its own domain and for the own chain, unless it lies on a tip
    /// below the height that was signed at last: that tip was decided, so the node that asks has yet
    /// to catch up. Whose validator it names is not asked: a key is one operator's for ever, so under
    /// any other name the signature holds nowhere. It is no vote, and moves no guard.
    ///
    /// # Errors
    /// Why the entry is not signed.
    pub fn sign_rejoin(
        &self,
        record: &SignRecord,
        body: RejoinBody,
    ) -> Result<Rejoin, RejoinRefusal> {
        let tip = body.height;
        match record.guard.map(|guard| guard.height) {
            Some(signed) if signed > tip.next() => Err(RejoinRefusal::Behind { tip, signed }),
            Some(_) | None => Ok(body.sign(&self.context, &self.secret)),
        }
    }
}

/// The message without what travels beside its signed part: a signer has never seen that.
fn bare(signed: SignedStatement) -> OwnMessage {
    match signed.statement.body {
        StatementBody::ViewChange { .. } => {
            OwnMessage::ViewChange(ViewChange { signed, certificate: None })
        }
        StatementBody::PrePrepare { .. } => {
            OwnMessage::PrePrepare { signed, justification: Justification::default() }
        }
        StatementBody::Prepare { .. } => OwnMessage::Prepare(signed),
        StatementBody::Commit { .. } => OwnMessage::Commit(signed),
    }
}
