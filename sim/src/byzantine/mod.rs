//! Byzantine validators. Each is a real replica, so that it knows what is going on, behind an
//! interposer: a [`Behaviour`] sees every message that the honest code would send, every message
//! that arrives and a tick, and decides what really leaves, to whom and when. It signs with its own
//! key, past every guard, and cannot sign with another's.
//!
//! Left out: behaviours that need changing validator sets or snapshots; and the abuse of gossip's
//! control messages (grafts, prunes, announcements), which this network does without.

mod amnesia;
mod bad_transactions;
mod blocks;
mod bodiless;
mod delayed;
mod draw;
mod equivocating_proposer;
mod equivocating_votes;
mod false_accusation;
mod false_evidence;
mod far_future;
mod floods;
mod forged_certificates;
mod gossip_spam;
mod hand;
mod interpose;
mod invalid_block;
mod lying_new_view;
mod lying_peer;
mod lying_view_change;
mod malformed;
mod mutator;
mod names;
mod primary_hunting;
mod relay;
mod replay;
mod selective;
mod silent;
mod stale_votes;
mod vote_withdrawal;
mod whispered_vote;

use std::collections::BTreeMap;
use std::fmt::Debug;

use quorate_types::Message;

use crate::event::NodeId;
use crate::random::Random;

pub use names::{Byzantine, Misbehaviour, UnknownMisbehaviour};

pub(crate) use hand::{Content, Letter};
use hand::{Hand, Identity};

/// What a Byzantine validator does.
pub(crate) trait Behaviour: Debug {
    /// The honest code would send this. What is not passed on does not leave.
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        hand.pass(letter);
    }

    /// A verified message has arrived.
    fn on_receive(&mut self, _: &mut Hand<'_>, _: &Message) {}

    /// Something has come by gossip and holds: honest code would pass it on. None does by itself.
    fn on_relay(&mut self, _: &mut Hand<'_>, _: &Letter) {}

    /// Some time has passed.
    fn on_tick(&mut self, _: &mut Hand<'_>) {}

    /// Whether it also decides about what a behaviour before it, of the same validator, forges.
    fn is_filter(&self) -> bool {
        false
    }
}

/// One Byzantine validator.
#[derive(Debug)]
pub(crate) struct Member {
    identity: Identity,
    behaviours: Vec<(Misbehaviour, Box<dyn Behaviour>)>,
}

/// All Byzantine validators of a run.
#[derive(Debug)]
pub(crate) struct Adversary {
    members: BTreeMap<NodeId, Member>,
    /// Apart from the run's, so that honest runs of a seed stay what they are.
    random: Random,
    /// How often each misbehaviour did something.
    deeds: BTreeMap<Misbehaviour, u64>,
}

impl Adversary {
    pub(crate) fn is_member(&self, node: NodeId) -> bool {
        self.members.contains_key(&node)
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.members.keys().copied()
    }

    /// How often each misbehaviour did something.
    pub(crate) fn deeds(&self) -> BTreeMap<&'static str, u64> {
        self.deeds.iter().map(|(kind, count)| (kind.name(), *count)).collect()
    }
}

fn behaviour(kind: Misbehaviour, random: &mut Random) -> Box<dyn Behaviour> {
    match kind {
        Misbehaviour::EquivocatingProposer => {
            Box::new(equivocating_proposer::EquivocatingProposer::default())
        }
        Misbehaviour::EquivocatingPrepare => Box::new(equivocating_votes::Equivocating::prepare()),
        Misbehaviour::EquivocatingCommit => Box::new(equivocating_votes::Equivocating::commit()),
        Misbehaviour::Amnesia => Box::new(amnesia::Amnesia),
        Misbehaviour::Silent => Box::new(silent::Silent::all()),
        Misbehaviour::SilentProposer => Box::new(silent::Silent::proposer()),
        Misbehaviour::SilentPhase => Box::new(silent::Silent::one_phase(random)),
        Misbehaviour::SelectiveSend => Box::new(selective::Selective::draw(random)),
        Misbehaviour::Delayed => Box::new(delayed::Delayed::all(random)),
        Misbehaviour::DelayedPhase => Box::new(delayed::Delayed::one_phase(random)),
        Misbehaviour::InvalidBlock => Box::new(invalid_block::InvalidBlock::any_rule()),
        Misbehaviour::WrongRoots => Box::new(invalid_block::InvalidBlock::roots()),
        Misbehaviour::Bodiless => Box::new(bodiless::Bodiless),
        Misbehaviour::StaleVotes => Box::new(stale_votes::StaleVotes),
        Misbehaviour::Replay => Box::new(replay::Replay::default()),
        Misbehaviour::Malformed => Box::new(malformed::Malformed),
        Misbehaviour::ForgedCertificates => {
            Box::new(forged_certificates::ForgedCertificates::default())
        }
        Misbehaviour::LyingViewChange => Box::new(lying_view_change::LyingViewChange),
        Misbehaviour::LyingNewView => Box::new(lying_new_view::LyingNewView::default()),
        Misbehaviour::ViewChangeSpam => Box::new(floods::ViewChangeSpam::default()),
        Misbehaviour::FarFuture => Box::new(far_future::FarFuture::default()),
        Misbehaviour::InvalidSignatures => Box::new(floods::InvalidSignatures),
        Misbehaviour::VoteFlood => Box::new(floods::VoteFlood),
        Misbehaviour::VoteWithdrawal => Box::new(vote_withdrawal::VoteWithdrawal::invalid()),
        Misbehaviour::LyingPeer => Box::new(lying_peer::LyingPeer::default()),
        Misbehaviour::BadTransactions => Box::new(bad_transactions::BadTransactions),
        Misbehaviour::OddSignatures => Box::new(vote_withdrawal::VoteWithdrawal::odd()),
        Misbehaviour::PrimaryHunting => Box::new(primary_hunting::PrimaryHunting),
        Misbehaviour::PartialRelay => Box::new(relay::Relay::partial(random)),
        Misbehaviour::DelayedRelay => Box::new(relay::Relay::delayed(random)),
        Misbehaviour::GossipSpam => Box::new(gossip_spam::GossipSpam::default()),
        Misbehaviour::FalseEvidence => Box::new(false_evidence::FalseEvidence::default()),
        Misbehaviour::FalseAccusation => Box::new(false_accusation::FalseAccusation::default()),
        Misbehaviour::WhisperedVote => Box::new(whispered_vote::WhisperedVote),
        Misbehaviour::Mutator => Box::new(mutator::Mutator::default()),
    }
}
