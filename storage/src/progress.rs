//! Where the chain database stands. The writer's copy in memory; what is on disk decides at open.

use std::collections::BTreeSet;

use quorate_types::{ChainReader, Digest, ExecutedTip, Height, ReadError};

use crate::columns::Column;
use crate::keys::read_undecided;
use crate::snapshot::ChainSnapshot;

/// What the next write must follow.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    /// The highest decided height.
    pub(crate) decided: Height,
    /// The executed tip, none before genesis.
    pub(crate) executed: Option<ExecutedTip>,
    /// The stored blocks that are not decided: a handful, since each decision drops those below.
    pub(crate) undecided: BTreeSet<(Height, Digest)>,
}

impl Progress {
    /// Reads it from disk and checks that it can have been written by this crate.
    pub(crate) fn load(snapshot: &ChainSnapshot<'_>) -> Result<Progress, ReadError> {
        let decided = snapshot.decided()?;
        let executed = snapshot.executed()?;
        let stands = executed.as_ref().map_or(Height::GENESIS, |tip| tip.height);
        if stands > decided {
            return Err(ReadError(format!("executed {stands} is above decided {decided}")));
        }
        if executed.is_none() && decided > Height::GENESIS {
            return Err(ReadError(format!("height {decided} is decided without a genesis")));
        }
        let mut undecided = BTreeSet::new();
        for entry in snapshot.keys(Column::Undecided) {
            let key = entry?;
            let entry = read_undecided(&key)
                .map_err(|error| ReadError(format!("undecided blocks: {error}")))?;
            undecided.insert(entry);
        }
        Ok(Progress { decided, executed, undecided })
    }
}
