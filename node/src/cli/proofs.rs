//! The flags of `quorate prove` and `quorate verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Prove {
    /// An account, or that there is none.
    Account {
        /// Its address.
        address: String,
        #[command(flatten)]
        file: BundleFile,
    },
    /// A record, or that there is none.
    Record {
        /// The address of its owner.
        owner: String,
        /// Its key: text, or bytes as 0x and hex.
        key: String,
        #[command(flatten)]
        file: BundleFile,
    },
    /// A validator, or that there is none.
    Validator {
        /// Its operator's address.
        operator: String,
        #[command(flatten)]
        file: BundleFile,
    },
    /// What an account has with a validator, or that it has nothing.
    Delegation {
        /// The account's address.
        account: String,
        /// The validator, by its operator's address.
        validator: String,
        #[command(flatten)]
        file: BundleFile,
    },
    /// That a block includes a transaction.
    Tx {
        /// Its hash.
        hash: String,
        #[command(flatten)]
        file: BundleFile,
    },
    /// What became of a transaction.
    Receipt {
        /// The transaction's hash.
        hash: String,
        #[command(flatten)]
        file: BundleFile,
    },
}

#[derive(Debug, Args)]
pub struct BundleFile {
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Start from this checkpoint, which makes the proof short; from the genesis unless told.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The proof.
    pub file: PathBuf,
    /// The chain's genesis document, which is trusted.
    #[arg(long, value_name = "FILE", required_unless_present = "checkpoint")]
    pub genesis: Option<PathBuf>,
    /// A checkpoint in its place: a header that is trusted while it is young.
    #[arg(long, value_name = "FILE", conflicts_with = "genesis")]
    pub checkpoint: Option<PathBuf>,
    /// Refuse what is true of a lower height.
    #[arg(long, value_name = "HEIGHT")]
    pub min_height: Option<u64>,
    /// Refuse what a header proves that is older than this.
    #[arg(long, value_name = "SECONDS")]
    pub max_age: Option<u64>,
    /// Write the header that proves it as a checkpoint for later.
    #[arg(long, value_name = "FILE")]
    pub write_checkpoint: Option<PathBuf>,
    /// How long to trust that checkpoint: the chain's unbonding period at its usual pace. Unless
    /// told, at the fastest pace that the genesis allows, or as long as the checkpoint it came from.
    #[arg(long, value_name = "SECONDS", requires = "write_checkpoint")]
    pub trust_period: Option<u64>,
}
