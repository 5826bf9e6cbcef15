//! The only place where what somebody said becomes something to believe. Everything here is a pure
//! function of the bytes, the chain and a validator set, with one verdict on every node (B-4).
//!
//! A verified message is authentic and consistent in itself. Whether it is timely, justified or
//! useful is for the core to say.

use quorate_crypto::museum;
use quorate_crypto::{BatchItem, Hash, verify_batch};

use crate::address::Address;
use crate::certificate::{Certificate, CertificateKind};
use crate::chain::ChainContext;
use crate::evidence::Evidence;
use crate::message::{Justification, Message, PrePrepare, ViewChange};
use crate::numbers::{Height, ValidatorIndex, View};
use crate::rejoin::Rejoin;
use crate::statement::{SignedStatement, StatementBody, Step};
use crate::transaction::Transaction;
use crate::validator_set::{ValidatorSet, ValidatorSetId};

mod assemble;

pub use assemble::assemble;

/// A value whose signatures hold under the validator set that it names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Verified<T> {
    value: T,
    set: ValidatorSetId,
}

/// A certificate with a quorum of valid signatures: the only kind that execution reads (M-5).
pub type VerifiedCertificate = Verified<Certificate>;

impl<T> Verified<T> {
    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Which set it was checked against.
    #[must_use]
    pub fn set(&self) -> ValidatorSetId {
        self.set
    }

    /// The value, out of its proof.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// A transaction whose signatures hold for this chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VerifiedTransaction(Transaction);

impl VerifiedTransaction {
    /// The transaction.
    #[must_use]
    pub fn transaction(&self) -> &Transaction {
        &self.0
    }

