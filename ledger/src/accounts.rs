//! The accounts that a block touches, as they were and as they are. Checking, selecting and
//! executing charge fees through the same function, so they cannot disagree.

use quorate_crypto::museum;
use quorate_types::{Account, Address, Transaction};

use crate::buffer::{Buffer, Touched};
use crate::error::{InclusionError, LedgerError};
use crate::state::StateView;

/// Loaded on first use.
pub(crate) struct Accounts<'a> {
    state: &'a StateView<'a>,
    pub(crate) buffer: Buffer<Address, Account>,
}

impl<'a> Accounts<'a> {
    pub(crate) fn new(state: &'a StateView<'a>) -> Accounts<'a> {
        Accounts { state, buffer: Buffer::new() }
    }

    /// The account as it is now; one that does not exist has nothing.
    pub(crate) fn get(&mut self, address: Address) -> Result<Account, LedgerError> {
        self.touch(address).map(|touched| touched.now.unwrap_or_default())
    }

    /// Replaces, or creates, an account.
    pub(crate) fn set(&mut self, address: Address, account: Account) -> Result<(), LedgerError> {
        self.buffer.set(address, Some(account), || self.state.account(&address))
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

    fn touch(&mut self, address: Address) -> Result<&mut Touched<Account>, LedgerError> {
        self.buffer.touch(&address, || self.state.account(&address))
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
