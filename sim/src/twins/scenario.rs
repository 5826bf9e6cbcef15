//! One case: who has how much power and a twin, the scripted views, and what else happens.

use std::fmt;

/// One view of a script: who can talk to whom, and whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptedView {
    /// The group of each instance.
    pub groups: Vec<u8>,
    /// The primary, as a validator's index.
    pub primary: usize,
}

/// Where within a view the network goes over to the division of the next view. Groups talk all to
/// all, so without a cut a group that prepares a block also decides it; and of a group that has a
/// quorum all honest members prepare, unless some hear what others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// Nowhere: a view has one division.
    None,
    /// Commits already travel in the division of the next view.
    Commits,
    /// Prepares travel in the division of the next view, Commits in that of the one after it.
    Phases,
    /// Prepares and Commits travel in the division of the next view, but for the primary's own.
    Followers,
}

impl Cut {
    /// All of them.
    pub const ALL: [Cut; 4] = [Cut::None, Cut::Commits, Cut::Phases, Cut::Followers];
}

/// What a power cut in the midst of a vote prevents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// The record is not written.
    Write,
    /// The record is written, nothing is sent.
    Send,
    /// Messages are sent, the state machine does not hear of it.
    Answer,
}

/// One power cut of an honest instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// The instance.
    pub instance: usize,
    /// After so many of its votes.
    pub after_votes: u64,
    /// Where in the next one.
    pub point: CrashPoint,
    /// For so many milliseconds.
    pub down_ms: u64,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The power of each validator; instance n + i is the second half of validator i.
    pub powers: Vec<u64>,
    /// How many validators have a twin: the first ones.
    pub twins: usize,
    /// The attack, view by view.
    pub views: Vec<ScriptedView>,
    /// Where within a view the network changes.
    pub cut: Cut,
    /// Whether the second halves go on after the attack, or stop.
    pub twins_stay: bool,
    /// An honest instance loses power once.
    pub crash: Option<Crash>,
    /// The second halves also sign what no honest code would, drawn from this seed.
    pub mutations: Option<u64>,
}

impl Scenario {
    /// Whether an instance runs with a key that another has too.
    #[must_use]
    pub fn is_twin(&self, instance: usize) -> bool {
        instance < self.twins || instance >= self.powers.len()
    }

    /// How many instances there are.
    #[must_use]
    pub fn instances(&self) -> usize {
        self.powers.len() + self.twins
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "powers {:?}, {} twins, views", self.powers, self.twins)?;
        for view in &self.views {
            write!(formatter, " {:?}@{}", view.groups, view.primary)?;
        }
        write!(formatter, ", cut {:?}, second halves ", self.cut)?;
        write!(formatter, "{}", if self.twins_stay { "stay" } else { "stop" })?;
        write!(formatter, ", {:?}, mutations {:?}", self.crash, self.mutations)
    }
}
