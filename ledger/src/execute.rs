//! The execution of a block's transactions: first every fee and nonce, then the
//! actions in order. A transaction's actions all take effect, or it leaves a failed receipt.

use quorate_crypto::museum;
use quorate_types::{
    Account, Address, Amount, Canonical, Outcome, Receipt, StateChanges, StateKey, StateKind,
    Transaction, ValidatorSet,
};

use crate::accounts::{Accounts, Touched};
use crate::draft::Draft;
use crate::error::{BlockError, LedgerError};
use crate::state::StateView;

/// What executing a block's transactions yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// One per transaction, in block order.
    pub receipts: Vec<Receipt>,
    /// What is new in the flat state.
    pub changes: StateChanges,
    /// What the changed keys had before.
    pub before: StateChanges,
    /// The validator set that the changes leave in the state.
    pub next_validators: ValidatorSet,
}

/// Executes transactions that [`crate::check_block`] accepts, over the state below them.
///
/// # Errors
/// [`LedgerError::Block`] when a fee or nonce is not as R-2 asks; any other error is this node's
/// own. There are no effects then.
pub fn execute(
    transactions: &[Transaction],
    state: &StateView<'_>,
) -> Result<Execution, LedgerError> {
    let senders: Vec<Address> = transactions.iter().map(Transaction::sender).collect();
    let pool_before = state.fee_pool()?;
    let mut draft = Draft::new(state);
    let pool = charge_all(&mut draft.accounts, &senders, transactions, pool_before)?;
    let mut receipts = Vec::with_capacity(transactions.len());
    for (sender, transaction) in senders.iter().zip(transactions) {
        receipts.push(act(&mut draft, *sender, transaction)?);
    }
    check_supply_delta(&draft.accounts, pool_before, pool);
    let pool_changed = pool != pool_before;
    let mut changes = account_values(&draft.accounts, |touched| touched.now);
    let mut before = account_values(&draft.accounts, |touched| touched.before);
    for (key, entry) in draft.entries.touched().filter(|(_, entry)| entry.before != entry.now) {
        changes.insert(key.clone(), entry.now.clone());
        before.insert(key.clone(), entry.before.clone());
    }
    if pool_changed {
        changes.insert(StateKey::single(StateKind::FeePool), Some(pool.to_bytes()));
        before.insert(StateKey::single(StateKind::FeePool), Some(pool_before.to_bytes()));
    }
    Ok(Execution { receipts, changes, before, next_validators: state.validators()? })
}

/// Takes all fees and advances all nonces; returns the fee pool after it.
fn charge_all(
    accounts: &mut Accounts<'_>,
    senders: &[Address],
    transactions: &[Transaction],
    pool: Amount,
) -> Result<Amount, LedgerError> {
    let mut pool = pool;
    for (index, (sender, transaction)) in senders.iter().zip(transactions).enumerate() {
        accounts
            .charge(*sender, transaction)?
            .map_err(|error| BlockError::Transaction { index, error })?;
        let fee = if museum!(FeeLost) { Amount(0) } else { transaction.body().fee };
        pool = pool.checked_add(fee).ok_or(BlockError::FeePoolOverflow)?;
    }
    Ok(pool)
}

/// Applies a transaction's actions in order: all of them, or none.
fn act(
    draft: &mut Draft<'_>,
    sender: Address,
    transaction: &Transaction,
) -> Result<Receipt, LedgerError> {
    let body = transaction.body();
    let mut events = Vec::with_capacity(body.actions.len());
    let mut outcome = Outcome::Success;
    for (action, number) in body.actions.iter().zip(0_u16..) {
        match draft.apply(sender, action)? {
            Ok(event) => events.push(event),
            Err(_) if museum!(PoisonTransaction) => return Err(BlockError::FeePoolOverflow.into()),
            Err(code) => {
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

/// The accounts that are other than before: one side of the change.
fn account_values(
    accounts: &Accounts<'_>,
    side: impl Fn(&Touched) -> Option<Account>,
) -> StateChanges {
    let changed = accounts.touched().filter(|(_, touched)| touched.before != touched.now);
    let value = |touched| side(touched).map(|account| account.to_bytes());
    changed.map(|(address, touched)| (StateKey::account(address), value(touched))).collect()
}

/// The supply is conserved: what the touched accounts and the fee pool hold together is what they
/// held before. A block for which this fails would be money from nothing: stop.
fn check_supply_delta(accounts: &Accounts<'_>, pool_before: Amount, pool: Amount) {
    let mut before = u128::from(pool_before.0);
    let mut now = u128::from(pool.0);
    for (_, touched) in accounts.touched() {
        before += u128::from(touched.balance_before().0);
        now += u128::from(touched.balance_now().0);
    }
    assert_eq!(before, now, "a block conserves the supply");
}
