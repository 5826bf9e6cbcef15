//! How much may wait, and for how long (B-6). Local policy: nodes may differ in it.

/// Transactions that wait, by default.
pub const MAX_TRANSACTIONS: usize = 100_000;
/// Bytes of all transactions that wait, by default.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Transactions of one sender that wait, by default.
pub const MAX_PER_SENDER: usize = 1_024;
/// How far a nonce may lie ahead of its account's, by default.
pub const MAX_NONCE_GAP: u64 = 1_024;
/// Milliseconds that a transaction waits at most: ten minutes.
pub const TIME_TO_LIVE_MS: u64 = 10 * 60 * 1_000;
/// What a replacement pays at least, in percent of the fee that it replaces.
pub const REPLACEMENT_PERCENT: u64 = 110;
/// Senders passed over for a block because their next transaction no longer fits into it. It
/// bounds the search for the few that still would.
pub const MAX_SKIPPED_CANDIDATES: usize = 100;

/// What may wait at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Transactions.
    pub max_transactions: usize,
    /// Bytes of all transactions together.
    pub max_bytes: usize,
    /// Transactions of one sender.
    pub max_per_sender: usize,
    /// How far a nonce may lie ahead of its account's.
    pub max_nonce_gap: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_transactions: MAX_TRANSACTIONS,
            max_bytes: MAX_BYTES,
            max_per_sender: MAX_PER_SENDER,
            max_nonce_gap: MAX_NONCE_GAP,
        }
    }
}
