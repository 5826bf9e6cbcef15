//! Answers about epochs, evidence and the newest state, out of the chain database.

use std::sync::Arc;

use quorate_replica::offence_of;
use quorate_rpc::backend::{BackendError, EpochName, EvidenceFacts};
use quorate_rpc::model::At;
use quorate_types::{
    Canonical, ChainReader, Epoch, EpochClock, EpochEntry, Evidence, Height, StateKey, StateKind,
    StateReader,
};

use super::{NodeBackend, failed, internal};

impl NodeBackend {
    pub(super) fn read_epoch(&self, name: EpochName) -> Result<At<Arc<EpochEntry>>, BackendError> {
        let latest = self.final_height();
        let entry = match name {
            EpochName::AtWork => self.epoch_at(latest.next())?,
            EpochName::Of(height) if height > latest.next() => {
                return Err(BackendError::HeightInFuture { height, latest });
            }
            EpochName::Of(height) => self.epoch_at(height)?,
            EpochName::Number(number) => self.epoch_of(number)?,
        };
        Ok(self.now(entry))
    }

    /// The epoch of a height up to the one being decided, if its entry is kept.
    pub(super) fn epoch_at(&self, height: Height) -> Result<Arc<EpochEntry>, BackendError> {
        let in_force = self.shared.in_force();
        let known = in_force.verifier.epochs();
        if let Some(entry) = known.of(height) {
            return Ok(Arc::clone(entry));
        }
        let number = Epoch::of(height, known.current().params.epoch_length);
        let entry = self.epoch_of(number)?;
        if entry.contains(height) {
            Ok(entry)
        } else {
            Err(internal(&format!("epoch {number} does not hold height {height}")))
        }
    }

    pub(super) fn epoch_of(&self, number: Epoch) -> Result<Arc<EpochEntry>, BackendError> {
        let state = self.shared.database.snapshot();
        if let Some(entry) = state.epoch_entry(number).map_err(failed)? {
            return Ok(Arc::new(entry));
        }
        // A database of an earlier release has the epochs that the state still knows.
        if let Some(entry) = decoded(&state, StateKey::epoch(number))? {
            return Ok(Arc::new(entry));
        }
        Err(pruned(oldest(&state)?.filter(|oldest| number < oldest.number)))
    }

    /// The newest executed state, held as it is.
    pub(super) fn newest_state(
        &self,
    ) -> Result<At<Box<dyn StateReader + Send + Sync + '_>>, BackendError> {
        let state = self.shared.database.snapshot();
        let tip = state.executed().map_err(failed)?.ok_or(BackendError::Syncing)?;
        Ok(At::new(tip.height, Box::new(state)))
    }

    /// What is kept was judged when it came.
    pub(super) fn read_evidence(&self) -> Result<At<Vec<EvidenceFacts>>, BackendError> {
        let kept = self.shared.database.evidence().map_err(failed)?;
        Ok(self.now(kept.iter().map(|evidence| self.in_brief(evidence)).collect()))
    }

    fn in_brief(&self, evidence: &Evidence) -> EvidenceFacts {
        let set = self.epoch_at(evidence.height()).ok();
        let accused = set.as_ref().and_then(|epoch| epoch.validators.get(evidence.accused()));
        EvidenceFacts {
            height: evidence.height(),
            accused: accused.map(|validator| validator.address),
            rule: offence_of(evidence).map(|kind| kind.rule()),
        }
    }
}

/// The oldest epoch whose entry is kept.
fn oldest(state: &impl StateReader) -> Result<Option<EpochEntry>, BackendError> {
    let clock: Option<EpochClock> = decoded(state, StateKey::single(StateKind::EpochClock))?;
    clock.map_or(Ok(None), |clock| decoded(state, StateKey::epoch(clock.oldest)))
}

/// What was asked for is older than `oldest`, or was never there.
fn pruned(oldest: Option<EpochEntry>) -> BackendError {
    oldest.map_or(BackendError::NotFound, |entry| BackendError::Pruned { first: entry.first })
}

fn decoded<T: Canonical>(
    state: &impl StateReader,
    key: StateKey,
) -> Result<Option<T>, BackendError> {
    let bytes = state.get(&key).map_err(failed)?;
    let value = bytes.map(|bytes| T::from_bytes(&bytes)).transpose();
    value.map_err(|error| internal(&error.to_string()))
}
