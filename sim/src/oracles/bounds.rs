//! I-13, bounded memory, where it is cheap to see: the durable record, timers and requests of a
//! process.

use quorate_types::{Canonical, SignRecord};

use super::Verdict;

/// Own messages in a record.
const MAX_MESSAGES: usize = 16;
/// Bytes of a record per message, beside what each validator adds to it.
const MESSAGE_BYTES: usize = 512;
/// Bytes that a validator adds to a message: its view change, and its signature in a certificate.
const VALIDATOR_BYTES: usize = 256;
/// Timers of a process, and requests of it, whatever peers do.
const MAX_TIMERS: usize = 128;

/// Whether a record is small enough.
pub(crate) fn record(record: &SignRecord, validators: usize) -> Verdict {
    let messages = record.messages.len();
    let bytes = record.to_bytes().len();
    let per_message = MESSAGE_BYTES.saturating_add(VALIDATOR_BYTES.saturating_mul(validators));
    if messages > MAX_MESSAGES || bytes > per_message.saturating_mul(MAX_MESSAGES) {
        return Err(format!("a record of {messages} messages and {bytes} bytes (I-13)"));
    }
    Ok(())
}

/// Whether a process has few enough timers running.
pub(crate) fn timers(running: usize) -> Verdict {
    if running > MAX_TIMERS { Err(format!("{running} timers (I-13)")) } else { Ok(()) }
}
