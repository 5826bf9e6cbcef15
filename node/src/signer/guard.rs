//! The key with its guard: S-1 is asked, and what is signed is durable, before the signature
//! leaves. The same statement again gets the stored signature.

use quorate_crypto::{Signature, ValidatorPublicKey};
use quorate_network::SignedPeerRecord;
use quorate_replica::{Granted, OwnKey};
use quorate_storage::{SignStateError, SignStateFile};
use quorate_types::{ChainContext, RejoinBody, SignRecord, SignedStatement, Statement};

use super::frame::Hello;

/// A key and what it has signed.
pub(crate) struct GuardedKey {
    pub(crate) key: OwnKey,
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
        Hello { context: self.key.context.clone(), key: Some(self.public()) }
    }

    fn public(&self) -> ValidatorPublicKey {
        self.key.secret.public()
    }

    /// Signs what S-1 permits; durable first.
    pub(crate) fn sign(&mut self, statement: &Statement) -> Result<Signature, GuardError> {
        let Granted { signed, record } =
            self.key.grant(&self.record, *statement).map_err(|refusal| refused(&refusal))?;
        if let Some(record) = record {
            self.file.write(&record)?;
            self.record = *record;
        }
        Ok(signed.signature)
    }

    /// What was signed last (S-4); none if nothing was, or the signature is not kept.
    pub(crate) fn last(&self) -> Option<SignedStatement> {
        self.key.last(&self.record)
    }

    /// Signs a rejoin entry (S-5).
    pub(crate) fn sign_rejoin(&self, body: RejoinBody) -> Result<Signature, GuardError> {
        let signed = self.key.sign_rejoin(&self.record, body);
        signed.map(|rejoin| rejoin.signature).map_err(|refusal| refused(&refusal))
    }

    /// Signs a record that says which peer acts for this key on this chain.
    pub(crate) fn sign_peer_record(&self, bytes: &[u8]) -> Result<Signature, GuardError> {
        let SignedPeerRecord { record, .. } =
            SignedPeerRecord::decode(bytes).map_err(|error| refused(&error))?;
        if record.validator != self.public() || record.chain != chain_tag(&self.key.context) {
            return Err(refused(&"a peer record of another key or chain"));
        }
        Ok(self.key.secret.sign(record.signing_hash().as_bytes()))
    }
}

fn refused(reason: &dyn std::fmt::Display) -> GuardError {
    GuardError::Refused(reason.to_string())
}

/// The name of a chain among networks.
pub(crate) fn chain_tag(context: &ChainContext) -> String {
    let hash = context.genesis_hash.to_string();
    format!("{}-{}", context.chain_id, hash.trim_start_matches("0x"))
}
