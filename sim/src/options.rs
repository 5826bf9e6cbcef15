//! What a run is told beside its seed.

use std::fmt;

use crate::byzantine::Byzantine;
use crate::churn::Churn;
use crate::faults::Faults;

/// Validators that a run can have at most.
pub const MAX_VALIDATORS: u16 = 31;
/// Full nodes that a run can have at most.
pub const MAX_FULL_NODES: u16 = 8;

/// What a run is told beside its seed. Its text form is that of the command line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// How many validators; drawn from the seed when none, mostly 4 to 7.
    pub validators: Option<u16>,
    /// How many nodes without a key; drawn from the seed when none.
    pub full_nodes: Option<u16>,
    /// How many heights the run is to finalise.
    pub heights: u64,
    /// The faults that may happen; each run draws its own of them.
    pub faults: Faults,
    /// Which validators are Byzantine, and what they do.
    pub byzantine: Byzantine,
    /// Whether all validators have the same power; drawn from the seed when none.
    pub equal_power: Option<bool>,
    /// Whether clients submit transactions.
    pub workload: bool,
    /// What becomes of stake; drawn from the seed when none.
    pub churn: Option<Churn>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            validators: None,
            full_nodes: None,
            heights: 30,
            faults: Faults::all(),
            byzantine: Byzantine::None,
            equal_power: None,
            workload: true,
            churn: None,
        }
    }
}

impl fmt::Display for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(validators) = self.validators {
            write!(formatter, "--validators {validators} ")?;
        }
        if let Some(full_nodes) = self.full_nodes {
            write!(formatter, "--full-nodes {full_nodes} ")?;
        }
        write!(formatter, "--heights {} --faults {}", self.heights, self.faults)?;
        if self.byzantine != Byzantine::None {
            write!(formatter, " --byzantine {}", self.byzantine)?;
        }
        if let Some(equal_power) = self.equal_power {
            write!(formatter, " --equal-power {equal_power}")?;
        }
        if let Some(churn) = self.churn {
            write!(formatter, " --churn {churn}")?;
        }
        if !self.workload {
            write!(formatter, " --no-workload")?;
        }
        Ok(())
    }
}
