//! `quorate genesis`: documents in the making, their check and their hash.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use quorate_crypto::{ValidatorPublicKey, hex};
use quorate_genesis::{
    Draft, Genesis as Document, GenesisError, GenesisValidator, MAX_DOCUMENT_BYTES, with_params,
};
use quorate_home::{Audience, read_file, write_new};
use quorate_types::{Amount, ChainParams, Timestamp};
use serde_json::json;

use crate::cli::Genesis;
use crate::commands::query::parse_address;
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

pub fn run(output: Output, command: Genesis) -> Result<(), Failure> {
    match command {
        Genesis::New { file, chain_id, param } => new(&file, &chain_id, &param),
        Genesis::AddAccount { file, address, balance } => {
            let address = parse_address(&address)?;
            change(&file, |draft| draft.add_account(address, Amount(balance)))
        }
        Genesis::AddValidator { file, operator, key, bonded, moniker, commission } => {
            let validator = GenesisValidator {
                operator: parse_address(&operator)?,
                consensus_key: parse_key(&key)?,
                bonded: Amount(bonded),
                moniker,
                commission_bps: commission,
            };
            change(&file, |draft| draft.add_validator(validator))
        }
        Genesis::Validate { file } => validate(output, &file),
        Genesis::Hash { file } => {
            println!("{}", read(&file)?.hash());
            Ok(())
        }
    }
}

/// A complete, valid document.
pub fn read(file: &Path) -> Result<Document, Failure> {
    let bytes = read_file(file, MAX_DOCUMENT_BYTES).map_err(configuration)?;
    Document::parse(&bytes).map_err(|error| in_file(file, error))
}

fn in_file(file: &Path, error: impl std::fmt::Display) -> Failure {
    configuration(format!("{}: {error}", file.display()))
}

/// Parameters with what the command line tells.
pub fn params(params: &ChainParams, told: &[(String, String)]) -> Result<ChainParams, Failure> {
    let wrong = |error: GenesisError| {
        Failure::new(Code::Usage, "the chain cannot have these parameters").because(error)
    };
    with_params(params, told).map_err(wrong)
}

fn new(file: &Path, chain_id: &str, param: &[(String, String)]) -> Result<(), Failure> {
    let chain_id = chain_id
        .parse()
        .map_err(|error| Failure::new(Code::Usage, "the chain id is no name").because(error))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let time = Timestamp(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
    let mut draft = Draft::new(chain_id, time);
    draft.params = params(&draft.params, param)?;
    let text = draft.to_json_pretty() + "\n";
    write_new(file, text.as_bytes(), Audience::Everyone).map_err(configuration)
}

/// Reads a draft, changes it, and replaces the file by the result in one move.
fn change(file: &Path, change: impl FnOnce(&mut Draft)) -> Result<(), Failure> {
    let bytes = read_file(file, MAX_DOCUMENT_BYTES).map_err(configuration)?;
    let mut draft = Draft::parse(&bytes).map_err(|error| in_file(file, error))?;
    change(&mut draft);
    let text = draft.to_json_pretty() + "\n";
    let beside = file.with_extension("json.new");
    write_new(&beside, text.as_bytes(), Audience::Everyone).map_err(configuration)?;
    std::fs::rename(&beside, file).map_err(|error| in_file(file, error))
}

fn parse_key(text: &str) -> Result<ValidatorPublicKey, Failure> {
    let wrong = |error: String| {
        Failure::new(Code::Usage, format!("{text:?} is no consensus key")).because(error)
    };
    let bytes = hex::decode_array(text).map_err(|error| wrong(error.to_string()))?;
    ValidatorPublicKey::from_bytes(bytes).map_err(|error| wrong(error.to_string()))
}

fn validate(output: Output, file: &Path) -> Result<(), Failure> {
    let genesis = read(file)?;
    let warnings: Vec<String> = genesis.warnings().iter().map(ToString::to_string).collect();
    output.print(&json!({
        "chain_id": genesis.context().chain_id.to_string(),
        "genesis_hash": genesis.hash().to_string(),
        "validators": genesis.validator_set().len(),
        "supply": genesis.supply().to_string(),
        "warnings": warnings,
    }));
    Ok(())
}
