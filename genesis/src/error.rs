//! What is wrong with a document, where, and what to do about it.

use quorate_types::limits::MAX_MONIKER_BYTES;
use quorate_types::{Address, AddressError, Amount, ChainIdError, ParamsError, WHOLE_BPS};

use crate::json_path::{Segment, line_of, show};
use crate::{MAX_ACCOUNTS, MAX_DECIMALS, MAX_DOCUMENT_BYTES, MAX_SYMBOL_BYTES, MAX_TIME_MS};

/// The first fault of a document. Its text says where, what, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct GenesisError {
    /// The JSON path, such as `accounts[3].address`; empty for the document as a whole.
    pub path: String,
    /// The line in the JSON text, from 1, where there is a text.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

impl GenesisError {
    fn text(&self) -> String {
        let place = match (self.path.as_str(), self.line) {
            ("", None) => String::new(),
            ("", Some(line)) => format!("line {line}: "),
            (path, None) => format!("{path}: "),
            (path, Some(line)) => format!("{path} (line {line}): "),
        };
        format!("{place}{}; {}", self.problem, self.problem.remedy())
    }
}

/// A fault whose line is not yet known.
#[derive(Debug)]
pub(crate) struct Fault {
    path: Vec<Segment>,
    problem: Problem,
}

impl Fault {
    pub(crate) fn at(path: &[Segment], problem: Problem) -> Fault {
        Fault { path: path.to_vec(), problem }
    }

    /// The error, with its line if the text is at hand.
    pub(crate) fn in_text(self, json: Option<&[u8]>) -> GenesisError {
        let line = json.and_then(|json| line_of(json, &self.path));
        GenesisError { path: show(&self.path), line, problem: self.problem }
    }
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// More bytes than a document may have.
    #[error("the document has {0} bytes, more than {MAX_DOCUMENT_BYTES}")]
    DocumentTooLarge(usize),
    /// Not JSON, or not the shape of a genesis document.
    #[error("{0}")]
    Shape(String),
    /// No chain id.
    #[error("{0}")]
    ChainId(ChainIdError),
    /// A time beyond the range.
    #[error("the time {0} lies outside 1 to {MAX_TIME_MS} milliseconds")]
    Time(u64),
    /// No symbol.
    #[error("the symbol {0:?} is not 1 to {MAX_SYMBOL_BYTES} of A-Z and 0-9")]
    Symbol(String),
    /// Too many decimals.
    #[error("{0} decimals, more than {MAX_DECIMALS}")]
    Decimals(u8),
    /// No amount.
    #[error("{0:?} is not an amount")]
    Amount(String),
    /// No address.
    #[error("{0}")]
    Address(AddressError),
    /// No consensus key.
    #[error("{0}")]
    ConsensusKey(String),
    /// A parameter out of range.
    #[error("{0}")]
    Params(ParamsError),
    /// More accounts than a document may have.
    #[error("{0} accounts, more than {MAX_ACCOUNTS}")]
    TooManyAccounts(usize),
    /// An account that an earlier entry lists.
    #[error("the account {0} is listed twice")]
    DuplicateAccount(Address),
    /// No validator.
    #[error("there is no validator")]
    NoValidator,
    /// More validators than a set may have, and how many it may.
    #[error("{0} validators, more than `params.staking.max_validators`, {1}")]
    TooManyValidators(usize, u16),
    /// A validator that an earlier entry lists.
    #[error("the validator {0} is listed twice")]
    DuplicateValidator(Address),
    /// The key of an earlier validator.
    #[error("the consensus key is also that of {0}")]
    DuplicateKey(Address),
    /// Less bonded than a validator needs, and how much that is.
    #[error("{0} base units are bonded, less than `params.staking.min_self_bond`, {1}")]
    BondTooSmall(Amount, Amount),
    /// More than the whole.
    #[error("a commission of {0} basis points, more than {WHOLE_BPS}")]
    Commission(u16),
    /// A moniker that is too long or cannot be shown.
    #[error("the moniker {0:?} is not up to {MAX_MONIKER_BYTES} bytes without control characters")]
    Moniker(String),
    /// The supply exceeds its limit here.
    #[error("balances and bonds up to here exceed the largest supply, {0}", Amount::MAX_SUPPLY)]
    SupplyOverflow,
}

impl Problem {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Problem::DocumentTooLarge(_) => "list fewer accounts",
            Problem::Shape(_) => "compare with a document made by `quorate genesis new`",
            Problem::ChainId(_) => "choose a name such as \"local-1\"",
            Problem::Time(_) => "give Unix time in milliseconds",
            Problem::Symbol(_) => "choose a symbol such as \"QUO\"",
            Problem::Decimals(_) => "use 9, the default",
            Problem::Amount(_) => {
                "give base units as a decimal string up to 18446744073709551615, such as \"1000\""
            }
            Problem::Address(_) => "give an address as `quorate keys show` prints it",
            Problem::ConsensusKey(_) => {
                "give the public key as `quorate keys show` prints it: 0x and 64 digits 0-9a-f"
            }
            Problem::Params(_) => "choose a value in the range, or leave it out for the default",
            Problem::TooManyAccounts(_) => "fund the others by transfers",
            Problem::DuplicateAccount(_) => "keep one entry and add up the balances",
            Problem::NoValidator => "add one with `quorate genesis add-validator`",
            Problem::TooManyValidators(_, _) => "keep those with the highest bonds",
            Problem::DuplicateValidator(_) => "keep one entry",
            Problem::DuplicateKey(_) => "give each validator a key of its own",
            Problem::BondTooSmall(_, _) => "bond more, or lower the parameter",
            Problem::Commission(_) => "give a part of 10000, such as 500 for a twentieth",
            Problem::Moniker(_) => "choose a shorter, printable name",
            Problem::SupplyOverflow => "lower the amounts",
        }
    }
}
