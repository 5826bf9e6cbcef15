//! A document in the making: typed, but not yet judged as a whole. Commands and tests build one;
//! [`Draft::finish`] judges it.

use quorate_crypto::ValidatorPublicKey;
use quorate_types::{Address, Amount, ChainId, ChainParams, Timestamp};

use crate::check;
use crate::document::Document;
use crate::error::GenesisError;
use crate::genesis::Genesis;

/// The symbol where a document names none.
pub(crate) const DEFAULT_SYMBOL: &str = "QUO";
/// The decimals where a document names none.
pub(crate) const DEFAULT_DECIMALS: u8 = 9;

/// A genesis document that may still be incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The chain's name.
    pub chain_id: ChainId,
    /// The time that height 1 takes as its parent's.
    pub time: Timestamp,
    /// The money's symbol, for display.
    pub symbol: String,
    /// How many decimals amounts are shown with.
    pub decimals: u8,
    /// The chain's parameters.
    pub params: ChainParams,
    /// Who owns what, in the document's order.
    pub accounts: Vec<GenesisAccount>,
    /// The first validators, in the document's order.
    pub validators: Vec<GenesisValidator>,
}

/// An account that exists from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Whose.
    pub address: Address,
    /// How much, in base units.
    pub balance: Amount,
}

/// A validator from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisValidator {
    /// The operator's account.
    pub operator: Address,
    /// The key that signs its votes.
    pub consensus_key: ValidatorPublicKey,
    /// The bonded amount in base units: its power under the cap, and part of the supply.
    pub bonded: Amount,
    /// The operator's part of its rewards, in basis points.
    pub commission_bps: u16,
    /// The name that it shows; may be empty.
    pub moniker: String,
}

impl Draft {
    /// A document without accounts and validators, with the defaults.
    #[must_use]
    pub fn new(chain_id: ChainId, time: Timestamp) -> Draft {
        Draft {
            chain_id,
            time,
            symbol: DEFAULT_SYMBOL.to_owned(),
            decimals: DEFAULT_DECIMALS,
            params: ChainParams::default(),
            accounts: Vec::new(),
            validators: Vec::new(),
        }
    }

    /// Reads a document that may be incomplete.
    ///
    /// # Errors
    /// When the text is not JSON of a genesis document's shape, or a value in it does not read.
    pub fn parse(json: &[u8]) -> Result<Draft, GenesisError> {
        let document = Document::parse(json)?;
        document.to_draft().map_err(|fault| fault.in_text(Some(json)))
    }

    /// Adds an account.
    pub fn add_account(&mut self, address: Address, balance: Amount) {
        self.accounts.push(GenesisAccount { address, balance });
    }

    /// Adds a validator.
    pub fn add_validator(&mut self, validator: GenesisValidator) {
        self.validators.push(validator);
    }

    /// Judges the whole document.
    ///
    /// # Errors
    /// Names the first fault and its path; a draft has no lines.
    pub fn finish(self) -> Result<Genesis, GenesisError> {
        check::check(&self).map_err(|fault| fault.in_text(None))?;
        Ok(Genesis::of_checked(self))
    }

    /// The document as JSON lines, accounts and validators ascending by address.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        let mut sorted = self.clone();
        sorted.sort();
        let json = serde_json::to_string_pretty(&Document::of(&sorted));
        json.expect("strings and numbers only") + "\n"
    }

    /// Orders accounts and validators by address.
    pub(crate) fn sort(&mut self) {
        self.accounts.sort_by_key(|account| account.address);
        self.validators.sort_by_key(|validator| validator.operator);
    }
}
