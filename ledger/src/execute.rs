//! The execution of a block's transactions: first every fee and nonce, then the
//! actions in order. An action either takes effect as a whole or leaves a failed receipt.

use quorate_crypto::museum;
use quorate_types::{
    Account, Action, Address, Amount, Canonical, Event, FailureCode, Outcome, Receipt,
    StateChanges, StateKey, StateKind, Transaction, Transfer, ValidatorSet,
};

use crate::accounts::{Accounts, Touched};
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
    let mut accounts = Accounts::new(state);
    let pool = charge_all(&mut accounts, &senders, transactions, pool_before)?;
    let mut receipts = Vec::with_capacity(transactions.len());
    for (sender, transaction) in senders.iter().zip(transactions) {
        receipts.push(act(&mut accounts, *sender, transaction)?);
    }
    check_supply_delta(&accounts, pool_before, pool);
    let pool_changed = pool != pool_before;
    let changes = values(&accounts, pool_changed.then_some(pool), |touched| touched.now);
    let before = values(&accounts, pool_changed.then_some(pool_before), |touched| touched.before);
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

/// Applies a transaction's one action (the static rules allow no other count).
fn act(
    accounts: &mut Accounts<'_>,
    sender: Address,
    transaction: &Transaction,
) -> Result<Receipt, LedgerError> {
    let body = transaction.body();
    let [Action::Transfer(transfer)] = body.actions.as_slice() else {
        return Err(BlockError::ActionCount(body.actions.len()).into());
    };
    let (outcome, events) = match apply_transfer(accounts, sender, transfer)? {
        Ok(event) => (Outcome::Success, vec![event]),
        Err(_) if museum!(PoisonTransaction) => return Err(BlockError::FeePoolOverflow.into()),
        Err(failure) => (
            if museum!(FailureWithoutReceipt) {
                Outcome::Success
            } else {
                Outcome::Failed(failure)
            },
            Vec::new(),
        ),
    };
    Ok(Receipt { transaction: transaction.id(), outcome, fee: body.fee, events })
}

/// Moves money, or says why not and moves none. Creates its recipient.
fn apply_transfer(
    accounts: &mut Accounts<'_>,
    from: Address,
    transfer: &Transfer,
) -> Result<Result<Event, FailureCode>, LedgerError> {
    let Transfer { to, amount } = *transfer;
    let sender = accounts.get(from)?;
    let Some(rest) = sender.balance.checked_sub(amount) else {
        if museum!(FailureKeepsEffect) {
            let paid = accounts.get(to)?;
            accounts.set(to, Account { balance: Amount(paid.balance.0 + 1), ..paid })?;
        }
        return Ok(Err(FailureCode::InsufficientFunds));
    };
    if to != from || museum!(SelfTransferPays) {
        let recipient = accounts.get(to)?;
        let Some(sum) = recipient.balance.checked_add(amount) else {
            return Ok(Err(FailureCode::BalanceOverflow));
        };
        accounts.set(from, Account { balance: rest, ..sender })?;
        accounts.set(to, Account { balance: sum, ..recipient })?;
    }
    Ok(Ok(Event::Transfer { from, to, amount }))
}

/// The accounts that are other than before, and the fee pool where it is: one side of the change.
fn values(
    accounts: &Accounts<'_>,
    pool: Option<Amount>,
    side: impl Fn(&Touched) -> Option<Account>,
) -> StateChanges {
    let changed = accounts.touched().filter(|(_, touched)| touched.before != touched.now);
    let mut values: StateChanges = changed
        .map(|(address, touched)| {
            (StateKey::account(address), side(touched).map(|account| account.to_bytes()))
        })
        .collect();
    if let Some(pool) = pool {
        values.insert(StateKey::single(StateKind::FeePool), Some(pool.to_bytes()));
    }
    values
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
