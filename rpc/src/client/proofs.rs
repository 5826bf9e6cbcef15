//! Fetching a proof of any length: the claim first, then the epochs page by page. What comes is put
//! together and not believed: to verify it is the caller's, and takes no node.

use std::time::Duration;

use quorate_light::{EpochStep, ProofBundle};
use quorate_types::{Canonical, Epoch, Height};

use super::{Called, Client, ClientError, Named};
use crate::error::ErrorKind;
use crate::model::{self, AddressText, At, HexHash, ProofSteps, Question};

/// After this long a connection may spend again.
const BUDGET_PAUSE: Duration = Duration::from_secs(1);
/// Pauses in a row for one call, before a node that answers nothing else is left alone.
const MAX_PAUSES: u32 = 10;

impl Client {
    /// A bundle in one answer, from the genesis or from the header of a height; or without the epoch
    /// steps, which [`Client::proof_steps`] gives.
    ///
    /// # Errors
    /// [`ErrorKind::ProofTooLong`] names the checkpoint that would do; else as every call.
    pub async fn proof_bundle(
        &self,
        question: &Question,
        checkpoint: Option<Height>,
        without_steps: bool,
    ) -> Called<model::ProofBundle> {
        let params = match question.clone() {
            Question::State(kind, parts) => Named::new()
                .with("kind", kind)
                .with("address", parts.address.map(AddressText::from))
                .with("key", parts.key)
                .with("validator", parts.validator.map(AddressText::from))
                .with("epoch", parts.epoch.map(|epoch| epoch.0)),
            Question::Transaction(id) => Named::new().with("transaction", HexHash::from(id)),
            Question::Receipt(id) => Named::new().with("receipt", HexHash::from(id)),
        };
        let params = params
            .with("checkpoint", checkpoint.map(|height| height.0))
            .with("without_steps", without_steps);
        self.call("proof_getBundle", params).await
    }

    /// A page of the steps that lead from one epoch to another.
    ///
    /// # Errors
    /// As every call.
    pub async fn proof_steps(&self, from: Epoch, to: Epoch) -> Called<ProofSteps> {
        let params = Named::new().with("from", from.0).with("to", to.0);
        self.call("proof_getSteps", params).await
    }

    /// A bundle with all of its steps, in as many calls as that takes.
    ///
    /// # Errors
    /// As every call; [`ClientError::BadAnswer`] when what comes is no bundle.
    pub async fn prove(
        &self,
        question: &Question,
        checkpoint: Option<Height>,
    ) -> Called<ProofBundle> {
        let claim = patiently(|| self.proof_bundle(question, checkpoint, true)).await?;
        let At { at_height, value } = claim;
        let opened = ProofBundle::open(&value.bundle.0);
        let mut bundle = opened.map_err(|error| self.bad_answer(&error.to_string()))?;
        let (mut at, to) = (Epoch(value.first_epoch), Epoch(value.epoch));
        while at < to {
            let page = patiently(|| self.proof_steps(at, to)).await?.value;
            let next = Epoch(page.next);
            if next <= at || next > to {
                return Err(self.bad_answer("a page of steps that leads elsewhere"));
            }
            for step in &page.steps {
                let step = EpochStep::from_bytes(&step.0);
                bundle.steps.push(step.map_err(|error| self.bad_answer(&error.to_string()))?);
            }
            at = next;
        }
        Ok(At { at_height, value: bundle })
    }

    fn bad_answer(&self, reason: &str) -> ClientError {
        ClientError::BadAnswer { url: self.url.clone(), reason: reason.to_owned() }
    }
}

/// Waits while the connection's budget is spent: a proof over many epochs takes many calls.
async fn patiently<T, Answer: Future<Output = Called<T>>>(call: impl Fn() -> Answer) -> Called<T> {
    let mut pauses = 0_u32;
    loop {
        let answer = call().await;
        let is_spent =
            matches!(&answer, Err(ClientError::Refused { kind: Some(ErrorKind::RateLimited), .. }));
        if !is_spent || pauses == MAX_PAUSES {
            return answer;
        }
        pauses += 1;
        tokio::time::sleep(BUDGET_PAUSE).await;
    }
}
