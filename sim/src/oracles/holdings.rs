//! What accounts have, and what transactions' actions make of it, restated.

use std::collections::BTreeMap;

use quorate_types::{Action, Event, FailureCode, Outcome, Receipt, RecordKey, Transaction};

/// An account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) nonce: u64,
    pub(crate) balance: u64,
}

/// What everybody has but for stake.
#[derive(Clone, Debug)]
pub(crate) struct Holdings {
    pub(crate) holders: BTreeMap<[u8; 20], Holder>,
    /// The records' values, by owner and key.
    pub(crate) records: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Holdings {
    /// All actions, or, where one cannot be done, everything as it was.
    pub(crate) fn act(&mut self, transaction: &Transaction, receipt: &Receipt) -> Outcome {
        if transaction.body().actions.iter().any(is_of_stake) {
            return self.act_on_stake(transaction, receipt);
        }
        let before = (self.holders.clone(), self.records.clone());
        let sender = transaction.sender().0;
        for (action, number) in transaction.body().actions.iter().zip(0..) {
            if let Err(code) = self.apply(sender, action) {
                (self.holders, self.records) = before;
                return Outcome::Failed { code, action: number };
            }
        }
        Outcome::Success
    }

    /// Whether and where actions on stake fail is what the node says; the others are done here.
    fn act_on_stake(&mut self, transaction: &Transaction, receipt: &Receipt) -> Outcome {
        let sender = transaction.sender().0;
        let actions = &transaction.body().actions;
        if receipt.outcome == Outcome::Success && receipt.events.len() != actions.len() {
            return Outcome::Failed { code: FailureCode::NoValidator, action: 0 };
        }
        for ((action, event), number) in actions.iter().zip(&receipt.events).zip(0..) {
            if is_of_stake(action) {
                self.move_stake(sender, std::slice::from_ref(event));
            } else if let Err(code) = self.apply(sender, action) {
                return Outcome::Failed { code, action: number };
            }
        }
        receipt.outcome
    }

    /// What a node says it did with stake; that no money comes of it is seen by the supply.
    fn move_stake(&mut self, sender: [u8; 20], events: &[Event]) {
        let holder = self.holders.entry(sender).or_default();
        for event in events {
            let (paid, got) = match event {
                Event::ValidatorRegistered { bond, .. } => (bond.0, 0),
                Event::Delegated { amount, rewards, .. } => (amount.0, rewards.0),
                Event::Unbonded { rewards, .. }
                | Event::Redelegated { rewards, .. }
                | Event::RewardsWithdrawn { rewards, .. } => (0, rewards.0),
                Event::Transfer { .. }
                | Event::RecordPut { .. }
                | Event::RecordDeleted { .. }
                | Event::ValidatorEdited { .. }
                | Event::KeyRotated { .. }
                | Event::Unjailed { .. }
                | Event::ParamsSet { .. } => (0, 0),
            };
            holder.balance = holder.balance.saturating_sub(paid).saturating_add(got);
        }
    }

    fn apply(&mut self, sender: [u8; 20], action: &Action) -> Result<(), FailureCode> {
        let place = |key: &RecordKey| [&sender[..], key.as_bytes()].concat();
        match action {
            Action::Transfer(transfer) => {
                let (to, amount) = (transfer.to.0, transfer.amount.0);
                let from = self.holders.entry(sender).or_default();
                let rest = from.balance.checked_sub(amount);
                from.balance = rest.ok_or(FailureCode::InsufficientFunds)?;
                let recipient = self.holders.entry(to).or_default();
                recipient.balance = recipient.balance.saturating_add(amount);
            }
            Action::PutRecord { key, value } => {
                self.records.insert(place(key), value.as_bytes().to_vec());
            }
            Action::UpdateRecord { key, value } => {
                let held = self.records.get_mut(&place(key));
                *held.ok_or(FailureCode::RecordMissing)? = value.as_bytes().to_vec();
            }
            Action::DeleteRecord { key } => {
                self.records.remove(&place(key)).ok_or(FailureCode::RecordMissing)?;
            }
            Action::RegisterValidator(_)
            | Action::EditValidator { .. }
            | Action::RotateKey { .. }
            | Action::Delegate(_)
            | Action::Unbond(_)
            | Action::Redelegate { .. }
            | Action::WithdrawRewards { .. }
            | Action::Unjail
            | Action::SetParams(_) => {} // see `move_stake`
        }
        Ok(())
    }
}

fn is_of_stake(action: &Action) -> bool {
    match action {
        Action::Transfer(_)
        | Action::PutRecord { .. }
        | Action::UpdateRecord { .. }
        | Action::DeleteRecord { .. } => false,
        Action::RegisterValidator(_)
        | Action::EditValidator { .. }
        | Action::RotateKey { .. }
        | Action::Delegate(_)
        | Action::Unbond(_)
        | Action::Redelegate { .. }
        | Action::WithdrawRewards { .. }
        | Action::Unjail
        | Action::SetParams(_) => true,
    }
}
