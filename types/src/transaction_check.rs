//! The static rules of a transaction: those that need no state. What they refuse, every
//! node refuses, at submission and in a block alike.

use std::collections::BTreeSet;

use crate::action::Action;
use crate::address::Address;
use crate::canonical::DecodeError;
use crate::chain::ChainContext;
use crate::numbers::{Amount, Height};
use crate::params::{ChainParams, ParamsError};
use crate::transaction::Transaction;
use quorate_crypto::museum;

/// Why a transaction cannot be in any block, or not in this one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
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
    /// Several sign what one account does alone.
    #[error("{0} signers: several sign a change of the parameters only")]
    SeveralSigners(usize),
    /// One account signs twice.
    #[error("{0} signs more than once")]
    RepeatedSigner(Address),
    /// A change of the parameters together with something else.
    #[error("a change of the parameters is the only action of its transaction, not one of {0}")]
    ParamsNotAlone(usize),
    /// A parameter that would be out of its range.
    #[error("a parameter out of its range: {0}")]
    Params(ParamsError),
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
        if body.actions.is_empty() {
            return Err(TransactionError::Unsupported("no action".to_owned()));
        }
        self.validate_vote()?;
        let required = params.min_fee(self.bytes().len(), &body.actions);
        if body.fee < required && !museum!(FeeTooLow) {
            return Err(TransactionError::FeeTooLow { found: body.fee, required });
        }
        Ok(())
    }

    /// Several accounts sign a change of the parameters and nothing else, each once; it stands alone,
    /// and what it asks for is what a genesis may have.
    fn validate_vote(&self) -> Result<(), TransactionError> {
        let body = self.body();
        let change = body.actions.iter().find_map(|action| match action {
            Action::SetParams(change) => Some(change),
            Action::Transfer(_)
            | Action::PutRecord { .. }
            | Action::UpdateRecord { .. }
            | Action::DeleteRecord { .. }
            | Action::RegisterValidator(_)
            | Action::EditValidator { .. }
            | Action::RotateKey { .. }
            | Action::Delegate(_)
            | Action::Unbond(_)
            | Action::Redelegate { .. }
            | Action::WithdrawRewards { .. }
            | Action::Unjail => None,
        });
        let (signers, actions) = (body.signers.len(), body.actions.len());
        let Some(change) = change else {
            let is_alone = signers == 1;
            return is_alone.then_some(()).ok_or(TransactionError::SeveralSigners(signers));
        };
        if actions != 1 {
            return Err(TransactionError::ParamsNotAlone(actions));
        }
        change.params.validate().map_err(TransactionError::Params)?;
        let mut seen = BTreeSet::new();
        match self.signers().into_iter().find(|signer| !seen.insert(*signer)) {
            Some(signer) => Err(TransactionError::RepeatedSigner(signer)),
            None => Ok(()),
        }
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
