//! The suite that every implementation of [`ChainReader`] and [`StateReader`] must pass: what each
//! [`Persist`] makes readable, in which order, and what a snapshot no longer sees. Blocks and
//! certificates in it are well-formed; their signatures are not checked by a store and are dummies.
//!
//! A case fails by panicking. Refusals of what may not be stored are each store's own to test.

mod accountability;
mod blocks;
pub mod chain;
mod history;
mod state;

use crate::persist::{ExecutedTip, Persist, StateChanges};
use crate::read::Store;

/// A store under test. A failing write panics.
pub trait TestStore {
    /// What is readable now.
    fn reader(&self) -> &dyn Store;

    /// Stores the state of genesis.
    fn init_genesis(&mut self, state: &StateChanges, tip: &ExecutedTip);

    /// Stores a list, in order.
    fn write(&mut self, list: &[Persist]);

    /// Takes a snapshot, stores a list, then shows the snapshot.
    fn write_beside_snapshot(&mut self, list: &[Persist], look: &mut dyn FnMut(&dyn Store));

    /// Closes the store and opens it again; nothing that was written is lost.
    fn reopen(&mut self);
}

/// Runs every case, each on a store of its own that holds nothing yet.
pub fn run(open: &mut dyn FnMut() -> Box<dyn TestStore>) {
    let cases = [
        blocks::nothing_is_stored_at_first,
        blocks::a_block_is_readable_before_it_is_decided,
        blocks::a_certificate_decides_the_block_of_its_digest,
        blocks::a_decision_drops_the_undecided_blocks_below,
        blocks::a_decided_block_stored_again_stays,
        blocks::a_list_may_hold_several_heights,
        state::genesis_is_the_first_executed_tip,
        state::executing_replaces_the_flat_state,
        state::executing_brings_receipts_and_locations,
        state::the_state_is_scanned_in_the_order_of_its_keys,
        state::a_snapshot_does_not_see_later_writes,
        state::epochs_are_kept_when_the_state_forgets_them,
        history::an_account_has_its_transactions_newest_first,
        history::a_page_ends_at_its_limit_and_starts_below_its_cursor,
        history::accounts_do_not_mix,
        accountability::evidence_is_kept_once_per_validator_and_height,
        accountability::an_archive_is_kept_by_height,
        accountability::what_is_older_than_the_window_is_forgotten,
    ];
    for case in cases {
        case(open().as_mut());
    }
}
