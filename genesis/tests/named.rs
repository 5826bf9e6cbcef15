//! Parameters told by name: taken as a document would take them, or refused with their path.
#![allow(clippy::unwrap_used)]

use quorate_genesis::with_params;
use quorate_types::{Amount, ChainParams};

fn told(pairs: &[(&str, &str)]) -> Result<ChainParams, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let pairs: Vec<_> = pairs.iter().map(owned).collect();
    with_params(&ChainParams::default(), &pairs).map_err(|error| error.to_string())
}

#[test]
fn what_is_told_is_changed_and_nothing_else() {
    assert_eq!(told(&[]), Ok(ChainParams::default()));
    let mut expected = ChainParams { epoch_length: 7, flat_fee: Amount(3), ..Default::default() };
    expected.staking.presence_window = 5;
    expected.staking.keep_four = false;
    let pairs = [
        ("epoch_length", "7"),
        ("flat_fee", "3"),
        ("staking.keep_four", "false"),
        ("staking.presence_window", "9"),
        ("staking.presence_window", "5"),
    ];
    assert_eq!(told(&pairs), Ok(expected), "the last word counts");
}

#[test]
fn the_order_of_telling_does_not_matter() {
    let (length, window) = (("epoch_length", "7"), ("staking.presence_window", "5"));
    assert_eq!(told(&[length, window]), told(&[window, length]));
    assert_eq!(told(&[length, window]).map(|params| params.epoch_length), Ok(7));
    told(&[length]).unwrap_err();
}

#[test]
fn what_is_no_parameter_or_value_is_named() {
    for (name, value, words) in [
        ("epoch_lenght", "7", "params.epoch_lenght: there is no such parameter"),
        ("staking", "7", "params.staking: there is no such parameter"),
        ("", "7", "there is no such parameter"),
        ("epoch_length", "seven", "params.epoch_length: invalid type: string \"seven\""),
        ("epoch_length", "-7", "params.epoch_length: invalid value: integer `-7`"),
        ("epoch_length", "1", "params.epoch_length: epoch_length is 1, but must be 2 to"),
        ("epoch_length", "[7]", "params.epoch_length: invalid type: sequence"),
        ("staking.max_validators", "70000", "params.staking.max_validators: invalid value"),
        ("staking.presence_window", "0", "params.staking.presence_window: staking.presence"),
        ("staking.keep_four", "1", "params.staking.keep_four: invalid type: integer"),
        ("flat_fee", "01", "params.flat_fee: "),
        ("flat_fee", "\"3\"", "params.flat_fee: "),
    ] {
        let error = told(&[(name, value)]).unwrap_err();
        assert!(error.contains(words), "{name}={value}: {error}");
    }
}
