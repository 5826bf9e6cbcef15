//! The accounts that a block touches, as they were and as they are. Checking, selecting and
//! executing charge fees through the same function, so they cannot disagree.

use quorate_crypto::museum;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use quorate_types::{Account, Address, Amount, Transaction};

use crate::error::{InclusionError, LedgerError};
use crate::state::StateView;

/// Loaded on first use.
pub(crate) struct Accounts<'a> {
    state: &'a StateView<'a>,
    touched: BTreeMap<Address, Touched>,
    /// What the transaction at work has replaced, oldest first.
    replaced: Vec<(Address, Option<Account>)>,
}

/// An account that exists has a value; none: it does not exist.
#[derive(Clone, Copy)]
pub(crate) struct Touched {
    pub(crate) before: Option<Account>,
    pub(crate) now: Option<Account>,
}

impl<'a> Accounts<'a> {
    pub(crate) fn new(state: &'a StateView<'a>) -> Accounts<'a> {
        Accounts { state, touched: BTreeMap::new(), replaced: Vec::new() }
    }

    /// The account as it is now; one that does not exist has nothing.
    pub(crate) fn get(&mut self, address: Address) -> Result<Account, LedgerError> {
        self.touch(address).map(|touched| touched.now.unwrap_or_default())
    }

    /// Replaces, or creates, an account.
    pub(crate) fn set(&mut self, address: Address, account: Account) -> Result<(), LedgerError> {
        let before = self.touch(address)?.now.replace(account);
        self.replaced.push((address, before));
        Ok(())
    }

    /// What was set stays: the next transaction begins.
    pub(crate) fn keep(&mut self) {
        self.replaced.clear();
    }

    /// Takes back what was set since [`Accounts::keep`].
    pub(crate) fn undo(&mut self) {
        while let Some((address, before)) = self.replaced.pop() {
            if let Some(touched) = self.touched.get_mut(&address) {
                touched.now = before;
            }
        }
    }

    /// Every touched account, ascending by address.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (&Address, &Touched)> {
        self.touched.iter()
    }

    /// Takes the fee and advances the nonce; changes nothing where it may not.
    pub(crate) fn charge(
        &mut self,
        sender: Address,
        transaction: &Transaction,
    ) -> Result<Result<(), InclusionError>, LedgerError> {
        let touched = self.touch(sender)?;
        Ok(charged(touched.now.unwrap_or_default(), transaction)
            .map(|account| touched.now = Some(account)))
    }

    fn touch(&mut self, address: Address) -> Result<&mut Touched, LedgerError> {
        match self.touched.entry(address) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let before = self.state.account(&address)?;
                Ok(entry.insert(Touched { before, now: before }))
            }
        }
    }
}

fn charged(account: Account, transaction: &Transaction) -> Result<Account, InclusionError> {
    let body = transaction.body();
    if body.nonce != account.nonce && !museum!(NonceNotChecked) {
        let (expected, found) = (account.nonce, body.nonce);
        return Err(InclusionError::WrongNonce { expected, found });
    }
    let nonce = account.nonce.next().ok_or(InclusionError::NoncesExhausted)?;
    let (balance, fee) = (account.balance, body.fee);
    let fee = if museum!(FeeNotTaken) { Default::default() } else { fee };
    let rest = balance.checked_sub(fee).ok_or(InclusionError::FeeNotCovered { balance, fee })?;
    let nonce = if museum!(NonceNotAdvanced) { account.nonce } else { nonce };
    Ok(Account { nonce, balance: rest })
}

impl Touched {
    /// What it owned before the block; nothing where it did not exist.
    pub(crate) fn balance_before(&self) -> Amount {
        self.before.unwrap_or_default().balance
    }

    /// What it owns now; nothing where it does not exist.
    pub(crate) fn balance_now(&self) -> Amount {
        self.now.unwrap_or_default().balance
    }
}
