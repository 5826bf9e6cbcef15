//! The flags of `quorate genesis`.

use std::path::PathBuf;

use clap::Subcommand;

use super::parse_param;
use super::stake::parse_commission;

#[derive(Debug, Subcommand)]
pub enum Genesis {
    /// Make an empty document.
    New {
        /// The file to make.
        file: PathBuf,
        /// The chain's name.
        #[arg(long)]
        chain_id: String,
        /// A parameter of the chain by its name in the document, like epoch_length=20; any number.
        #[arg(long, value_name = "NAME=VALUE", value_parser = parse_param)]
        param: Vec<(String, String)>,
    },
    /// Add a funded account.
    AddAccount {
        /// The document.
        file: PathBuf,
        /// The account's address.
        #[arg(long)]
        address: String,
        /// Its balance in base units.
        #[arg(long)]
        balance: u64,
    },
    /// Add a validator.
    AddValidator {
        /// The document.
        file: PathBuf,
        /// The operator's address.
        #[arg(long)]
        operator: String,
        /// The consensus key: 0x and 64 hex digits.
        #[arg(long)]
        key: String,
        /// What it bonds, in base units: its voting power.
        #[arg(long)]
        bonded: u64,
        /// Its name.
        #[arg(long, default_value = "")]
        moniker: String,
        /// The operator's part of its rewards: percent with up to two decimals, like 10% or 2.5%.
        #[arg(long, value_name = "PERCENT", default_value = "0%", value_parser = parse_commission)]
        commission: u16,
    },
    /// Check a document, and say what is doubtful in it.
    Validate {
        /// The document.
        file: PathBuf,
    },
    /// Print a document's hash.
    Hash {
        /// The document.
        file: PathBuf,
    },
}
