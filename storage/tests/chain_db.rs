//! What the chain database refuses: foreign folders, a second process, lists out of order, and
//! stored bytes that it never wrote.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::sync::Arc;

use common::{TempChain, chain};
use quorate_crypto::Hash;
use quorate_storage::{ChainDb, StorageError};
use quorate_types::conformance::chain::{
    block, commit, executed, genesis_state, genesis_tip, height_of, transfer,
};
use quorate_types::{
    Block, Canonical, CertificateKind, ChainReader, Height, Persist, StateChanges, limits,
};

#[test]
fn a_folder_belongs_to_the_genesis_that_made_it() {
    let temp = TempChain::fresh();
    drop(temp.open());
    let mut other = chain();
    other.genesis_hash = Hash::from_bytes([9; 32]);
    let error = ChainDb::open(temp.path(), &other).err().unwrap();
    assert!(matches!(error, StorageError::OtherChain { .. }), "{error}");
    let message = error.to_string();
    let path = temp.path().display().to_string();
    for part in [path, chain().genesis_hash.to_string(), other.genesis_hash.to_string()] {
        assert!(message.contains(&part), "{message} names {part}");
    }
    let mut other = chain();
    other.chain_id = "local-other".parse().unwrap();
    let error = ChainDb::open(temp.path(), &other).err().unwrap();
    assert!(matches!(error, StorageError::OtherChain { .. }), "{error}");
    drop(temp.open());
}

#[test]
fn another_layout_is_refused() {
    let temp = TempChain::fresh();
    drop(temp.open());
    temp.put("default", b"binding", &[0, 0, 0, 2, 1]);
    let error = ChainDb::open(temp.path(), &chain()).err().unwrap();
    assert!(matches!(&error, StorageError::OtherSchema { found, .. } if found == "2"), "{error}");
}

#[test]
fn a_folder_open_elsewhere_is_refused_by_name_and_holder() {
    let temp = TempChain::fresh();
    let first = temp.open();
    let error = ChainDb::open(temp.path(), &chain()).err().unwrap();
    let StorageError::Locked { path, holder } = error else { panic!("{error}") };
    assert!(path.starts_with(temp.path()));
    assert_eq!(holder, Some(std::process::id()));
    drop(first);
    drop(temp.open());
}

#[test]
fn genesis_is_stored_once_and_first() {
    let temp = TempChain::fresh();
    let database = temp.open();
    let first = block(None, &[], 0);
    let error = database.write(&height_of(&first, StateChanges::new()), true).unwrap_err();
    assert!(matches!(error, StorageError::NoGenesis));
    database.init_genesis(&genesis_state(), &genesis_tip()).unwrap();
    let error = database.init_genesis(&genesis_state(), &genesis_tip()).unwrap_err();
    assert!(matches!(error, StorageError::GenesisStored));
}

fn stored(block: &Arc<Block>) -> Persist {
    Persist::Block(Arc::clone(block))
}

fn decided(block: &Block) -> Persist {
    Persist::Decided(commit(block))
}

fn result(block: &Arc<Block>) -> Persist {
    Persist::Executed(executed(block, StateChanges::new()))
}

#[test]
fn what_does_not_follow_is_refused_as_a_whole() {
    let temp = TempChain::with_genesis();
    let database = temp.open();
    let first = block(None, &[], 0);
    let second = block(Some(&first), &[], 0);
    let refusal = |list: &[Persist]| database.write(list, true).unwrap_err();

    let error = refusal(&[decided(&first)]);
    assert!(matches!(error, StorageError::MissingBlock { height: Height(1), .. }), "{error}");
    let error = refusal(&[stored(&second), decided(&second)]);
    assert!(matches!(error, StorageError::OutOfOrder { expected: Height(1), .. }), "{error}");
    let mut prepared = commit(&first);
    prepared.kind = CertificateKind::Prepared;
    let error = refusal(&[stored(&first), Persist::Decided(prepared)]);
    assert!(matches!(error, StorageError::NotACommit(Height(1))), "{error}");
    let error = refusal(&[stored(&first), result(&first)]);
    assert!(matches!(error, StorageError::NotDecided(Height(1))), "{error}");
    assert_eq!(database.block(&first.digest()).unwrap(), None, "nothing of a refused list stays");
    database.write(&height_of(&first, StateChanges::new()), true).unwrap();
}

