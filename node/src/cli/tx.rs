//! The flags of `quorate tx`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Tx {
    /// Move base units to another account.
    Transfer(Transfer),
    /// Sign a transfer without a node.
    Sign(Sign),
    /// Submit a signed transaction.
    Submit(Submit),
    /// What became of a transaction.
    Get {
        /// Its hash.
        hash: String,
    },
}

#[derive(Debug, Args)]
pub struct TransferBody {
    /// The sender's key file, or its name in the home's folder `keys`.
    #[arg(long, value_name = "KEY")]
    pub from: PathBuf,
    /// The recipient's address.
    #[arg(long)]
    pub to: String,
    /// How much, in base units.
    #[arg(long)]
    pub amount: u64,
    /// Free text, up to 256 bytes.
    #[arg(long, default_value = "")]
    pub memo: String,
    /// The last height that may include it; none unless told.
    #[arg(long, default_value_t = 0)]
    pub expiry: u64,
}

#[derive(Debug, Args)]
pub struct Transfer {
    #[command(flatten)]
    pub body: TransferBody,
    /// The fee in base units; the least that the chain takes unless told.
    #[arg(long)]
    pub fee: Option<u64>,
    /// The nonce; the sender's next one unless told.
    #[arg(long)]
    pub nonce: Option<u64>,
    #[command(flatten)]
    pub waiting: Waiting,
}

#[derive(Debug, Args)]
pub struct Waiting {
    /// What to wait for.
    #[arg(long, value_enum, default_value_t = WaitFor::Final)]
    pub wait: WaitFor,
    /// How many seconds to wait; a transaction that still waits then is not lost.
    #[arg(long, default_value_t = 30)]
    pub timeout: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WaitFor {
    /// Nothing: return when it is accepted.
    None,
    /// The final block that includes it.
    Final,
}

#[derive(Debug, Args)]
pub struct Sign {
    #[command(flatten)]
    pub body: TransferBody,
    /// The chain's genesis document.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// The nonce.
    #[arg(long)]
    pub nonce: u64,
    /// The fee in base units; the least that genesis asks for unless told.
    #[arg(long)]
    pub fee: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Submit {
    /// The file that `tx sign` printed, in hex.
    pub file: PathBuf,
    #[command(flatten)]
    pub waiting: Waiting,
}
