//! From bytes to what the core may believe: decoding and verification, in that order, off the
//! core's thread. Says which of the two failed, so that the host can judge the peer.

use quorate_crypto::museum;
use std::collections::BTreeSet;
use std::sync::Arc;

use quorate_consensus::{EvidenceError, judge};
use quorate_types::verify::{self, VerifyError};
use quorate_types::wire::{self, FetchAnswer, FetchRequest};
use quorate_types::{
    Address, Amount, Block, Certificate, CertificateKind, ChainContext, DecodeError, Evidence,
    Height, KnownEpochs, Message, SignedStatement, Transaction, TransactionError, ValidatorSet,
    Verified, VerifiedCertificate, VerifiedTransaction,
};

use crate::evidence::window;
use crate::input::VerifiedAnswer;

#[cfg(test)]
mod tests;

/// Why bytes of a peer say nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not the canonical encoding of a message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A signature or a part that does not belong.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// An answer to something that was not asked, or that does not fit together.
    #[error("the answer is not one to the request: {0}")]
    WrongAnswer(&'static str),
    /// Evidence that convicts nobody.
    #[error("false evidence: {0}")]
    FalseEvidence(#[from] EvidenceError),
    /// Evidence of an offence that nobody has punished twice the time that there is for it.
    #[error("evidence of height {0}, long after its time")]
    TooLate(Height),
    /// Evidence against a validator of whom this node holds some, or who has been punished.
    #[error("more evidence against {0}")]
    Settled(Address),
    /// A message of a height whose validators are not known here: not yet, or no longer.
    #[error("the validators of height {0} are not known")]
    OtherEpoch(Height),
}

impl WireError {
    /// Whether the sender is at fault; else this node cannot judge.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        match self {
            WireError::Decode(_)
            | WireError::Verify(_)
            | WireError::WrongAnswer(_)
            | WireError::FalseEvidence(_)
            | WireError::TooLate(_) => true,
            WireError::Settled(_) | WireError::OtherEpoch(_) => false,
        }
    }
}

/// Verifies against one chain and the validators of each height.
#[derive(Clone, Debug)]
pub struct Verifier {
    context: ChainContext,
    epochs: KnownEpochs,
    /// Against whom no more evidence is wanted.
    settled: BTreeSet<Address>,
}

impl Verifier {
    /// A verifier for the epochs that the core published last.
    #[must_use]
    pub fn new(context: ChainContext, epochs: KnownEpochs) -> Verifier {
        Verifier { context, epochs, settled: BTreeSet::new() }
    }

    /// The same by other epochs.
    #[must_use]
    pub fn with_epochs(&self, epochs: KnownEpochs) -> Verifier {
        Verifier { epochs, ..self.clone() }
    }

    /// The same, but that no evidence is wanted against these validators, and none is verified: what
    /// one of them signs against itself without end costs a node nothing.
    #[must_use]
    pub fn with_settled(&self, settled: BTreeSet<Address>) -> Verifier {
        Verifier { settled, ..self.clone() }
    }

    /// Against whom no more evidence is wanted.
    #[must_use]
    pub fn settled(&self) -> &BTreeSet<Address> {
        &self.settled
    }

    /// The chain that it verifies for.
    #[must_use]
    pub fn context(&self) -> &ChainContext {
        &self.context
    }

    /// The epochs by which it judges.
    #[must_use]
    pub fn epochs(&self) -> &KnownEpochs {
        &self.epochs
    }

    /// A consensus message from its bytes on the wire.
    ///
    /// # Errors
    /// When the bytes are malformed, the epoch is not known, or any signature does not hold; for
    /// evidence also when it convicts nobody, or is not wanted.
    pub fn message(&self, bytes: &[u8]) -> Result<Verified<Message>, WireError> {
        let message = wire::decode_message(bytes)?;
        let set = match &message {
            // Blocks of the current epoch or later are to carry it.
            Message::Rejoin(_) => &self.epochs.current().validators,
            Message::Evidence(evidence) => self.set_accusing(evidence)?,
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Certificate(_) => self.set_of(message.height())?,
        };
        let verified = verify::message(message, &self.context, set)?;
        if let Message::Evidence(evidence) = verified.value() {
            judge(evidence, &self.context, set)?;
        }
        Ok(verified)
    }

    /// E-7: V of the height of an offence, if evidence of it is wanted. What an honest node may
    /// hold is no fault, be it ahead of this one or behind.
    fn set_accusing(&self, evidence: &Evidence) -> Result<&ValidatorSet, WireError> {
        let (height, current) = (evidence.height(), self.epochs.current());
        let oldest = current.first.0.saturating_sub(window(&self.epochs).saturating_mul(2));
        if height.0 < oldest {
            return Err(WireError::TooLate(height));
        }
        if height > current.last() {
            return Err(WireError::OtherEpoch(height));
        }
        let set = self.set_of(height)?;
        match set.get(evidence.accused()) {
            Some(accused) if self.settled.contains(&accused.address) => {
                Err(WireError::Settled(accused.address))
            }
            Some(_) | None => Ok(set),
        }
    }

    fn set_of(&self, height: Height) -> Result<&ValidatorSet, WireError> {
        self.epochs.set_of(height).ok_or(WireError::OtherEpoch(height))
    }

