//! The command line: names, flags, help. What each command does is in `commands`.

mod genesis;
mod proofs;
mod stake;
mod tx;
mod vote;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use self::genesis::Genesis;
pub use self::proofs::{BundleFile, Prove, Verify};
pub use self::stake::{Edit, Register, StakeCommand};
pub use self::tx::{Envelope, RecordFlags, Sending, Sign, Submit, Tx, WaitFor, Waiting};
pub use self::vote::{Cosign, ParamsVote};
use crate::output::Output;

/// A Byzantine-fault-tolerant proof-of-stake ledger node.
#[derive(Debug, Parser)]
#[command(name = "quorate", version, propagate_version = true)]
pub struct Cli {
    /// The form of what is printed.
    #[arg(short, long, global = true, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// The node to ask.
    #[arg(
        long,
        global = true,
        env = "QUORATE_NODE",
        default_value = "http://127.0.0.1:27657",
        value_name = "URL"
    )]
    pub node: String,
    /// The node's folder; ~/.quorate unless told.
    #[arg(long, global = true, env = "QUORATE_HOME", value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make or run a local network.
    #[command(subcommand)]
    Testnet(Testnet),
    /// Make the home of a new node.
    Init(Init),
    /// Run the node of a home.
    Start(Start),
    /// Run the signer of a home, for a node that has no validator key of its own.
    Signer(Signer),
    /// Let a key that has lost its records sign again above a height: the operator's word.
    Rejoin(Rejoin),
    /// Where the node stands.
    Status,
    /// A block: the newest final one, or that of a height.
    Block {
        /// The height.
        height: Option<u64>,
        /// Print the transactions, not only their hashes.
        #[arg(long)]
        full: bool,
    },
    /// The validators that are or may be chosen, with their stake; or the set of a height.
    Validators {
        /// The height.
        height: Option<u64>,
    },
    /// An epoch's heights, parameters and validators.
    Epoch {
        /// Its number; that of the height in progress unless told.
        number: Option<u64>,
    },
    /// The parameters of an epoch, and those that are voted for.
    Params {
        /// The epoch's number; that of the height in progress unless told.
        epoch: Option<u64>,
    },
    /// What the node holds against validators.
    Evidence,
    /// The connected peers.
    Peers,
    /// What waits in the mempool.
    Mempool,
    /// Make, sign, submit and find transactions.
    #[command(subcommand)]
    Tx(Tx),
    /// An account's balance and nonce, and what it has bonded and takes back.
    Account {
        /// The address.
        address: String,
        /// After this height, one of the last 16.
        #[arg(long)]
        height: Option<u64>,
    },
    /// What a record of an account holds.
    Record {
        /// The address of its owner.
        owner: String,
        /// Its key: text, or bytes as 0x and hex.
        key: String,
        /// After this height, one of the last 16.
        #[arg(long)]
        height: Option<u64>,
    },
    /// Fetch a proof that whoever trusts no node can check.
    #[command(subcommand)]
    Prove(Prove),
    /// Check a proof, alone and offline, and say what it proves.
    Verify(Verify),
    /// Account keys in the home's folder `keys`.
    #[command(subcommand)]
    Keys(Keys),
    /// Make and check genesis documents.
    #[command(subcommand)]
    Genesis(Genesis),
    /// The configuration.
    #[command(subcommand)]
    Config(Config),
    /// Rehearse a network in the deterministic simulator.
    Sim(Sim),
    /// Measure.
    #[command(subcommand)]
    Bench(Bench),
    /// Exit 0 when the node lives, or with --ready when it is ready; 1 otherwise.
    Healthcheck {
        /// Ready means: caught up and connected.
        #[arg(long)]
        ready: bool,
    },
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the node's OpenRPC document.
    Openrpc,
}

/// A name and what stands behind the first `=`.
fn parse_param(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| String::from("NAME=VALUE is expected, like epoch_length=20"))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[derive(Debug, Subcommand)]
pub enum Testnet {
    /// Make a network's files if need be, and run it in the foreground.
    Up(Up),
    /// Make a network's files. Running it again changes nothing.
    Generate(Generate),
}

