//! The JSON form: what stands in the text, before anything is made of it. Unknown fields are
//! faults; so a misspelt parameter is not silently the default.

use quorate_crypto::{ValidatorPublicKey, hex};
use quorate_types::{Address, Amount, ChainParams, Timestamp};
use serde::{Deserialize, Serialize};

use crate::document_staking::Staking;
use crate::draft::{Draft, GenesisAccount, GenesisValidator};
use crate::error::{Fault, GenesisError, Problem};
use crate::json_path::Segment::{self, Field, Index};
use crate::{MAX_DOCUMENT_BYTES, draft};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    chain_id: String,
    genesis_time_ms: u64,
    #[serde(default = "default_symbol")]
    symbol: String,
    #[serde(default = "default_decimals")]
    decimals: u8,
    #[serde(default)]
    params: Params,
    accounts: Vec<Account>,
    validators: Vec<Validator>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    protocol_version: u32,
    epoch_length: u64,
    max_block_bytes: u32,
    max_block_transactions: u32,
    min_block_interval_ms: u32,
    idle_block_interval_ms: u32,
    flat_fee: String,
    fee_per_byte: String,
    action_fee: String,
    staking: Staking,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    address: String,
    balance: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Validator {
    operator: String,
    consensus_key: String,
    bonded: String,
    #[serde(default)]
    commission_bps: u16,
    #[serde(default)]
    moniker: String,
}

fn default_symbol() -> String {
    draft::DEFAULT_SYMBOL.to_owned()
}

fn default_decimals() -> u8 {
    draft::DEFAULT_DECIMALS
}

impl Default for Params {
    fn default() -> Self {
        Params::of(&ChainParams::default())
    }
}

impl Document {
    /// Reads a text that is one document and nothing else.
    pub(crate) fn parse(json: &[u8]) -> Result<Document, GenesisError> {
        if json.len() > MAX_DOCUMENT_BYTES {
            return Err(Fault::at(&[], Problem::DocumentTooLarge(json.len())).in_text(None));
        }
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let document = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| shape(&error.path().to_string(), error.inner()))?;
        deserializer.end().map_err(|error| shape("", &error))?;
        Ok(document)
    }

    pub(crate) fn of(draft: &Draft) -> Document {
        Document {
            chain_id: draft.chain_id.to_string(),
            genesis_time_ms: draft.time.0,
            symbol: draft.symbol.clone(),
            decimals: draft.decimals,
            params: Params::of(&draft.params),
            accounts: draft.accounts.iter().map(Account::of).collect(),
            validators: draft.validators.iter().map(Validator::of).collect(),
        }
    }

    /// Reads the texts in it.
    pub(crate) fn to_draft(&self) -> Result<Draft, Fault> {
        let accounts = self.accounts.iter().enumerate().map(|(index, account)| account.read(index));
        let validators = self.validators.iter().enumerate();
        Ok(Draft {
            chain_id: self
                .chain_id
                .parse()
                .map_err(|error| Fault::at(&[Field("chain_id")], Problem::ChainId(error)))?,
            time: Timestamp(self.genesis_time_ms),
            symbol: self.symbol.clone(),
            decimals: self.decimals,
            params: self.params.read()?,
            accounts: accounts.collect::<Result<_, _>>()?,
            validators: validators.map(|(index, v)| v.read(index)).collect::<Result<_, _>>()?,
        })
    }
}

impl Params {
    pub(crate) fn of(params: &ChainParams) -> Params {
        Params {
            protocol_version: params.protocol_version,
            epoch_length: params.epoch_length,
            max_block_bytes: params.max_block_bytes,
            max_block_transactions: params.max_block_transactions,
            min_block_interval_ms: params.min_block_interval_ms,
            idle_block_interval_ms: params.idle_block_interval_ms,
            flat_fee: params.flat_fee.to_string(),
            fee_per_byte: params.fee_per_byte.to_string(),
            action_fee: params.action_fee.to_string(),
            staking: Staking::of(&params.staking),
        }
    }

    /// Reads the texts in it.
    pub(crate) fn read(&self) -> Result<ChainParams, Fault> {
        Ok(ChainParams {
            protocol_version: self.protocol_version,
            epoch_length: self.epoch_length,
            max_block_bytes: self.max_block_bytes,
            max_block_transactions: self.max_block_transactions,
            min_block_interval_ms: self.min_block_interval_ms,
            idle_block_interval_ms: self.idle_block_interval_ms,
            flat_fee: amount(&self.flat_fee, &[Field("params"), Field("flat_fee")])?,
            fee_per_byte: amount(&self.fee_per_byte, &[Field("params"), Field("fee_per_byte")])?,
            action_fee: amount(&self.action_fee, &[Field("params"), Field("action_fee")])?,
            staking: self.staking.read()?,
        })
    }
}

impl Account {
    fn of(account: &GenesisAccount) -> Account {
        Account { address: account.address.to_string(), balance: account.balance.to_string() }
    }

    fn read(&self, index: usize) -> Result<GenesisAccount, Fault> {
        let at = |field| [Field("accounts"), Index(index), Field(field)];
        Ok(GenesisAccount {
            address: address(&self.address, &at("address"))?,
            balance: amount(&self.balance, &at("balance"))?,
        })
    }
}

impl Validator {
    fn of(validator: &GenesisValidator) -> Validator {
        Validator {
            operator: validator.operator.to_string(),
            consensus_key: hex::encode(validator.consensus_key.as_bytes()),
            bonded: validator.bonded.to_string(),
            commission_bps: validator.commission_bps,
            moniker: validator.moniker.clone(),
        }
    }

    fn read(&self, index: usize) -> Result<GenesisValidator, Fault> {
        let at = |field| [Field("validators"), Index(index), Field(field)];
        Ok(GenesisValidator {
            operator: address(&self.operator, &at("operator"))?,
            consensus_key: key(&self.consensus_key, &at("consensus_key"))?,
            bonded: amount(&self.bonded, &at("bonded"))?,
            commission_bps: self.commission_bps,
            moniker: self.moniker.clone(),
        })
    }
}

fn address(text: &str, path: &[Segment]) -> Result<Address, Fault> {
    text.parse().map_err(|error| Fault::at(path, Problem::Address(error)))
}

fn key(text: &str, path: &[Segment]) -> Result<ValidatorPublicKey, Fault> {
    let fault = |why: String| Fault::at(path, Problem::ConsensusKey(why));
    let bytes = hex::decode_array(text).map_err(|error| fault(error.to_string()))?;
    ValidatorPublicKey::from_bytes(bytes).map_err(|error| fault(error.to_string()))
}

/// Digits alone and no leading zero: an amount has one text form.
pub(crate) fn amount(text: &str, path: &[Segment]) -> Result<Amount, Fault> {
    let parsed = text.parse::<u64>().ok().filter(|value| value.to_string() == text);
    parsed.map(Amount).ok_or_else(|| Fault::at(path, Problem::Amount(text.to_owned())))
}

/// What the reader of a form says, with its path.
pub(crate) fn shape(path: &str, error: &serde_json::Error) -> GenesisError {
    // "." is the document as a whole, a final "?" a place inside that has no name yet.
    let path = path.trim_end_matches(['.', '?']).to_owned();
    let line = Some(error.line()).filter(|line| *line > 0);
    // The line is told apart from the text; the column goes with it.
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default().to_owned();
    GenesisError { path, line, problem: Problem::Shape(text) }
}
