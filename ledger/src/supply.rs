//! The supply is conserved (X-4; docs/economics.md, Supply): what a block's change of all that
//! holds money comes to is what it issued less what it burnt.

use quorate_types::{Amount, Canonical, StateKey, StateKind, UnbondingPool, ValidatorEntry};

use crate::buffer::Touched;
use crate::draft::Draft;
use crate::error::LedgerError;

impl Draft<'_> {
    /// Moves the supply by what was issued and burnt.
    ///
    /// # Panics
    /// Where the change of what is held is another: that would be money from nothing, and the node
    /// stops.
    pub(crate) fn settle_supply(&mut self) -> Result<(), LedgerError> {
        self.check_conserved()?;
        if (self.issued, self.burnt) == (0, 0) {
            return Ok(());
        }
        let supply: Amount = self.single(StateKind::Supply, "supply")?;
        let supply = supply.checked_add(Amount(self.issued));
        let supply = supply.and_then(|supply| supply.checked_sub(Amount(self.burnt)));
        let supply = supply.ok_or(LedgerError::Unsound("supply"))?;
        self.put_single(StateKind::Supply, &supply)
    }

    fn check_conserved(&self) -> Result<(), LedgerError> {
        let (mut before, mut now) = (u128::from(self.issued), u128::from(self.burnt));
        for (_, touched) in self.accounts.buffer.touched() {
            before += u128::from(touched.before.unwrap_or_default().balance.0);
            now += u128::from(touched.now.unwrap_or_default().balance.0);
        }
        for (key, Touched { before: old, now: new }) in self.entries() {
            before += held(key, old.as_deref())?;
            now += held(key, new.as_deref())?;
        }
        assert_eq!(before, now, "a block conserves the supply");
        Ok(())
    }
}

/// The base units that an entry holds.
fn held(key: &StateKey, value: Option<&[u8]>) -> Result<u128, LedgerError> {
    let Some(bytes) = value else {
        return Ok(0);
    };
    let corrupt = |error| LedgerError::Corrupt { what: "entry", error };
    let amounts = match key.kind() {
        StateKind::FeePool => vec![Amount::from_bytes(bytes).map_err(corrupt)?],
        StateKind::UnbondingPool => vec![UnbondingPool::from_bytes(bytes).map_err(corrupt)?.amount],
        StateKind::Validator => {
            let validator = ValidatorEntry::from_bytes(bytes).map_err(corrupt)?;
            vec![validator.bonded, validator.rewards, validator.commission]
        }
        StateKind::Account
        | StateKind::Epoch
        | StateKind::EpochClock
        | StateKind::Supply
        | StateKind::Record
        | StateKind::Delegation
        | StateKind::Delegator
        | StateKind::Payment
        | StateKind::Payments
        | StateKind::PaymentCursor
        | StateKind::Redelegation
        | StateKind::ConsensusKey
        | StateKind::Candidates
        | StateKind::Participation
        | StateKind::ParamsChange => return Ok(0),
    };
    Ok(amounts.iter().map(|amount| u128::from(amount.0)).sum())
}
