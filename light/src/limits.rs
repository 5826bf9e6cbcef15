//! What bounds a proof bundle (B-6, L-6) and the client's clock (L-1).

/// Bytes of a sealed bundle.
pub const MAX_BUNDLE_BYTES: usize = 32 * 1024 * 1024;
/// Epochs that one bundle leads over. A client that is further behind starts from a checkpoint.
pub const MAX_EPOCH_STEPS: usize = 16_384;
/// Bytes of a key of the state, its kind included; a record's has 149 at most.
pub const MAX_STATE_KEY_BYTES: usize = 256;
/// Bytes of a value of the state.
pub const MAX_STATE_VALUE_BYTES: usize = 64 * 1024;
/// Milliseconds by which a checkpoint may be ahead of the client's clock.
pub const CLOCK_TOLERANCE_MS: u64 = 10_000;
