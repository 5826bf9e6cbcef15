//! `quorate prove`: asks a node for a proof bundle and keeps it as a file. Nothing is believed here:
//! `quorate verify` judges the file.

use quorate_crypto::Hash;
use quorate_home::{Audience, write_new};
use quorate_light::MAX_BUNDLE_BYTES;
use quorate_rpc::Client;
use quorate_rpc::model::{KeyKind, KeyParts, Question};
use quorate_types::{Address, Height, TransactionId};
use serde_json::json;

use crate::cli::{BundleFile, Prove};
use crate::commands::query::{parse_address, parse_record_key};
use crate::commands::verify::read_checkpoint;
use crate::failure::{Code, Failure, configuration};
use crate::output::Output;

pub async fn run(node: &str, output: Output, command: Prove) -> Result<(), Failure> {
    let (question, file) = question(command)?;
    let checkpoint = file.checkpoint.as_deref().map(read_checkpoint).transpose()?;
    let from = checkpoint.map(|checkpoint| Height(checkpoint.height));
    let proved = Client::new(node)?.prove(&question, from).await?;
    let bundle = proved.value;
    let sealed = bundle.seal();
    if sealed.len() > MAX_BUNDLE_BYTES {
        let error = format!("the proof has {} bytes, {MAX_BUNDLE_BYTES} at most", sealed.len());
        return Err(Failure::new(Code::Failure, error).hint("start nearer, with --checkpoint FILE"));
    }
    write_new(&file.out, &sealed, Audience::Everyone).map_err(configuration)?;
    output.print(&json!({
        "at_height": proved.at_height,
        "header_height": bundle.header.height.0,
        "epochs": bundle.steps.len(),
        "bytes": sealed.len(),
        "file": file.out,
    }));
    Ok(())
}

fn question(command: Prove) -> Result<(Question, BundleFile), Failure> {
    let state = |kind, parts| Question::State(kind, parts);
    let of = |address: &str| parse_address(address).map(Some);
    let none = KeyParts::default;
    Ok(match command {
        Prove::Account { address, file } => {
            (state(KeyKind::Account, KeyParts { address: of(&address)?, ..none() }), file)
        }
        Prove::Record { owner, key, file } => {
            let key = Some(parse_record_key(&key)?.as_bytes().into());
            let parts = KeyParts { address: of(&owner)?, key, ..none() };
            (state(KeyKind::Record, parts), file)
        }
        Prove::Validator { operator, file } => {
            (state(KeyKind::Validator, KeyParts { validator: of(&operator)?, ..none() }), file)
        }
        Prove::Delegation { account, validator, file } => {
            let (address, validator): (Option<Address>, _) = (of(&account)?, of(&validator)?);
            let parts = KeyParts { address, validator, ..none() };
            (state(KeyKind::Delegation, parts), file)
        }
        Prove::Tx { hash, file } => (Question::Transaction(parse_hash(&hash)?), file),
        Prove::Receipt { hash, file } => (Question::Receipt(parse_hash(&hash)?), file),
    })
}

fn parse_hash(text: &str) -> Result<TransactionId, Failure> {
    let hash: Result<Hash, _> = text.parse();
    hash.map(TransactionId)
        .map_err(|error| Failure::new(Code::Usage, format!("{text:?} is no hash")).because(error))
}
