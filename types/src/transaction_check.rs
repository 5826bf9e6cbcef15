//! The static rules of a transaction: those that need no state. What they refuse, every
//! node refuses, at submission and in a block alike.

use crate::canonical::DecodeError;
use crate::chain::ChainContext;
use crate::numbers::{Amount, Height};
use crate::params::ChainParams;
use crate::transaction::Transaction;
use quorate_crypto::museum;

/// Why a transaction cannot be in any block, or not in this one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// The bytes are not the canonical layout.
    #[error("malformed transaction: {0}")]
    Malformed(DecodeError),
    /// A version, scheme, kind or count that this chain does not know yet.
    #[error("unsupported transaction: {0}")]
    Unsupported(String),
    /// Longer than a transaction may be.
    #[error("transaction of {found} bytes, more than {limit}")]
    TooLarge {
        /// Its length in bytes.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The tag of another chain.
    #[error("the transaction is for another chain")]
    WrongChain,
    /// A signature that does not verify.
    #[error("a signature does not verify")]
    BadSignature,
    /// Its expiry height lies below the next block.
    #[error("expired at height {expiry}; the next block is {next}")]
    Expired {
        /// Its expiry height.
        expiry: Height,
        /// The height that it would be included at.
        next: Height,
    },
    /// The fee is below what the parameters ask for.
    #[error("fee {found} is below {required}")]
    FeeTooLow {
        /// The fee offered, in base units.
        found: Amount,
        /// The lowest fee for its length, in base units.
        required: Amount,
    },
}

impl From<DecodeError> for TransactionError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Unknown { .. } => TransactionError::Unsupported(error.to_string()),
            DecodeError::TooLong { what: "transaction", found, limit } => {
                TransactionError::TooLarge { found, limit }
            }
            DecodeError::Truncated { .. }
            | DecodeError::Trailing(_)
            | DecodeError::TooLong { .. }
            | DecodeError::Invalid(_)
            | DecodeError::Protobuf(_) => TransactionError::Malformed(error),
        }
    }
}

impl Transaction {
    /// Checks everything that depends on the bytes and the chain alone, but for the signatures.
    ///
    /// # Errors
    /// Names the first rule that it breaks.
    pub fn validate_static(
        &self,
        context: &ChainContext,
        params: &ChainParams,
    ) -> Result<(), TransactionError> {
        let body = self.body();
        if body.chain_tag != context.tag() && !museum!(OtherChainsTransaction) {
            return Err(TransactionError::WrongChain);
        }
        if body.signers.len() != 1 {
            let count = body.signers.len();
            return Err(TransactionError::Unsupported(format!("{count} signers, not 1")));
        }
        if body.actions.is_empty() {
            return Err(TransactionError::Unsupported("no action".to_owned()));
        }
        let required = params.min_fee(self.bytes().len(), &body.actions);
        if body.fee < required && !museum!(FeeTooLow) {
            return Err(TransactionError::FeeTooLow { found: body.fee, required });
        }
        Ok(())
    }

    /// Checks that a block at `height` may still include it.
    ///
    /// # Errors
    /// When its expiry height lies below.
    pub fn validate_expiry(&self, height: Height) -> Result<(), TransactionError> {
        let expiry = self.body().expiry;
        if expiry != Height::GENESIS && expiry < height && !museum!(ExpiryIgnored) {
            return Err(TransactionError::Expired { expiry, next: height });
        }
        Ok(())
    }
}
