//! `quorate tx`: make, sign, submit, find. A wait that ends early is not a failure of the
//! transaction: it says so, and exits 6.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use quorate_crypto::{Hash, hex};
use quorate_home::{Home, KeyFile, check_plain_key, read_file};
use quorate_rpc::Client;
use quorate_rpc::model::{ReceiptStatus, TransactionInfo, TransactionStatus};
use quorate_types::limits::{MAX_MEMO_BYTES, MAX_TRANSACTION_BYTES};
use quorate_types::{
    Action, Amount, Canonical, ChainContext, ChainParams, Height, Nonce, Transaction,
    TransactionBody, TransactionId, Transfer,
};

use crate::cli::{Sign, Submit, Transfer as TransferFlags, TransferBody, Tx, WaitFor, Waiting};
use crate::commands::query::parse_address;
use crate::commands::{genesis, keys};
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

pub async fn run(
    home: &Home,
    node: &str,
    output: Output,
    command: Tx,
) -> Result<ExitCode, Failure> {
    match command {
        Tx::Transfer(flags) => transfer(home, node, output, &flags).await,
        Tx::Sign(flags) => sign(home, output, &flags),
        Tx::Submit(flags) => submit_file(node, output, &flags).await,
        Tx::Get { hash } => {
            let hash: Hash = hash.parse().map_err(|error| {
                Failure::new(Code::Usage, format!("{hash:?} is no hash")).because(error)
            })?;
            let info = Client::new(node)?.transaction(TransactionId(hash)).await?;
            output.print(&info);
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn transfer(
    home: &Home,
    node: &str,
    output: Output,
    flags: &TransferFlags,
) -> Result<ExitCode, Failure> {
    let key = keys::read(home, &flags.body.from)?;
    let client = Client::new(node)?;
    let status = client.status().await?.value;
    let params = client.params().await?.value;
    let context = ChainContext {
        chain_id: status.chain_id.parse().map_err(|error| {
            Failure::new(Code::Failure, "the node names an impossible chain").because(error)
        })?,
        genesis_hash: status.genesis_hash.0,
        protocol_version: params.protocol_version,
    };
    let nonce = match flags.nonce {
        Some(nonce) => nonce,
        None => client.account(key.address(), None).await?.value.next_nonce,
    };
    let fees = ChainParams {
        flat_fee: Amount(params.flat_fee.0),
        fee_per_byte: Amount(params.fee_per_byte.0),
        ..ChainParams::default()
    };
    let body = body(&flags.body, &key, &context, Nonce(nonce))?;
    let transaction = sign_with_fee(body, (&key, &context), &fees, flags.fee);
    submit(&client, output, &transaction, &flags.waiting).await
}

fn sign(home: &Home, output: Output, flags: &Sign) -> Result<ExitCode, Failure> {
    let key = keys::read(home, &flags.body.from)?;
    let genesis = genesis::read(&flags.genesis)?;
    let context = genesis.context();
    let body = body(&flags.body, &key, &context, Nonce(flags.nonce))?;
    let params = genesis.document().params;
    let transaction = sign_with_fee(body, (&key, &context), &params, flags.fee);
    match output {
        Output::Text => println!("{}", hex::encode(transaction.bytes())),
        Output::Json => output.print(&serde_json::json!({
            "hash": transaction.id().to_string(),
            "transaction": hex::encode(transaction.bytes()),
        })),
    }
    Ok(ExitCode::SUCCESS)
}

fn body(
    flags: &TransferBody,
    key: &KeyFile,
    context: &ChainContext,
    nonce: Nonce,
) -> Result<TransactionBody, Failure> {
    check_plain_key(&flags.from, &context.chain_id).map_err(configuration)?;
    if flags.memo.len() > MAX_MEMO_BYTES {
        let error = format!("the memo has {} bytes, more than {MAX_MEMO_BYTES}", flags.memo.len());
        return Err(Failure::new(Code::Usage, error));
    }
    Ok(TransactionBody {
        chain_tag: context.tag(),
        signers: vec![key.account_key().public()],
        nonce,
        expiry: Height(flags.expiry),
        fee: Amount::ZERO,
        memo: flags.memo.clone().into_bytes(),
        actions: vec![Action::Transfer(Transfer {
            to: parse_address(&flags.to)?,
            amount: Amount(flags.amount),
        })],
    })
}

/// The fee does not change the length, so the length without it gives the fee.
fn sign_with_fee(
    mut body: TransactionBody,
    (key, context): (&KeyFile, &ChainContext),
    params: &ChainParams,
    told: Option<u64>,
) -> Transaction {
    let length = body.to_bytes().len() + quorate_crypto::Signature::BYTES;
    body.fee = told.map_or_else(|| params.min_fee(length), Amount);
    eprintln!("fee: {} base units", body.fee);
    body.sign(context, &key.account_key())
}

async fn submit_file(node: &str, output: Output, flags: &Submit) -> Result<ExitCode, Failure> {
    let transaction = read_transaction(&flags.file)?;
    submit(&Client::new(node)?, output, &transaction, &flags.waiting).await
}

fn read_transaction(file: &Path) -> Result<Transaction, Failure> {
    let wrong = |error: String| {
        Failure::new(Code::Usage, format!("{} holds no transaction", file.display())).because(error)
    };
    let limit = 2 * MAX_TRANSACTION_BYTES + 16;
    let text = read_file(file, limit).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| wrong(error.to_string()))?;
    let bytes = hex::decode(text.trim()).map_err(|error| wrong(error.to_string()))?;
    Transaction::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
}

async fn submit(
    client: &Client,
    output: Output,
    transaction: &Transaction,
    waiting: &Waiting,
) -> Result<ExitCode, Failure> {
    if waiting.wait == WaitFor::None {
        output.print(&client.submit(transaction).await?);
        return Ok(ExitCode::SUCCESS);
    }
    let wait = Duration::from_secs(waiting.timeout);
    let info = client.submit_and_wait(transaction, wait).await?;
    output.print(&info);
    Ok(outcome(&info.value))
}

fn outcome(info: &TransactionInfo) -> ExitCode {
    match (info.status, &info.receipt) {
        (TransactionStatus::Pending, _) => {
            eprintln!("still pending: `quorate tx get {}` tells what became of it", info.hash);
            Code::Pending.into()
        }
        (TransactionStatus::Final, Some(receipt)) if receipt.status == ReceiptStatus::Success => {
            ExitCode::SUCCESS
        }
        (TransactionStatus::Final | TransactionStatus::Dropped, _) => Code::Refused.into(),
    }
}
