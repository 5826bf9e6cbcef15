//! What is allowed but unwise: such a chain stops, or forks, when one validator fails.

use std::fmt;

use quorate_types::{Address, ValidatorSet};

/// The fewest validators that bear one fault.
const FEWEST_VALIDATORS: usize = 4;

/// Something that an operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Fewer than four validators.
    FewValidators(usize),
    /// One validator has a third of the power, or more.
    ThirdOfPower(Address),
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::FewValidators(count) => {
                write!(formatter, "{count} validators bear no fault: the chain needs every one")
            }
            Warning::ThirdOfPower(operator) => {
                write!(
                    formatter,
                    "{operator} has a third of the power: alone it can stop the chain"
                )
            }
        }
    }
}

pub(crate) fn warnings(validators: &ValidatorSet) -> Vec<Warning> {
    let few =
        (validators.len() < FEWEST_VALIDATORS).then_some(Warning::FewValidators(validators.len()));
    let strong = validators.iter().filter(|(index, _)| validators.is_weak([*index]));
    few.into_iter()
        .chain(strong.map(|(_, validator)| Warning::ThirdOfPower(validator.address)))
        .collect()
}
