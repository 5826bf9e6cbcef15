//! The state that a block makes, one action at a time: transfers and records. A
//! transaction whose action fails is taken back as a whole.

use quorate_crypto::museum;
use quorate_types::{
    Account, Action, Address, Event, FailureCode, RecordKey, RecordValue, StateKey, Transfer,
};

use crate::accounts::Accounts;
use crate::entries::Entries;
use crate::error::LedgerError;
use crate::state::StateView;

/// What an action comes to: what happened, or why nothing did. The outer error is this node's.
type Applied = Result<Result<Event, FailureCode>, LedgerError>;

/// The accounts and other entries that the block at work has touched.
pub(crate) struct Draft<'a> {
    pub(crate) accounts: Accounts<'a>,
    pub(crate) entries: Entries<'a>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(state: &'a StateView<'a>) -> Draft<'a> {
        Draft { accounts: Accounts::new(state), entries: Entries::new(state) }
    }

    /// The transaction at work takes effect.
    pub(crate) fn keep(&mut self) {
        self.accounts.keep();
        self.entries.keep();
    }

    /// The transaction at work has no effect.
    pub(crate) fn undo(&mut self) {
        self.accounts.undo();
        self.entries.undo();
    }

    /// Applies one action of `sender`, or says why not.
    pub(crate) fn apply(&mut self, sender: Address, action: &Action) -> Applied {
        match action {
            Action::Transfer(transfer) => self.transfer(sender, transfer),
            Action::PutRecord { key, value } => self.put_record(sender, key, value),
            Action::UpdateRecord { key, value } => {
                if !self.entries.has(&StateKey::record(&sender, key))? {
                    return Ok(Err(FailureCode::RecordMissing));
                }
                self.put_record(sender, key, value)
            }
            Action::DeleteRecord { key } => {
                let place = StateKey::record(&sender, key);
                if !self.entries.has(&place)? {
                    return Ok(Err(FailureCode::RecordMissing));
                }
                self.entries.set(place, None)?;
                Ok(Ok(Event::RecordDeleted { owner: sender, key: key.clone() }))
            }
        }
    }

    /// Moves money; creates its recipient.
    fn transfer(&mut self, from: Address, transfer: &Transfer) -> Applied {
        let Transfer { to, amount } = *transfer;
        let sender = self.accounts.get(from)?;
        let Some(rest) = sender.balance.checked_sub(amount) else {
            return Ok(Err(FailureCode::InsufficientFunds));
        };
        if to != from || museum!(SelfTransferPays) {
            let recipient = self.accounts.get(to)?;
            let Some(sum) = recipient.balance.checked_add(amount) else {
                return Ok(Err(FailureCode::BalanceOverflow));
            };
            self.accounts.set(from, Account { balance: rest, ..sender })?;
            self.accounts.set(to, Account { balance: sum, ..recipient })?;
        }
        Ok(Ok(Event::Transfer { from, to, amount }))
    }

    fn put_record(&mut self, owner: Address, key: &RecordKey, value: &RecordValue) -> Applied {
        self.entries.set(StateKey::record(&owner, key), Some(value.as_bytes().to_vec()))?;
        Ok(Ok(Event::RecordPut { owner, key: key.clone() }))
    }
}
