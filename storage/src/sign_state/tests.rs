//! Replacing a full log, and what a crash in the middle of it leaves.

use quorate_crypto::ValidatorSecretKey;
use quorate_types::{Height, View};

use super::*;

const SMALL: u64 = 8 * 512;

fn chain() -> ChainContext {
    ChainContext {
        chain_id: "local-test".parse().unwrap(),
        genesis_hash: Hash::from_bytes([1; 32]),
        protocol_version: 1,
    }
}

fn key() -> ValidatorPublicKey {
    ValidatorSecretKey::from_seed([1; 32]).public()
}

fn record(view: u64) -> SignRecord {
    SignRecord { height: Height(5), view: View(view), ..SignRecord::default() }
}

fn small(folder: &Path) {
    create_sized(folder, owner_of(&chain(), &key()), SMALL).unwrap();
}

fn open(folder: &Path) -> (SignStateFile, SignRecord) {
    SignStateFile::open(folder, &chain(), &key()).unwrap()
}

#[test]
fn a_full_log_is_replaced_and_loses_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("sign-state");
    small(&folder);
    for view in 1..50 {
        let (mut state, before) = open(&folder);
        assert_eq!(before.view, View(view - 1));
        state.write(&record(view)).unwrap();
        assert_eq!(state.end.sequence, view + 1, "numbers go on in the new log");
        assert_eq!(fs::metadata(folder.join(LOG_FILE)).unwrap().len(), SMALL);
        assert!(!folder.join(NEW_FILE).exists());
    }
    let (mut state, _) = open(&folder);
    for view in 50..100 {
        state.write(&record(view)).unwrap();
    }
    drop(state);
    assert_eq!(open(&folder).1, record(99));
}

#[test]
fn an_unfinished_replacement_is_ignored_and_overwritten() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("sign-state");
    small(&folder);
    open(&folder).0.write(&record(1)).unwrap();
    fs::write(folder.join(NEW_FILE), b"half a log").unwrap();
    let (mut state, last) = open(&folder);
    assert_eq!(last, record(1));
    for view in 2..20 {
        state.write(&record(view)).unwrap();
    }
    drop(state);
    assert_eq!(open(&folder).1, record(19));
}

#[test]
fn a_torn_record_is_cleared_before_the_next_one_is_written() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("sign-state");
    small(&folder);
    let (mut state, _) = open(&folder);
    state.write(&record(1)).unwrap();
    let offset = state.end.offset;
    drop(state);
    let path = folder.join(LOG_FILE);
    let mut log = fs::read(&path).unwrap();
    // The later sectors of a long record came through, the first did not.
    log[offset + 512..offset + 3 * 512].fill(0xff);
    fs::write(&path, log).unwrap();
    let (mut state, last) = open(&folder);
    assert_eq!(last, record(1));
    state.write(&record(2)).unwrap();
    drop(state);
    assert_eq!(open(&folder).1, record(2));
}

#[test]
fn after_a_failed_write_every_later_one_fails() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("sign-state");
    small(&folder);
    let (mut state, _) = open(&folder);
    // A handle that cannot write stands for a disk that fails.
    state.file = File::open(folder.join(LOG_FILE)).unwrap();
    assert!(matches!(state.write(&record(1)), Err(SignStateError::Io { .. })));
    state.file = OpenOptions::new().write(true).open(folder.join(LOG_FILE)).unwrap();
    assert!(matches!(state.write(&record(1)), Err(SignStateError::Failed(_))));
}
