//! What a transaction would come to if the next block had it alone: checked, charged and executed as in
//! a block, and nothing of it kept.

use quorate_types::{Height, Receipt, Transaction};

use crate::draft::Draft;
use crate::error::{BlockError, InclusionError, LedgerError};
use crate::execute::act;
use crate::state::StateView;
use crate::surroundings::Surroundings;

/// The receipt that a transaction would have in a block at `height`, over the state below it; or why
/// no such block may include it. What a first block of an epoch does before its transactions (rewards,
/// punishment) is not reckoned with. Costs what executing the transaction costs.
///
/// # Errors
/// When this node cannot say: its store fails, or holds what no execution wrote.
pub fn simulate(
    transaction: &Transaction,
    height: Height,
    state: &StateView<'_>,
    surroundings: Surroundings<'_>,
) -> Result<Result<Receipt, InclusionError>, LedgerError> {
    let params = &surroundings.epochs.next.params;
    let checked = transaction
        .validate_static(surroundings.context, params)
        .and_then(|()| transaction.validate_expiry(height));
    if let Err(error) = checked {
        return Ok(Err(error.into()));
    }
    let mut draft = Draft::new(state, surroundings);
    let sender = transaction.sender();
    if let Err(error) = draft.accounts.charge(sender, transaction)? {
        return Ok(Err(error));
    }
    let pool = draft.fee_pool()?.checked_add(transaction.body().fee);
    draft.put_fee_pool(pool.ok_or(BlockError::FeePoolOverflow)?)?;
    draft.keep();
    act(&mut draft, sender, transaction).map(Ok)
}