#[test]
fn what_contradicts_a_decision_is_refused() {
    let temp = TempChain::with_genesis();
    let database = temp.open();
    let (first, other) = (block(None, &[], 0), block(None, &[], 1));
    let second = block(Some(&first), &[], 0);
    let refusal = |list: &[Persist]| database.write(list, true).unwrap_err();
    database.write(&height_of(&first, StateChanges::new()), true).unwrap();

    let error = refusal(&[stored(&other), decided(&other)]);
    assert!(matches!(error, StorageError::OtherDigest { height: Height(1), .. }), "{error}");
    let error = refusal(&[result(&first)]);
    assert!(matches!(error, StorageError::OutOfOrder { expected: Height(2), .. }), "{error}");
    let mut swapped = executed(&second, StateChanges::new()).as_ref().clone();
    swapped.digest = other.digest();
    let swapped = Persist::Executed(Arc::new(swapped));
    let error = refusal(&[stored(&second), decided(&second), swapped]);
    assert!(matches!(error, StorageError::OtherDigest { height: Height(2), .. }), "{error}");
    assert_eq!(database.decided().unwrap(), Height(1));
    database.write(&height_of(&second, StateChanges::new()), true).unwrap();
}

#[test]
fn a_certificate_of_the_decided_block_again_changes_nothing() {
    let temp = TempChain::with_genesis();
    let database = temp.open();
    let first = block(None, &[], 0);
    database.write(&height_of(&first, StateChanges::new()), true).unwrap();
    let mut again = commit(&first);
    again.view = quorate_types::View(9);
    database.write(&[Persist::Decided(again)], true).unwrap();
    assert_eq!(database.certificate(Height(1)).unwrap(), Some(commit(&first)));
}

#[test]
fn a_list_longer_than_a_batch_is_stored_whole() {
    let temp = TempChain::with_genesis();
    let database = temp.open();
    let one = transfer(1, 2, 0);
    let transactions = vec![one; limits::MAX_BLOCK_TRANSACTIONS];
    let mut blocks: Vec<Arc<_>> = Vec::new();
    for _ in 0..15 {
        blocks.push(block(blocks.last().map(Arc::as_ref), &transactions, 0));
    }
    let list: Vec<Persist> =
        blocks.iter().flat_map(|block| height_of(block, StateChanges::new())).collect();
    database.write(&list, true).unwrap();
    drop(database);
    let database = temp.open();
    assert_eq!(database.executed().unwrap().unwrap().height, Height(15));
    assert_eq!(database.block_at(Height(15)).unwrap().as_ref(), blocks.last());
}

#[test]
fn what_was_never_written_is_an_error() {
    let temp = TempChain::with_genesis();
    let (first, other) = (block(None, &[transfer(1, 2, 0)], 0), block(None, &[], 1));
    temp.open().write(&height_of(&first, StateChanges::new()), true).unwrap();
    let (key, digest) = (1_u64.to_be_bytes(), *first.digest().0.as_bytes());

    let database = temp.open_after_put("blocks", &digest, &other.to_bytes());
    assert!(database.block(&first.digest()).is_err(), "a block under another's digest");
    assert!(database.block_at(Height(1)).is_err());
    drop(database);
    let mut body = first.as_ref().clone();
    body.transactions.clear();
    let database = temp.open_after_put("blocks", &digest, &body.to_bytes());
    assert!(database.block(&first.digest()).is_err(), "a body that its header does not name");
    drop(database);
    let database = temp.open_after_put("certificates", &key, &commit(&other).to_bytes());
    assert!(database.certificate(Height(1)).is_err(), "a certificate of another block");
    drop(database);
    let database = temp.open_after_put("receipts", &key, &[0, 0, 0, 9]);
    assert!(database.receipts(Height(1)).is_err());
    drop(database);
    temp.put("heights", &key, &[1; 31]);
    temp.put("transactions", first.transactions[0].id().0.as_bytes(), &[0; 11]);
    let database = temp.open();
    assert!(database.digest_at(Height(1)).is_err());
    assert!(database.transaction(&first.transactions[0].id()).is_err());
}

#[test]
fn a_result_above_the_decided_heights_is_an_error() {
    let temp = TempChain::with_genesis();
    let tip = [&5_u64.to_be_bytes()[..], &[0; 96]].concat();
    temp.put("default", b"executed", &tip);
    assert!(matches!(ChainDb::open(temp.path(), &chain()), Err(StorageError::Read(_))));
}
