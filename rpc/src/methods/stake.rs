//! Validators, delegations, what unbonds, and evidence: what the state and the node have of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use quorate_types::worth::Whole;
use quorate_types::{
    Address, AddressList, Delegation, EpochEntry, Standing, StateKey, StateKind, UnbondingPool,
    ValidatorEntry,
};

use super::parameters::{self, ByAccount, WhichValidator};
use super::values::Values;
use super::{Context, Registry, Spec};
use crate::backend::EvidenceFacts;
use crate::error::{CallError, ErrorKind};
use crate::limits::MAX_UNBONDING;
use crate::model::{self, At, Delegations, EvidenceList, UnbondingStake, ValidatorInfo};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary, params, cost| Spec { name, summary, params, cost };
    registry.call(
        spec("state_getValidator", "A validator after a height.", &["operator", "height"], 10),
        validator,
    );
    registry.call(
        spec("state_getValidators", "The validators that are or may be chosen.", &[], 40),
        validators,
    );
    registry.call(
        spec("state_getDelegations", "What an account has bonded.", &["account"], 20),
        delegations,
    );
    registry.call(
        spec("state_getUnbonding", "What an account takes back.", &["account"], 40),
        unbonding,
    );
    registry.call(spec("evidence_list", "What is held against validators.", &[], 40), evidence);
}

async fn validator(
    context: Arc<Context>,
    which: WhichValidator,
) -> Result<At<ValidatorInfo>, CallError> {
    let WhichValidator { operator, height } = which;
    let values = Values::at(&*context.backend, parameters::height(height)).await?;
    let entry = values.find(StateKey::validator(&operator.0)).await?.ok_or_else(|| {
        CallError::new(ErrorKind::NotFound, format!("{operator} operates no validator"))
    })?;
    let work = values.work().await?;
    Ok(values.answer(ValidatorInfo::of(operator.0, &entry, &work)))
}

async fn validators(
    context: Arc<Context>,
    _: parameters::None,
) -> Result<At<model::ValidatorInfos>, CallError> {
    let values = Values::newest(&*context.backend).await?;
    let work = values.work().await?;
    let candidates: AddressList = values.get(StateKey::single(StateKind::Candidates)).await?;
    let set = &work.next.validators;
    let chosen = set.validators().iter().map(|validator| validator.address);
    let operators: BTreeSet<Address> =
        chosen.chain(candidates.as_slice().iter().copied()).collect();
    let mut validators = Vec::with_capacity(operators.len());
    for operator in operators {
        let entry: ValidatorEntry = values.get(StateKey::validator(&operator)).await?;
        validators.push(ValidatorInfo::of(operator, &entry, &work));
    }
    let (epoch, total_power) = (work.next.number.0, set.total_power().into());
    Ok(values.answer(model::ValidatorInfos { epoch, total_power, validators }))
}

/// All that an account has, by validator.
async fn stake_of(
    values: &Values<'_>,
    account: &Address,
) -> Result<Vec<(Address, Delegation)>, CallError> {
    let with: Option<AddressList> = values.find(StateKey::delegator(account)).await?;
    let with = with.unwrap_or_default();
    let mut stake = Vec::with_capacity(with.as_slice().len());
    for validator in with.as_slice() {
        stake.push((*validator, values.get(StateKey::delegation(account, validator)).await?));
    }
    Ok(stake)
}

async fn delegations(
    context: Arc<Context>,
    which: ByAccount,
) -> Result<At<Delegations>, CallError> {
    let values = Values::newest(&*context.backend).await?;
    let epoch = values.next_epoch().await?;
    let mut delegations = Vec::new();
    for (validator, delegation) in stake_of(&values, &which.account.0).await? {
        // What only unbonds is told by state_getUnbonding.
        if delegation.shares > 0 {
            let entry: ValidatorEntry = values.get(StateKey::validator(&validator)).await?;
            delegations.push(model::Delegation::of(validator, &entry, &delegation, &epoch));
        }
    }
    Ok(values.answer(Delegations { account: which.account, delegations }))
}

async fn unbonding(
    context: Arc<Context>,
    which: ByAccount,
) -> Result<At<UnbondingStake>, CallError> {
    let values = Values::newest(&*context.backend).await?;
    let epoch = values.next_epoch().await?;
    let mut leaving = Vec::new();
    for (validator, delegation) in stake_of(&values, &which.account.0).await? {
        leaving.extend(delegation.unbonding.iter().map(|part| (part.last, validator, part.shares)));
    }
    leaving.sort_unstable();
    let total = u64::try_from(leaving.len()).unwrap_or(u64::MAX);
    leaving.truncate(MAX_UNBONDING);
    let mut unbonding = Vec::with_capacity(leaving.len());
    for (last, validator, shares) in leaving {
        let pool: UnbondingPool = values.get(StateKey::unbonding_pool(&validator, last)).await?;
        let payable = last.plus(epoch.params.staking.unbonding_epochs).next();
        let known: Option<EpochEntry> = values.find(StateKey::epoch(payable)).await?;
        unbonding.push(model::Unbonding {
            validator: validator.into(),
            amount: Whole::from(&pool).worth(shares).into(),
            last_epoch: last.0,
            payable_epoch: payable.0,
            payable_height: known.map(|entry| entry.first.0),
        });
    }
    Ok(values.answer(UnbondingStake { account: which.account, total, unbonding }))
}

async fn evidence(
    context: Arc<Context>,
    _: parameters::None,
) -> Result<At<EvidenceList>, CallError> {
    let facts = context.backend.evidence().await?.value;
    let values = Values::newest(&*context.backend).await?;
    let mut evidence = Vec::with_capacity(facts.len());
    for EvidenceFacts { height, accused, rule } in facts {
        let judged = match accused {
            Some(operator) => is_tombstoned(&values, &operator).await?,
            None => false,
        };
        let (accused, rule) = (accused.map(Into::into), rule.map(str::to_owned));
        evidence.push(model::Evidence { height: height.0, accused, rule, judged });
    }
    Ok(values.answer(EvidenceList { evidence }))
}

async fn is_tombstoned(values: &Values<'_>, operator: &Address) -> Result<bool, CallError> {
    let entry: Option<ValidatorEntry> = values.find(StateKey::validator(operator)).await?;
    Ok(entry.is_some_and(|entry| entry.standing == Standing::Tombstoned))
}
