//! `chain_*`: blocks and what they are checked with.

use std::sync::Arc;

use quorate_types as types;
use quorate_types::{StateKey, StateKind};

use super::parameters::{self, AtHeight, WhichBlock, WhichEpoch, WhichParams};
use super::values::Values;
use super::{Context, Registry, Spec};
use crate::backend::EpochName;
use crate::error::CallError;
use crate::model::{
    At, Block, Certificate, Epoch, Genesis, HeaderInfo, ParamsInForce, PendingParams, Validators,
};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary, params, cost| Spec { name, summary, params, cost };
    registry.call(spec("chain_getBlock", "A final block.", &["height", "full"], 40), block);
    registry.call(spec("chain_getHeader", "A final block's header.", &["height"], 5), header);
    registry.call(
        spec(
            "chain_getCommitCertificate",
            "The quorum's signatures under a block.",
            &["height"],
            5,
        ),
        certificate,
    );
    registry.call(
        spec("chain_getValidators", "The validator set of a height.", &["height"], 5),
        validators,
    );
    registry.call(
        spec("chain_getEpoch", "An epoch: heights of one set.", &["number", "height"], 5),
        epoch,
    );
    registry.call(spec("chain_getGenesis", "The genesis document.", &[], 40), genesis);
    registry.call(
        spec(
            "chain_getParams",
            "The parameters of an epoch, and those that are voted for.",
            &["epoch", "height"],
            5,
        ),
        params,
    );
}

async fn block(context: Arc<Context>, which: WhichBlock) -> Result<At<Block>, CallError> {
    let block = context.backend.block(parameters::height(which.height)).await?;
    Ok(block.map(|block| Block::of(&block, which.full.unwrap_or(false))))
}

async fn header(context: Arc<Context>, at: AtHeight) -> Result<At<HeaderInfo>, CallError> {
    let block = context.backend.block(parameters::height(at.height)).await?;
    Ok(block.map(|block| HeaderInfo::from(&*block)))
}

async fn certificate(context: Arc<Context>, at: AtHeight) -> Result<At<Certificate>, CallError> {
    let certificate = context.backend.certificate(parameters::height(at.height)).await?;
    Ok(certificate.map(|certificate| Certificate::from(&certificate)))
}

async fn validators(context: Arc<Context>, at: AtHeight) -> Result<At<Validators>, CallError> {
    let set = context.backend.validators(parameters::height(at.height)).await?;
    Ok(set.map(|(height, set)| Validators::of(height, &set)))
}

async fn epoch(context: Arc<Context>, which: WhichEpoch) -> Result<At<Epoch>, CallError> {
    let name = epoch_name(which.number, which.height)
        .ok_or_else(|| CallError::InvalidParams("number or height, not both".into()))?;
    Ok(context.backend.epoch(name).await?.map(|entry| Epoch::from(&*entry)))
}

/// None when both are given.
fn epoch_name(number: Option<u64>, height: Option<u64>) -> Option<EpochName> {
    match (number, height) {
        (None, None) => Some(EpochName::AtWork),
        (Some(number), None) => Some(EpochName::Number(types::Epoch(number))),
        (None, Some(height)) => Some(EpochName::Of(types::Height(height))),
        (Some(_), Some(_)) => None,
    }
}

async fn genesis(context: Arc<Context>, _: parameters::None) -> Result<At<Genesis>, CallError> {
    let genesis = context.backend.genesis().await?;
    Ok(genesis.map(|genesis| Genesis {
        genesis_hash: genesis.hash.into(),
        genesis: (*genesis.document).clone(),
    }))
}

async fn params(context: Arc<Context>, which: WhichParams) -> Result<At<ParamsInForce>, CallError> {
    let name = epoch_name(which.epoch, which.height)
        .ok_or_else(|| CallError::InvalidParams("epoch or height, not both".into()))?;
    let entry = context.backend.epoch(name).await?.value;
    let values = Values::newest(&*context.backend).await?;
    let pending: Option<types::ParamsChange> =
        values.find(StateKey::single(StateKind::ParamsChange)).await?;
    Ok(values.answer(ParamsInForce {
        epoch: entry.number.0,
        params: (&entry.params).into(),
        pending: pending.as_ref().map(PendingParams::from),
    }))
}
