//! What can be asked to be proved, and what the node has that proves it: a claim (L-4, L-5) under a
//! header that is final.

use std::sync::Arc;

use quorate_crypto::{Hash, merkle};
use quorate_light::{Claim, StateClaim};
use quorate_types::{
    Certificate, Header, Height, Receipt, StateKey, TransactionId, TransactionLocation,
};

use super::parameters::WhichBundle;
use crate::backend::{Backend, BackendError, TransactionState};
use crate::error::{CallError, ErrorKind};

/// What a client wants to be sure of.
pub(super) enum Question {
    /// What the state holds under a key, or that it holds nothing there.
    State(StateKey),
    /// That a block includes a transaction.
    Transaction(TransactionId),
    /// What became of one.
    Receipt(TransactionId),
}

/// A claim and the header that proves it.
pub(super) struct Answer {
    /// The height that the claim is true at.
    pub(super) at: Height,
    pub(super) header: Header,
    pub(super) certificate: Certificate,
    pub(super) claim: Claim,
}

impl Question {
    /// Exactly one of a kind with what names its key, a transaction, and a receipt.
    pub(super) fn of(which: WhichBundle) -> Result<Question, CallError> {
        let invalid = |reason: &str| CallError::InvalidParams(reason.to_owned());
        let (kind, transaction, receipt) = (which.kind, which.transaction, which.receipt);
        let parts = which.parts();
        match (kind, transaction, receipt) {
            (Some(kind), None, None) => {
                let key = kind.key(parts);
                key.map(Question::State).map_err(|error| invalid(&error.to_string()))
            }
            (None, Some(_), None) | (None, None, Some(_)) if parts != Default::default() => {
                Err(invalid("a transaction or receipt is named by its hash alone"))
            }
            (None, Some(hash), None) => Ok(Question::Transaction(TransactionId(hash.0))),
            (None, None, Some(hash)) => Ok(Question::Receipt(TransactionId(hash.0))),
            _ => Err(invalid("name one of kind, transaction and receipt")),
        }
    }
}

/// Looks it up with its proof.
pub(super) async fn answer(backend: &dyn Backend, question: Question) -> Result<Answer, CallError> {
    match question {
        Question::State(key) => state(backend, key).await,
        Question::Transaction(id) => transaction(backend, id).await,
        Question::Receipt(id) => receipt(backend, id).await,
    }
}

fn not_certified(message: String) -> CallError {
    CallError::new(ErrorKind::NotCertified, message)
}

/// L-4: of the highest height whose state root a final header carries.
async fn state(backend: &dyn Backend, key: StateKey) -> Result<Answer, CallError> {
    let proved = backend.proof(key.clone()).await.map_err(|error| match error {
        BackendError::Syncing => not_certified("no state root is certified here yet".into()),
        BackendError::NotFound
        | BackendError::Pruned { .. }
        | BackendError::HeightInFuture { .. }
        | BackendError::Internal(_) => error.into(),
    })?;
    let (at, proved) = (Height(proved.at_height), proved.value);
    let claim = Claim::State(StateClaim::of(&key, proved.value, proved.proof));
    Ok(Answer { at, header: proved.header, certificate: proved.certificate, claim })
}

/// L-5: under the header of its own block.
async fn transaction(backend: &dyn Backend, id: TransactionId) -> Result<Answer, CallError> {
    let TransactionLocation { height, index } = locate(backend, id).await?;
    let block = Arc::clone(&backend.block(Some(height)).await?.value.block);
    let ids: Vec<Hash> = block.transactions.iter().map(|each| each.id().0).collect();
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    let included = block.transactions.get(place).cloned().zip(merkle::prove(&ids, index));
    let (transaction, proof) = included.ok_or_else(|| lost(id))?;
    let claim = Claim::Transaction { transaction, proof };
    let certificate = backend.certificate(Some(height)).await?.value;
    Ok(Answer { at: height, header: block.header.clone(), certificate, claim })
}

/// L-5: under the header above its block, which has to be final too.
async fn receipt(backend: &dyn Backend, id: TransactionId) -> Result<Answer, CallError> {
    let TransactionLocation { height, index } = locate(backend, id).await?;
    let above = height.next();
    let header = match backend.block(Some(above)).await {
        Ok(block) => block.value.block.header.clone(),
        Err(BackendError::HeightInFuture { .. }) => {
            return Err(not_certified(format!(
                "the receipt of height {height} is certified by height {above}, which is not final \
                 yet"
            )));
        }
        Err(error) => return Err(error.into()),
    };
    let receipts = backend.receipts(height).await?.value;
    let hashes: Vec<Hash> = receipts.iter().map(Receipt::hash).collect();
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    let included = receipts.get(place).cloned().zip(merkle::prove(&hashes, index));
    let (receipt, proof) = included.ok_or_else(|| lost(id))?;
    let certificate = backend.certificate(Some(above)).await?.value;
    Ok(Answer { at: height, header, certificate, claim: Claim::Receipt { receipt, proof } })
}

/// Where a final transaction is. That one is in no block cannot be proved.
async fn locate(
    backend: &dyn Backend,
    id: TransactionId,
) -> Result<TransactionLocation, CallError> {
    match backend.transaction(id).await.map(|state| state.value) {
        Ok(TransactionState::Final { location, .. }) => Ok(location),
        Ok(TransactionState::Pending(_)) => {
            Err(not_certified(format!("transaction {id} is in no final block yet")))
        }
        Ok(TransactionState::Dropped(_)) | Err(BackendError::NotFound) => Err(CallError::new(
            ErrorKind::NotFound,
            format!(
                "no block includes transaction {id}, as far as this node knows; nothing proves that"
            ),
        )),
        Err(error) => Err(error.into()),
    }
}

fn lost(id: TransactionId) -> CallError {
    CallError::Internal(format!("transaction {id} is not where the index says"))
}
