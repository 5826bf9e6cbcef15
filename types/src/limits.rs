//! The consensus limits on sizes, counts and depths (B-6): one place, each with its unit.

/// Validators in a set.
pub const MAX_VALIDATORS: usize = 200;
/// Bytes of a chain id.
pub const MAX_CHAIN_ID_BYTES: usize = 48;
/// Bytes of a validator's moniker.
pub const MAX_MONIKER_BYTES: usize = 64;
/// Bytes of one transaction, signatures included.
pub const MAX_TRANSACTION_BYTES: usize = 64 * 1024;
/// Bytes of a transaction's memo.
pub const MAX_MEMO_BYTES: usize = 256;
/// Bytes of a record's key.
pub const MAX_RECORD_KEY_BYTES: usize = 128;
/// Bytes of a record's value.
pub const MAX_RECORD_VALUE_BYTES: usize = 16 * 1024;
/// Signers that the transaction layout can carry: the operators of a whole set.
pub const MAX_SIGNERS: usize = MAX_VALIDATORS;
/// Actions that the transaction layout can carry.
pub const MAX_ACTIONS: usize = 64;
/// Bytes that the transactions of one block may have under any parameters.
pub const MAX_BLOCK_BYTES: usize = 1024 * 1024;
/// Transactions that one block may have under any parameters.
pub const MAX_BLOCK_TRANSACTIONS: usize = 5_000;
/// Siblings in a proof of a block's list: levels above its [`MAX_BLOCK_TRANSACTIONS`] items.
pub const MAX_MERKLE_SIBLINGS: usize = 13;
/// Bytes of one consensus message: a pre-prepare carries a whole block and its justification.
pub const MAX_CONSENSUS_MESSAGE_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of one gossiped batch of transactions; holds at least one of the largest.
pub const MAX_TRANSACTION_BATCH_BYTES: usize = 256 * 1024;
/// Transactions in one gossiped batch.
pub const MAX_TRANSACTION_BATCH: usize = 1_024;
/// Blocks in one answer to a range request.
pub const MAX_FETCH_BLOCKS: usize = 128;
/// Bytes of a status or of a request.
pub const MAX_SMALL_MESSAGE_BYTES: usize = 1_024;
/// Bytes of an answer to a request.
pub const MAX_FETCH_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// Events in one receipt.
pub const MAX_EVENTS: usize = 64;
/// Accepted proposals that are kept of one height.
pub const MAX_ARCHIVED_PROPOSALS: usize = 8;
/// Statements that are kept of one height: of each validator and step those of eleven views and one.
pub const MAX_ARCHIVED_STATEMENTS: usize = MAX_VALIDATORS * 4 * 12;
/// Heights for which a node keeps evidence and archives.
pub const EVIDENCE_WINDOW_HEIGHTS: u64 = 100_000;
/// Pieces of evidence that one block carries.
pub const MAX_BLOCK_EVIDENCE: usize = 8;
/// Rejoin entries that one block carries: one of each validator.
pub const MAX_BLOCK_REJOINS: usize = MAX_VALIDATORS;
/// Heights above its own in which a rejoin entry may stand.
pub const REJOIN_WINDOW_HEIGHTS: u64 = 1_000;
/// Statements in one answer about what a validator has said.
pub const MAX_FETCH_STATEMENTS: usize = 64;
/// Own messages that a sign-state record keeps.
pub const MAX_OWN_MESSAGES: usize = 16;
/// Validators with a sufficient self-bond that are registered at once, in the set or not.
pub const MAX_CANDIDATES: usize = 1_000;
/// Validators with which one delegator has stake, unbonding stake included.
pub const MAX_DELEGATIONS: usize = 32;
/// Redelegations of one delegator to one validator that are liable at once.
pub const MAX_LOCKS: usize = 8;
/// Redelegations away from one validator that are liable at once.
pub const MAX_REDELEGATIONS: u64 = 256;
/// Unbonding stake that one block pays out: this many payments.
pub const MAX_PAYMENTS_PER_BLOCK: usize = 100;
/// The highest value of a parameter that counts epochs.
pub const MAX_EPOCHS: u64 = 2_000;
