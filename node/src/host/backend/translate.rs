//! From the mempool's words to the interface's.

use quorate_replica::{DropReason, Refusal, Verdict};
use quorate_rpc::backend::{Refusal as RpcRefusal, Verdict as RpcVerdict};
use quorate_rpc::{ErrorKind, model};

/// The answer to one transaction.
pub(crate) fn verdict(verdict: Verdict) -> RpcVerdict {
    match verdict {
        Verdict::Accepted => RpcVerdict::Accepted,
        Verdict::Known => RpcVerdict::Known,
        Verdict::Refused(refusal) => {
            RpcVerdict::Refused(RpcRefusal { kind: kind(&refusal), message: refusal.to_string() })
        }
    }
}

fn kind(refusal: &Refusal) -> ErrorKind {
    match refusal {
        Refusal::NonceTooLow { .. } => ErrorKind::NonceTooLow,
        Refusal::NonceGap { .. } => ErrorKind::NonceGap,
        Refusal::NonceTaken { .. } => ErrorKind::NonceTaken,
        Refusal::InsufficientFunds { .. } => ErrorKind::InsufficientFunds,
        Refusal::SenderLimit(_) => ErrorKind::SenderLimit,
        Refusal::Full => ErrorKind::MempoolFull,
        Refusal::Expired { .. } => ErrorKind::Expired,
        Refusal::FeeTooLow { .. } => ErrorKind::FeeTooLow,
    }
}

/// Why a transaction was given up.
pub(crate) fn drop_reason(reason: &DropReason) -> model::DropReason {
    match reason {
        DropReason::Evicted => model::DropReason::Evicted,
        DropReason::Replaced { .. } => model::DropReason::Replaced,
        DropReason::NonceUsed => model::DropReason::NonceUsed,
        DropReason::Expired { .. } => model::DropReason::Expired,
        DropReason::TimedOut => model::DropReason::TimedOut,
        DropReason::InsufficientFunds => model::DropReason::InsufficientFunds,
        DropReason::FeeTooLow { .. } => model::DropReason::FeeTooLow,
    }
}
