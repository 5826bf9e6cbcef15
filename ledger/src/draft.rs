//! The state that a block makes: everything that it has touched, typed, with undo for the
//! transaction at work, and where the block stands.

use std::sync::Arc;

use quorate_types::{
    Account, Address, AddressList, Amount, Canonical, ChainContext, Delegation, Epoch, EpochEntry,
    Epochs, FailureCode, Notice, StakingParams, StateChanges, StateKey, StateKind, StateReader,
    UnbondingPool, ValidatorEntry,
};

use crate::accounts::Accounts;
use crate::buffer::{Buffer, Touched};
use crate::error::LedgerError;
use crate::pools::Pool;
use crate::state::StateView;
use crate::stop::Applied;
use crate::surroundings::Surroundings;

/// The accounts and other entries that the block at work has touched.
pub(crate) struct Draft<'a> {
    pub(crate) accounts: Accounts<'a>,
    entries: Buffer<StateKey, Vec<u8>>,
    state: &'a StateView<'a>,
    surroundings: Surroundings<'a>,
    /// Base units that the block has made.
    pub(crate) issued: u64,
    /// Base units that the block has destroyed.
    pub(crate) burnt: u64,
    /// What those who run the chain should know.
    pub(crate) notices: Vec<Notice>,
}

/// Where a block stands.
impl<'a> Draft<'a> {
    pub(crate) fn new(state: &'a StateView<'a>, surroundings: Surroundings<'a>) -> Draft<'a> {
        Draft {
            accounts: Accounts::new(state),
            entries: Buffer::new(),
            state,
            surroundings,
            issued: 0,
            burnt: 0,
            notices: Vec::new(),
        }
    }

    pub(crate) fn state(&self) -> &'a StateView<'a> {
        self.state
    }

    pub(crate) fn context(&self) -> &'a ChainContext {
        self.surroundings.context
    }

    /// The epochs of the height below and of the two above that.
    pub(crate) fn epochs(&self) -> &'a Epochs {
        self.surroundings.epochs
    }

    /// The epoch of the block.
    pub(crate) fn epoch(&self) -> &'a Arc<EpochEntry> {
        &self.epochs().next
    }

    pub(crate) fn params(&self) -> &'a StakingParams {
        &self.epoch().params.staking
    }

    /// The last epoch in which stake that leaves now can be in the set: that of the height above.
    pub(crate) fn last_epoch(&self) -> Epoch {
        self.epochs().after.number
    }
}

/// What stands in the state.
impl Draft<'_> {
    pub(crate) fn has(&mut self, key: &StateKey) -> Result<bool, LedgerError> {
        Ok(self.touch(key)?.now.is_some())
    }

    pub(crate) fn get<T: Canonical>(
        &mut self,
        key: &StateKey,
        what: &'static str,
    ) -> Result<Option<T>, LedgerError> {
        let value = self.touch(key)?.now.as_deref().map(T::from_bytes);
        value.transpose().map_err(|error| LedgerError::Corrupt { what, error })
    }

    /// What genesis wrote.
    pub(crate) fn single<T: Canonical>(
        &mut self,
        kind: StateKind,
        what: &'static str,
    ) -> Result<T, LedgerError> {
        self.get(&StateKey::single(kind), what)?.ok_or(LedgerError::Missing(what))
    }

    pub(crate) fn set(&mut self, key: StateKey, value: Option<Vec<u8>>) -> Result<(), LedgerError> {
        let state = self.state;
        self.entries.set(key.clone(), value, || Ok(state.get(&key)?))
    }

    pub(crate) fn put<T: Canonical>(
        &mut self,
        key: StateKey,
        value: &T,
    ) -> Result<(), LedgerError> {
        self.set(key, Some(value.to_bytes()))
    }

    pub(crate) fn put_single<T: Canonical>(
        &mut self,
        kind: StateKind,
        value: &T,
    ) -> Result<(), LedgerError> {
        self.put(StateKey::single(kind), value)
    }

    fn touch(&mut self, key: &StateKey) -> Result<&mut Touched<Vec<u8>>, LedgerError> {
        let state = self.state;
        self.entries.touch(key, || Ok(state.get(key)?))
    }
}

