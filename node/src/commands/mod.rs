//! What each command does.

mod bench;
mod config;
mod genesis;
mod keys;
mod proofs;
mod query;
mod rejoin;
mod sim;
mod stake;
mod start;
mod testnet;
mod tx;
mod verify;
mod vote;

use std::future::Future;
use std::process::ExitCode;

use clap::CommandFactory;
use quorate_home::Home;

use crate::cli::{Bench, Cli, Command};
use crate::failure::{Code, Failure};

/// Runs a command; the exit code is 0 unless the command has something else to say.
///
/// # Errors
/// When it fails.
pub fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { output, node, home, command } = cli;
    let home = || home_folder(home.clone());
    let done = |result: Result<(), Failure>| result.map(|()| ExitCode::SUCCESS);
    match command {
        Command::Testnet(command) => testnet::run(&home()?, output, command),
        Command::Sim(flags) => sim::run(output, &flags),
        Command::Bench(Bench::Load(flags)) => done(block_on(bench::load(&node, output, &flags))),
        Command::Init(init) => done(start::init(&home()?, &init)),
        Command::Start(flags) => done(start::start(&home()?, flags)),
        Command::Signer(flags) => done(start::signer(&home()?, flags)),
        Command::Rejoin(flags) => done(rejoin::run(&home()?, &flags)),
        Command::Status => done(block_on(query::status(&node, output))),
        Command::Block { height, full } => {
            done(block_on(query::block(&node, output, height, full)))
        }
        Command::Validators { height } => done(block_on(query::validators(&node, output, height))),
        Command::Epoch { number } => done(block_on(query::epoch(&node, output, number))),
        Command::Params { epoch } => done(block_on(query::params(&node, output, epoch))),
        Command::Evidence => done(block_on(query::evidence(&node, output))),
        Command::Peers => done(block_on(query::peers(&node, output))),
        Command::Mempool => done(block_on(query::mempool(&node, output))),
        Command::Account { address, height } => {
            done(block_on(query::account(&node, output, &address, height)))
        }
        Command::Record { owner, key, height } => {
            done(block_on(query::record(&node, output, (&owner, &key), height)))
        }
        Command::Prove(command) => done(block_on(proofs::run(&node, output, command))),
        Command::Verify(flags) => done(verify::run(output, &flags)),
        Command::Healthcheck { ready } => block_on(query::healthcheck(&node, ready)),
        Command::Openrpc => done(block_on(query::openrpc(&node))),
        Command::Tx(command) => block_on(tx::run(&home()?, &node, output, command)),
        Command::Keys(command) => done(keys::run(&home()?, output, command)),
        Command::Genesis(command) => done(genesis::run(output, command)),
        Command::Config(command) => done(config::run(&home()?, output, &command)),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(shell, &mut command, "quorate", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn home_folder(told: Option<std::path::PathBuf>) -> Result<Home, Failure> {
    let root = told.or_else(Home::default_root).ok_or_else(|| {
        Failure::new(Code::Configuration, "there is no user's folder for ~/.quorate")
            .hint("name the home with --home or QUORATE_HOME")
    })?;
    Ok(Home::new(root))
}

/// Runs a client's command on a small runtime.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::new(Code::Internal, "no runtime").because(error))?;
    runtime.block_on(work)
}
