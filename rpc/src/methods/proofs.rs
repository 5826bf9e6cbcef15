//! `proof_*`: what proves one thing to somebody who trusts no node (L-6), put together from what the
//! node has of blocks and epochs. Nothing in it is secret or believed: whoever asked verifies it.

use std::sync::Arc;

use quorate_light::{EpochStep, MAX_EPOCH_STEPS, ProofBundle, Start};
use quorate_types::{Canonical, Epoch, EpochEntry, Height};

use super::parameters::{WhichBundle, WhichSteps};
use super::questions::{self, Question};
use super::{Context, Registry, Spec};
use crate::backend::{Backend, BackendError, EpochName};
use crate::error::{CallError, ErrorKind};
use crate::limits::MAX_PROOF_STEPS;
use crate::model::{self, At, HexBytes, ProofSteps};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary, params, cost| Spec { name, summary, params, cost };
    registry.call(
        spec(
            "proof_getBundle",
            "All that proves one thing to who trusts no node.",
            &[
                "kind",
                "address",
                "key",
                "validator",
                "epoch",
                "transaction",
                "receipt",
                "checkpoint",
                "without_steps",
            ],
            1_000,
        ),
        bundle,
    );
    registry.call(
        spec("proof_getSteps", "From one epoch's validators to another's.", &["from", "to"], 1_000),
        steps,
    );
}

async fn bundle(
    context: Arc<Context>,
    which: WhichBundle,
) -> Result<At<model::ProofBundle>, CallError> {
    let backend = &*context.backend;
    let (checkpoint, is_bare) = (which.checkpoint, which.without_steps.unwrap_or(false));
    let question = Question::of(which)?;
    let genesis_hash = backend.genesis().await?.value.hash;
    let found = questions::answer(backend, question).await?;
    let (start, first) = start(backend, checkpoint.map(Height)).await?;
    let height = found.header.height;
    let last = backend.epoch(EpochName::Of(height)).await?.value.number;
    check_way(backend, height, (first, last), is_bare).await?;
    let steps = if is_bare { Vec::new() } else { collect(backend, first, last).await? };
    let (header, certificate, claim) = (found.header, found.certificate, found.claim);
    let bundle = ProofBundle { genesis_hash, start, steps, header, certificate, claim };
    let answer = model::ProofBundle {
        bundle: HexBytes(bundle.seal()),
        header_height: height.0,
        first_epoch: first.0,
        epoch: last.0,
    };
    Ok(At::new(found.at, answer))
}

/// L-1: what a checkpoint's digest stands for, and the epoch that the way begins in.
async fn start(
    backend: &dyn Backend,
    checkpoint: Option<Height>,
) -> Result<(Option<Start>, Epoch), CallError> {
    let Some(height) = checkpoint else {
        return Ok((None, Epoch::FIRST));
    };
    if height == Height::GENESIS {
        let reason = "genesis has no header to start from: leave the checkpoint out";
        return Err(CallError::InvalidParams(reason.into()));
    }
    let header = backend.block(Some(height)).await?.value.block.header.clone();
    let entry = backend.epoch(EpochName::Of(height)).await?.value;
    let validators = entry.validators.clone();
    Ok((Some(Start { header, validators }), entry.number))
}

/// That the way leads forward, and is as short as an answer or a bundle demands.
async fn check_way(
    backend: &dyn Backend,
    height: Height,
    (first, last): (Epoch, Epoch),
    is_bare: bool,
) -> Result<(), CallError> {
    let Some(length) = last.0.checked_sub(first.0) else {
        let reason = format!(
            "what proves it is height {height} of epoch {last}, before the checkpoint's epoch \
             {first}: name an earlier checkpoint, or none"
        );
        return Err(CallError::InvalidParams(reason));
    };
    let limit = if is_bare { MAX_EPOCH_STEPS } else { MAX_PROOF_STEPS };
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let Some(nearest) = last.0.checked_sub(limit).filter(|_| length > limit) else {
        return Ok(());
    };
    let nearest = entry_of(backend, Epoch(nearest)).await?.first;
    let else_hint = if is_bare {
        ""
    } else {
        ", or ask for it without_steps and for the steps with proof_getSteps"
    };
    let reason = format!(
        "the way leads over {length} epochs, and may over {limit}: name a checkpoint of height \
         {nearest} or above{else_hint}"
    );
    Err(CallError::new(ErrorKind::ProofTooLong, reason))
}

async fn steps(context: Arc<Context>, which: WhichSteps) -> Result<At<ProofSteps>, CallError> {
    let WhichSteps { from, to } = which;
    let limit = u64::try_from(MAX_PROOF_STEPS).unwrap_or(u64::MAX);
    let Some(length) = to.checked_sub(from).filter(|length| *length > 0) else {
        return Err(CallError::InvalidParams(format!("no epoch leads from {from} to {to}")));
    };
    let backend = &*context.backend;
    let last = Epoch(from).plus(length.min(limit));
    let at = backend.status().await?.value.height;
    let steps = collect(backend, Epoch(from), last).await?;
    let steps = steps.iter().map(|step| HexBytes(step.to_bytes())).collect();
    Ok(At::new(at, ProofSteps { steps, next: last.0 }))
}

/// L-3: the steps from one epoch to another, in order.
async fn collect(
    backend: &dyn Backend,
    first: Epoch,
    last: Epoch,
) -> Result<Vec<EpochStep>, CallError> {
    let mut steps = Vec::new();
    if first == last {
        return Ok(steps);
    }
    let mut entry = entry_of(backend, first).await?;
    while entry.number < last {
        let height = entry.last();
        let header = backend.block(Some(height)).await?.value.block.header.clone();
        let certificate = backend.certificate(Some(height)).await?.value;
        entry = entry_of(backend, entry.number.next()).await?;
        let next = entry.validators.clone();
        steps.push(EpochStep { header, certificate, next });
        // Each reads a block: other calls of this thread shall not wait for all of them.
        tokio::task::yield_now().await;
    }
    Ok(steps)
}

async fn entry_of(backend: &dyn Backend, number: Epoch) -> Result<Arc<EpochEntry>, CallError> {
    match backend.epoch(EpochName::Number(number)).await {
        Ok(entry) => Ok(entry.value),
        Err(BackendError::Pruned { first }) => Err(CallError::new(
            ErrorKind::Pruned,
            format!(
                "the validators of epoch {number} are kept no longer: name a checkpoint of height \
                 {first} or above"
            ),
        )),
        Err(error) => Err(error.into()),
    }
}
