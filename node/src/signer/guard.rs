//! The key with its guard: S-1 is asked, and what is signed is durable, before the signature
//! leaves. The same statement again gets the stored signature.

use quorate_crypto::{Signature, ValidatorPublicKey, ValidatorSecretKey};
use quorate_network::SignedPeerRecord;
use quorate_replica::{Permit, permit, remember};
use quorate_storage::{SignStateError, SignStateFile};
use quorate_types::{
    ChainContext, Justification, OwnMessage, SignRecord, SignedStatement, Statement, StatementBody,
    ValidatorIndex, ViewChange,
};

use super::frame::Hello;

/// A key, its place in the set, and what it has signed.
pub(crate) struct GuardedKey {
    pub(crate) secret: ValidatorSecretKey,
    pub(crate) context: ChainContext,
    /// Its index in the genesis set; no signature covers it.
    pub(crate) index: ValidatorIndex,
    pub(crate) file: SignStateFile,
    /// What the file has.
    pub(crate) record: SignRecord,
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    /// It must not be.
    #[error("{0}")]
    Refused(String),
    /// The signer is broken and signs nothing any more.
    #[error("the signer's sign-state failed: {0}")]
    Broken(#[from] SignStateError),
}

impl GuardedKey {
    /// What it says of itself.
    pub(crate) fn hello(&self) -> Hello {
        Hello { context: self.context.clone(), key: Some(self.public()) }
    }

    fn public(&self) -> ValidatorPublicKey {
        self.secret.public()
    }

    /// Signs what S-1 permits; durable first.
    pub(crate) fn sign(&mut self, statement: &Statement) -> Result<Signature, GuardError> {
        let verdict = permit(&self.record, statement, &self.context)
            .map_err(|refusal| GuardError::Refused(refusal.to_string()))?;
        let stored = self.last().filter(|last| last.statement == *statement);
        match (verdict, stored) {
            (Permit::Again, Some(last)) => Ok(last.signature),
            (Permit::Again, None) => {
                Ok(statement.sign_unguarded(&self.context, self.index, &self.secret).signature)
            }
            (Permit::New, _) => self.sign_new(*statement),
        }
    }

    fn sign_new(&mut self, statement: Statement) -> Result<Signature, GuardError> {
        let signed = statement.sign_unguarded(&self.context, self.index, &self.secret);
        let mut record = self.record.clone();
        remember(&mut record, &statement, &self.context);
        (record.height, record.view) = (statement.height, statement.view);
        record.messages = vec![bare(signed)];
        // What a node's record remembers beside its guard is the node's to keep.
        (record.accepted, record.prepared, record.parent_certificate) = (None, None, None);
        self.file.write(&record)?;
        self.record = record;
        Ok(signed.signature)
    }

    /// What was signed last (S-4); none if nothing was, or the signature is not kept.
    pub(crate) fn last(&self) -> Option<SignedStatement> {
        let guard = self.record.guard?;
        let signed = self.record.messages.iter().map(OwnMessage::signed);
        signed.copied().find(|kept| kept.statement.signing_hash(&self.context) == guard.body)
    }

    /// Signs a record that says which peer acts for this key on this chain.
    pub(crate) fn sign_peer_record(&self, bytes: &[u8]) -> Result<Signature, GuardError> {
        let refused = |reason: String| GuardError::Refused(reason);
        let SignedPeerRecord { record, .. } =
            SignedPeerRecord::decode(bytes).map_err(|error| refused(error.to_string()))?;
        if record.validator != self.public() || record.chain != chain_tag(&self.context) {
            return Err(refused(String::from("a peer record of another key or chain")));
        }
        Ok(self.secret.sign(record.signing_hash().as_bytes()))
    }
}

/// The name of a chain among networks.
pub(crate) fn chain_tag(context: &ChainContext) -> String {
    let hash = context.genesis_hash.to_string();
    format!("{}-{}", context.chain_id, hash.trim_start_matches("0x"))
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
