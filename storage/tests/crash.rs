//! Crashes: a process killed while it writes loses nothing that was acknowledged, and a log cut
//! anywhere never shows a result without its block and certificate.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use common::{TempChain, chain};
use quorate_crypto::{ValidatorPublicKey, ValidatorSecretKey};
use quorate_storage::{ChainDb, SignStateFile};
use quorate_types::conformance::chain::{block, commit, executed, genesis_state, genesis_tip};
use quorate_types::{
    Block, ChainReader, Height, Persist, SignRecord, StateChanges, StateKey, StateKind,
    StateReader, View,
};

/// Tells the writer process where to write; without it that test does nothing.
const FOLDER: &str = "QUORATE_STORAGE_WRITER_FOLDER";
/// Heights after which the writer is killed: past several flushes of nothing but its log.
const HEIGHTS: u64 = 40;

fn key() -> ValidatorPublicKey {
    ValidatorSecretKey::from_seed([1; 32]).public()
}

fn pool() -> StateKey {
    StateKey::single(StateKind::FeePool)
}

/// The result of a height writes the height into the state, so that the two can be compared.
fn result(block: &Arc<Block>) -> Persist {
    let value = block.height().0.to_be_bytes().to_vec();
    Persist::Executed(executed(block, StateChanges::from([(pool(), Some(value))])))
}

fn write_height(database: &ChainDb, block: &Arc<Block>) {
    database.write(&[Persist::Block(Arc::clone(block))], true).unwrap();
    database.write(&[Persist::Decided(commit(block))], true).unwrap();
    database.write(&[result(block)], false).unwrap();
}

/// Checks that what is found fits together; returns the decided height.
fn check(database: &ChainDb) -> Height {
    let decided = database.decided().unwrap();
    let Some(tip) = database.executed().unwrap() else {
        assert_eq!(decided, Height::GENESIS);
        return decided;
    };
    assert!(tip.height <= decided, "executed {} above decided {decided}", tip.height);
    for height in 1..=decided.0 {
        let block = database.block_at(Height(height)).unwrap().unwrap();
        assert_eq!(database.certificate(Height(height)).unwrap(), Some(commit(&block)));
        let has_receipts = database.receipts(Height(height)).unwrap().is_some();
        assert_eq!(has_receipts, height <= tip.height.0, "receipts of {height}");
    }
    let expected = match tip.height {
        Height::GENESIS => genesis_state()[&pool()].clone().unwrap(),
        height => height.0.to_be_bytes().to_vec(),
    };
    assert_eq!(database.get(&pool()).unwrap(), Some(expected), "the state stands at the tip");
    decided
}

/// What a start does with the heights that are decided but not executed.
fn replay_forward(database: &ChainDb) {
    let decided = database.decided().unwrap().0;
    let executed = database.executed().unwrap().unwrap().height.0;
    for height in executed + 1..=decided {
        let block = database.block_at(Height(height)).unwrap().unwrap();
        database.write(&[result(&block)], false).unwrap();
    }
    assert_eq!(check(database), database.executed().unwrap().unwrap().height);
}

#[test]
fn a_log_cut_anywhere_leaves_a_prefix_that_fits_together() {
    let temp = TempChain::with_genesis();
    let database = temp.open();
    let mut parent = None;
    for _ in 0..8 {
        let next = block(parent.as_deref(), &[], 0);
        write_height(&database, &next);
        parent = Some(next);
    }
    drop(database);
    let log = fs::read_dir(temp.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap();
    let length = fs::metadata(&log).unwrap().len();
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=length).rev().step_by(487) {
        let copy = TempChain::fresh();
        copy_folder(temp.path(), copy.path());
        let copied = copy.path().join(log.file_name().unwrap());
        fs::OpenOptions::new().write(true).open(copied).unwrap().set_len(cut).unwrap();
        let database = copy.open();
        seen.insert(check(&database));
        if database.executed().unwrap().is_some() {
            replay_forward(&database);
        }
    }
    let every = (0..=8).map(Height).collect();
    assert_eq!(seen, every, "the cuts met every height");
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let temp = TempChain::fresh();
    let home = temp.path();
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer_process", "--nocapture", "--test-threads=1"])
        .env(FOLDER, home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map(Result::unwrap);
    let acknowledged = |line: String| line.strip_prefix("stored ")?.parse::<u64>().ok();
    let mut last = 0;
    while last < HEIGHTS {
        last = lines.by_ref().find_map(acknowledged).expect("the writer goes on until killed");
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    last = lines.filter_map(acknowledged).last().unwrap_or(last);

    let database = ChainDb::open(&home.join("data"), &chain()).unwrap();
    let decided = check(&database);
    assert!(decided.0 >= last, "{decided} decided, {last} acknowledged");
    replay_forward(&database);
    let (_, record) = SignStateFile::open(&home.join("sign-state"), &chain(), &key()).unwrap();
    assert!(record.height.0 >= last, "signed {}, acknowledged {last}", record.height);
    assert!(record.height.0 <= decided.0 + 1, "each record comes just before its height");
}

/// Not a test of its own: the process that is killed. It says what is stored once it is.
#[test]
fn writer_process() {
    let Some(home) = std::env::var_os(FOLDER) else {
        return;
    };
    let home = Path::new(&home);
    SignStateFile::create(&home.join("sign-state"), &chain(), &key()).unwrap();
    let (mut sign_state, _) =
        SignStateFile::open(&home.join("sign-state"), &chain(), &key()).unwrap();
    let database = ChainDb::open(&home.join("data"), &chain()).unwrap();
    database.init_genesis(&genesis_state(), &genesis_tip()).unwrap();
    let mut parent = None;
    // Ends by itself should nobody be left to kill it.
    for height in 1..100_000 {
        let record = SignRecord { height: Height(height), view: View(1), ..SignRecord::default() };
        sign_state.write(&record).unwrap();
        let next = block(parent.as_deref(), &[], 0);
        write_height(&database, &next);
        // A line of its own: the harness ends no line before it starts a test.
        println!("\nstored {height}");
        parent = Some(next);
    }
}
