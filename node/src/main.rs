//! The binary `quorate`: a validator or full node, local networks, and every command to talk to
//! them. Exit codes are part of the interface: see [`failure::Failure`].

mod cli;
mod commands;
mod failure;
mod host;
mod output;
mod signer;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
