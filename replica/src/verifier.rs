//! From bytes to what the core may believe: decoding and verification, in that order, off the
//! core's thread. Says which of the two failed, so that the host can judge the peer.

use quorate_crypto::museum;
use std::sync::Arc;

use quorate_types::verify::{self, VerifyError};
use quorate_types::wire::{self, FetchAnswer, FetchRequest};
use quorate_types::{
    Address, Block, Certificate, CertificateKind, ChainContext, ChainParams, DecodeError, Message,
    SignedStatement, Transaction, TransactionError, ValidatorSet, Verified, VerifiedCertificate,
    VerifiedTransaction,
};

use crate::input::VerifiedAnswer;

/// Why bytes of a peer say nothing. Whoever sent them is faulty.
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
}

/// Verifies against one chain and the validator set in force.
#[derive(Clone, Debug)]
pub struct Verifier {
    context: ChainContext,
    params: ChainParams,
    set: ValidatorSet,
}

impl Verifier {
    /// A verifier for the set that the core published last.
    #[must_use]
    pub fn new(context: ChainContext, params: ChainParams, set: ValidatorSet) -> Verifier {
        Verifier { context, params, set }
    }

    /// The chain that it verifies for.
    #[must_use]
    pub fn context(&self) -> &ChainContext {
        &self.context
    }

    /// A consensus message from its bytes on the wire.
    ///
    /// # Errors
    /// When the bytes are malformed or any signature does not hold.
    pub fn message(&self, bytes: &[u8]) -> Result<Verified<Message>, WireError> {
        let message = wire::decode_message(bytes)?;
        Ok(verify::message(message, &self.context, &self.set)?)
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
            let verdict = transaction.validate_static(&self.context, &self.params);
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

    /// A gossiped batch of transactions from its bytes: those that hold, and how many do not.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn batch(&self, bytes: &[u8]) -> Result<(Vec<VerifiedTransaction>, usize), WireError> {
        let transactions = wire::decode_transactions(bytes)?;
        let verdicts = self.transactions(&transactions);
        let count = verdicts.len();
        let sound: Vec<_> = verdicts.into_iter().flatten().collect();
        let refused = count.saturating_sub(sound.len());
        Ok((sound, refused))
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
                    let certificate = self.decided(&block, certificate)?;
                    verified.push((block, certificate));
                    height = height.next();
                }
                Ok(VerifiedAnswer::Range(verified))
            }
            (FetchRequest::Statements(address), FetchAnswer::Statements(said)) => {
                self.statements(address, said).map(VerifiedAnswer::Statements)
            }
            (FetchRequest::Block(_), FetchAnswer::Range(_) | FetchAnswer::Statements(_))
            | (FetchRequest::Range { .. }, FetchAnswer::Block(_) | FetchAnswer::Statements(_))
            | (FetchRequest::Statements(_), FetchAnswer::Block(_) | FetchAnswer::Range(_)) => {
                Err(WireError::WrongAnswer("another kind"))
            }
        }
    }

    /// Statements of one validator and of nobody else (S-5).
    fn statements(
        &self,
        address: &Address,
        said: Vec<SignedStatement>,
    ) -> Result<Vec<Verified<SignedStatement>>, WireError> {
        let index = self.set.index_of_address(address);
        if said.iter().any(|signed| Some(signed.signer) != index) {
            return Err(WireError::WrongAnswer("another validator's statements"));
        }
        let said = said.into_iter();
        let verified = said.map(|signed| verify::statement(signed, &self.context, &self.set));
        Ok(verified.collect::<Result<_, VerifyError>>()?)
    }

    /// A block and the commit certificate of exactly it.
    fn decided(
        &self,
        block: &Arc<Block>,
        certificate: Certificate,
    ) -> Result<VerifiedCertificate, WireError> {
        let names = (certificate.kind, certificate.height, certificate.digest);
        let fits = names == (CertificateKind::Commit, block.height(), block.digest());
        if !fits && !museum!(CertificateForOtherBlock) {
            return Err(WireError::WrongAnswer("the certificate of another block"));
        }
        block.validate_shape()?;
        Ok(verify::certificate(certificate, &self.context, &self.set)?)
    }
}
