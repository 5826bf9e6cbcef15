//! `quorate tx`: make, sign, submit, find. A wait that ends early is not a failure of the
//! transaction: it says so, and exits 6.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use quorate_crypto::{Hash, hex};
use quorate_home::{Home, KeyFile, check_plain_key, read_file};
use quorate_rpc::Client;
use quorate_rpc::model::{ReceiptStatus, TransactionInfo, TransactionStatus};
use quorate_types::limits::{MAX_ACTIONS, MAX_MEMO_BYTES, MAX_TRANSACTION_BYTES};
use quorate_types::{
    Action, Amount, Canonical, ChainContext, ChainParams, Height, Nonce, RecordKey, RecordValue,
    Transaction, TransactionBody, TransactionId, Transfer,
};

use crate::cli::{Envelope, RecordFlags, Sending, Sign, Submit, Tx, WaitFor, Waiting};
use crate::commands::query::{parse_address, parse_bytes, parse_record_key};
use crate::commands::stake::{Maker, StakeAction};
use crate::commands::{genesis, keys, vote};
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

/// Bytes of a file of actions: hex takes two for each byte of the largest transaction.
const MAX_ACTIONS_FILE_BYTES: usize = 4 * MAX_TRANSACTION_BYTES;

pub async fn run(
    home: &Home,
    node: &str,
    output: Output,
    command: Tx,
) -> Result<ExitCode, Failure> {
    let ready = |action| Content::Ready(vec![action]);
    let (content, sending) = match command {
        Tx::Transfer { transfer, sending } => {
            (ready(self::transfer(&transfer.to, transfer.amount)?), sending)
        }
        Tx::Put { record, sending } => {
            let (key, value) = self::record(&record)?;
            (ready(Action::PutRecord { key, value }), sending)
        }
        Tx::Update { record, sending } => {
            let (key, value) = self::record(&record)?;
            (ready(Action::UpdateRecord { key, value }), sending)
        }
        Tx::Delete { key, sending } => {
            (ready(Action::DeleteRecord { key: parse_record_key(&key)? }), sending)
        }
        Tx::Stake(command) => {
            let (action, sending) = StakeAction::of(command)?;
            (Content::Stake(action), sending)
        }
        Tx::Batch { actions, sending } => (Content::Ready(read_actions(&actions)?), sending),
        Tx::Params(flags) => return vote::make(home, node, output, &flags).await,
        Tx::Cosign(flags) => return vote::cosign(home, output, &flags),
        Tx::Sign(flags) => return sign(home, output, &flags),
        Tx::Submit(flags) => return submit_file(node, output, &flags).await,
        Tx::Get { hash } => return get(node, output, &hash).await,
    };
    send(home, node, output, content, &sending).await
}

/// What a transaction is to do.
enum Content {
    /// It is known.
    Ready(Vec<Action>),
    /// It depends on the sender and on the chain.
    Stake(StakeAction),
}

fn transfer(to: &str, amount: u64) -> Result<Action, Failure> {
    Ok(Action::Transfer(Transfer { to: parse_address(to)?, amount: Amount(amount) }))
}

fn record(flags: &RecordFlags) -> Result<(RecordKey, RecordValue), Failure> {
    let key = parse_record_key(&flags.key)?;
    let value = RecordValue::new(parse_bytes(&flags.value)?)
        .map_err(|error| Failure::new(Code::Usage, error.to_string()))?;
    Ok((key, value))
}

/// A file with a JSON list of actions, as the node shows them.
fn read_actions(file: &Path) -> Result<Vec<Action>, Failure> {
    let wrong = |error: String| {
        let holds = format!("{} holds no list of actions", file.display());
        Failure::new(Code::Usage, holds).because(error)
    };
    let text = read_file(file, MAX_ACTIONS_FILE_BYTES).map_err(|error| wrong(error.to_string()))?;
    let actions: Vec<quorate_rpc::model::Action> =
        serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    if actions.is_empty() || actions.len() > MAX_ACTIONS {
        return Err(wrong(format!("{} actions, not 1 to {MAX_ACTIONS}", actions.len())));
    }
    let actions = actions.into_iter().map(Action::try_from);
    actions.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))
}

async fn get(node: &str, output: Output, hash: &str) -> Result<ExitCode, Failure> {
    let hash: Hash = hash.parse().map_err(|error| {
        Failure::new(Code::Usage, format!("{hash:?} is no hash")).because(error)
    })?;
    output.print(&Client::new(node)?.transaction(TransactionId(hash)).await?);
    Ok(ExitCode::SUCCESS)
}

