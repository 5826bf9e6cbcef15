//! `quorate testnet`: local networks of processes of their own.

use std::path::Path;
use std::process::ExitCode;

use quorate_crypto::ValidatorPublicKey;
use quorate_home::Home;
use quorate_network::peer_id;
use quorate_storage::{SignStateError, SignStateFile};
use quorate_testnet::{Hooks, Hosts, Spec, Stopped, TestnetError, Up, generate, local_params};
use quorate_types::{ChainContext, SignRecord};

use crate::cli::{self, Generate, Size, Testnet};
use crate::commands::{block_on, genesis};
use crate::failure::{Code, Failure};
use crate::output::Output;

pub fn run(home: &Home, output: Output, command: Testnet) -> Result<ExitCode, Failure> {
    match command {
        Testnet::Generate(flags) => make(output, &flags).map(|()| ExitCode::SUCCESS),
        Testnet::Up(flags) => run_network(home, &flags),
    }
}

/// What the files need of the network and the storage.
const HOOKS: Hooks = Hooks { peer_id: peer_id_text, sign_state: fresh_sign_state };

fn peer_id_text(seed: &[u8; 32]) -> String {
    peer_id(seed).to_string()
}

/// Makes a sign-state, or finds one of this key that never signed (S-3).
fn fresh_sign_state(
    folder: &Path,
    context: &ChainContext,
    key: &ValidatorPublicKey,
) -> Result<(), String> {
    match SignStateFile::create(folder, context, key) {
        Ok(()) => Ok(()),
        Err(SignStateError::Exists(_)) => match SignStateFile::open(folder, context, key) {
            Ok((_, record)) if record == SignRecord::default() => Ok(()),
            Ok(_) => Err("the key has signed already".to_owned()),
            Err(error) => Err(error.to_string()),
        },
        Err(error) => Err(error.to_string()),
    }
}

fn spec(size: &Size, hosts: Hosts, folder: &Path) -> Result<Spec, Failure> {
    let name = format!("local-{}", size.name);
    let chain_id = name.parse().map_err(|error| {
        Failure::new(Code::Usage, format!("{name:?} is no chain id")).because(error)
    })?;
    Ok(Spec {
        chain_id,
        params: genesis::params(&local_params(), &size.param)?,
        validators: size.validators,
        full_nodes: size.full,
        accounts: size.accounts,
        hosts,
        folder: folder.to_owned(),
    })
}

fn make(output: Output, flags: &Generate) -> Result<(), Failure> {
    let hosts = match flags.hosts {
        cli::Hosts::Loopback => Hosts::Loopback,
        cli::Hosts::Service => Hosts::Service,
    };
    let layout = generate(&spec(&flags.size, hosts, &flags.out)?, &HOOKS).map_err(failure)?;
    output.print(&layout);
    Ok(())
}

/// Runs a network in the foreground, until Ctrl-C or SIGTERM.
fn run_network(home: &Home, flags: &cli::Up) -> Result<ExitCode, Failure> {
    let folder = flags.dir.clone().unwrap_or_else(|| home.root().join("testnet"));
    let binary = std::env::current_exe()
        .map_err(|error| Failure::new(Code::Internal, "this program has no path").because(error))?;
    let wanted = Up {
        spec: spec(&flags.size, Hosts::Loopback, &folder)?,
        ephemeral: flags.ephemeral,
        json: flags.json,
        binary,
    };
    let stopped = block_on(async { quorate_testnet::up(&wanted, &HOOKS).await.map_err(failure) })?;
    Ok(match stopped {
        Stopped::Interrupted => Code::Interrupted.into(),
        Stopped::Terminated => ExitCode::SUCCESS,
    })
}

fn failure(error: TestnetError) -> Failure {
    let failure = Failure::exiting(error.exit_code(), error.to_string());
    match error.remedy() {
        Some(remedy) => failure.hint(remedy),
        None => failure,
    }
}
