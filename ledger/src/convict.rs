//! Evidence in a block: whom it accuses, whether it may still be brought, and what follows (E-1 to
//! E-6; docs/economics.md, Punishment). Whether it proves anything is judged elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use quorate_types::{
    Canonical, ChainParams, Epoch, EpochEntry, Evidence, Height, Notice, Reader, Standing,
};

use crate::draft::Draft;
use crate::error::{BlockError, EvidenceError, LedgerError};
use crate::holding::Cause;
use crate::slash::Offence;
use crate::state::StateView;

/// Whether a block in `epoch` may carry this evidence over the state below it: each of the offences
/// is recent enough, and nobody is accused who is out already, or twice.
///
/// # Errors
/// [`LedgerError::Block`] names the first that it may not carry; any other error is this node's.
pub fn check_evidence(
    evidence: &[Evidence],
    state: &StateView<'_>,
    epoch: &Arc<EpochEntry>,
) -> Result<(), LedgerError> {
    offences(evidence, state, epoch).map(|_| ())
}

impl Draft<'_> {
    /// Slashes and tombstones those whom the block's evidence accuses.
    pub(crate) fn convict(&mut self, evidence: &[Evidence]) -> Result<(), LedgerError> {
        if evidence.is_empty() {
            return Ok(());
        }
        for offence in offences(evidence, self.state(), self.epoch())? {
            self.slash(offence)?;
            let operator = offence.operator;
            let mut validator = self.chosen_validator(&operator)?;
            validator.standing = Standing::Tombstoned;
            self.put_stake(&operator, &validator, Cause::Other)?;
            self.notices.push(Notice::Tombstoned { validator: operator });
        }
        Ok(())
    }
}

/// What each piece accuses of, in order.
fn offences(
    evidence: &[Evidence],
    state: &StateView<'_>,
    current: &Arc<EpochEntry>,
) -> Result<Vec<Offence>, LedgerError> {
    let mut seen = BTreeSet::new();
    let mut offences = Vec::with_capacity(evidence.len());
    for (index, piece) in evidence.iter().enumerate() {
        let fault = |error| BlockError::Evidence { index, error };
        let offence = offence(piece, state, current)?.map_err(fault)?;
        let operator = offence.operator;
        let validator = state.validator(&operator)?.ok_or(LedgerError::Missing("validator"))?;
        if validator.standing == Standing::Tombstoned || !seen.insert(operator) {
            return Err(fault(EvidenceError::Tombstoned(operator)).into());
        }
        offences.push(offence);
    }
    Ok(offences)
}

fn offence(
    evidence: &Evidence,
    state: &StateView<'_>,
    current: &Arc<EpochEntry>,
) -> Result<Result<Offence, EvidenceError>, LedgerError> {
    let height = evidence.height();
    let Some(epoch) = epoch_of(height, state, current)? else {
        return Ok(Err(EvidenceError::EpochGone(height)));
    };
    let Some(accused) = epoch.validators.get(evidence.accused()) else {
        return Ok(Err(EvidenceError::NobodyAccused(evidence.accused())));
    };
    let (operator, power) = (accused.address, accused.power);
    // No vote makes an offence dearer, or cheaper, once it is done.
    let bps = epoch.params.staking.slash_double_sign_bps;
    Ok(Ok(Offence { operator, epoch: epoch.number, power, bps }))
}

/// The epoch of a height, as long as evidence of it may come.
pub(crate) fn epoch_of(
    height: Height,
    state: &StateView<'_>,
    current: &Arc<EpochEntry>,
) -> Result<Option<Arc<EpochEntry>>, LedgerError> {
    let found = EpochEntry::find(state, current, height)?;
    Ok(found.filter(|epoch| is_accepted(epoch.number, &epoch.params, current.number)))
}

/// Whether evidence of an epoch with these parameters may still come in another: the period is that of
/// the offence, so that no vote brings back what is over, nor ends what is not.
pub(crate) fn is_accepted(of: Epoch, params: &ChainParams, current: Epoch) -> bool {
    current <= of.plus(params.staking.evidence_epochs)
}

/// The parameters of an epoch, without its set.
pub(crate) fn params(entry: &[u8]) -> Result<ChainParams, LedgerError> {
    let mut reader = Reader::new(entry);
    let mut read = || {
        Epoch::decode(&mut reader)?;
        Height::decode(&mut reader)?;
        ChainParams::decode(&mut reader)
    };
    read().map_err(|error| LedgerError::Corrupt { what: "epoch entry", error })
}
