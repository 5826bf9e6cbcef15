//! Commands that ask a node and print the answer.

use std::process::ExitCode;

use quorate_crypto::hex;
use quorate_rpc::Client;
use quorate_rpc::model::{Account, Delegation, Standing, Unbonding, ValidatorInfo};
use quorate_types::{Address, Epoch, Height, RecordKey};
use serde::Serialize;

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
    let client = Client::new(node)?;
    match (height, output) {
        (Some(height), _) => output.print(&client.validators(Some(Height(height))).await?),
        (None, Output::Json) => output.print(&client.all_validators().await?),
        (None, Output::Text) => {
            let all = client.all_validators().await?;
            output.print(&all.map(|all| {
                serde_json::json!({
                    "epoch": all.epoch,
                    "total_power": all.total_power,
                    "validators": all.validators.iter().map(row).collect::<Vec<_>>(),
                })
            }));
        }
    }
    Ok(())
}

/// A validator in a line.
fn row(validator: &ValidatorInfo) -> serde_json::Value {
    let bps = validator.commission_bps;
    let standing = match (validator.standing, validator.jailed_until) {
        (Standing::Jailed, Some(until)) => format!("jailed until epoch {until}"),
        (Standing::Good | Standing::Jailed, _) if validator.index.is_none() => "waiting".to_owned(),
        (Standing::Good | Standing::Jailed, _) => "good".to_owned(),
        (Standing::Tombstoned, _) => "tombstoned".to_owned(),
    };
    let present = validator.presence.map(|part| format!("{} of {}", part.present, part.windows));
    serde_json::json!({
        "address": validator.address,
        "bonded": validator.bonded,
        "commission": format!("{}.{:02}%", bps / 100, bps % 100),
        "moniker": validator.moniker,
        "power": validator.power,
        "present": present,
        "standing": standing,
    })
}

pub async fn epoch(node: &str, output: Output, number: Option<u64>) -> Result<(), Failure> {
    output.print(&Client::new(node)?.epoch(number.map(Epoch)).await?);
    Ok(())
}

pub async fn params(node: &str, output: Output, epoch: Option<u64>) -> Result<(), Failure> {
    let client = Client::new(node)?;
    match epoch {
        Some(epoch) => output.print(&client.params_of(Epoch(epoch)).await?),
        None => output.print(&client.params().await?),
    }
    Ok(())
}

pub async fn evidence(node: &str, output: Output) -> Result<(), Failure> {
    output.print(&Client::new(node)?.evidence().await?);
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
    let client = Client::new(node)?;
    let account = client.account(address, height.map(Height)).await?;
    if height.is_some() {
        // Stake is told of the newest height alone.
        output.print(&account);
        return Ok(());
    }
    let delegations = client.delegations(address).await?.value.delegations;
    let unbonding = client.unbonding(address).await?.value.unbonding;
    output.print(&account.map(|account| AccountWithStake { account, delegations, unbonding }));
    Ok(())
}

/// An account and its stake, which is of the same height or of a newer one.
#[derive(Serialize)]
struct AccountWithStake {
    #[serde(flatten)]
    account: Account,
    delegations: Vec<Delegation>,
    unbonding: Vec<Unbonding>,
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
