//! The rules that a document as a whole must keep. The first fault in the document's order is
//! named with its path.

use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{Amount, ChainParams, Moniker, WHOLE_BPS};

use crate::draft::{Draft, GenesisValidator};
use crate::error::{Fault, Problem};
use crate::json_path::Segment::{Field, Index};
use crate::{MAX_ACCOUNTS, MAX_DECIMALS, MAX_SYMBOL_BYTES, MAX_TIME_MS};

pub(crate) fn check(draft: &Draft) -> Result<(), Fault> {
    check_head(draft)?;
    let mut supply = Supply(Amount::ZERO);
    check_accounts(draft, &mut supply)?;
    check_validators(draft, &mut supply)
}

fn check_head(draft: &Draft) -> Result<(), Fault> {
    if !(1..=MAX_TIME_MS).contains(&draft.time.0) {
        return Err(Fault::at(&[Field("genesis_time_ms")], Problem::Time(draft.time.0)));
    }
    let symbol = &draft.symbol;
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if !(1..=MAX_SYMBOL_BYTES).contains(&symbol.len()) || !symbol.bytes().all(allowed) {
        return Err(Fault::at(&[Field("symbol")], Problem::Symbol(symbol.clone())));
    }
    if draft.decimals > MAX_DECIMALS {
        return Err(Fault::at(&[Field("decimals")], Problem::Decimals(draft.decimals)));
    }
    check_params(&draft.params)
}

pub(crate) fn check_params(params: &ChainParams) -> Result<(), Fault> {
    params.validate().map_err(|error| {
        let names = std::iter::once("params").chain(error.field.split('.'));
        Fault::at(&names.map(Field).collect::<Vec<_>>(), Problem::Params(error))
    })
}

fn check_accounts(draft: &Draft, supply: &mut Supply) -> Result<(), Fault> {
    let count = draft.accounts.len();
    if count > MAX_ACCOUNTS {
        return Err(Fault::at(&[Field("accounts")], Problem::TooManyAccounts(count)));
    }
    let mut seen = BTreeSet::new();
    for (index, account) in draft.accounts.iter().enumerate() {
        let fault =
            |field, problem| Fault::at(&[Field("accounts"), Index(index), Field(field)], problem);
        if !seen.insert(account.address) {
            return Err(fault("address", Problem::DuplicateAccount(account.address)));
        }
        supply.add(account.balance).map_err(|problem| fault("balance", problem))?;
    }
    Ok(())
}

fn check_validators(draft: &Draft, supply: &mut Supply) -> Result<(), Fault> {
    let count = draft.validators.len();
    if count == 0 {
        return Err(Fault::at(&[Field("validators")], Problem::NoValidator));
    }
    let (least, most) = (draft.params.staking.min_self_bond, draft.params.staking.max_validators);
    if count > most.into() {
        return Err(Fault::at(&[Field("validators")], Problem::TooManyValidators(count, most)));
    }
    let mut operators = BTreeSet::new();
    let mut keys = BTreeMap::new();
    for (index, validator) in draft.validators.iter().enumerate() {
        let fault =
            |field, problem| Fault::at(&[Field("validators"), Index(index), Field(field)], problem);
        let operator = validator.operator;
        if !operators.insert(operator) {
            return Err(fault("operator", Problem::DuplicateValidator(operator)));
        }
        if let Some(other) = keys.insert(validator.consensus_key, operator) {
            return Err(fault("consensus_key", Problem::DuplicateKey(other)));
        }
        check_moniker(validator).map_err(|problem| fault("moniker", problem))?;
        if validator.bonded < least {
            return Err(fault("bonded", Problem::BondTooSmall(validator.bonded, least)));
        }
        if validator.commission_bps > WHOLE_BPS {
            return Err(fault("commission_bps", Problem::Commission(validator.commission_bps)));
        }
        supply.add(validator.bonded).map_err(|problem| fault("bonded", problem))?;
    }
    Ok(())
}

fn check_moniker(validator: &GenesisValidator) -> Result<Moniker, Problem> {
    let moniker = &validator.moniker;
    Moniker::new(moniker.clone()).map_err(|_| Problem::Moniker(moniker.clone()))
}

/// What the entries so far add up to; never above the largest supply.
struct Supply(Amount);

impl Supply {
    fn add(&mut self, amount: Amount) -> Result<(), Problem> {
        let sum = self.0.checked_add(amount).filter(|sum| *sum <= Amount::MAX_SUPPLY);
        self.0 = sum.ok_or(Problem::SupplyOverflow)?;
        Ok(())
    }
}
