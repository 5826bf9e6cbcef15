//! Thread classes: agreement goes before execution, execution before everything else. Lowering
//! one's own priority needs no privilege, and nothing measured keeps latency down as well.

use rustix::process::setpriority_process;
use rustix::thread::gettid;

/// The niceness of execution.
pub(crate) const EXECUTION: i32 = 5;
/// The niceness of verifying transactions, RPC and storage.
pub(crate) const BACKGROUND: i32 = 19;

/// Gives the calling thread a niceness. On Linux a priority belongs to a thread, not a process.
pub(crate) fn be_nice(niceness: i32) {
    if let Err(error) = setpriority_process(Some(gettid()), niceness) {
        tracing::warn!(%error, niceness, "cannot set the priority of a thread");
    }
}
