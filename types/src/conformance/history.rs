//! Cases about the transactions of an account.

use super::TestStore;
use super::chain::{account, block, height_of, store_genesis, transfer};
use crate::{AccountEntry, Address, Height, StateChanges, Transaction, TransactionLocation};

const READS: &str = "an intact store reads";
/// Heights of the stored history; each block has two transactions of account 1.
const HEIGHTS: u64 = 300;

/// Account 1 pays account 2 in each block, before and after account 3 pays account 4. Returns the
/// entries of account 1, newest first. The heights go past one byte, so that an order by anything
/// but the number shows.
fn store_history(store: &mut dyn TestStore) -> Vec<AccountEntry> {
    store_genesis(store);
    let mut parent = None;
    let mut entries = Vec::new();
    let mut list = Vec::new();
    for height in 1..=HEIGHTS {
        let (early, late) = (transfer(1, 2, 2 * height), transfer(1, 2, 2 * height + 1));
        let transactions = [early.clone(), transfer(3, 4, height), late.clone()];
        let next = block(parent.as_deref(), &transactions, 0);
        list.extend(height_of(&next, StateChanges::new()));
        entries.push(entry(height, 0, &early));
        entries.push(entry(height, 2, &late));
        parent = Some(next);
    }
    store.write(&list);
    store.reopen();
    entries.reverse();
    entries
}

fn place(height: u64, index: u32) -> TransactionLocation {
    TransactionLocation { height: Height(height), index }
}

fn entry(height: u64, index: u32, transaction: &Transaction) -> AccountEntry {
    AccountEntry { location: place(height, index), transaction: transaction.id() }
}

pub(super) fn an_account_has_its_transactions_newest_first(store: &mut dyn TestStore) {
    let expected = store_history(store);
    let everything = expected.len() + 1;
    assert_eq!(
        store.reader().account_history(&account(1), None, everything).expect(READS),
        expected
    );
    let received = store.reader().account_history(&account(2), None, everything).expect(READS);
    assert_eq!(received, expected, "the recipient has them too");
}

pub(super) fn a_page_ends_at_its_limit_and_starts_below_its_cursor(store: &mut dyn TestStore) {
    let expected = store_history(store);
    let page =
        |before, limit| store.reader().account_history(&account(1), before, limit).expect(READS);
    assert_eq!(page(None, 0), []);
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let next = page(cursor, 7);
        assert!(next.len() <= 7);
        let Some(last) = next.last() else { break };
        cursor = Some(last.location);
        pages.extend(next);
    }
    assert_eq!(pages, expected);
    let below = |cursor: TransactionLocation| {
        expected.iter().find(|entry| entry.location < cursor).map(|entry| entry.location)
    };
    // The cursor need not be an entry's place.
    for cursor in [place(256, 1), place(257, 0), place(HEIGHTS + 9, 0), place(1, 1)] {
        let found = page(Some(cursor), 1).first().map(|entry| entry.location);
        assert_eq!(found, below(cursor), "below {cursor:?}");
    }
    assert_eq!(page(Some(place(1, 0)), 10), []);
    assert_eq!(page(Some(place(0, 0)), 10), []);
}

pub(super) fn accounts_do_not_mix(store: &mut dyn TestStore) {
    store_genesis(store);
    let own = transfer(5, 5, 0);
    let transactions = [transfer(1, 2, 0), own.clone(), transfer(3, 2, 0)];
    let first = block(None, &transactions, 0);
    store.write(&height_of(&first, StateChanges::new()));
    let history =
        |address: &Address| store.reader().account_history(address, None, 10).expect(READS);
    assert_eq!(history(&account(5)), [entry(1, 1, &own)], "to oneself: once");
    assert_eq!(history(&account(2)).len(), 2);
    assert_eq!(history(&account(9)), []);
    for number in [1, 2, 3, 5] {
        let mut neighbour = account(number);
        if let Some(last) = neighbour.0.last_mut() {
            *last ^= 1;
        }
        assert_eq!(history(&neighbour), [], "a neighbour of account {number}");
    }
}
