//! The deterministic validity of a block's transactions against the state after the height below
//! and the choice of those that a new block takes. Signatures are checked elsewhere.

use quorate_crypto::museum;
use quorate_types::{ChainContext, ChainParams, Height, Transaction};

use crate::accounts::Accounts;
use crate::error::{BlockError, InclusionError, LedgerError};
use crate::state::StateView;

/// Where a block stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its height.
    pub height: Height,
    /// The parameters of that height.
    pub params: &'a ChainParams,
    /// The chain.
    pub context: &'a ChainContext,
}

/// Checks limits, static rules, expiry, and that each sender's nonces run on from its account's
/// and its balance covers all its fees in the block. `state` is the one after the height below.
///
/// # Errors
/// [`LedgerError::Block`] names the first rule broken; any other error is this node's own.
pub fn check_block(
    transactions: &[Transaction],
    state: &StateView<'_>,
    place: Place<'_>,
) -> Result<(), LedgerError> {
    check_limits(transactions, place.params)?;
    let mut admission = Admission { accounts: Accounts::new(state), place };
    for (index, transaction) in transactions.iter().enumerate() {
        admission.admit(transaction)?.map_err(|error| BlockError::Transaction { index, error })?;
    }
    Ok(())
}

/// Takes from `candidates`, in order, what makes a block that [`check_block`] accepts; passes over
/// what does not fit.
///
/// # Errors
/// When the store fails.
pub fn select(
    candidates: impl IntoIterator<Item = Transaction>,
    state: &StateView<'_>,
    place: Place<'_>,
) -> Result<Vec<Transaction>, LedgerError> {
    let params = place.params;
    let mut admission = Admission { accounts: Accounts::new(state), place };
    let mut bytes_left = limit(params.max_block_bytes);
    let mut selected = Vec::new();
    for candidate in candidates {
        if selected.len()
            == limit(params.max_block_transactions) + usize::from(museum!(BlockLimitMore))
        {
            break;
        }
        let Some(rest) = bytes_left.checked_sub(candidate.bytes().len()) else {
            continue;
        };
        if admission.admit(&candidate)?.is_ok() {
            bytes_left = rest;
            selected.push(candidate);
        }
    }
    Ok(selected)
}

fn check_limits(transactions: &[Transaction], params: &ChainParams) -> Result<(), BlockError> {
    let (found, most) = (transactions.len(), limit(params.max_block_transactions));
    if found + usize::from(museum!(BlockLimitLess)) > most {
        return Err(BlockError::TooManyTransactions { found, limit: most });
    }
    let found = transactions.iter().map(|transaction| transaction.bytes().len()).sum();
    let most = limit(params.max_block_bytes);
    if found > most {
        return Err(BlockError::TooManyBytes { found, limit: most });
    }
    Ok(())
}

fn limit(parameter: u32) -> usize {
    usize::try_from(parameter).unwrap_or(usize::MAX)
}

/// One block's transactions, admitted one after the other.
struct Admission<'a> {
    accounts: Accounts<'a>,
    place: Place<'a>,
}

impl Admission<'_> {
    fn admit(
        &mut self,
        transaction: &Transaction,
    ) -> Result<Result<(), InclusionError>, LedgerError> {
        let checked = transaction
            .validate_static(self.place.context, self.place.params)
            .and_then(|()| transaction.validate_expiry(self.place.height));
        match checked {
            Ok(()) => self.accounts.charge(transaction.sender(), transaction),
            Err(error) => Ok(Err(InclusionError::Static(error))),
        }
    }
}
