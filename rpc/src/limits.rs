//! Every limit of the interface, with its unit (B-6). All but the consensus ones are local policy.

use std::time::Duration;

/// Bytes of a request.
pub const MAX_BODY_BYTES: u32 = 512 * 1024;
/// Bytes of an answer.
pub const MAX_RESPONSE_BYTES: u32 = 8 * 1024 * 1024;
/// Calls in one JSON batch.
pub const MAX_BATCH: u32 = 20;
/// Transactions in one `tx_submitBatch`.
pub const MAX_SUBMIT_BATCH: usize = 256;
/// Entries in one page of `tx_search`.
pub const MAX_PAGE: u32 = 100;
/// Entries in a page of `tx_search` that asks for no number.
pub const DEFAULT_PAGE: u32 = 20;
/// Entries in one answer of `state_getUnbonding`.
pub const MAX_UNBONDING: usize = 1_000;
/// Epoch steps in one answer. With the largest sets one has 25 KiB, so with their hex and the
/// largest claim beside them an answer stays below [`MAX_RESPONSE_BYTES`].
pub const MAX_PROOF_STEPS: usize = 64;
/// Subscriptions of one connection.
pub const MAX_SUBSCRIPTIONS: u32 = 32;
/// Calls of one connection that run at the same time.
pub const MAX_CALLS_IN_FLIGHT: usize = 64;
/// Calls of `tx_submitAndWait` that wait at the same time, over all connections.
pub const MAX_WAITING: usize = 1_024;
/// Milliseconds that `tx_submitAndWait` waits at most.
pub const MAX_WAIT_MS: u64 = 60_000;
/// Milliseconds that `tx_submitAndWait` waits when it is not told.
pub const DEFAULT_WAIT_MS: u64 = 10_000;
/// Units of cost that a connection may spend in a second, and at once after a pause.
pub const BUDGET_PER_SECOND: u32 = 4_000;
/// How long a call may take: longer than any wait.
pub const CALL_TIME: Duration = Duration::from_secs(90);
/// Connections above the limit that are told so; more are dropped without a word.
pub const MAX_TURNED_AWAY: usize = 32;

/// The limits that a test makes small; a node runs with the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Notes and answers that wait for a slow connection.
    pub queue: u32,
    /// How long a request's head may take; an idle connection is closed after it, too.
    pub head_time: Duration,
    /// How long a request's body may take.
    pub body_time: Duration,
    /// How long a client may leave its answers unread.
    pub write_time: Duration,
    /// How long calls in progress may take once the server stops.
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 100,
            queue: 256,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(10),
            write_time: Duration::from_secs(20),
            stop_time: Duration::from_secs(5),
        }
    }
}
