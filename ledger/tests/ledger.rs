//! The ledger of a node: executed before stored, discarded, stored late, opened again.
#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use quorate_crypto::Hash;
use quorate_crypto::state_tree::hash_value;
use quorate_ledger::{BlockError, Ledger, LedgerError, VERSIONS};
use quorate_types::{
    Block, ChainParams, ExecutedBlock, ExecutedTip, Height, StakingParams, StateKey, StateReader,
    receipts_root,
};
use support::{Pay, State, address, context, free_params};

fn state() -> State {
    State::new(free_params(), &[(1, 0, 1_000), (2, 0, 1_000)])
}

fn open(state: &State) -> Ledger {
    Ledger::open(state, context()).unwrap()
}

fn block_on(tip: &ExecutedTip, pays: &[Pay]) -> Arc<Block> {
    Arc::new(support::block_on(tip, pays.iter().map(Pay::signed).collect()))
}

fn run(ledger: &mut Ledger, store: &State, pays: &[Pay]) -> Arc<ExecutedBlock> {
    let block = block_on(&ledger.tip(), pays);
    let digest = block.digest();
    ledger.execute(block, digest, store).unwrap()
}

fn pay(nonce: u64, amount: u64) -> Pay {
    Pay { from: 1, nonce, to: 3, amount, fee: 1 }
}

/// (nonce, balance) of an account after a height.
fn account(ledger: &Ledger, store: &State, height: u64, name: u8) -> Option<(u64, u64)> {
    let account = ledger.state(Height(height), store).unwrap().account(&address(name)).unwrap()?;
    Some((account.nonce.0, account.balance.0))
}

/// What the storage does with an executed block.
fn store_block(store: &mut State, executed: &ExecutedBlock) {
    store.apply(&executed.changes);
    store.tip = executed.tip();
}

#[test]
fn execution_gives_the_roots_of_the_whole_state_and_of_the_receipts() {
    let mut store = state();
    let mut ledger = open(&store);
    assert_eq!(ledger.tip(), store.tip);
    let executed = run(&mut ledger, &store, &[pay(0, 10), pay(1, 20)]);
    assert_eq!(ledger.tip(), executed.tip());
    assert_eq!(executed.receipts_root, receipts_root(&executed.receipts));
    assert_eq!(executed.digest, executed.block.digest());
    store_block(&mut store, &executed);
    assert_eq!(executed.state_root, store.root());
}

/// EP-1: what is read at a start is what executing has told, at the edges of an epoch too.
#[test]
fn a_ledger_that_is_opened_anywhere_in_an_epoch_knows_the_same_epochs() {
    const LENGTH: u64 = 3;
    let staking = StakingParams { presence_window: 1, ..StakingParams::default() };
    let params = ChainParams { epoch_length: LENGTH, staking, ..free_params() };
    let founders = [1, 2, 3, 4].map(|name| support::founder(name, 10_000));
    let mut store = State::founded(params, &founders, &[(1, 0, 1_000)]);
    let mut ledger = open(&store);
    for height in 0..=4 * LENGTH {
        let told = ledger.epochs(Height(height)).unwrap();
        assert_eq!(open(&store).epochs(Height(height)), Some(told), "after height {height}");
        let numbers = [&told.executed, &told.next, &told.after].map(|entry| entry.number.0);
        let heights = [height.max(1), height + 1, height + 2];
        assert_eq!(numbers, heights.map(|height| (height - 1) / LENGTH), "after height {height}");
        let executed = run(&mut ledger, &store, &[]);
        store_block(&mut store, &executed);
    }
}

#[test]
fn blocks_run_on_over_a_store_that_lags_and_may_catch_up_unannounced() {
    let mut store = state();
    let mut ledger = open(&store);
    let first = run(&mut ledger, &store, &[pay(0, 10)]);
    let second = run(&mut ledger, &store, &[pay(1, 20)]);
    for lagging in [true, false] {
        if !lagging {
            store_block(&mut store, &first);
        }
        assert_eq!(account(&ledger, &store, 1, 3), Some((0, 10)));
        assert_eq!(account(&ledger, &store, 2, 3), Some((0, 30)));
        assert_eq!(account(&ledger, &store, 2, 1), Some((2, 968)));
    }
    ledger.stored(Height(1));
    assert_eq!(ledger.executed(Height(1)), Some(first.tip()));
    assert_eq!(ledger.executed(Height(2)), Some(second.tip()));
    assert_eq!(account(&ledger, &store, 2, 3), Some((0, 30)));
    let third = run(&mut ledger, &store, &[pay(2, 5)]);
    for executed in [&second, &third] {
        store_block(&mut store, executed);
    }
    assert_eq!(third.state_root, store.root());
}

