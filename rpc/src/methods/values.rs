//! Several values of the state, all of one height.

use quorate_types::{
    Canonical, Epoch, EpochClock, EpochEntry, Height, StateKey, StateKind, StateReader,
};

use crate::backend::Backend;
use crate::error::CallError;
use crate::model::{At, Work};

/// The state after one height, read value by value.
pub(super) struct Values<'a> {
    height: Height,
    source: Source<'a>,
}

enum Source<'a> {
    /// The newest state, as it stood when it was opened.
    Newest(Box<dyn StateReader + Send + Sync + 'a>),
    /// The state of a height that was named.
    Named(&'a dyn Backend),
}

impl<'a> Values<'a> {
    /// The newest state.
    pub(super) async fn newest(backend: &'a dyn Backend) -> Result<Values<'a>, CallError> {
        let At { at_height, value } = backend.state().await?;
        Ok(Values { height: Height(at_height), source: Source::Newest(value) })
    }

    /// The state after a height, or the newest one.
    pub(super) async fn at(
        backend: &'a dyn Backend,
        height: Option<Height>,
    ) -> Result<Values<'a>, CallError> {
        match height {
            None => Values::newest(backend).await,
            Some(height) => Ok(Values { height, source: Source::Named(backend) }),
        }
    }

    /// An answer that is true at the height.
    pub(super) fn answer<T>(&self, value: T) -> At<T> {
        At::new(self.height, value)
    }

    /// A value, if there is one.
    pub(super) async fn find<T: Canonical>(&self, key: StateKey) -> Result<Option<T>, CallError> {
        let bytes = match &self.source {
            Source::Newest(state) => {
                state.get(&key).map_err(|error| CallError::Internal(error.to_string()))?
            }
            Source::Named(backend) => backend.value(key, Some(self.height)).await?.value,
        };
        let decoded = bytes.map(|bytes| T::from_bytes(&bytes)).transpose();
        decoded.map_err(|error| CallError::Internal(format!("a value of the state: {error}")))
    }

    /// A value that every state has.
    pub(super) async fn get<T: Canonical>(&self, key: StateKey) -> Result<T, CallError> {
        let missing = || CallError::Internal(format!("the state has no {:?}", key.kind()));
        let found = self.find(key.clone()).await?;
        found.ok_or_else(missing)
    }

    /// The epoch of the height above.
    pub(super) async fn next_epoch(&self) -> Result<EpochEntry, CallError> {
        let clock: EpochClock = self.get(StateKey::single(StateKind::EpochClock)).await?;
        self.get(StateKey::epoch(clock.current)).await
    }

    /// The epochs at work. The participation of an epoch is counted until the first block of the
    /// next one has closed it, so it is that of the height itself.
    pub(super) async fn work(&self) -> Result<Work, CallError> {
        let next = self.next_epoch().await?;
        let before = next.number.0.checked_sub(1).filter(|_| self.height < next.first).map(Epoch);
        let counted = match before {
            Some(former) => self.get(StateKey::epoch(former)).await?,
            None => next.clone(),
        };
        let participation = self.get(StateKey::single(StateKind::Participation)).await?;
        Ok(Work { next, counted, participation })
    }
}
