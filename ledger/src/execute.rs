//! The execution of a block (X-1 to X-5; docs/economics.md): what the block below left to settle,
//! every fee and nonce, the actions in order, what falls due. A transaction's actions all take
//! effect, or it leaves a failed receipt.

use quorate_crypto::museum;
use quorate_types::{
    Address, Amount, Block, Epochs, Notice, Outcome, Receipt, StateChanges, Transaction,
};

use crate::draft::Draft;
use crate::error::{BlockError, LedgerError};
use crate::state::StateView;
use crate::stop::Stop;
use crate::surroundings::Surroundings;

/// What executing a block yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// One per transaction, in block order.
    pub receipts: Vec<Receipt>,
    /// What is new in the flat state.
    pub changes: StateChanges,
    /// What the changed keys had before.
    pub before: StateChanges,
    /// The epochs of the block's height and of the two above.
    pub epochs: Epochs,
    /// What those who run the chain should know.
    pub notices: Vec<Notice>,
}

/// Executes a block whose transactions [`crate::check_block`] accepts and whose evidence
/// [`crate::check_evidence`] does, over the state below it. No balance falls before the fees are
/// taken, so what was checked against that state still holds.
///
/// # Errors
/// [`LedgerError::Block`] when a fee, a nonce or a piece of evidence is not as R-2 asks; any other
/// error is this node's own. There are no effects then.
pub fn execute(
    block: &Block,
    state: &StateView<'_>,
    surroundings: Surroundings<'_>,
) -> Result<Execution, LedgerError> {
    let mut draft = Draft::new(state, surroundings);
    draft.attend(block)?;
    draft.convict(&block.evidence)?;
    let transactions = &block.transactions;
    let senders: Vec<Address> = transactions.iter().map(Transaction::sender).collect();
    charge_all(&mut draft, &senders, transactions)?;
    draft.keep();
    let mut receipts = Vec::with_capacity(transactions.len());
    for (sender, transaction) in senders.iter().zip(transactions) {
        receipts.push(act(&mut draft, *sender, transaction)?);
    }
    draft.pay_out()?;
    let epochs = draft.advance(block.height())?;
    draft.settle_supply()?;
    let (changes, before) = draft.changes();
    Ok(Execution { receipts, changes, before, epochs, notices: draft.notices })
}

/// Takes all fees into the fee pool and advances all nonces.
fn charge_all(
    draft: &mut Draft<'_>,
    senders: &[Address],
    transactions: &[Transaction],
) -> Result<(), LedgerError> {
    let mut pool = draft.fee_pool()?;
    for (index, (sender, transaction)) in senders.iter().zip(transactions).enumerate() {
        draft
            .accounts
            .charge(*sender, transaction)?
            .map_err(|error| BlockError::Transaction { index, error })?;
        let fee = if museum!(FeeLost) { Amount(0) } else { transaction.body().fee };
        pool = pool.checked_add(fee).ok_or(BlockError::FeePoolOverflow)?;
    }
    draft.put_fee_pool(pool)
}

/// Applies a transaction's actions in order: all of them, or none.
pub(crate) fn act(
    draft: &mut Draft<'_>,
    sender: Address,
    transaction: &Transaction,
) -> Result<Receipt, LedgerError> {
    let body = transaction.body();
    let mut events = Vec::with_capacity(body.actions.len());
    let mut outcome = Outcome::Success;
    for (action, number) in body.actions.iter().zip(0_u16..) {
        match draft.apply(sender, transaction, action) {
            Ok(event) => events.push(event),
            Err(Stop::Ledger(error)) => return Err(error),
            Err(Stop::Failure(_)) if museum!(PoisonTransaction) => {
                return Err(BlockError::FeePoolOverflow.into());
            }
            Err(Stop::Failure(code)) => {
                outcome = Outcome::Failed { code, action: number };
                break;
            }
        }
    }
    match outcome {
        Outcome::Success => draft.keep(),
        Outcome::Failed { .. } => {
            if !museum!(FailureKeepsEffect) {
                draft.undo();
            }
            events.clear();
        }
    }
    if museum!(FailureWithoutReceipt) {
        outcome = Outcome::Success;
    }
    Ok(Receipt { transaction: transaction.id(), outcome, fee: body.fee, events })
}
