//! How long a durable write takes, in microseconds: what a vote and a block wait for. Prints the
//! median, the 99th percentile and the slowest of each kind. Run it on an otherwise idle machine;
//! the disk is the one that holds the temporary folder (`TMPDIR`).
#![allow(clippy::unwrap_used, reason = "a measurement that fails may panic")]

use std::sync::Arc;
use std::time::Instant;

use quorate_crypto::{Hash, ValidatorSecretKey};
use quorate_storage::{ChainDb, SignStateFile};
use quorate_types::conformance::chain::{
    block, commit, executed, genesis_state, genesis_tip, transfer,
};
use quorate_types::{ChainContext, Height, Persist, SignRecord, StateChanges, View};

/// Enough to replace the sign-state log twice.
const RECORDS: u64 = 10_000;
const HEIGHTS: u64 = 1_000;
/// Transactions of a block: 2 000 a second at 50 blocks a second.
const TRANSACTIONS: u64 = 40;

fn main() {
    let home = tempfile::tempdir().unwrap();
    let chain = ChainContext {
        chain_id: "local-bench".parse().unwrap(),
        genesis_hash: Hash::from_bytes([0xaa; 32]),
        protocol_version: 1,
    };
    measure_sign_state(home.path(), &chain);
    measure_chain(home.path(), &chain);
}

fn measure_sign_state(home: &std::path::Path, chain: &ChainContext) {
    let key = ValidatorSecretKey::from_seed([1; 32]).public();
    let folder = home.join("sign-state");
    SignStateFile::create(&folder, chain, &key).unwrap();
    let (mut state, _) = SignStateFile::open(&folder, chain, &key).unwrap();
    let certificate = Some(commit(&block(None, &[], 0)));
    let mut times = Vec::new();
    for view in 0..RECORDS {
        let parent_certificate = certificate.clone();
        let record = SignRecord {
            height: Height(1),
            view: View(view),
            parent_certificate,
            ..SignRecord::default()
        };
        times.push(timed(|| state.write(&record).unwrap()));
    }
    report("sign-state record", times);
}

fn measure_chain(home: &std::path::Path, chain: &ChainContext) {
    let database = ChainDb::open(&home.join("data"), chain).unwrap();
    database.init_genesis(&genesis_state(), &genesis_tip()).unwrap();
    let transactions: Vec<_> = (0..TRANSACTIONS).map(|nonce| transfer(1, 2, nonce)).collect();
    let (mut blocks, mut decisions, mut results) = (Vec::new(), Vec::new(), Vec::new());
    let mut parent = None;
    for _ in 0..HEIGHTS {
        let next = block(parent.as_deref(), &transactions, 0);
        let list = [Persist::Block(Arc::clone(&next))];
        blocks.push(timed(|| database.write(&list, true).unwrap()));
        let list = [Persist::Decided(commit(&next))];
        decisions.push(timed(|| database.write(&list, true).unwrap()));
        let list = [Persist::Executed(executed(&next, StateChanges::new()))];
        results.push(timed(|| database.write(&list, false).unwrap()));
        parent = Some(next);
    }
    report("block, synced", blocks);
    report("certificate, synced", decisions);
    report("result, unsynced", results);
}

fn timed(work: impl FnOnce()) -> u128 {
    let start = Instant::now();
    work();
    start.elapsed().as_micros()
}

fn report(what: &str, mut times: Vec<u128>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{what:<22} p50 {:>6}  p99 {:>6}  max {:>6} us", at(50), at(99), at(100));
}
