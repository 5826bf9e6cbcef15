//! Every fault of a document is named with its exact path, line and remedy.
#![allow(clippy::unwrap_used)]

use quorate_genesis::{Draft, Genesis, GenesisError, MAX_ACCOUNTS, MAX_DOCUMENT_BYTES, Problem};
use quorate_types::{Address, Amount, ChainIdError, ParamsError};

const DOCUMENT: &str = include_str!("local-1.json");

/// The document with one text replaced, which must stand there exactly once.
fn with(from: &str, to: &str) -> String {
    assert_eq!(DOCUMENT.matches(from).count(), 1, "{from}");
    DOCUMENT.replace(from, to)
}

fn fault(json: &str) -> GenesisError {
    Genesis::parse(json.as_bytes()).unwrap_err()
}

/// The fault of the document with one text replaced, which must stand at this path and line.
fn fault_at(from: &str, to: &str, path: &str, line: usize) -> Problem {
    let error = fault(&with(from, to));
    assert_eq!((error.path.as_str(), error.line), (path, Some(line)), "{error}");
    error.problem
}

fn shape_at(from: &str, to: &str, path: &str, line: usize) -> String {
    let problem = fault_at(from, to, path, line);
    let Problem::Shape(text) = problem else { panic!("{problem}") };
    text
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

#[test]
fn the_document_itself_is_right() {
    assert_eq!(Genesis::parse(DOCUMENT.as_bytes()).map(|_| ()), Ok(()));
}

#[test]
fn the_shape_of_the_document() {
    let unknown = shape_at("\"epoch_length\"", "\"epoch_lenght\"", "params.epoch_lenght", 8);
    assert!(unknown.contains("unknown field `epoch_lenght`"), "{unknown}");
    let kind = shape_at("\"2000000000\"", "2000000000", "accounts[0].balance", 35);
    assert!(kind.contains("expected a string"), "{kind}");
    let range = shape_at(
        "5000,\n    \"min_block",
        "5000000000,\n    \"min_block",
        "params.max_block_transactions",
        10,
    );
    assert!(range.contains("expected u32"), "{range}");
    let missing = shape_at("\"genesis_time_ms\": 1800000000000,", "", "", 76);
    assert!(missing.contains("missing field `genesis_time_ms`"), "{missing}");
    let missing = shape_at("\"bonded\": \"13000\",", "", "validators[0]", 53);
    assert!(missing.contains("missing field `bonded`"), "{missing}");
    let twice = shape_at("\"decimals\": 9,", "\"symbol\": \"QUO\",", "", 5);
    assert!(twice.contains("duplicate field"), "{twice}");
    let json = shape_at("\"local-1\",", "\"local-1\"", "", 3);
    assert!(json.contains("expected `,`"), "{json}");
    let error = fault(&format!("{DOCUMENT}{{}}"));
    assert_eq!((error.path.as_str(), error.line), ("", Some(77)));
    assert!(matches!(fault("").problem, Problem::Shape(_)));
    assert!(matches!(fault("[]").problem, Problem::Shape(_)));
}

#[test]
fn the_size_of_the_document() {
    let padded = |length: usize| format!("{DOCUMENT}{}", " ".repeat(length - DOCUMENT.len()));
    assert!(Genesis::parse(padded(MAX_DOCUMENT_BYTES).as_bytes()).is_ok());
    let error = fault(&padded(MAX_DOCUMENT_BYTES + 1));
    assert_eq!(error.problem, Problem::DocumentTooLarge(MAX_DOCUMENT_BYTES + 1));
    assert_eq!((error.path.as_str(), error.line), ("", None));
}

#[test]
fn the_head() {
    let chain_id = fault_at("local-1", "Local", "chain_id", 2);
    assert_eq!(chain_id, Problem::ChainId(ChainIdError("Local".to_owned())));
    assert_eq!(fault_at("1800000000000", "0", "genesis_time_ms", 3), Problem::Time(0));
    let late = 253_402_300_800_000;
    let problem = fault_at("1800000000000", &late.to_string(), "genesis_time_ms", 3);
    assert_eq!(problem, Problem::Time(late));
    for symbol in ["", "quo", "QUORATEQUORAT", "Q O"] {
        let problem = fault_at("QUO", symbol, "symbol", 4);
        assert_eq!(problem, Problem::Symbol(symbol.to_owned()));
    }
    assert_eq!(fault_at(": 9,", ": 19,", "decimals", 5), Problem::Decimals(19));
}

#[test]
fn the_parameters() {
    let cases = [
        ("\"protocol_version\": 1", "\"protocol_version\": 2", "protocol_version", 7, (2, 1, 1)),
        ("\"epoch_length\": 43200", "\"epoch_length\": 1", "epoch_length", 8, (1, 2, 1_000_000)),
        (
            "\"idle_block_interval_ms\": 2000",
            "\"idle_block_interval_ms\": 4",
            "idle_block_interval_ms",
            12,
            (4, 5, 600_000),
        ),
        (
            "\"1000\"",
            "\"1000000000000001\"",
            "flat_fee",
            13,
            (1_000_000_000_000_001, 0, 10_u64.pow(15)),
        ),
    ];
    for (from, to, field, line, (found, min, max)) in cases {
        let problem = fault_at(from, to, &format!("params.{field}"), line);
        assert_eq!(problem, Problem::Params(ParamsError { field, found, min, max }));
    }
}

/// Each parameter of stake just inside its range and just outside.
#[test]
fn the_parameters_of_stake() {
    let most = i64::MAX.unsigned_abs();
    let rows: [(&str, usize, &str, u64, u64); 12] = [
        ("max_validators", 17, "100", 1, 200),
        ("min_self_bond", 18, "\"1\"", 1, most),
        ("min_delegation", 19, "\"1\"", 1, most),
        ("max_power_bps", 20, "3333", 1, 10_000),
        ("unbonding_epochs", 22, "21", 1, 2_000),
        ("evidence_epochs", 23, "21", 1, 21),
        ("presence_window", 24, "10", 1, 43_200),
        ("max_missed_bps", 25, "5000", 0, 10_000),
        ("jail_epochs", 26, "1", 1, 2_000),
        ("slash_double_sign_bps", 27, "500", 0, 10_000),
        ("slash_downtime_bps", 28, "1", 0, 10_000),
        ("issuance_per_epoch", 29, "\"0\"", 0, most),
    ];
    for (name, line, default, min, max) in rows {
        let from = format!("\"{name}\": {default}");
        let document = |value: u64| {
            let value =
                if default.starts_with('"') { format!("\"{value}\"") } else { value.to_string() };
            with(&from, &format!("\"{name}\": {value}"))
        };
        let field = format!("staking.{name}");
        for found in [min.checked_sub(1), Some(max + 1)].into_iter().flatten() {
            let error = fault(&document(found));
            let Problem::Params(problem) = &error.problem else { panic!("{error}") };
            assert_eq!(error.line, Some(line), "{name} {found}");
            assert_eq!(error.path, format!("params.{field}"));
            assert_eq!((problem.field, problem.found), (field.as_str(), found));
            assert_eq!((problem.min, problem.max), (min, max));
        }
    }
    let shorter = fault(&with("\"unbonding_epochs\": 21", "\"unbonding_epochs\": 20"));
    assert_eq!(shorter.path, "params.staking.evidence_epochs");
    let unknown = shape_at("keep_four", "keep_five", "params.staking.keep_five", 21);
    assert!(unknown.contains("unknown field `keep_five`"), "{unknown}");
    let amount = fault_at(
        "\"issuance_per_epoch\": \"0\"",
        "\"issuance_per_epoch\": \"x\"",
        "params.staking.issuance_per_epoch",
        29,
    );
    assert_eq!(amount, Problem::Amount("x".to_owned()));
}

#[test]
fn a_validator_has_the_least_bond_and_at_most_the_whole_commission() {
    let least = with("\"min_self_bond\": \"1\"", "\"min_self_bond\": \"11000\"");
    assert!(Genesis::parse(least.as_bytes()).is_ok());
    let problem = fault_at(
        "\"min_self_bond\": \"1\"",
        "\"min_self_bond\": \"11001\"",
        "validators[2].bonded",
        64,
    );
    assert_eq!(problem, Problem::BondTooSmall(Amount(11_000), Amount(11_001)));
    let commission = |bps: u32| {
        let end = "\n      \"moniker\": \"val3\"";
        with(&format!("\"commission_bps\": 0,{end}"), &format!("\"commission_bps\": {bps},{end}"))
    };
    assert!(Genesis::parse(commission(10_000).as_bytes()).is_ok());
    let error = fault(&commission(10_001));
    assert_eq!(error.problem, Problem::Commission(10_001));
    assert_eq!((error.path.as_str(), error.line), ("validators[1].commission_bps", Some(58)));
    assert!(matches!(fault(&commission(65_536)).problem, Problem::Shape(_)));
}

#[test]
fn amounts_have_one_text_form() {
    for text in ["", "-1", "+1", "01", "1.0", "1e9", " 1", "18446744073709551616"] {
        let problem = fault_at("\"1000000000\"", &format!("\"{text}\""), "accounts[1].balance", 39);
        assert_eq!(problem, Problem::Amount(text.to_owned()));
    }
    assert_eq!(fault_at("\"10\"", "\"x\"", "params.fee_per_byte", 14), Problem::Amount("x".into()));
    let problem = fault_at("\"12000\"", "\"12 000\"", "validators[3].bonded", 71);
    assert_eq!(problem, Problem::Amount("12 000".to_owned()));
}

#[test]
fn addresses_and_keys() {
    let typo = "quo1d28lnm3rledf6z7d6h90yera7z6395hlskgxkn";
    let right = "quo1d28lnm3rledf6z7d6h90yera7z6395hlskgxkm";
    let problem = fault_at(right, typo, "accounts[2].address", 42);
    assert!(matches!(problem, Problem::Address(_)), "{problem}");
    let operator = "quo1tyytsurj94lknm07mc043p2p7kcgluru06vnce";
    let problem = fault_at(operator, "val2-operator", "validators[0].operator", 48);
    assert!(matches!(problem, Problem::Address(_)), "{problem}");
    let key = "0x91a28a0b74381593a4d9469579208926afc8ad82c8839b7644359b9eba9a4b3a";
    let zero = format!("0x{}", "0".repeat(64));
    let small = format!("0x01{}", "0".repeat(62));
    for bad in ["", "0x", &key[2..], &key.to_uppercase(), &key[..64], zero.as_str(), &small] {
        let problem = fault_at(key, bad, "validators[0].consensus_key", 49);
        assert!(matches!(problem, Problem::ConsensusKey(_)), "{problem}");
    }
}

#[test]
fn duplicates_are_named_where_they_repeat() {
    let first = "quo184jy6md0p4czmx7sun87jd8eqe2f5ehfyl004t";
    let third = "quo1d28lnm3rledf6z7d6h90yera7z6395hlskgxkm";
    let problem = fault_at(third, first, "accounts[2].address", 42);
    assert_eq!(problem, Problem::DuplicateAccount(address(first)));
    let operator = "quo1tyytsurj94lknm07mc043p2p7kcgluru06vnce";
    let other = "quo10cnvarmnlnt2lcq6je343h6jf63p33y5r78ky9";
    let problem = fault_at(other, operator, "validators[1].operator", 55);
    assert_eq!(problem, Problem::DuplicateValidator(address(operator)));
    let key = "0x91a28a0b74381593a4d9469579208926afc8ad82c8839b7644359b9eba9a4b3a";
    let last = "0x0b513ad9b4924015ca0902ed079044d3ac5dbec2306f06948c10da8eb6e39f2d";
    let problem = fault_at(last, key, "validators[3].consensus_key", 70);
    assert_eq!(problem, Problem::DuplicateKey(address(operator)));
}

#[test]
fn validators_have_power_and_a_name_that_can_be_shown() {
    let problem = fault_at("\"14000\"", "\"0\"", "validators[1].bonded", 57);
    assert_eq!(problem, Problem::BondTooSmall(Amount(0), Amount(1)));
    let longest = "é".repeat(32);
    assert!(Genesis::parse(with("val1", &longest).as_bytes()).is_ok());
    for bad in [format!("{longest}x"), "a\\u001b[2J".to_owned()] {
        let problem = fault_at("val1", &bad, "validators[3].moniker", 73);
        assert!(matches!(problem, Problem::Moniker(_)), "{problem}");
    }
}

#[test]
fn the_validator_set_is_not_empty_and_within_its_limit() {
    let start = DOCUMENT.find("\"validators\"").unwrap();
    let none = format!("{}\"validators\": []}}", &DOCUMENT[..start]);
    let error = fault(&none);
    assert_eq!((error.path.as_str(), error.line), ("validators", Some(46)));
    assert_eq!(error.problem, Problem::NoValidator);
    let mut draft = Draft::parse(DOCUMENT.as_bytes()).unwrap();
    let one = draft.validators[0].clone();
    draft.validators.resize(201, one);
    let error = draft.finish().unwrap_err();
    assert_eq!(error.problem, Problem::TooManyValidators(201, 100));
    assert_eq!((error.path.as_str(), error.line), ("validators", None));
    let document = with("\"max_validators\": 100", "\"max_validators\": 3");
    let error = fault(&document);
    assert_eq!(error.problem, Problem::TooManyValidators(4, 3));
    assert_eq!((error.path.as_str(), error.line), ("validators", Some(47)));
    assert!(Genesis::parse(with(": 100,", ": 4,").as_bytes()).is_ok());
}

#[test]
fn accounts_are_within_their_limit() {
    let mut draft = Draft::parse(DOCUMENT.as_bytes()).unwrap();
    draft.accounts.clear();
    for index in 0..u32::try_from(MAX_ACCOUNTS).unwrap() {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&index.to_be_bytes());
        draft.add_account(Address(bytes), Amount(1));
    }
    let whole = draft.clone().finish().unwrap();
    assert!(whole.to_json_pretty().len() <= MAX_DOCUMENT_BYTES, "the limits fit each other");
    draft.add_account(Address([9; 20]), Amount(1));
    let error = draft.finish().unwrap_err();
    assert_eq!(error.problem, Problem::TooManyAccounts(MAX_ACCOUNTS + 1));
    assert_eq!(error.path, "accounts");
}

