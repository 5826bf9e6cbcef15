//! The state of one height (protocol section 4). The durable part is the sign-state record itself;
//! the rest is rebuilt from messages. The rules stand in files of their own.

use std::collections::BTreeMap;

use quorate_crypto::ValidatorPublicKey;
use quorate_types::{
    ArchivedProposal, BlockPayload, Digest, Header, Height, Justification, SignRecord,
    SignedStatement, Timestamp, ValidatorIndex, VerifiedCertificate, View,
};

use crate::asking::Asking;
use crate::blocks::Blocks;
use crate::clock::Clock;
use crate::conflicts::Conflicts;
use crate::input::HeightStart;
use crate::justification::Value;
use crate::presence::Presence;
use crate::timers::Pace;
use crate::votes::{LOWER_COMMITS, ViewChanges, Votes};

/// A justified pre-prepare of the primary that is not accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Candidate {
    pub(crate) signed: SignedStatement,
    pub(crate) justification: Justification,
    pub(crate) digest: Digest,
    pub(crate) value: Value,
    /// The block's time.
    pub(crate) time: Timestamp,
    /// Too old when it first arrived (T-1). Kept, so that sending it again changes nothing.
    pub(crate) stale: bool,
}

/// The proposal that this node makes as primary of a view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Draft {
    pub(crate) view: View,
    pub(crate) justification: Justification,
    /// None while the application builds the block.
    pub(crate) payload: Option<BlockPayload>,
}

/// The certificate that decides the height.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decision {
    pub(crate) certificate: VerifiedCertificate,
    /// Assembled here from votes, so others may not have it yet.
    pub(crate) assembled: bool,
    /// `Decided` has been asked for.
    pub(crate) announced: bool,
    /// A certificate of another block, assembled here too.
    pub(crate) rival: Option<VerifiedCertificate>,
}

impl Decision {
    pub(crate) fn new(certificate: VerifiedCertificate, assembled: bool) -> Decision {
        Decision { certificate, assembled, announced: false, rival: None }
    }
}

/// What outlives a height.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Heritage {
    /// Own key; none for a full node.
    pub(crate) me: Option<ValidatorPublicKey>,
    /// The record that the height starts with.
    pub(crate) record: SignRecord,
    /// The vote on its way.
    pub(crate) asking: Asking,
    /// The adaptive timeout.
    pub(crate) pace: Pace,
}

/// One height, being decided or just decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) start: HeightStart,
    pub(crate) me: Option<ValidatorPublicKey>,
    /// Own index in V(height).
    pub(crate) index: Option<ValidatorIndex>,
    /// False where the record is of a higher height, and while this node observes (S-5): nothing is
    /// signed or recorded here.
    pub(crate) records: bool,
    /// A certificate of a height above is known.
    pub(crate) outrun: bool,
    pub(crate) record: SignRecord,
    pub(crate) asking: Asking,
    pub(crate) pace: Pace,
    pub(crate) clock: Clock,
    pub(crate) presence: Presence,
    pub(crate) conflicts: Conflicts,
    pub(crate) view_changes: ViewChanges,
    pub(crate) prepares: Votes,
    pub(crate) commits: Votes,
    pub(crate) candidates: BTreeMap<View, Candidate>,
    /// The proposals that were accepted above view 0, those of the highest views.
    pub(crate) proposals: BTreeMap<View, ArchivedProposal>,
    pub(crate) blocks: Blocks,
    pub(crate) draft: Option<Draft>,
    pub(crate) decision: Option<Decision>,
}

impl State {
    /// A height without any message yet.
    pub(crate) fn new(start: HeightStart, heritage: Heritage, records: bool) -> State {
        let Heritage { me, record, asking, pace } = heritage;
        State {
            index: me.and_then(|key| start.set.index_of_key(&key)),
            start,
            me,
            records,
            outrun: false,
            record,
            asking,
            pace,
            clock: Clock::default(),
            presence: Presence::default(),
            conflicts: Conflicts::default(),
            view_changes: ViewChanges::default(),
            prepares: Votes::keeping(0),
            commits: Votes::keeping(LOWER_COMMITS),
            candidates: BTreeMap::new(),
            proposals: BTreeMap::new(),
            blocks: Blocks::default(),
            draft: None,
            decision: None,
        }
    }

    /// The height.
    pub(crate) fn height(&self) -> Height {
        self.start.height
    }

    /// The view.
    pub(crate) fn view(&self) -> View {
        self.record.view
    }

    /// primary(h, view): element view mod n of the order (T-4).
    pub(crate) fn primary(&self, view: View) -> Option<ValidatorIndex> {
        let order = &self.start.primaries;
        let n = u64::try_from(order.len()).ok()?;
        let turn = usize::try_from(view.0.checked_rem(n)?).ok()?;
        order.get(turn).copied()
    }

    /// Whether this node is the primary of its view.
    pub(crate) fn is_primary(&self) -> bool {
        self.index.is_some() && self.primary(self.view()) == self.index
    }

    /// Whether a header is that of a block on the parent, as far as it is known here. Where
    /// the value is free its proposer is the primary.
    pub(crate) fn fits(&self, header: &Header, primary: Option<ValidatorIndex>) -> bool {
        let proposer = self.start.set.index_of_address(&header.proposer);
        header.version == self.start.context.protocol_version
            && header.height == self.height()
            && header.parent == self.start.parent
            && header.time > self.start.parent_time
            && header.validators_hash == self.start.set.id()
            && proposer.is_some()
            && (primary.is_none() || proposer == primary)
    }

    /// Every block that the state names.
    pub(crate) fn named_blocks(&self) -> Vec<Digest> {
        let mut named: Vec<Digest> = self.candidates.values().map(|c| c.digest).collect();
        named.extend(self.record.accepted);
        named.extend(self.record.prepared.as_ref().map(|prepared| prepared.digest));
        named.extend(self.decision.as_ref().map(|decision| decision.certificate.value().digest));
        named
    }
}