/// Stake, as the state keeps it.
impl Draft<'_> {
    /// The validator of an operator, if it has one.
    pub(crate) fn validator(
        &mut self,
        operator: &Address,
    ) -> Result<Option<ValidatorEntry>, LedgerError> {
        self.get(&StateKey::validator(operator), "validator")
    }

    /// A validator that an action names.
    pub(crate) fn known_validator(&mut self, operator: &Address) -> Applied<ValidatorEntry> {
        Ok(self.validator(operator)?.ok_or(FailureCode::NoValidator)?)
    }

    /// A validator that was in a set.
    pub(crate) fn chosen_validator(
        &mut self,
        operator: &Address,
    ) -> Result<ValidatorEntry, LedgerError> {
        self.validator(operator)?.ok_or(LedgerError::Missing("validator"))
    }

    pub(crate) fn put_validator(
        &mut self,
        operator: &Address,
        validator: &ValidatorEntry,
    ) -> Result<(), LedgerError> {
        self.put(StateKey::validator(operator), validator)
    }

    /// What an account has with a validator; it may be nothing.
    pub(crate) fn delegation(
        &mut self,
        delegator: &Address,
        validator: &Address,
    ) -> Result<Delegation, LedgerError> {
        let key = StateKey::delegation(delegator, validator);
        Ok(self.get(&key, "delegation")?.unwrap_or_default())
    }

    pub(crate) fn address_list(&mut self, key: &StateKey) -> Result<AddressList, LedgerError> {
        Ok(self.get(key, "address list")?.unwrap_or_default())
    }

    /// The pool of what left a validator in an epoch; empty where nothing did.
    pub(crate) fn unbonding_pool(
        &mut self,
        validator: &Address,
        last: Epoch,
    ) -> Result<Pool, LedgerError> {
        let pool: Option<UnbondingPool> =
            self.get(&StateKey::unbonding_pool(validator, last), "unbonding pool")?;
        Ok(pool.unwrap_or_default().into())
    }

    pub(crate) fn put_unbonding_pool(
        &mut self,
        validator: &Address,
        last: Epoch,
        pool: Pool,
    ) -> Result<(), LedgerError> {
        let value = (pool.shares > 0).then(|| UnbondingPool::from(pool).to_bytes());
        self.set(StateKey::unbonding_pool(validator, last), value)
    }
}

/// Money.
impl Draft<'_> {
    /// Pays an account, which it creates where needed; nothing creates nothing.
    pub(crate) fn pay(&mut self, address: Address, amount: Amount) -> Applied<()> {
        if amount == Amount::ZERO {
            return Ok(());
        }
        let account = self.accounts.get(address)?;
        let balance = account.balance.checked_add(amount).ok_or(FailureCode::BalanceOverflow)?;
        Ok(self.accounts.set(address, Account { balance, ..account })?)
    }

    /// Takes from an account.
    pub(crate) fn take(&mut self, address: Address, amount: Amount) -> Applied<()> {
        let account = self.accounts.get(address)?;
        let balance = account.balance.checked_sub(amount).ok_or(FailureCode::InsufficientFunds)?;
        Ok(self.accounts.set(address, Account { balance, ..account })?)
    }

    pub(crate) fn fee_pool(&mut self) -> Result<Amount, LedgerError> {
        self.single(StateKind::FeePool, "fee pool")
    }

    pub(crate) fn put_fee_pool(&mut self, pool: Amount) -> Result<(), LedgerError> {
        self.put_single(StateKind::FeePool, &pool)
    }
}

/// Transactions, and the block's end.
impl Draft<'_> {
    /// What was done takes effect.
    pub(crate) fn keep(&mut self) {
        self.accounts.buffer.keep();
        self.entries.keep();
    }

    /// What was done since [`Draft::keep`] has no effect.
    pub(crate) fn undo(&mut self) {
        self.accounts.buffer.undo();
        self.entries.undo();
    }

    /// Everything touched beside accounts, ascending by key.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&StateKey, &Touched<Vec<u8>>)> {
        self.entries.touched()
    }

    /// What is new, and what stood in its place.
    pub(crate) fn changes(&self) -> (StateChanges, StateChanges) {
        let (mut changes, mut before) = (StateChanges::new(), StateChanges::new());
        for (address, touched) in self.accounts.buffer.changed() {
            let key = StateKey::account(address);
            before.insert(key.clone(), touched.before.map(|account| account.to_bytes()));
            changes.insert(key, touched.now.map(|account| account.to_bytes()));
        }
        for (key, touched) in self.entries.changed() {
            before.insert(key.clone(), touched.before.clone());
            changes.insert(key.clone(), touched.now.clone());
        }
        (changes, before)
    }
}
