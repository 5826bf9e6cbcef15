//! Cases about what executing brings: flat state, tip, receipts, locations; and snapshots.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TestStore;
use super::chain::{
    account, block, epoch, executed, genesis_state, genesis_tip, height_of, store_genesis, transfer,
};
use crate::{
    Canonical, Epoch, EpochEntry, Height, Persist, StateChanges, StateKey, StateKind, Store,
    TransactionLocation,
};

const READS: &str = "an intact store reads";

pub(super) fn genesis_is_the_first_executed_tip(store: &mut dyn TestStore) {
    store_genesis(store);
    store.reopen();
    assert_eq!(store.reader().executed().expect(READS), Some(genesis_tip()));
    assert_eq!(store.reader().decided().expect(READS), Height::GENESIS);
    for (key, value) in genesis_state() {
        assert_eq!(store.reader().get(&key).expect(READS), value);
    }
}

pub(super) fn executing_replaces_the_flat_state(store: &mut dyn TestStore) {
    store_genesis(store);
    let (pool, params) =
        (StateKey::single(StateKind::FeePool), StateKey::single(StateKind::EpochClock));
    let (kept, new) = (StateKey::account(&account(1)), StateKey::account(&account(2)));
    let first = block(None, &[], 0);
    let second = block(Some(&first), &[], 0);
    let changes = StateChanges::from([
        (pool.clone(), Some(b"1".to_vec())),
        (kept.clone(), Some(b"kept".to_vec())),
        (new.clone(), Some(b"short-lived".to_vec())),
    ]);
    store.write(&height_of(&first, changes));
    assert_eq!(store.reader().get(&new).expect(READS), Some(b"short-lived".to_vec()));
    let changes = StateChanges::from([
        (pool.clone(), Some(Vec::new())),
        (new.clone(), None),
        (StateKey::validator(&account(3)), None),
    ]);
    store.write(&height_of(&second, changes.clone()));
    store.reopen();
    assert_eq!(
        store.reader().get(&pool).expect(READS),
        Some(Vec::new()),
        "an empty value is present"
    );
    assert_eq!(store.reader().get(&new).expect(READS), None);
    assert_eq!(store.reader().get(&kept).expect(READS), Some(b"kept".to_vec()));
    assert_eq!(store.reader().get(&params).expect(READS), Some(b"parameters".to_vec()));
    assert_eq!(store.reader().executed().expect(READS), Some(executed(&second, changes).tip()));
}

pub(super) fn executing_brings_receipts_and_locations(store: &mut dyn TestStore) {
    store_genesis(store);
    let transactions = [transfer(1, 2, 0), transfer(2, 3, 0), transfer(1, 3, 1)];
    let first = block(None, &transactions, 0);
    let empty = block(Some(&first), &[], 0);
    let [stored, decided, result] = height_of(&first, StateChanges::new());
    store.write(&[stored, decided]);
    let id = transactions.first().map(crate::Transaction::id).expect("three");
    assert_eq!(
        store.reader().transaction(&id).expect(READS),
        None,
        "indexes stand at the executed tip"
    );
    store.write(&[result]);
    store.write(&height_of(&empty, StateChanges::new()));
    store.reopen();
    let expected = executed(&first, StateChanges::new()).receipts.clone();
    assert_eq!(store.reader().receipts(Height(1)).expect(READS), Some(expected));
    assert_eq!(store.reader().receipts(Height(2)).expect(READS), Some(Vec::new()));
    assert_eq!(store.reader().receipts(Height(3)).expect(READS), None);
    for (index, transaction) in (0_u32..).zip(&transactions) {
        let location = TransactionLocation { height: Height(1), index };
        assert_eq!(store.reader().transaction(&transaction.id()).expect(READS), Some(location));
    }
    assert_eq!(store.reader().transaction(&transfer(9, 9, 9).id()).expect(READS), None);
}