/// Signs what the sender does next, with what the node says of chain, nonce and fees, and submits it.
async fn send(
    home: &Home,
    node: &str,
    output: Output,
    content: Content,
    flags: &Sending,
) -> Result<ExitCode, Failure> {
    let key = keys::read(home, &flags.envelope.from)?;
    let client = Client::new(node)?;
    let (context, params) = chain(&client).await?;
    let actions = match content {
        Content::Ready(actions) => actions,
        Content::Stake(action) => {
            let (client, context, sender) = (&client, &context, key.address());
            vec![action.make(&Maker { home, client, context, sender }).await?]
        }
    };
    let nonce = nonce(&client, &key, flags.nonce).await?;
    let body = body(&flags.envelope, &key, (&context, Nonce(nonce)), actions)?;
    let transaction = sign_with_fee(body, (&key, &context), &params, flags.fee)?;
    submit(&client, output, &transaction, &flags.waiting).await
}

/// The node's chain and its parameters in force.
pub(super) async fn chain(client: &Client) -> Result<(ChainContext, ChainParams), Failure> {
    let status = client.status().await?.value;
    let params = ChainParams::from(&client.params().await?.value);
    let context = ChainContext {
        chain_id: status.chain_id.parse().map_err(|error| {
            Failure::new(Code::Failure, "the node names an impossible chain").because(error)
        })?,
        genesis_hash: status.genesis_hash.0,
        protocol_version: params.protocol_version,
    };
    Ok((context, params))
}

/// The nonce that was told, or the sender's next one.
pub(super) async fn nonce(
    client: &Client,
    key: &KeyFile,
    told: Option<u64>,
) -> Result<u64, Failure> {
    match told {
        Some(nonce) => Ok(nonce),
        None => Ok(client.account(key.address(), None).await?.value.next_nonce),
    }
}

fn sign(home: &Home, output: Output, flags: &Sign) -> Result<ExitCode, Failure> {
    let key = keys::read(home, &flags.envelope.from)?;
    let genesis = genesis::read(&flags.genesis)?;
    let context = genesis.context();
    let actions = match (&flags.actions, &flags.to, flags.amount) {
        (Some(file), _, _) => read_actions(file)?,
        (None, Some(to), Some(amount)) => vec![transfer(to, amount)?],
        (None, _, _) => {
            return Err(Failure::new(Code::Usage, "neither a transfer nor actions to sign"));
        }
    };
    let body = body(&flags.envelope, &key, (&context, Nonce(flags.nonce)), actions)?;
    let params = genesis.document().params;
    let transaction = sign_with_fee(body, (&key, &context), &params, flags.fee)?;
    print_signed(output, &transaction);
    Ok(ExitCode::SUCCESS)
}

/// A transaction's bytes, for a file.
pub(super) fn print_signed(output: Output, transaction: &Transaction) {
    match output {
        Output::Text => println!("{}", hex::encode(transaction.bytes())),
        Output::Json => output.print(&serde_json::json!({
            "hash": transaction.id().to_string(),
            "transaction": hex::encode(transaction.bytes()),
        })),
    }
}

pub(super) fn body(
    flags: &Envelope,
    key: &KeyFile,
    (context, nonce): (&ChainContext, Nonce),
    actions: Vec<Action>,
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
        actions,
    })
}

/// The fee does not change the length, so the length without it gives the fee.
fn sign_with_fee(
    mut body: TransactionBody,
    (key, context): (&KeyFile, &ChainContext),
    params: &ChainParams,
    told: Option<u64>,
) -> Result<Transaction, Failure> {
    let length = body.to_bytes().len() + quorate_crypto::Signature::BYTES;
    if length > MAX_TRANSACTION_BYTES {
        let error =
            format!("the transaction has {length} bytes, more than {MAX_TRANSACTION_BYTES}");
        return Err(Failure::new(Code::Usage, error));
    }
    body.fee = told.map_or_else(|| params.min_fee(length, &body.actions), Amount);
    eprintln!("fee: {} base units", body.fee);
    Ok(body.sign(context, &key.account_key()))
}

async fn submit_file(node: &str, output: Output, flags: &Submit) -> Result<ExitCode, Failure> {
    let transaction = read_transaction(&flags.file)?;
    vote::check_complete(&transaction)?;
    submit(&Client::new(node)?, output, &transaction, &flags.waiting).await
}

pub(super) fn read_transaction(file: &Path) -> Result<Transaction, Failure> {
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
    if waiting.simulate {
        let simulated = client.simulate(transaction).await?;
        output.print(&simulated);
        let is_success = simulated.value.receipt.status == ReceiptStatus::Success;
        return Ok(if is_success { ExitCode::SUCCESS } else { Code::Refused.into() });
    }
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