#[test]
fn a_discarded_execution_leaves_no_trace() {
    let store = state();
    let mut ledger = open(&store);
    let kept = run(&mut ledger, &store, &[pay(0, 10)]);
    let other = run(&mut ledger, &store, &[pay(1, 20)]);
    run(&mut ledger, &store, &[pay(2, 40)]);
    ledger.discard(Height(2));
    assert_eq!(ledger.tip(), kept.tip());
    assert_eq!(account(&ledger, &store, 1, 3), Some((0, 10)));
    assert_eq!(ledger.executed(Height(2)), None);
    assert_eq!(run(&mut ledger, &store, &[pay(1, 20)]), other);
    ledger.discard(Height(2));
    let decided = run(&mut ledger, &store, &[pay(1, 30)]);
    assert_ne!(decided.state_root, other.state_root);
    assert_eq!(account(&ledger, &store, 2, 3), Some((0, 40)));
    ledger.discard(Height(3));
    assert_eq!(ledger.tip(), decided.tip(), "nothing was executed at height 3");
}

#[test]
fn another_block_of_a_height_is_checked_below_a_speculative_execution() {
    let store = state();
    let mut ledger = open(&store);
    run(&mut ledger, &store, &[pay(0, 10)]);
    let rival = [pay(0, 99).signed()];
    assert_eq!(ledger.check_block(&rival, Height(1), &store), Ok(()));
    assert!(matches!(
        ledger.check_block(&rival, Height(2), &store),
        Err(LedgerError::Block(BlockError::Transaction { index: 0, .. }))
    ));
    let candidates = [pay(0, 99), pay(1, 1)].map(|pay| pay.signed());
    let chosen = ledger.select(candidates.clone(), Height(2), &store).unwrap();
    assert_eq!(chosen, candidates[1..]);
}

/// A rival of a height is judged late, when the store stands above it and nobody has said so yet.
#[test]
fn a_height_is_checked_below_a_store_that_has_passed_it() {
    let mut store = state();
    let mut ledger = open(&store);
    let rival = block_on(&ledger.tip(), &[pay(0, 7)]);
    for (nonce, amount) in [(0, 10), (1, 20)] {
        let executed = run(&mut ledger, &store, &[pay(nonce, amount)]);
        store_block(&mut store, &executed);
    }
    assert_eq!(ledger.check_block(&rival.transactions, Height(1), &store), Ok(()));
    let late = ledger.check_block(&rival.transactions, Height(2), &store);
    assert!(matches!(late, Err(LedgerError::Block(_))), "its nonce is taken at height 1");
}

#[test]
fn states_beyond_what_is_at_hand_are_refused() {
    let mut store = state();
    let mut ledger = open(&store);
    let not_at_hand = |height| Err(LedgerError::NotAtHand(Height(height)));
    assert_eq!(ledger.check_block(&[], Height(0), &store), not_at_hand(0));
    assert_eq!(ledger.check_block(&[], Height(2), &store), not_at_hand(1));
    for nonce in 0..3 {
        let executed = run(&mut ledger, &store, &[pay(nonce, 1)]);
        store_block(&mut store, &executed);
    }
    ledger.stored(Height(2));
    assert_eq!(ledger.check_block(&[], Height(2), &store), not_at_hand(1));
    assert_eq!(ledger.check_block(&[], Height(3), &store), Ok(()));
    assert_eq!(ledger.check_block(&[], Height(4), &store), Ok(()));
    assert_eq!((ledger.executed(Height(1)), ledger.executed(Height(4))), (None, None));
}

