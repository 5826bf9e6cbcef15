//! The flags of `quorate tx`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::stake::StakeCommand;
use super::vote::{Cosign, ParamsVote};

#[derive(Debug, Subcommand)]
pub enum Tx {
    /// Move base units to another account.
    Transfer {
        #[command(flatten)]
        transfer: TransferFlags,
        #[command(flatten)]
        sending: Sending,
    },
    /// Keep a value under a key of the sender's, whatever is there.
    Put {
        #[command(flatten)]
        record: RecordFlags,
        #[command(flatten)]
        sending: Sending,
    },
    /// Replace the value of a record of the sender's; fails where there is none.
    Update {
        #[command(flatten)]
        record: RecordFlags,
        #[command(flatten)]
        sending: Sending,
    },
    /// Remove a record of the sender's; fails where there is none.
    Delete {
        /// The key: text, or bytes as 0x and hex.
        key: String,
        #[command(flatten)]
        sending: Sending,
    },
    #[command(flatten)]
    Stake(StakeCommand),
    /// Do several things in one transaction: all of them, or none.
    Batch {
        /// A JSON list of actions, as `tx get` shows them.
        actions: PathBuf,
        #[command(flatten)]
        sending: Sending,
    },
    /// Make a change of the parameters, which operators with a quorum of the power are to sign; prints
    /// it with the sender's signature.
    Params(ParamsVote),
    /// Add an operator's signature to a change of the parameters, without a node.
    Cosign(Cosign),
    /// Sign a transfer, or a list of actions, without a node.
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
pub struct TransferFlags {
    /// The recipient's address.
    #[arg(long)]
    pub to: String,
    /// How much, in base units.
    #[arg(long)]
    pub amount: u64,
}

#[derive(Debug, Args)]
pub struct RecordFlags {
    /// The key: text, or bytes as 0x and hex.
    pub key: String,
    /// The value: text, or bytes as 0x and hex.
    pub value: String,
}

/// What every transaction has beside its actions.
#[derive(Debug, Args)]
pub struct Envelope {
    /// The sender's key file, or its name in the home's folder `keys`.
    #[arg(long, value_name = "KEY")]
    pub from: PathBuf,
    /// Free text, up to 256 bytes.
    #[arg(long, default_value = "")]
    pub memo: String,
    /// The last height that may include it; none unless told.
    #[arg(long, default_value_t = 0)]
    pub expiry: u64,
}

/// How a transaction that a node helps to make is sent.
#[derive(Debug, Args)]
pub struct Sending {
    #[command(flatten)]
    pub envelope: Envelope,
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
    /// Tell what it would come to by the latest state, and submit nothing.
    #[arg(long)]
    pub simulate: bool,
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
    /// The recipient's address.
    #[arg(long, requires = "amount", required_unless_present = "actions")]
    pub to: Option<String>,
    /// How much, in base units.
    #[arg(long, requires = "to")]
    pub amount: Option<u64>,
    /// A JSON list of actions in place of a transfer, as `tx get` shows them.
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    pub actions: Option<PathBuf>,
    #[command(flatten)]
    pub envelope: Envelope,
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
    /// The file that `tx sign`, or the last `tx cosign`, printed, in hex.
    pub file: PathBuf,
    #[command(flatten)]
    pub waiting: Waiting,
}
