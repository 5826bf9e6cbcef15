//! The names of what Byzantine validators do, and what a run is told of them. The text form is that
//! of the command line, and stable: a failing seed is replayed with it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

macro_rules! misbehaviours {
    ($($(#[doc = $what:literal])+ $kind:ident = $name:literal,)+) => {
        /// One way to deviate from the protocol; each is what one file of this folder does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Misbehaviour {
            $($(#[doc = $what])+ $kind,)+
        }

        impl Misbehaviour {
            /// Every one.
            pub const ALL: &'static [Misbehaviour] = &[$(Misbehaviour::$kind,)+];

            /// The name in lists.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Misbehaviour::$kind => $name,)+
                }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self {
                    $(Misbehaviour::$kind => concat!($($what),+),)+
                }
            }
        }
    };
}

misbehaviours! {
    /// Proposes two or more blocks in one view, to sets that may overlap, and votes for each.
    EquivocatingProposer = "equivocating-proposer",
    /// Prepares another block beside each that it prepares.
    EquivocatingPrepare = "equivocating-prepare",
    /// Commits to another block beside each that it commits to.
    EquivocatingCommit = "equivocating-commit",
    /// Commits to every block it sees, and in the next view claims to have prepared nothing.
    Amnesia = "amnesia",
    /// Sends nothing at all.
    Silent = "silent",
    /// Sends everything but its proposals.
    SilentProposer = "silent-proposer",
    /// Leaves out one phase, drawn once.
    SilentPhase = "silent-phase",
    /// Sends to some of the others only: one short of a quorum, or all but one victim for ever.
    SelectiveSend = "selective-send",
    /// Sends everything just before the others give up waiting.
    Delayed = "delayed",
    /// Sends one phase, drawn once, just after the others gave up waiting.
    DelayedPhase = "delayed-phase",
    /// Proposes blocks that break one rule of R-2 each, or out of turn.
    InvalidBlock = "invalid-block",
    /// Proposes blocks with a wrong state root or receipts root.
    WrongRoots = "wrong-roots",
    /// Proposes blocks by transaction ids that nobody can resolve.
    Bodiless = "bodiless",
    /// Signs votes of heights and views that are over, for blocks of its choice.
    StaleVotes = "stale-votes",
    /// Sends what others sent again, much later, and its own votes as of another chain.
    Replay = "replay",
    /// Sends bytes that are no message: cut off, flipped, extended, mistagged.
    Malformed = "malformed",
    /// Sends certificates that no quorum signed.
    ForgedCertificates = "forged-certificates",
    /// Demands views with a prepared claim left out, invented or unproven, and the highest view.
    LyingViewChange = "lying-view-change",
    /// Justifies its proposals above view 0 by what does not justify them, and differently to each.
    LyingNewView = "lying-new-view",
    /// Demands one view after the other, without end.
    ViewChangeSpam = "view-change-spam",
    /// Votes and proposes at heights and views far ahead.
    FarFuture = "far-future",
    /// Sends votes in the name of others, with signatures that do not hold.
    InvalidSignatures = "invalid-signatures",
    /// Signs a flood of votes for ever new blocks of the height and view.
    VoteFlood = "vote-flood",
    /// Follows each vote by the same vote with a signature that does not hold.
    VoteWithdrawal = "vote-withdrawal",
    /// Says it stands where it does not, and answers requests wrongly or never.
    LyingPeer = "lying-peer",
    /// Passes on transactions that are none: unsigned, of another chain, twice.
    BadTransactions = "bad-transactions",
    /// Signs with points of small order and scalars that are not reduced.
    OddSignatures = "odd-signatures",
    /// Has the primary of the moment cut off, whoever it is, until the network heals.
    PrimaryHunting = "primary-hunting",
    /// Passes gossip on to some of its neighbours only.
    PartialRelay = "partial-relay",
    /// Passes gossip on much later.
    DelayedRelay = "delayed-relay",
    /// Publishes old messages under new gossip ids without end, and bytes that are no message.
    GossipSpam = "gossip-spam",
    /// Proposes blocks with evidence that convicts nobody: the same vote twice, forged, of another chain.
    FalseEvidence = "false-evidence",
    /// Accuses by votes that are one, forged, of another chain or of another's name.
    FalseAccusation = "false-accusation",
    /// Prepares another block beside each that it prepares, and lets one node alone know.
    WhisperedVote = "whispered-vote",
    /// Changes a little of everything: numbers off by one, digests swapped, flipped bytes, replays.
    Mutator = "mutator",
}

/// A name that is no misbehaviour's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown misbehaviour {0:?}: none, drawn, or a list of {names}", names = all_names())]
pub struct UnknownMisbehaviour(pub String);

/// Which Byzantine validators a run has: `none`, `drawn`, or names with commas between them. Their
/// power is always below a third (M-2); a set without room for one has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Byzantine {
    /// Every node is honest.
    #[default]
    None,
    /// The seed draws who is, and what each does.
    Drawn,
    /// As many as can be; together they do all of this.
    Named(BTreeSet<Misbehaviour>),
}

impl FromStr for Byzantine {
    type Err = UnknownMisbehaviour;

    fn from_str(text: &str) -> Result<Self, UnknownMisbehaviour> {
        let of_name = |name: &str| {
            let known = Misbehaviour::ALL.iter().find(|kind| kind.name() == name);
            known.copied().ok_or_else(|| UnknownMisbehaviour(name.to_owned()))
        };
        match text {
            "none" => Ok(Byzantine::None),
            "drawn" => Ok(Byzantine::Drawn),
            _ => Ok(Byzantine::Named(text.split(',').map(of_name).collect::<Result<_, _>>()?)),
        }
    }
}

impl fmt::Display for Byzantine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Byzantine::None => formatter.write_str("none"),
            Byzantine::Drawn => formatter.write_str("drawn"),
            Byzantine::Named(kinds) => formatter.write_str(&join(kinds.iter())),
        }
    }
}

/// Names with commas between them.
pub(crate) fn join<'a>(kinds: impl Iterator<Item = &'a Misbehaviour>) -> String {
    kinds.map(|kind| kind.name()).collect::<Vec<_>>().join(",")
}

fn all_names() -> String {
    join(Misbehaviour::ALL.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_round_trips() {
        for text in ["none", "drawn", "silent", "equivocating-proposer,mutator"] {
            assert_eq!(text.parse::<Byzantine>().unwrap().to_string(), text);
        }
        let all = all_names().parse::<Byzantine>().unwrap();
        let every = Misbehaviour::ALL.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(every.len(), Misbehaviour::ALL.len());
        assert_eq!(all, Byzantine::Named(every), "names are distinct");
        assert_eq!("silent,kind".parse::<Byzantine>(), Err(UnknownMisbehaviour("kind".to_owned())));
        assert!("".parse::<Byzantine>().is_err());
    }
}