    /// The transaction, out of its proof.
    #[must_use]
    pub fn into_inner(self) -> Transaction {
        self.0
    }
}

/// Why a message says nothing: its sender, or who forwarded it unchecked, is faulty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// An index outside the validator set.
    #[error("signer {0} is not in the validator set")]
    UnknownSigner(ValidatorIndex),
    /// An address outside the validator set.
    #[error("{0} is not in the validator set")]
    UnknownValidator(Address),
    /// A rejoin entry that its validator did not sign.
    #[error("the rejoin entry of {0} does not verify")]
    BadRejoin(Address),
    /// A signature that does not verify.
    #[error("the signature of validator {0} does not verify")]
    BadSignature(ValidatorIndex),
    /// A certificate over a set of another size.
    #[error("certificate over {found} validators, not {expected}")]
    WrongSize {
        /// The size of the set.
        expected: usize,
        /// The size of the bitmap.
        found: usize,
    },
    /// Not one signature per signer.
    #[error("certificate with {signatures} signatures of {signers} signers")]
    WrongCount {
        /// Bits set.
        signers: usize,
        /// Signatures given.
        signatures: usize,
    },
    /// Too little power.
    #[error("the certificate's signers are no quorum")]
    NoQuorum,
    /// What travels beside the signed part is not what the signed part names.
    #[error("inconsistent message: {0}")]
    Inconsistent(&'static str),
    /// A pre-prepare whose primary signed for a justification that does not verify (E-6).
    #[error("a pre-prepare with a forged justification")]
    ForgedJustification(Box<Evidence>),
}

/// Checks one signed statement.
///
/// # Errors
/// When the signer is unknown or the signature does not verify.
pub fn statement(
    signed: SignedStatement,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<Verified<SignedStatement>, VerifyError> {
    check_signature(&signed, context, set)?;
    Ok(Verified { value: signed, set: set.id() })
}

/// Checks a rejoin entry: its validator is in the set, and its key signed it (S-5).
///
/// # Errors
/// When the validator is unknown or the signature does not verify.
pub fn rejoin(
    rejoin: Rejoin,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<Verified<Rejoin>, VerifyError> {
    check_rejoin(&rejoin, context, set)?;
    Ok(Verified { value: rejoin, set: set.id() })
}

/// Checks a certificate: lengths first, then quorum, then every signature (M-5).
///
/// # Errors
/// When it is ill-formed, has no quorum, or any signature does not verify.
pub fn certificate(
    certificate: Certificate,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<VerifiedCertificate, VerifyError> {
    check_certificate(&certificate, context, set)?;
    Ok(Verified { value: certificate, set: set.id() })
}

/// Checks a message with everything that travels beside its signed part; of evidence what the accused
/// signed.
///
/// # Errors
/// When any signature does not verify, or the parts do not belong together.
pub fn message(
    message: Message,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<Verified<Message>, VerifyError> {
    match &message {
        Message::ViewChange(view_change) => check_view_change(view_change, context, set)?,
        Message::PrePrepare(pre_prepare) => check_pre_prepare(pre_prepare, context, set)?,
        Message::Prepare(signed) => check_step(signed, Step::Prepare, context, set)?,
        Message::Commit(signed) => check_step(signed, Step::Commit, context, set)?,
        Message::Certificate(certificate) => {
            if certificate.kind != CertificateKind::Commit {
                return Err(VerifyError::Inconsistent("only commit certificates travel alone"));
            }
            check_certificate(certificate, context, set)?;
        }
        Message::Rejoin(rejoin) => check_rejoin(rejoin, context, set)?,
        // Whether it convicts is section 8, judged by whoever takes it.
        Message::Evidence(evidence) => {
            let mut said = evidence.statements().into_iter();
            said.try_for_each(|signed| check_signature(&signed, context, set))?;
        }
    }
    Ok(Verified { value: message, set: set.id() })
}

/// Checks the signatures of transactions in batches, one verdict each, in order (B-4).
#[must_use]
pub fn transactions(
    transactions: &[Transaction],
    context: &ChainContext,
) -> Vec<Option<VerifiedTransaction>> {
    let hashes: Vec<Hash> = transactions.iter().map(|t| t.signing_hash(context)).collect();
    let mut items = Vec::new();
    for (transaction, hash) in transactions.iter().zip(&hashes) {
        let signers = &transaction.body().signers;
        for (key, signature) in signers.iter().zip(transaction.signatures()) {
            let message = hash.as_bytes();
            items.push(BatchItem { key: *key, message, signature: *signature });
        }
    }
    let Ok(verdicts) = verify_batch(&items) else {
        return Vec::new();
    };
    let mut verdicts = verdicts.into_iter();
    transactions
        .iter()
        .map(|transaction| {
            let signers = transaction.body().signers.len();
            let valid = verdicts.by_ref().take(signers).filter(|valid| *valid).count();
            (valid == signers).then(|| VerifiedTransaction(transaction.clone()))
        })
        .collect()
}

fn check_signature(
    signed: &SignedStatement,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    let signer = signed.signer;
    if museum!(SignerOutsideSet) && set.get(signer).is_none() {
        return Ok(());
    }
    let validator = set.get(signer).ok_or(VerifyError::UnknownSigner(signer))?;
    if museum!(SignatureUnchecked) {
        return Ok(());
    }
    validator
        .key
        .verify(signed.statement.signing_hash(context).as_bytes(), &signed.signature)
        .map_err(|_| VerifyError::BadSignature(signer))
}

fn check_rejoin(
    rejoin: &Rejoin,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    let address = rejoin.body.validator;
    let index = set.index_of_address(&address).ok_or(VerifyError::UnknownValidator(address))?;
    let validator = set.get(index).ok_or(VerifyError::UnknownValidator(address))?;
    validator
        .key
        .verify(rejoin.body.signing_hash(context).as_bytes(), &rejoin.signature)
        .map_err(|_| VerifyError::BadRejoin(address))
}

fn check_step(
    signed: &SignedStatement,
    step: Step,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    if signed.statement.step() != step {
        return Err(VerifyError::Inconsistent("another step than its message's"));
    }
    check_signature(signed, context, set)
}

fn check_certificate(
    certificate: &Certificate,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    let signers = &certificate.signers;
    if signers.size() != set.len() {
        return Err(VerifyError::WrongSize { expected: set.len(), found: signers.size() });
    }
    let signatures = certificate.signatures.len();
    if signers.count() != signatures && !museum!(CertificateLengths) {
        return Err(VerifyError::WrongCount { signers: signers.count(), signatures });
    }
    if !set.is_quorum(signers.iter()) && !museum!(CertificateWithoutQuorum) {
        return Err(VerifyError::NoQuorum);
    }
    if museum!(CertificateSignatures) {
        return Ok(());
    }
    let hash = certificate.statement().signing_hash(context);
    for (signer, signature) in signers.iter().zip(&certificate.signatures) {
        let validator = set.get(signer).ok_or(VerifyError::UnknownSigner(signer))?;
        validator
            .key
            .verify(hash.as_bytes(), signature)
            .map_err(|_| VerifyError::BadSignature(signer))?;
    }
    Ok(())
}

/// the view is above 0 and above the prepared view; the certificate is there exactly if
/// something is prepared, and proves exactly that.
fn check_view_change(
    view_change: &ViewChange,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    let statement = &view_change.signed.statement;
    let StatementBody::ViewChange { prepared } = statement.body else {
        return Err(VerifyError::Inconsistent("no view change"));
    };
    if statement.view == View::ZERO {
        return Err(VerifyError::Inconsistent("a view change to view 0"));
    }
    check_signature(&view_change.signed, context, set)?;
    match (prepared, &view_change.certificate) {
        (None, None) => Ok(()),
        (Some((view, _)), Some(_)) if view >= statement.view => {
            Err(VerifyError::Inconsistent("prepared in its own view or above"))
        }
        (Some((view, digest)), Some(certificate)) => {
            let names = (certificate.view, certificate.digest) == (view, digest);
            if museum!(ClaimUnproven) {
                return Ok(());
            }
            if !names || !is_prepared_at(certificate, statement.height) {
                return Err(VerifyError::Inconsistent("the certificate proves another claim"));
            }
            check_certificate(certificate, context, set)
        }
        (Some(_), None) => Err(VerifyError::Inconsistent("prepared without a certificate")),
        (None, Some(_)) => Err(VerifyError::Inconsistent("a certificate of nothing prepared")),
    }
}

fn check_pre_prepare(
    pre_prepare: &PrePrepare,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    let statement = &pre_prepare.signed.statement;
    let StatementBody::PrePrepare { digest, justification } = statement.body else {
        return Err(VerifyError::Inconsistent("no pre-prepare"));
    };
    let header = pre_prepare.payload.header();
    let same = header.digest() == digest || museum!(DigestUnchecked);
    if header.height != statement.height || !same {
        return Err(VerifyError::Inconsistent("another block than the digest's"));
    }
    // Before the body is hashed, so that bytes of nobody cost little.
    check_signature(&pre_prepare.signed, context, set)?;
    pre_prepare
        .payload
        .validate_shape()
        .map_err(|_| VerifyError::Inconsistent("body of another header"))?;
    if pre_prepare.justification.hash() != justification && !museum!(JustificationHash) {
        return Err(VerifyError::Inconsistent("another justification than the signed one"));
    }
    let justification = &pre_prepare.justification;
    check_justification(justification, statement.height, context, set).map_err(|_| {
        VerifyError::ForgedJustification(Box::new(Evidence::Unjustified {
            pre_prepare: pre_prepare.signed,
            justification: justification.clone(),
        }))
    })
}

/// Checks the signatures of a justification. Whether it justifies is section 6, judged by the core.
///
/// # Errors
/// When any signature does not verify, or a part is not of a justification of that height.
pub fn check_justification(
    justification: &Justification,
    height: Height,
    context: &ChainContext,
    set: &ValidatorSet,
) -> Result<(), VerifyError> {
    if museum!(JustificationSignatures) {
        return Ok(());
    }
    for signed in &justification.view_changes {
        check_step(signed, Step::ViewChange, context, set)?;
    }
    match &justification.certificate {
        None => Ok(()),
        Some(certificate) if !is_prepared_at(certificate, height) => {
            Err(VerifyError::Inconsistent("a justification with another kind of certificate"))
        }
        Some(certificate) => check_certificate(certificate, context, set),
    }
}

fn is_prepared_at(certificate: &Certificate, height: Height) -> bool {
    certificate.kind == CertificateKind::Prepared && certificate.height == height
}
