//! The flags of `quorate tx params` and `quorate tx cosign`: one operator makes a change of the
//! parameters, the others sign it in turn, and anybody submits it.

use std::path::PathBuf;

use clap::Args;

use super::tx::Envelope;

/// A change of the parameters, signed by its maker.
#[derive(Debug, Args)]
pub struct ParamsVote {
    /// All parameters as JSON, those that stay too, as `quorate params --output json` shows them.
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// The first epoch that shall have them.
    #[arg(long)]
    pub epoch: u64,
    /// An operator who is to sign beside the sender: a key file, its name in the home's folder `keys`,
    /// or the public key as `quorate keys show` prints it. Once for each.
    #[arg(long = "signer", value_name = "KEY")]
    pub signers: Vec<String>,
    #[command(flatten)]
    pub envelope: Envelope,
    /// The fee in base units; the least that the chain takes unless told.
    #[arg(long)]
    pub fee: Option<u64>,
    /// The nonce; the sender's next one unless told.
    #[arg(long)]
    pub nonce: Option<u64>,
}

/// One more signature, without a node.
#[derive(Debug, Args)]
pub struct Cosign {
    /// The file that `tx params` or `tx cosign` printed, in hex.
    pub file: PathBuf,
    /// The operator's key file, or its name in the home's folder `keys`.
    #[arg(long, value_name = "KEY")]
    pub from: PathBuf,
    /// The chain's genesis document.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
}
