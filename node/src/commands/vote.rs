//! `quorate tx params` and `quorate tx cosign`: a transaction that several operators sign, from hand to
//! hand. A signature that is not there yet is 64 zero bytes, so that the file is a transaction at any
//! time; no node takes it before all are there.

use std::path::Path;
use std::process::ExitCode;

use quorate_crypto::{AccountPublicKey, Signature, hex};
use quorate_home::{Home, KeyFile, check_plain_key, read_file};
use quorate_rpc::{Client, model};
use quorate_types::limits::MAX_SIGNERS;
use quorate_types::{
    Action, Address, Amount, Canonical, ChainContext, ChainParams, Epoch, Nonce, ParamsChange,
    Transaction,
};

use crate::cli::{Cosign, ParamsVote};
use crate::commands::{genesis, keys, tx};
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

/// Bytes of a file of parameters.
const MAX_PARAMS_FILE_BYTES: usize = 64 * 1024;

/// Makes a change of the parameters and signs it for its sender.
pub async fn make(
    home: &Home,
    node: &str,
    output: Output,
    flags: &ParamsVote,
) -> Result<ExitCode, Failure> {
    let key = keys::read(home, &flags.envelope.from)?;
    let change = ParamsChange { epoch: Epoch(flags.epoch), params: read_params(&flags.file)? };
    let others = others(home, &key, &flags.signers)?;
    let client = Client::new(node)?;
    let (context, in_force) = tx::chain(&client).await?;
    let nonce = tx::nonce(&client, &key, flags.nonce).await?;
    let actions = vec![Action::SetParams(Box::new(change))];
    let mut body = tx::body(&flags.envelope, &key, (&context, Nonce(nonce)), actions)?;
    body.signers.extend(others);
    let length = body.to_bytes().len() + Signature::BYTES * body.signers.len();
    let least = in_force.min_fee(length, &body.actions);
    body.fee = flags.fee.map_or(least, Amount);
    let missing = vec![missing(); body.signers.len()];
    let transaction = signed(&Transaction::new(body, missing), &key, &context)?;
    tx::print_signed(output, &transaction);
    Ok(ExitCode::SUCCESS)
}

/// Adds an operator's signature.
pub fn cosign(home: &Home, output: Output, flags: &Cosign) -> Result<ExitCode, Failure> {
    let transaction = tx::read_transaction(&flags.file)?;
    let key = keys::read(home, &flags.from)?;
    let context = genesis::read(&flags.genesis)?.context();
    check_plain_key(&flags.from, &context.chain_id).map_err(configuration)?;
    if transaction.body().chain_tag != context.tag() {
        let file = flags.genesis.display();
        let error = format!("the transaction is for another chain than that of {file}");
        return Err(Failure::new(Code::Usage, error));
    }
    tx::print_signed(output, &signed(&transaction, &key, &context)?);
    Ok(ExitCode::SUCCESS)
}

/// Refuses what lacks a signature, before a node does so without saying whose.
pub fn check_complete(transaction: &Transaction) -> Result<(), Failure> {
    match absent(transaction).as_slice() {
        [] => Ok(()),
        names => {
            let error = format!("the signature of {} is missing", shown(names));
            Err(Failure::new(Code::Usage, error).hint("`quorate tx cosign` adds it"))
        }
    }
}

fn missing() -> Signature {
    Signature::from_bytes([0; Signature::BYTES])
}

fn absent(transaction: &Transaction) -> Vec<Address> {
    let signatures = transaction.signatures().iter().copied();
    let signers = transaction.signers().into_iter().zip(signatures);
    signers.filter(|(_, signature)| *signature == missing()).map(|(signer, _)| signer).collect()
}

fn shown(names: &[Address]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Signs in the key's place, after saying what is signed and what it costs whom.
fn signed(
    transaction: &Transaction,
    key: &KeyFile,
    context: &ChainContext,
) -> Result<Transaction, Failure> {
    let own = key.account_key();
    let place = transaction.body().signers.iter().position(|signer| *signer == own.public());
    let Some(place) = place else {
        let error = format!("{} is no signer of the transaction", key.address());
        return Err(Failure::new(Code::Usage, error));
    };
    tell(transaction);
    let signature = own.sign(transaction.signing_hash(context).as_bytes());
    let mut signatures = transaction.signatures().to_vec();
    if let Some(slot) = signatures.get_mut(place) {
        *slot = signature;
    }
    let signed = Transaction::new(transaction.body().clone(), signatures);
    let left = absent(&signed);
    if left.is_empty() {
        eprintln!("all {} have signed: `quorate tx submit` submits it", signed.signers().len());
    } else {
        eprintln!("still to sign: {}", shown(&left));
    }
    Ok(signed)
}

fn tell(transaction: &Transaction) {
    let body = transaction.body();
    eprintln!("fee: {} base units, paid by {}", body.fee, transaction.sender());
    for action in &body.actions {
        let action = model::Action::from(action);
        let text = serde_json::to_string_pretty(&action);
        eprintln!("signing: {}", text.unwrap_or_default());
    }
}

/// A file with all parameters, each in its range.
fn read_params(file: &Path) -> Result<ChainParams, Failure> {
    let wrong = |error: String| {
        let holds = format!("{} holds no parameters", file.display());
        Failure::new(Code::Usage, holds).because(error)
    };
    let text = read_file(file, MAX_PARAMS_FILE_BYTES).map_err(|error| wrong(error.to_string()))?;
    let params: model::Params =
        serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let params = ChainParams::from(&params);
    params.validate().map_err(|error| wrong(error.to_string()))?;
    Ok(params)
}

/// Who signs beside the sender, each once.
fn others(
    home: &Home,
    sender: &KeyFile,
    names: &[String],
) -> Result<Vec<AccountPublicKey>, Failure> {
    let mut keys = vec![sender.account_key().public()];
    for name in names {
        let key = public_key(home, name)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.len() > MAX_SIGNERS {
        let error = format!("{} signers, more than {MAX_SIGNERS}", keys.len());
        return Err(Failure::new(Code::Usage, error));
    }
    Ok(keys.split_off(1))
}

fn public_key(home: &Home, name: &str) -> Result<AccountPublicKey, Failure> {
    if !name.starts_with("0x") {
        return Ok(keys::read(home, Path::new(name))?.account_key().public());
    }
    let wrong = |error: String| {
        Failure::new(Code::Usage, format!("{name:?} is no public key of an account")).because(error)
    };
    let bytes = hex::decode_array(name).map_err(|error| wrong(error.to_string()))?;
    AccountPublicKey::from_bytes(bytes).map_err(|error| wrong(error.to_string()))
}