#[test]
fn the_supply_is_at_most_2_to_the_63_less_one() {
    let most = u64::try_from(i64::MAX).unwrap();
    // All but the second account: 2 000 000 000 + 3 000 000 000 + 50 000.
    let rest = most - 5_000_050_000;
    let just = with("\"1000000000\"", &format!("\"{rest}\""));
    assert_eq!(Genesis::parse(just.as_bytes()).unwrap().supply(), Amount::MAX_SUPPLY);
    let problem =
        fault_at("\"1000000000\"", &format!("\"{}\"", rest + 1), "validators[3].bonded", 71);
    assert_eq!(problem, Problem::SupplyOverflow);
    let problem =
        fault_at("\"1000000000\"", &format!("\"{}\"", u64::MAX), "accounts[1].balance", 39);
    assert_eq!(problem, Problem::SupplyOverflow);
}

#[test]
fn an_error_reads_as_place_problem_and_remedy() {
    let error = fault(&with("\"14000\"", "\"0\""));
    assert_eq!(
        error.to_string(),
        "validators[1].bonded (line 57): 0 base units are bonded, less than \
         `params.staking.min_self_bond`, 1; bond more, or lower the parameter"
    );
    let error = fault(&with("\"local-1\",", "\"local-1\""));
    assert!(error.to_string().starts_with("line 3: "), "{error}");
    assert!(error.to_string().ends_with("`quorate genesis new`"), "{error}");
}
