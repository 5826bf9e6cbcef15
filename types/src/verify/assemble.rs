//! Certificates out of votes that are verified already, and the verified parts of a verified
//! message. No signature is checked twice: what goes in is `Verified`, so what comes out is (M-5).

use quorate_crypto::museum;
use std::collections::BTreeMap;

use quorate_crypto::Signature;

use super::{Verified, VerifiedCertificate, VerifyError};
use crate::certificate::{Certificate, CertificateKind, SignerSet};
use crate::message::Message;
use crate::numbers::ValidatorIndex;
use crate::statement::{SignedStatement, Statement, StatementBody};
use crate::validator_set::ValidatorSet;

/// The certificate of a quorum of votes for one statement, a Prepare or a Commit.
///
/// # Errors
/// When a vote is of another set or statement, a signer votes twice, or the votes are no quorum.
pub fn assemble<'a>(
    statement: &Statement,
    votes: impl IntoIterator<Item = &'a Verified<SignedStatement>>,
    set: &ValidatorSet,
) -> Result<VerifiedCertificate, VerifyError> {
    let mut signatures = BTreeMap::new();
    for vote in votes {
        if vote.set != set.id() || vote.value.statement != *statement {
            return Err(VerifyError::Inconsistent("a vote of another set or statement"));
        }
        if signatures.insert(vote.value.signer, vote.value.signature).is_some() {
            return Err(VerifyError::Inconsistent("two votes of one signer"));
        }
    }
    if !set.is_quorum(signatures.keys().copied()) && !museum!(AssembledWithoutQuorum) {
        return Err(VerifyError::NoQuorum);
    }
    let value = of_signatures(statement, &signatures, set.len())?;
    Ok(Verified { value, set: set.id() })
}

fn of_signatures(
    statement: &Statement,
    signatures: &BTreeMap<ValidatorIndex, Signature>,
    size: usize,
) -> Result<Certificate, VerifyError> {
    let (kind, digest) = match statement.body {
        StatementBody::Prepare { digest } => (CertificateKind::Prepared, digest),
        StatementBody::Commit { digest } => (CertificateKind::Commit, digest),
        StatementBody::ViewChange { .. } | StatementBody::PrePrepare { .. } => {
            return Err(VerifyError::Inconsistent("certificates are of Prepare or Commit"));
        }
    };
    let mut signers = SignerSet::none_of(size);
    for signer in signatures.keys() {
        if !signers.insert(*signer) {
            return Err(VerifyError::UnknownSigner(*signer));
        }
    }
    let signatures = signatures.values().copied().collect();
    let (height, view) = (statement.height, statement.view);
    Ok(Certificate { kind, height, view, digest, signers, signatures })
}

impl Verified<Message> {
    /// The signed part, which a certificate has not.
    #[must_use]
    pub fn signed(&self) -> Option<Verified<SignedStatement>> {
        self.value.signed().map(|signed| Verified { value: *signed, set: self.set })
    }

    /// The certificate that it is, if it is one.
    #[must_use]
    pub fn certificate(&self) -> Option<VerifiedCertificate> {
        match &self.value {
            Message::Certificate(certificate) => {
                Some(Verified { value: certificate.clone(), set: self.set })
            }
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => None,
        }
    }
}

impl From<VerifiedCertificate> for Verified<Message> {
    fn from(certificate: VerifiedCertificate) -> Self {
        Verified { value: Message::Certificate(certificate.value), set: certificate.set }
    }
}

impl Verified<Certificate> {
    /// The certificate with one more signature; none when the vote adds nothing to it: of another
    /// set or statement, or of a signer that it has.
    #[must_use]
    pub fn with(&self, vote: &Verified<SignedStatement>) -> Option<VerifiedCertificate> {
        let (signer, signature) = (vote.value.signer, vote.value.signature);
        let statement = self.value.statement();
        let same = vote.set == self.set && vote.value.statement == statement;
        let signers = &self.value.signers;
        if !same || signers.contains(signer) {
            return None;
        }
        let signatures = signers.iter().zip(self.value.signatures.iter().copied());
        let signatures = signatures.chain([(signer, signature)]).collect();
        let value = of_signatures(&statement, &signatures, signers.size()).ok()?;
        Some(Verified { value, set: self.set })
    }
}
