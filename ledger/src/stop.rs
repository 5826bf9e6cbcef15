//! What ends an action early: a rule of the chain, which the receipt shows, or this node's trouble.

use quorate_types::FailureCode;

use crate::error::LedgerError;

/// Why an action did nothing.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The action fails; its transaction is taken back.
    Failure(FailureCode),
    /// This node cannot say.
    Ledger(LedgerError),
}

/// What an action, or a step of one, comes to.
pub(crate) type Applied<T> = Result<T, Stop>;

impl From<FailureCode> for Stop {
    fn from(code: FailureCode) -> Stop {
        Stop::Failure(code)
    }
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Stop {
        Stop::Ledger(error)
    }
}

/// Of a step that no transaction takes: where it fails, the state was not made by execution.
impl From<Stop> for LedgerError {
    fn from(stop: Stop) -> LedgerError {
        match stop {
            Stop::Failure(code) => LedgerError::Unsound(code.name()),
            Stop::Ledger(error) => error,
        }
    }
}
