//! The sign-state as a node meets it: made once, bound to chain and key, one process at a time,
//! and never mistaken for an older one.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use common::chain;
use quorate_crypto::{Hash, Signature, ValidatorPublicKey, ValidatorSecretKey};
use quorate_storage::{LostSignState, SignStateError, SignStateFile};
use quorate_types::conformance::chain::{block, commit};
use quorate_types::{ChainContext, Height, SignRecord, View};
use tempfile::TempDir;

fn key(seed: u8) -> ValidatorPublicKey {
    ValidatorSecretKey::from_seed([seed; 32]).public()
}

fn record(height: u64) -> SignRecord {
    SignRecord { height: Height(height), view: View(3), ..SignRecord::default() }
}

/// A home whose sign-state folder is not yet made.
fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("sign-state");
    (home, folder)
}

fn open(folder: &std::path::Path) -> (SignStateFile, SignRecord) {
    SignStateFile::open(folder, &chain(), &key(1)).unwrap()
}

#[test]
fn a_new_one_never_signed_and_the_latest_record_is_read_back() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.clone()), mode(folder.join("log"))), (0o700, 0o600));
    let (mut state, first) = open(&folder);
    assert_eq!(first, SignRecord::default());
    state.write(&record(1)).unwrap();
    let mut long = record(2);
    long.parent_certificate = Some(commit(&block(None, &[], 0)));
    state.write(&long).unwrap();
    drop(state);
    assert_eq!(open(&folder).1, long);
}

#[test]
fn it_is_made_once() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    open(&folder).0.write(&record(5)).unwrap();
    let again = SignStateFile::create(&folder, &chain(), &key(1));
    assert!(matches!(again, Err(SignStateError::Exists(_))));
    fs::write(folder.join("log"), b"").unwrap();
    let again = SignStateFile::create(&folder, &chain(), &key(1));
    assert!(matches!(again, Err(SignStateError::Exists(_))), "a damaged one is one too");
}

#[test]
fn missing_is_not_fresh() {
    let (_home, folder) = home();
    let missing = SignStateFile::open(&folder, &chain(), &key(1));
    assert!(matches!(missing, Err(SignStateError::Missing(path)) if path.starts_with(&folder)));
    assert!(!folder.exists(), "opening makes nothing");
    fs::create_dir(&folder).unwrap();
    let missing = SignStateFile::open(&folder, &chain(), &key(1));
    assert!(matches!(missing, Err(SignStateError::Missing(_))));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn it_serves_one_key_on_one_chain() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let foreign = |chain: &ChainContext, key: &ValidatorPublicKey| match SignStateFile::open(
        &folder, chain, key,
    ) {
        Err(SignStateError::Foreign { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(foreign(&chain(), &key(2)), "key");
    let mut other = chain();
    other.genesis_hash = Hash::from_bytes([9; 32]);
    assert_eq!(foreign(&other, &key(1)), "genesis");
    other.chain_id = "local-other".parse().unwrap();
    assert_eq!(foreign(&other, &key(1)), "chain");
}

#[test]
fn one_process_signs() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let first = open(&folder);
    let second = SignStateFile::open(&folder, &chain(), &key(1));
    let Err(SignStateError::Locked { path, holder }) = second else { panic!("{second:?}") };
    assert_eq!((path, holder), (folder.join("lock"), Some(std::process::id())));
    drop(first);
    open(&folder);
}

#[test]
fn a_shorter_or_flipped_file_is_unreadable() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let (mut state, _) = open(&folder);
    for height in 1..4 {
        state.write(&record(height)).unwrap();
    }
    drop(state);
    let path = folder.join("log");
    let log = fs::read(&path).unwrap();
    let unreadable = |log: &[u8]| {
        fs::write(&path, log).unwrap();
        let found = SignStateFile::open(&folder, &chain(), &key(1));
        matches!(found, Err(SignStateError::Unreadable { .. }))
    };
    for length in [0, 100, 2_000, log.len() - 1] {
        assert!(unreadable(&log[..length]), "{length} bytes");
    }
    // Header, an earlier record, the last record.
    for byte in [20, 512 + 30, 4 * 512 + 30] {
        let mut flipped = log.clone();
        flipped[byte] ^= 4;
        assert!(unreadable(&flipped), "byte {byte}");
    }
    fs::write(&path, log).unwrap();
    assert_eq!(open(&folder).1, record(3));
}

#[test]
fn a_torn_last_record_leaves_the_one_before() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let (mut state, _) = open(&folder);
    state.write(&record(1)).unwrap();
    let path = folder.join("log");
    let before = fs::read(&path).unwrap();
    let mut long = record(2);
    long.parent_certificate = Some(commit(&block(None, &[], 0)));
    state.write(&long).unwrap();
    drop(state);
    let after = fs::read(&path).unwrap();
    let start = (0..after.len()).find(|byte| before[*byte] != after[*byte]).unwrap();
    for kept in [0, 1, 30, 511] {
        let mut torn = before.clone();
        torn[start..start + kept].copy_from_slice(&after[start..start + kept]);
        fs::write(&path, &torn).unwrap();
        let (mut state, found) = open(&folder);
        assert_eq!(found, record(1), "{kept} bytes kept");
        state.write(&record(7)).unwrap();
        drop(state);
        assert_eq!(open(&folder).1, record(7));
    }
}

#[test]
fn an_oversized_record_is_refused_and_harms_nothing() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let (mut state, _) = open(&folder);
    let mut certificate = commit(&block(None, &[], 0));
    certificate.signatures = vec![Signature::from_bytes([1; 64]); 9_000];
    let oversized = SignRecord { parent_certificate: Some(certificate), ..record(1) };
    assert!(matches!(state.write(&oversized), Err(SignStateError::TooLong { .. })));
    state.write(&record(1)).unwrap();
}

/// S-5: nothing is made while the node observes; the first record after rejoining makes it.
#[test]
fn a_missing_one_is_made_anew_with_the_first_record_after_rejoining() {
    let (_home, folder) = home();
    let mut lost = LostSignState::hold(&folder, &chain(), &key(1)).unwrap();
    let missing = SignStateFile::open(&folder, &chain(), &key(1));
    assert!(matches!(missing, Err(SignStateError::Missing(_))));
    let second = LostSignState::hold(&folder, &chain(), &key(1));
    assert!(matches!(second, Err(SignStateError::Locked { .. })), "one process at a time");
    let mut state = lost.make(&record(7)).unwrap();
    assert!(lost.make(&record(8)).is_err(), "once");
    state.write(&record(9)).unwrap();
    drop(state);
    assert_eq!(open(&folder).1, record(9));
}

#[test]
fn a_damaged_one_is_moved_aside_and_never_deleted() {
    let (_home, folder) = home();
    SignStateFile::create(&folder, &chain(), &key(1)).unwrap();
    let mut damaged = fs::read(folder.join("log")).unwrap();
    damaged[0] ^= 1;
    fs::write(folder.join("log"), &damaged).unwrap();
    let mut lost = LostSignState::hold(&folder, &chain(), &key(1)).unwrap();
    assert_eq!(fs::read(folder.join("log")).unwrap(), damaged, "it stays until the key rejoins");
    drop(lost.make(&record(7)).unwrap());
    assert_eq!(open(&folder).1, record(7));
    assert_eq!(fs::read(folder.join("log.damaged.1")).unwrap(), damaged);
}
