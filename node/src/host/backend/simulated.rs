//! What a transaction would come to: verified like one that is submitted, executed by the application
//! over the newest final state, and forgotten.

use quorate_replica::{InclusionError, Query, Reply, Simulated};
use quorate_rpc::ErrorKind;
use quorate_rpc::backend::{BackendError, Refusal};
use quorate_rpc::model::At;
use quorate_types::{Receipt, Transaction};

use super::{NodeBackend, internal};

impl NodeBackend {
    pub(super) async fn try_out(
        &self,
        transaction: Transaction,
    ) -> Result<At<Result<Receipt, Refusal>>, BackendError> {
        let in_force = self.shared.in_force();
        let verify = move || in_force.verifier.transactions(&[transaction]);
        let verdicts = tokio::task::spawn_blocking(verify).await;
        let mut verdicts = verdicts.map_err(|_| internal("verification failed"))?;
        let verified = match verdicts.pop() {
            Some(Ok(verified)) => verified,
            Some(Err(error)) => return Ok(self.now(Err(error.into()))),
            None => return Err(internal("a verdict is missing")),
        };
        let Reply::Simulated(simulated) = self.ask(Query::Simulate(verified)).await? else {
            return Err(internal("another answer than asked for"));
        };
        let Simulated { height, outcome } = simulated.ok_or(BackendError::Syncing)?;
        Ok(At::new(height, outcome.map_err(refusal)))
    }
}

/// Why no next block may include it, in the words of a submission.
fn refusal(error: InclusionError) -> Refusal {
    let message = error.to_string();
    let kind = match error {
        InclusionError::Static(error) => return error.into(),
        InclusionError::WrongNonce { expected, found } if found > expected => ErrorKind::NonceGap,
        InclusionError::WrongNonce { .. } | InclusionError::NoncesExhausted => {
            ErrorKind::NonceTooLow
        }
        InclusionError::FeeNotCovered { .. } => ErrorKind::InsufficientFunds,
    };
    Refusal { kind, message }
}
