//! Commands that ask a node and print the answer.

use std::process::ExitCode;

use quorate_crypto::hex;
use quorate_rpc::Client;
use quorate_types::{Address, Height, RecordKey};

use crate::failure::{Code, Failure};
use crate::output::Output;

pub async fn status(node: &str, output: Output) -> Result<(), Failure> {
    output.print(&Client::new(node)?.status().await?);
    Ok(())
}

pub async fn block(
    node: &str,
    output: Output,
    height: Option<u64>,
    full: bool,
) -> Result<(), Failure> {
    output.print(&Client::new(node)?.block(height.map(Height), full).await?);
    Ok(())
}

pub async fn validators(node: &str, output: Output, height: Option<u64>) -> Result<(), Failure> {
    output.print(&Client::new(node)?.validators(height.map(Height)).await?);
    Ok(())
}

pub async fn peers(node: &str, output: Output) -> Result<(), Failure> {
    output.print(&Client::new(node)?.peers().await?);
    Ok(())
}

pub async fn mempool(node: &str, output: Output) -> Result<(), Failure> {
    output.print(&Client::new(node)?.mempool().await?);
    Ok(())
}

pub async fn account(
    node: &str,
    output: Output,
    address: &str,
    height: Option<u64>,
) -> Result<(), Failure> {
    let address = parse_address(address)?;
    output.print(&Client::new(node)?.account(address, height.map(Height)).await?);
    Ok(())
}

pub async fn record(
    node: &str,
    output: Output,
    (owner, key): (&str, &str),
    height: Option<u64>,
) -> Result<(), Failure> {
    let (owner, key) = (parse_address(owner)?, parse_record_key(key)?);
    output.print(&Client::new(node)?.record(owner, &key, height.map(Height)).await?);
    Ok(())
}

/// A record's key that a person typed.
pub fn parse_record_key(text: &str) -> Result<RecordKey, Failure> {
    RecordKey::new(parse_bytes(text)?)
        .map_err(|error| Failure::new(Code::Usage, format!("{text:?} is no key")).because(error))
}

/// Bytes that a person typed: hex behind 0x, or else the text itself.
pub fn parse_bytes(text: &str) -> Result<Vec<u8>, Failure> {
    if !text.starts_with("0x") {
        return Ok(text.as_bytes().to_vec());
    }
    hex::decode(text)
        .map_err(|error| Failure::new(Code::Usage, format!("{text:?} is no hex")).because(error))
}

/// An address that a person typed.
pub fn parse_address(text: &str) -> Result<Address, Failure> {
    text.parse().map_err(|error| {
        Failure::new(Code::Usage, format!("{text:?} is no address")).because(error)
    })
}

/// For containers and supervisors: says nothing but by its exit code, and why on stderr.
pub async fn healthcheck(node: &str, ready: bool) -> Result<ExitCode, Failure> {
    let health = Client::new(node)?.health().await?.value;
    if !ready || health.ready {
        return Ok(ExitCode::SUCCESS);
    }
    let facts = serde_json::to_string(&health).unwrap_or_default();
    eprintln!("not ready: {facts}");
    Ok(Code::Failure.into())
}

pub async fn openrpc(node: &str) -> Result<(), Failure> {
    println!("{:#}", Client::new(node)?.discover().await?);
    Ok(())
}
