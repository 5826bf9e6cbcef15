//! `chain_*`: blocks and what they are checked with.

use std::sync::Arc;

use quorate_types as types;

use super::parameters::{self, AtHeight, WhichBlock, WhichEpoch};
use super::{Context, Registry, Spec};
use crate::backend::EpochName;
use crate::error::CallError;
use crate::model::{At, Block, Certificate, Epoch, Genesis, HeaderInfo, Params, Validators};

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
    registry.call(spec("chain_getParams", "The parameters in force.", &[], 1), params);
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
    let name = match (which.number, which.height) {
        (None, None) => EpochName::AtWork,
        (Some(number), None) => EpochName::Number(types::Epoch(number)),
        (None, Some(height)) => EpochName::Of(types::Height(height)),
        (Some(_), Some(_)) => {
            return Err(CallError::InvalidParams("number or height, not both".into()));
        }
    };
    Ok(context.backend.epoch(name).await?.map(|entry| Epoch::from(&*entry)))
}

async fn genesis(context: Arc<Context>, _: parameters::None) -> Result<At<Genesis>, CallError> {
    let genesis = context.backend.genesis().await?;
    Ok(genesis.map(|genesis| Genesis {
        genesis_hash: genesis.hash.into(),
        genesis: (*genesis.document).clone(),
    }))
}

async fn params(context: Arc<Context>, _: parameters::None) -> Result<At<Params>, CallError> {
    let params = context.backend.params().await?;
    Ok(params.map(|params| Params::from(&params)))
}
