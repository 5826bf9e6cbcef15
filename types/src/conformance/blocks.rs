//! Cases about blocks and certificates.

use std::sync::Arc;

use super::TestStore;
use super::chain::{account, block, commit, genesis_digest, height_of, store_genesis, transfer};
use crate::{Height, Persist, StateChanges, StateKey};

const READS: &str = "an intact store reads";

pub(super) fn nothing_is_stored_at_first(store: &mut dyn TestStore) {
    let height = Height(1);
    assert_eq!(store.reader().decided().expect(READS), Height::GENESIS);
    assert_eq!(store.reader().executed().expect(READS), None);
    assert_eq!(store.reader().digest_at(height).expect(READS), None);
    assert_eq!(store.reader().block(&genesis_digest()).expect(READS), None);
    assert_eq!(store.reader().block_at(height).expect(READS), None);
    assert_eq!(store.reader().certificate(height).expect(READS), None);
    assert_eq!(store.reader().receipts(height).expect(READS), None);
    assert_eq!(store.reader().transaction(&transfer(1, 2, 0).id()).expect(READS), None);
    assert_eq!(store.reader().account_history(&account(1), None, 10).expect(READS), []);
    assert_eq!(store.reader().get(&StateKey::account(&account(1))).expect(READS), None);
    store.reader().scan_state(&mut |_, _| unreachable!("nothing is stored")).expect(READS);
}

pub(super) fn a_block_is_readable_before_it_is_decided(store: &mut dyn TestStore) {
    store_genesis(store);
    let (one, other) = (block(None, &[transfer(1, 2, 0)], 0), block(None, &[], 1));
    store.write(&[Persist::Block(Arc::clone(&one)), Persist::Block(Arc::clone(&other))]);
    store.write(&[Persist::Block(Arc::clone(&one))]);
    store.reopen();
    assert_eq!(store.reader().block(&one.digest()).expect(READS), Some(Arc::clone(&one)));
    assert_eq!(store.reader().block(&other.digest()).expect(READS), Some(other));
    assert_eq!(store.reader().decided().expect(READS), Height::GENESIS);
    assert_eq!(store.reader().digest_at(one.height()).expect(READS), None);
    assert_eq!(store.reader().block_at(one.height()).expect(READS), None);
    assert_eq!(store.reader().certificate(one.height()).expect(READS), None);
}

pub(super) fn a_certificate_decides_the_block_of_its_digest(store: &mut dyn TestStore) {
    store_genesis(store);
    let (one, other) = (block(None, &[transfer(1, 2, 0)], 0), block(None, &[], 1));
    store.write(&[Persist::Block(Arc::clone(&other)), Persist::Block(Arc::clone(&one))]);
    store.write(&[Persist::Decided(commit(&one))]);
    store.reopen();
    let height = one.height();
    assert_eq!(store.reader().decided().expect(READS), height);
    assert_eq!(store.reader().digest_at(height).expect(READS), Some(one.digest()));
    assert_eq!(store.reader().certificate(height).expect(READS), Some(commit(&one)));
    assert_eq!(store.reader().block_at(height).expect(READS), Some(Arc::clone(&one)));
    let executed = store.reader().executed().expect(READS).map(|tip| tip.height);
    assert_eq!(executed, Some(Height::GENESIS), "deciding is not executing");
    assert_eq!(store.reader().receipts(height).expect(READS), None);
    assert_eq!(store.reader().digest_at(height.next()).expect(READS), None);
}

pub(super) fn a_decision_drops_the_undecided_blocks_below(store: &mut dyn TestStore) {
    store_genesis(store);
    let (first, lost) = (block(None, &[], 0), block(None, &[], 1));
    let (second, waiting) = (block(Some(&first), &[], 0), block(Some(&first), &[], 1));
    store.write(&[Persist::Block(Arc::clone(&lost))]);
    store.write(&height_of(&first, StateChanges::new()));
    // The dropping does not rest on what the process remembers.
    store.reopen();
    let third = block(Some(&second), &[], 0);
    store.write(&[Persist::Block(Arc::clone(&third)), Persist::Block(waiting)]);
    store.write(&height_of(&second, StateChanges::new()));
    assert_eq!(store.reader().block(&lost.digest()).expect(READS), None);
    assert_eq!(store.reader().block(&first.digest()).expect(READS), Some(first));
    assert_eq!(store.reader().block(&second.digest()).expect(READS), Some(second));
    assert_eq!(store.reader().block(&third.digest()).expect(READS), Some(third), "it is above");
}

pub(super) fn a_decided_block_stored_again_stays(store: &mut dyn TestStore) {
    store_genesis(store);
    let first = block(None, &[], 0);
    let second = block(Some(&first), &[], 0);
    store.write(&height_of(&first, StateChanges::new()));
    store.write(&[Persist::Block(Arc::clone(&first))]);
    store.write(&height_of(&second, StateChanges::new()));
    store.reopen();
    assert_eq!(store.reader().block_at(Height(1)).expect(READS), Some(first));
    assert_eq!(store.reader().block_at(Height(2)).expect(READS), Some(second));
}

pub(super) fn a_list_may_hold_several_heights(store: &mut dyn TestStore) {
    store_genesis(store);
    let mut list = Vec::new();
    let mut blocks = Vec::new();
    for nonce in 0..5 {
        let parent = blocks.last().map(Arc::as_ref);
        let next = block(parent, &[transfer(1, 2, nonce)], 0);
        list.extend(height_of(&next, StateChanges::new()));
        blocks.push(next);
    }
    store.write(&list);
    store.reopen();
    assert_eq!(store.reader().decided().expect(READS), Height(5));
    assert_eq!(store.reader().executed().expect(READS).map(|tip| tip.height), Some(Height(5)));
    for block in blocks {
        let height = block.height();
        assert_eq!(store.reader().certificate(height).expect(READS), Some(commit(&block)));
        assert_eq!(store.reader().block_at(height).expect(READS), Some(block));
    }
}
