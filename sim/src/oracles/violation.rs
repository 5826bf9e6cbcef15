//! What an oracle says: nothing, or what is wrong, when and where.

use std::fmt;

use crate::event::NodeId;

/// What must hold did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which oracle says so.
    pub oracle: &'static str,
    /// When, in microseconds of virtual time.
    pub time_us: u64,
    /// Where.
    pub node: Option<NodeId>,
    /// What.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {} us", self.oracle, self.time_us)?;
        if let Some(node) = self.node {
            write!(formatter, ", {node}")?;
        }
        write!(formatter, ": {}", self.detail)
    }
}

/// What an oracle says: nothing, or what is wrong.
pub(crate) type Verdict = Result<(), String>;

/// When and where something happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) time_us: u64,
    pub(crate) node: NodeId,
}
