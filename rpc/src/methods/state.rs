//! `state_*` and `mempool_*`: accounts, proofs, and what waits.

use std::sync::Arc;

use quorate_types::{RecordKey, StateKey};

use super::parameters::{self, WhichAccount, WhichKey, WhichRecord};
use super::{Context, Registry, Spec};
use crate::error::CallError;
use crate::model::{Account, At, HexBytes, MempoolStatus, Proof, Record};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary, params, cost| Spec { name, summary, params, cost };
    registry.call(
        spec("state_getAccount", "An account after a height.", &["address", "height"], 2),
        account,
    );
    registry.call(
        spec("state_getRecord", "A record after a height.", &["owner", "key", "height"], 2),
        record,
    );
    registry.call(
        spec(
            "state_getProof",
            "A value of the state, proved.",
            &["kind", "address", "key", "validator", "epoch"],
            10,
        ),
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
    let kind = which.kind;
    let key = kind.key(which.parts());
    let key = key.map_err(|error| CallError::InvalidParams(error.to_string()))?;
    let proved = context.backend.proof(key.clone()).await?;
    Ok(proved.map(|proved| Proof::of(&key, &proved)))
}

async fn record(context: Arc<Context>, which: WhichRecord) -> Result<At<Record>, CallError> {
    let WhichRecord { owner, key, height } = which;
    let place = StateKey::record(&owner.0, &record_key(key.clone())?);
    let value = context.backend.value(place, parameters::height(height)).await?;
    Ok(value.map(|value| Record { owner, key, value: value.map(HexBytes) }))
}

fn record_key(bytes: HexBytes) -> Result<RecordKey, CallError> {
    RecordKey::new(bytes.0).map_err(|error| CallError::InvalidParams(error.to_string()))
}

async fn mempool(
    context: Arc<Context>,
    _: parameters::None,
) -> Result<At<MempoolStatus>, CallError> {
    Ok(context.backend.mempool().await?)
}
