//! Parameters that are told by name, as a document writes them: `staking.jail_epochs` and `3`. What
//! is told is judged together, by the checks of a document; so no order of telling matters.

use quorate_types::ChainParams;
use serde_json::Value;

use crate::check::check_params;
use crate::document::{Params, shape};
use crate::error::{GenesisError, Problem};

/// The parameters with some of them told anew, each by its path below `params` in a document and
/// its value there, an amount without its quotation marks.
///
/// # Errors
/// Names the first parameter that is unknown, does not read, or is out of its range.
pub fn with_params(
    params: &ChainParams,
    told: &[(String, String)],
) -> Result<ChainParams, GenesisError> {
    let mut form = serde_json::to_value(Params::of(params))
        .expect("parameters are numbers, texts and yes or no under names");
    for (name, value) in told {
        put(&mut form, name, value)?;
    }
    let form: Params = serde_path_to_error::deserialize(form)
        .map_err(|error| shape(&format!("params.{}", error.path()), error.inner()))?;
    let params = form.read().map_err(|fault| fault.in_text(None))?;
    check_params(&params).map_err(|fault| fault.in_text(None))?;
    Ok(params)
}

/// Only what is there can be told: a misspelt name is a fault.
fn put(form: &mut Value, name: &str, told: &str) -> Result<(), GenesisError> {
    let place = form.pointer_mut(&format!("/{}", name.replace('.', "/")));
    let Some(place) = place.filter(|place| !place.is_object()) else {
        let problem = Problem::Shape(String::from("there is no such parameter"));
        return Err(GenesisError { path: format!("params.{name}"), line: None, problem });
    };
    let text = || Value::String(told.to_owned());
    // Amounts are texts; what is no number where one is wanted is said to be a text.
    let value = if place.is_string() { None } else { serde_json::from_str(told).ok() };
    *place = value.unwrap_or_else(text);
    Ok(())
}