    /// The verdict on each transaction: static rules and signatures (B-4).
    #[must_use]
    pub fn transactions(
        &self,
        transactions: &[Transaction],
    ) -> Vec<Result<VerifiedTransaction, TransactionError>> {
        let mut verdicts = Vec::with_capacity(transactions.len());
        let mut sound = Vec::new();
        for transaction in transactions {
            let verdict = transaction.validate_static(&self.context, &self.epochs.current().params);
            if verdict.is_ok() {
                sound.push(transaction.clone());
            }
            verdicts.push(verdict);
        }
        let mut verified = verify::transactions(&sound, &self.context).into_iter();
        verdicts
            .into_iter()
            .map(|verdict| {
                verdict?;
                verified.next().flatten().ok_or(TransactionError::BadSignature)
            })
            .collect()
    }

    /// A gossiped batch of transactions from its bytes: those that hold, and how many never did. A fee
    /// that is too low in the current epoch only is nobody's fault: the sender may not be in it yet, or
    /// no longer; the transaction is passed over.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn batch(&self, bytes: &[u8]) -> Result<(Vec<VerifiedTransaction>, usize), WireError> {
        let transactions = wire::decode_transactions(bytes)?;
        let verdicts = self.transactions(&transactions);
        let (mut sound, mut refused) = (Vec::with_capacity(verdicts.len()), 0_usize);
        for (transaction, verdict) in transactions.iter().zip(verdicts) {
            match verdict {
                Ok(verified) => sound.push(verified),
                Err(TransactionError::FeeTooLow { found, .. })
                    if self.is_enough_in_another_epoch(transaction, found) => {}
                Err(_) => refused = refused.saturating_add(1),
            }
        }
        Ok((sound, refused))
    }

    fn is_enough_in_another_epoch(&self, transaction: &Transaction, fee: Amount) -> bool {
        let (length, actions) = (transaction.bytes().len(), &transaction.body().actions);
        self.epochs.entries().iter().any(|entry| fee >= entry.params.min_fee(length, actions))
    }

    /// The answer to a request from its bytes.
    ///
    /// # Errors
    /// When it is malformed, not an answer to the request, or any certificate does not hold.
    pub fn answer(
        &self,
        request: &FetchRequest,
        bytes: &[u8],
    ) -> Result<VerifiedAnswer, WireError> {
        match (request, wire::decode_answer(bytes)?) {
            (FetchRequest::Block(_), FetchAnswer::Block(None)) => Ok(VerifiedAnswer::Block(None)),
            (FetchRequest::Block(digest), FetchAnswer::Block(Some(block))) => {
                if block.digest() != *digest && !museum!(AnswerForOtherBlock) {
                    return Err(WireError::WrongAnswer("another block"));
                }
                block.validate_shape()?;
                Ok(VerifiedAnswer::Block(Some(block)))
            }
            (FetchRequest::Range { from, .. }, FetchAnswer::Range(blocks)) => {
                let mut height = *from;
                let mut verified = Vec::with_capacity(blocks.len());
                for (block, certificate) in blocks {
                    if block.height() != height {
                        return Err(WireError::WrongAnswer("not the heights asked for"));
                    }
                    let Some(set) = self.epochs.set_of(height) else {
                        break; // known once what is below is executed (EP-1)
                    };
                    let certificate = self.decided(&block, certificate, set)?;
                    verified.push((block, certificate));
                    height = height.next();
                }
                Ok(VerifiedAnswer::Range(verified))
            }
            (FetchRequest::Statements(address), FetchAnswer::Statements(said)) => {
                self.statements(address, said)
            }
            (FetchRequest::Block(_), FetchAnswer::Range(_) | FetchAnswer::Statements(_))
            | (FetchRequest::Range { .. }, FetchAnswer::Block(_) | FetchAnswer::Statements(_))
            | (FetchRequest::Statements(_), FetchAnswer::Block(_) | FetchAnswer::Range(_)) => {
                Err(WireError::WrongAnswer("another kind"))
            }
        }
    }

    /// Statements of one validator and of nobody else (S-5). Those of epochs that are not known wait.
    fn statements(
        &self,
        address: &Address,
        said: Vec<SignedStatement>,
    ) -> Result<VerifiedAnswer, WireError> {
        let (mut verified, mut early) = (Vec::with_capacity(said.len()), Vec::new());
        for signed in said {
            let Some(set) = self.epochs.set_of(signed.statement.height) else {
                early.push(signed);
                continue;
            };
            if Some(signed.signer) != set.index_of_address(address) {
                return Err(WireError::WrongAnswer("another validator's statements"));
            }
            verified.push(verify::statement(signed, &self.context, set)?);
        }
        Ok(VerifiedAnswer::Statements { verified, early })
    }

    /// A block and the commit certificate of exactly it.
    fn decided(
        &self,
        block: &Arc<Block>,
        certificate: Certificate,
        set: &ValidatorSet,
    ) -> Result<VerifiedCertificate, WireError> {
        let names = (certificate.kind, certificate.height, certificate.digest);
        let fits = names == (CertificateKind::Commit, block.height(), block.digest());
        if !fits && !museum!(CertificateForOtherBlock) {
            return Err(WireError::WrongAnswer("the certificate of another block"));
        }
        block.validate_shape()?;
        Ok(verify::certificate(certificate, &self.context, set)?)
    }
}
