//! What actions do, one at a time: transfers, records, and by way of other modules
//! stake. A transaction whose action fails is taken back as a whole.

use quorate_crypto::museum;
use quorate_types::{
    Account, Action, Address, Event, FailureCode, RecordKey, RecordValue, StateKey, Transaction,
    Transfer,
};

use crate::draft::Draft;
use crate::stop::Applied;

impl Draft<'_> {
    /// Applies one action of a transaction of `sender`, or says why not.
    pub(crate) fn apply(
        &mut self,
        sender: Address,
        transaction: &Transaction,
        action: &Action,
    ) -> Applied<Event> {
        match action {
            Action::Transfer(transfer) => self.transfer(sender, transfer),
            Action::PutRecord { key, value } => self.put_record(sender, key, value),
            Action::UpdateRecord { key, value } => {
                self.find_record(sender, key)?;
                self.put_record(sender, key, value)
            }
            Action::DeleteRecord { key } => {
                self.find_record(sender, key)?;
                self.set(StateKey::record(&sender, key), None)?;
                Ok(Event::RecordDeleted { owner: sender, key: key.clone() })
            }
            Action::RegisterValidator(registration) => self.register(sender, registration),
            Action::EditValidator { moniker, commission_bps } => {
                self.edit(sender, moniker, *commission_bps)
            }
            Action::RotateKey { key, proof, from } => self.rotate_key(sender, *key, proof, *from),
            Action::Delegate(stake) => self.delegate(sender, *stake),
            Action::Unbond(stake) => self.unbond(sender, *stake),
            Action::Redelegate { from, to, amount } => self.redelegate(sender, *from, *to, *amount),
            Action::WithdrawRewards { validator } => self.withdraw_rewards(sender, *validator),
            Action::Unjail => self.unjail(sender),
            Action::SetParams(change) => self.set_params(&transaction.signers(), change),
        }
    }

    /// Moves money; creates its recipient.
    fn transfer(&mut self, from: Address, transfer: &Transfer) -> Applied<Event> {
        let Transfer { to, amount } = *transfer;
        let sender = self.accounts.get(from)?;
        let rest = sender.balance.checked_sub(amount).ok_or(FailureCode::InsufficientFunds)?;
        if to != from || museum!(SelfTransferPays) {
            let recipient = self.accounts.get(to)?;
            let sum = recipient.balance.checked_add(amount).ok_or(FailureCode::BalanceOverflow)?;
            self.accounts.set(from, Account { balance: rest, ..sender })?;
            self.accounts.set(to, Account { balance: sum, ..recipient })?;
        }
        Ok(Event::Transfer { from, to, amount })
    }

    fn put_record(
        &mut self,
        owner: Address,
        key: &RecordKey,
        value: &RecordValue,
    ) -> Applied<Event> {
        self.set(StateKey::record(&owner, key), Some(value.as_bytes().to_vec()))?;
        Ok(Event::RecordPut { owner, key: key.clone() })
    }

    fn find_record(&mut self, owner: Address, key: &RecordKey) -> Applied<()> {
        let is_there = self.has(&StateKey::record(&owner, key))?;
        Ok(is_there.then_some(()).ok_or(FailureCode::RecordMissing)?)
    }
}
