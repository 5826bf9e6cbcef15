//! `state_*` and `mempool_*`: accounts, proofs, and what waits.

use std::sync::Arc;

use super::parameters::{self, WhichAccount, WhichKey};
use super::{Context, Registry, Spec};
use crate::error::CallError;
use crate::model::{Account, At, MempoolStatus, Proof};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary, params, cost| Spec { name, summary, params, cost };
    registry.call(
        spec("state_getAccount", "An account after a height.", &["address", "height"], 2),
        account,
    );
    registry.call(
        spec("state_getProof", "A value of the state, proved.", &["kind", "address"], 10),
        proof,
    );
    registry.call(spec("mempool_status", "How much waits in the mempool.", &[], 1), mempool);
}

async fn account(context: Arc<Context>, which: WhichAccount) -> Result<At<Account>, CallError> {
    let address = which.address.0;
    let facts = context.backend.account(address, parameters::height(which.height)).await?;
    Ok(facts.map(|facts| Account::of(address, &facts)))
}

async fn proof(context: Arc<Context>, which: WhichKey) -> Result<At<Proof>, CallError> {
    let key = which.kind.key(which.address.map(|address| address.0)).ok_or_else(|| {
        CallError::InvalidParams("account and bond take an address, other kinds none".into())
    })?;
    let proved = context.backend.proof(key.clone()).await?;
    Ok(proved.map(|proved| Proof::of(&key, &proved)))
}

async fn mempool(
    context: Arc<Context>,
    _: parameters::None,
) -> Result<At<MempoolStatus>, CallError> {
    Ok(context.backend.mempool().await?)
}