#[test]
fn only_a_block_on_the_tip_with_the_tips_roots_is_executed() {
    let store = state();
    let mut ledger = open(&store);
    let tip = ledger.tip();
    let attempt = |ledger: &mut Ledger, tip: &ExecutedTip, pays: &[Pay]| {
        let block = block_on(tip, pays);
        let digest = block.digest();
        ledger.execute(block, digest, &store).unwrap_err()
    };
    let higher = ExecutedTip { height: Height(1), ..tip };
    let error = attempt(&mut ledger, &higher, &[]);
    assert!(matches!(error, LedgerError::NotNext { height: Height(2), .. }), "{error}");
    let mut other = tip;
    other.digest.0 = Hash::ZERO;
    let error = attempt(&mut ledger, &other, &[]);
    assert!(matches!(error, LedgerError::NotNext { height: Height(1), .. }), "{error}");
    let diverged = ExecutedTip { state_root: Hash::ZERO, ..tip };
    assert_eq!(attempt(&mut ledger, &diverged, &[]), LedgerError::OtherRoots(Height(1)));
    let diverged = ExecutedTip { receipts_root: Hash::ZERO, ..tip };
    assert_eq!(attempt(&mut ledger, &diverged, &[]), LedgerError::OtherRoots(Height(1)));
    let error = attempt(&mut ledger, &tip, &[pay(0, 1), pay(2, 1)]);
    assert!(matches!(error, LedgerError::Block(_)), "{error}");
    assert_eq!(ledger.tip(), tip);
    assert_eq!(account(&ledger, &store, 0, 1), Some((0, 1_000)), "the first one left nothing");
}

#[test]
fn opening_again_goes_on_with_the_same_roots() {
    let mut store = state();
    let mut ledger = open(&store);
    let first = run(&mut ledger, &store, &[pay(0, 10)]);
    store_block(&mut store, &first);
    let second = run(&mut ledger, &store, &[pay(1, 10)]);
    let mut again = open(&store);
    assert_eq!(again.tip(), first.tip());
    assert_eq!(run(&mut again, &store, &[pay(1, 10)]), second);
}

#[test]
fn a_damaged_state_is_found_when_it_is_opened() {
    let mut store = state();
    let expected = store.tip.state_root;
    let key = StateKey::account(&address(1));
    store.values.insert(key, vec![0; 16]);
    let (height, found) = (Height(0), store.root());
    let error = LedgerError::DamagedState { height, expected, found };
    assert_eq!(Ledger::open(&store, context()).unwrap_err(), error);
}

#[test]
fn the_last_heights_can_be_proved_stored_or_not() {
    let mut store = state();
    let mut ledger = open(&store);
    let mut executed = Vec::new();
    for nonce in 0..20 {
        executed.push(run(&mut ledger, &store, &[pay(nonce, 1)]));
    }
    for block in &executed[..10] {
        store_block(&mut store, block);
    }
    ledger.stored(Height(10));
    let key = StateKey::account(&address(1));
    let oldest = executed.len() - VERSIONS;
    assert!(ledger.prove(executed[oldest - 1].height(), &key).is_none());
    for block in &executed[oldest..] {
        let value = block.changes[&key].as_ref().unwrap();
        let proof = ledger.prove(block.height(), &key).unwrap();
        let root = block.state_root;
        assert_eq!(proof.verify_inclusion(&root, &key.hash(), &hash_value(value)), Ok(()));
        let nobody = StateKey::account(&address(77));
        let proof = ledger.prove(block.height(), &nobody).unwrap();
        assert_eq!(proof.verify_exclusion(&root, &nobody.hash()), Ok(()));
    }
}

#[test]
fn the_values_of_the_last_heights_are_known_stored_or_not() {
    let mut store = state();
    let mut ledger = open(&store);
    let mut executed = Vec::new();
    for nonce in 0..20 {
        executed.push(run(&mut ledger, &store, &[pay(nonce, 1)]));
    }
    for amount in 500..505 {
        run(&mut ledger, &store, &[pay(20, amount)]);
        ledger.discard(Height(21));
    }
    for block in &executed[..18] {
        store_block(&mut store, block);
    }
    ledger.stored(Height(10));
    let account = |name| StateKey::account(&address(name));
    let value = |height, name| ledger.value_at(Height(height), &account(name), &store).unwrap();
    // The discarded versions had pushed the oldest one out of the window.
    let oldest = 20 - 14;
    assert_eq!((value(oldest - 1, 1), value(21, 1)), (None, None));
    for block in &executed[usize::try_from(oldest).unwrap() - 1..] {
        let height = block.height().0;
        assert_eq!(value(height, 1), Some(block.changes[&account(1)].clone()));
        assert_eq!(value(height, 9), Some(None), "nobody");
        let untouched = store.get(&account(2)).unwrap();
        assert_eq!(value(height, 2), Some(untouched));
    }
}

#[test]
fn an_account_did_not_exist_before_it_was_paid() {
    let store = state();
    let mut ledger = open(&store);
    let executed = run(&mut ledger, &store, &[pay(0, 1)]);
    let key = StateKey::account(&address(3));
    let value = |height| ledger.value_at(Height(height), &key, &store);
    assert_eq!(value(0), Ok(Some(None)));
    assert_eq!(value(1), Ok(Some(executed.changes[&key].clone())));
}
