//! `quorate bench`: load for a network, and what it made of it.

use std::time::Duration;

use quorate_rpc::Client;
use quorate_testnet::{LoadError, LoadSpec, read_accounts, run_load};

use crate::cli::Load;
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

pub async fn load(node: &str, output: Output, flags: &Load) -> Result<(), Failure> {
    let urls = if flags.nodes.is_empty() { vec![node.to_owned()] } else { flags.nodes.clone() };
    let nodes = urls.iter().map(|url| Client::new(url)).collect::<Result<_, _>>()?;
    let spec = LoadSpec {
        nodes,
        rate: flags.rate,
        duration: Duration::from_secs(flags.duration),
        accounts: read_accounts(&flags.accounts).map_err(failure)?,
    };
    let report = run_load(&spec).await.map_err(failure)?;
    match output {
        Output::Text => println!("{report}"),
        Output::Json => output.print(&report),
    }
    Ok(())
}

fn failure(error: LoadError) -> Failure {
    match error {
        LoadError::Client(error) => error.into(),
        LoadError::Key(error) => configuration(error),
        LoadError::Spec(problem) => Failure::new(Code::Usage, problem),
        LoadError::Funds { .. } => Failure::new(Code::Failure, error.to_string()),
    }
}