#[derive(Debug, Args)]
pub struct Size {
    /// Validators.
    #[arg(short = 'n', long, default_value_t = 4)]
    pub validators: u16,
    /// Full nodes.
    #[arg(long, default_value_t = 0)]
    pub full: u16,
    /// Funded accounts.
    #[arg(long, default_value_t = 10)]
    pub accounts: u16,
    /// The chain's name after `local-`.
    #[arg(long, default_value = "testnet")]
    pub name: String,
    /// A parameter of the chain by its name in a genesis document, like epoch_length=20; any number.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_param)]
    pub param: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub struct Up {
    #[command(flatten)]
    pub size: Size,
    /// Where the files are; ~/.quorate/testnet unless told.
    #[arg(long, value_name = "FOLDER", conflicts_with = "ephemeral")]
    pub dir: Option<PathBuf>,
    /// Free ports, and a temporary folder that is removed in the end.
    #[arg(long)]
    pub ephemeral: bool,
    /// Print one JSON object when every node is ready, and no status line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Generate {
    #[command(flatten)]
    pub size: Size,
    /// Where to put the files.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Where the nodes will run.
    #[arg(long, value_enum, default_value_t = Hosts::Loopback)]
    pub hosts: Hosts,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Hosts {
    /// All on this machine, on ports of their own.
    Loopback,
    /// Each in a container that has its name.
    Service,
}

#[derive(Debug, Args)]
pub struct Init {
    /// The chain's genesis document.
    #[arg(long, value_name = "FILE")]
    pub genesis: PathBuf,
    /// Peers to stay connected to, as multiaddrs.
    #[arg(long, value_name = "MULTIADDR")]
    pub peer: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Start {
    /// Where to listen for peers.
    #[arg(long, value_name = "ADDRESS")]
    pub p2p_listen: Option<String>,
    /// Where to listen for clients.
    #[arg(long, value_name = "ADDRESS")]
    pub rpc_listen: Option<String>,
    /// Where to show metrics.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
    /// Peers to stay connected to, separated by commas.
    #[arg(long, value_name = "MULTIADDR,…")]
    pub peers: Option<String>,
    /// What to log: a level, or levels by module.
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// How to log: text or json.
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

#[derive(Debug, Args)]
pub struct Signer {
    /// Where to listen for the node; the folder must be for this user alone.
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,
    /// What to log: a level, or levels by module.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: String,
}

#[derive(Debug, Args)]
pub struct Rejoin {
    /// The height that nobody's messages of this key are above.
    #[arg(long, value_name = "HEIGHT")]
    pub above: u64,
    /// Take the risk that it prints without this.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key.
    New {
        /// Its name.
        name: String,
    },
    /// List the keys.
    List,
    /// A key's address and public key.
    Show {
        /// Its name, or a key file.
        key: PathBuf,
    },
    /// Take over a key file.
    Import {
        /// Its name here.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// Print a key file. It is secret.
    Export {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print what counts.
    Show {
        /// Say where each value comes from.
        #[arg(long)]
        origin: bool,
    },
}

#[derive(Debug, Args)]
pub struct Sim {
    /// The seed; the same seed gives the same run.
    #[arg(long)]
    pub seed: u64,
    /// Validators; drawn from the seed unless told.
    #[arg(long)]
    pub validators: Option<u16>,
    /// Full nodes; drawn from the seed unless told.
    #[arg(long)]
    pub full_nodes: Option<u16>,
    /// Heights to reach.
    #[arg(long, default_value_t = 30)]
    pub heights: u64,
    /// Which faults may happen: names separated by commas, `all` or `none`.
    #[arg(long, default_value = "all")]
    pub faults: String,
    /// What Byzantine validators do: names separated by commas, `drawn` or `none`.
    #[arg(long, default_value = "none")]
    pub byzantine: String,
    /// Let no client submit transactions.
    #[arg(long)]
    pub no_workload: bool,
    /// Whether every validator has the same voting power; drawn from the seed unless told.
    #[arg(long, value_name = "TRUE|FALSE")]
    pub equal_power: Option<bool>,
    /// What clients do with stake: `none`, `power` or `sets`; drawn from the seed unless told.
    #[arg(long)]
    pub churn: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Submit transfers at a rate and measure until they are final.
    Load(Load),
}

#[derive(Debug, Args)]
pub struct Load {
    /// Transfers per second.
    #[arg(long, default_value_t = 500)]
    pub rate: u32,
    /// Seconds of submitting.
    #[arg(long, default_value_t = 20)]
    pub duration: u64,
    /// A folder of funded account keys, as `testnet generate` makes it.
    #[arg(long, value_name = "FOLDER")]
    pub accounts: PathBuf,
    /// Nodes to submit to, in turn, separated by commas; --node unless told.
    #[arg(long, value_delimiter = ',', value_name = "URL,…")]
    pub nodes: Vec<String>,
}
