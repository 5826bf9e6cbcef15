//! The kinds of faults, and a set of them with a text form.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One kind of fault. Each run draws which of the allowed ones it has, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Messages take long, and overtake each other.
    Delay,
    /// Each direction between two nodes has a delay of its own, or one is slow.
    UnequalLinks,
    /// Nodes stand in five regions of the world.
    Wan,
    /// Links pass 1 to 100 Mbit/s: what is large keeps others waiting.
    Bandwidth,
    /// Messages get lost.
    Loss,
    /// Messages arrive twice.
    Duplication,
    /// Nodes are connected with a few others only, which pass gossip on; Byzantine ones withhold it.
    Mesh,
    /// Groups of nodes, or single directions, are cut off for a while.
    Partition,
    /// A node loses its process, and what its disk had not synced.
    Crash,
    /// All nodes at once.
    PowerLoss,
    /// Disks and workers are slow.
    Slow,
    /// Clocks differ, by up to 500 ms.
    Clock,
    /// Clocks run fast or slow, by up to a tenth.
    ClockDrift,
    /// Wall clocks are set, by up to years; machines are suspended.
    ClockJump,
    /// Signers fail for a while.
    Signer,
    /// A node stands still for a while, and goes on.
    Pause,
    /// A validator loses its process and its sign-state; all of them together are below a third.
    Records,
    /// A write fails, or its sync: the process ends, and what was not synced is gone, in part or
    /// whole.
    FailedSync,
    /// A disk has no room left until the process has ended.
    FullDisk,
    /// A block, a certificate, a value of the state or the sign-state of a node is damaged; the
    /// validators with such damage and without records are below a third.
    BitRot,
    /// The disk of a validator acknowledges what it has not synced. It counts as Byzantine.
    LyingSync,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Fault; 21] = [
        Fault::Delay,
        Fault::Loss,
        Fault::Duplication,
        Fault::Partition,
        Fault::Crash,
        Fault::PowerLoss,
        Fault::Slow,
        Fault::Clock,
        Fault::ClockDrift,
        Fault::ClockJump,
        Fault::Signer,
        Fault::Pause,
        Fault::Records,
        Fault::Mesh,
        Fault::FailedSync,
        Fault::FullDisk,
        Fault::BitRot,
        Fault::LyingSync,
        Fault::UnequalLinks,
        Fault::Wan,
        Fault::Bandwidth,
    ];

    /// The name in lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fault::Delay => "delay",
            Fault::UnequalLinks => "unequal-links",
            Fault::Wan => "wan",
            Fault::Bandwidth => "bandwidth",
            Fault::Loss => "loss",
            Fault::Duplication => "duplication",
            Fault::Mesh => "mesh",
            Fault::Partition => "partition",
            Fault::Crash => "crash",
            Fault::PowerLoss => "power-loss",
            Fault::Slow => "slow",
            Fault::Clock => "clock",
            Fault::ClockDrift => "clock-drift",
            Fault::ClockJump => "clock-jump",
            Fault::Signer => "signer",
            Fault::Pause => "pause",
            Fault::Records => "records",
            Fault::FailedSync => "failed-sync",
            Fault::FullDisk => "full-disk",
            Fault::BitRot => "bit-rot",
            Fault::LyingSync => "lying-sync",
        }
    }

    /// What it happens to. Each has draws of its own, so that a run that is allowed less of one draws
    /// the same of the others.
    pub(crate) fn place(self) -> FaultPlace {
        match self {
            Fault::FailedSync | Fault::FullDisk | Fault::BitRot | Fault::LyingSync => {
                FaultPlace::Disks
            }
            Fault::UnequalLinks | Fault::Wan | Fault::Bandwidth => FaultPlace::Links,
            Fault::Delay
            | Fault::Loss
            | Fault::Duplication
            | Fault::Partition
            | Fault::Crash
            | Fault::PowerLoss
            | Fault::Slow
            | Fault::Clock
            | Fault::ClockDrift
            | Fault::ClockJump
            | Fault::Signer
            | Fault::Pause
            | Fault::Records
            | Fault::Mesh => FaultPlace::Rest,
        }
    }
}

/// What a fault happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultPlace {
    /// A disk fails.
    Disks,
    /// Links differ.
    Links,
    /// All else.
    Rest,
}

/// A set of faults: `all`, `none`, or names with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults(BTreeSet<Fault>);

/// A name that is no fault's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown fault {0:?}: all, none, or a list of delay, loss, duplication, partition, crash, power-loss, slow, clock, clock-drift, clock-jump, signer, pause, records, mesh, failed-sync, full-disk, bit-rot, lying-sync, unequal-links, wan, bandwidth"
)]
pub struct UnknownFault(pub String);

impl Faults {
    /// Every kind of fault.
    #[must_use]
    pub fn all() -> Faults {
        Faults(BTreeSet::from(Fault::ALL))
    }

    /// No fault.
    #[must_use]
    pub fn none() -> Faults {
        Faults::default()
    }

    /// Whether a kind is in the set.
    #[must_use]
    pub fn contains(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// The kinds in the set.
    pub fn iter(&self) -> impl Iterator<Item = Fault> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<T: IntoIterator<Item = Fault>>(faults: T) -> Self {
        Faults(faults.into_iter().collect())
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        match text {
            "all" => return Ok(Faults::all()),
            "none" => return Ok(Faults::none()),
            _ => {}
        }
        let of_name = |name: &str| {
            let known = Fault::ALL.into_iter().find(|fault| fault.name() == name);
            known.ok_or_else(|| UnknownFault(name.to_owned()))
        };
        text.split(',').map(of_name).collect()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            0 => formatter.write_str("none"),
            count if count == Fault::ALL.len() => formatter.write_str("all"),
            _ => {
                let names: Vec<&str> = self.iter().map(Fault::name).collect();
                formatter.write_str(&names.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_round_trips() {
        for text in ["all", "none", "loss,crash", "delay"] {
            assert_eq!(text.parse::<Faults>().unwrap().to_string(), text);
        }
        let every: Vec<&str> = Fault::ALL.into_iter().map(Fault::name).collect();
        assert_eq!(every.join(",").parse::<Faults>().unwrap(), Faults::all());
        assert_eq!("loss,rain".parse::<Faults>(), Err(UnknownFault("rain".to_owned())));
        assert!("".parse::<Faults>().is_err());
    }
}
