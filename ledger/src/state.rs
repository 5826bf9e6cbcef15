//! Typed reads of the state after one height: what blocks not yet stored changed, newest first,
//! then the flat state, which may lag behind.

use quorate_types::{
    Account, Address, Amount, Canonical, Epoch, EpochClock, EpochEntry, ReadError, StateChanges,
    StateKey, StateKind, StateReader, ValidatorEntry,
};

use crate::error::LedgerError;

/// The state after one height.
#[derive(Clone)]
pub struct StateView<'a> {
    layers: Vec<&'a StateChanges>,
    reader: &'a dyn StateReader,
}

impl<'a> StateView<'a> {
    /// `layers`, newest first, over the flat state.
    pub fn new(
        layers: impl IntoIterator<Item = &'a StateChanges>,
        reader: &'a dyn StateReader,
    ) -> StateView<'a> {
        StateView { layers: layers.into_iter().collect(), reader }
    }

    /// An account, if it exists.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn account(&self, address: &Address) -> Result<Option<Account>, LedgerError> {
        self.read(&StateKey::account(address), "account")
    }

    /// The epochs that the state knows.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn epoch_clock(&self) -> Result<EpochClock, LedgerError> {
        self.single(StateKind::EpochClock, "epoch clock")
    }

    /// An epoch, if its entry is kept. Expensive: it holds a whole set of keys.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn epoch(&self, number: Epoch) -> Result<Option<EpochEntry>, LedgerError> {
        self.read(&StateKey::epoch(number), "epoch entry")
    }

    /// The validator of an operator, if it has one.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn validator(&self, operator: &Address) -> Result<Option<ValidatorEntry>, LedgerError> {
        self.read(&StateKey::validator(operator), "validator")
    }

    /// Fees and what is issued, as far as nobody got it yet, in base units.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn fee_pool(&self) -> Result<Amount, LedgerError> {
        self.single(StateKind::FeePool, "fee pool")
    }

    /// All base units there are.
    ///
    /// # Errors
    /// When the store fails or holds what was never written.
    pub fn supply(&self) -> Result<Amount, LedgerError> {
        self.single(StateKind::Supply, "supply")
    }

    fn single<T: Canonical>(&self, kind: StateKind, what: &'static str) -> Result<T, LedgerError> {
        self.read(&StateKey::single(kind), what)?.ok_or(LedgerError::Missing(what))
    }

    fn read<T: Canonical>(
        &self,
        key: &StateKey,
        what: &'static str,
    ) -> Result<Option<T>, LedgerError> {
        let Some(bytes) = self.get(key)? else {
            return Ok(None);
        };
        let value = T::from_bytes(&bytes).map_err(|error| LedgerError::Corrupt { what, error })?;
        Ok(Some(value))
    }
}

impl StateReader for StateView<'_> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        match self.layers.iter().find_map(|changes| changes.get(key)) {
            Some(value) => Ok(value.clone()),
            None => self.reader.get(key),
        }
    }
}