pub(super) fn the_state_is_scanned_in_the_order_of_its_keys(store: &mut dyn TestStore) {
    store_genesis(store);
    let first = block(None, &[], 0);
    let mut changes = StateChanges::new();
    for number in 1..40 {
        changes.insert(StateKey::account(&account(number)), Some(vec![number]));
        changes.insert(StateKey::validator(&account(number)), Some(vec![number, number]));
    }
    changes.insert(StateKey::single(StateKind::EpochClock), None);
    store.write(&height_of(&first, changes.clone()));
    let mut state = genesis_state();
    state.extend(changes);
    let expected: BTreeMap<Vec<u8>, Vec<u8>> =
        state.into_iter().filter_map(|(key, value)| Some((key.to_bytes(), value?))).collect();
    let expected: Vec<(Vec<u8>, Vec<u8>)> = expected.into_iter().collect();
    assert_eq!(scan(store.reader()), expected);
}

pub(super) fn a_snapshot_does_not_see_later_writes(store: &mut dyn TestStore) {
    store_genesis(store);
    let first = block(None, &[transfer(1, 2, 0)], 0);
    let lost = block(None, &[], 1);
    let second = block(Some(&first), &[transfer(1, 2, 1)], 0);
    store.write(&[Persist::Block(Arc::clone(&lost))]);
    let pool = StateKey::single(StateKind::FeePool);
    store.write(&height_of(&first, StateChanges::from([(pool.clone(), Some(b"1".to_vec()))])));
    let before = scan(store.reader());
    let later = height_of(&second, StateChanges::from([(pool.clone(), Some(b"2".to_vec()))]));
    store.write_beside_snapshot(&later, &mut |snapshot: &dyn Store| {
        assert_eq!(snapshot.decided().expect(READS), Height(1));
        assert_eq!(snapshot.executed().expect(READS).map(|tip| tip.height), Some(Height(1)));
        assert_eq!(snapshot.get(&pool).expect(READS), Some(b"1".to_vec()));
        assert_eq!(scan(snapshot), before);
        assert_eq!(snapshot.block(&second.digest()).expect(READS), None);
        assert_eq!(snapshot.block(&lost.digest()).expect(READS), Some(Arc::clone(&lost)));
        assert_eq!(snapshot.certificate(Height(2)).expect(READS), None);
        assert_eq!(snapshot.receipts(Height(2)).expect(READS), None);
        assert_eq!(snapshot.account_history(&account(1), None, 9).expect(READS).len(), 1);
    });
    assert_eq!(store.reader().decided().expect(READS), Height(2));
    assert_eq!(store.reader().get(&pool).expect(READS), Some(b"2".to_vec()));
    assert_eq!(store.reader().block(&lost.digest()).expect(READS), None);
}

/// Epochs of the genesis and of a height; what the state deletes stays readable.
pub(super) fn epochs_are_kept_when_the_state_forgets_them(store: &mut dyn TestStore) {
    let [zeroth, first, unknown] = [0, 1, 2].map(|number| epoch(Epoch(number)));
    let put = |entry: &EpochEntry| (StateKey::epoch(entry.number), Some(entry.to_bytes()));
    let mut state = genesis_state();
    state.extend([put(&zeroth)]);
    store.init_genesis(&state, &genesis_tip());
    let one = block(None, &[], 0);
    let two = block(Some(&one), &[], 0);
    store.write(&height_of(&one, StateChanges::from([put(&first)])));
    store.write(&height_of(&two, StateChanges::from([(StateKey::epoch(zeroth.number), None)])));
    store.reopen();
    assert_eq!(store.reader().get(&StateKey::epoch(zeroth.number)).expect(READS), None);
    for entry in [&zeroth, &first] {
        let found = store.reader().epoch_entry(entry.number).expect(READS);
        assert_eq!(found.as_ref(), Some(entry));
    }
    assert_eq!(store.reader().epoch_entry(unknown.number).expect(READS), None);
}

fn scan(store: &dyn Store) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut entries = Vec::new();
    let visit = &mut |key: &[u8], value: &[u8]| entries.push((key.to_vec(), value.to_vec()));
    store.scan_state(visit).expect(READS);
    entries
}
