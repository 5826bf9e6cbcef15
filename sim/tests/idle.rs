//! A chain that has nothing to do makes a block for each idle interval and no more, however its state
//! or its mempool tempts it. Schedules 19 and 23.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

#[test]
fn a_parent_without_content_asks_for_no_block() {
    common::idles(false);
}

#[test]
fn a_transaction_behind_a_gap_asks_for_no_block() {
    common::idles(true);
}
