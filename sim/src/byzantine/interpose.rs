//! Between the honest code of a Byzantine validator and the network: everything that it would send
//! goes through its behaviours, one after the other, and what they let go is posted.

use quorate_crypto::Hash;
use quorate_types::Message;

use super::hand::{Content, Deeds, Hand, Letter, Standing};
use super::{Adversary, Behaviour};
use crate::event::{Event, NodeId};
use crate::parcel::Parcel;
use crate::plan::{MS, Span};
use crate::world::World;

/// The time between two ticks of a Byzantine validator, in microseconds.
const TICK: Span = Span::new(40 * MS, 400 * MS);

/// What a behaviour is called for.
enum Occasion<'a> {
    Send(Vec<Letter>),
    Receive(&'a Message),
    Relay(Letter),
    Tick,
}

impl Adversary {
    fn act(
        &mut self,
        node: NodeId,
        (standing, peers): (Standing, &[NodeId]),
        occasion: &Occasion<'_>,
    ) -> Deeds {
        let Adversary { members, random, deeds } = self;
        let mut all = Deeds::default();
        let Some(member) = members.get_mut(&node) else { return all };
        if let Occasion::Send(letters) = occasion {
            all.letters.clone_from(letters);
        }
        for (kind, behaviour) in &mut member.behaviours {
            let before = std::mem::take(&mut all.letters);
            let identity = &member.identity;
            let deeds_now = Deeds::default();
            let mut hand = Hand { identity, standing, peers, random, deeds: deeds_now };
            for letter in before {
                if letter.forged && !behaviour.is_filter() {
                    hand.pass(letter);
                } else {
                    behaviour.on_send(&mut hand, letter);
                }
            }
            prompt(behaviour.as_mut(), &mut hand, occasion);
            let Deeds { letters, forbidden, cuts, count } = hand.deeds;
            all.letters = letters;
            all.forbidden.extend(forbidden);
            all.cuts.extend(cuts);
            let counted = deeds.entry(*kind).or_default();
            *counted = counted.saturating_add(count);
        }
        all
    }
}

fn prompt(behaviour: &mut dyn Behaviour, hand: &mut Hand<'_>, occasion: &Occasion<'_>) {
    match occasion {
        Occasion::Send(_) => {}
        Occasion::Receive(message) => behaviour.on_receive(hand, message),
        Occasion::Relay(letter) => behaviour.on_relay(hand, letter),
        Occasion::Tick => behaviour.on_tick(hand),
    }
}

impl World {
    /// Whether a node is a Byzantine validator.
    pub(crate) fn is_byzantine(&self, node: NodeId) -> bool {
        self.adversary.is_member(node)
    }

    /// The honest code of a Byzantine validator would send this, to one peer or to all.
    pub(crate) fn would_send(&mut self, node: NodeId, to: Option<NodeId>, content: Content) {
        let to = match to {
            Some(peer) => vec![peer],
            None => self.peers_of(node),
        };
        let letter = Letter { to, after_us: 0, content, forged: false, refusable: false };
        self.adversary_acts(node, &Occasion::Send(vec![letter]));
    }

    /// A Byzantine validator has got a message that verifies.
    pub(crate) fn was_told(&mut self, node: NodeId, message: &Message) {
        self.adversary_acts(node, &Occasion::Receive(message));
    }

    /// A Byzantine node has got something by gossip that it may pass on, to all its peers.
    pub(crate) fn would_relay(&mut self, node: NodeId, id: Hash, parcel: Parcel) {
        let content = Content::Gossip(id, parcel);
        // Only who also filters what others forge decides about what is passed on.
        let to = self.peers_of(node);
        let letter = Letter { to, after_us: 0, content, forged: true, refusable: false };
        self.adversary_acts(node, &Occasion::Relay(letter));
    }

    /// The first tick of every Byzantine validator.
    pub(crate) fn schedule_ticks(&mut self) {
        let members: Vec<NodeId> = self.adversary.nodes().collect();
        for node in members {
            self.next_tick(node);
        }
    }

    pub(crate) fn on_tick(&mut self, node: NodeId) {
        self.adversary_acts(node, &Occasion::Tick);
        self.next_tick(node);
    }

    pub(super) fn next_tick(&mut self, node: NodeId) {
        let delay_us = TICK.draw(&mut self.adversary.random);
        self.after(delay_us, Event::ByzantineTick { node });
    }

    fn adversary_acts(&mut self, node: NodeId, occasion: &Occasion<'_>) {
        let Some(process) = &self.node(node).process else { return };
        let (status, primary) = (process.replica.status(), process.replica.primary());
        let standing = Standing { height: status.height, view: status.view, primary };
        let peers = self.peers_of(node);
        let deeds = self.adversary.act(node, (standing, &peers), occasion);
        for digest in deeds.forbidden {
            self.oracles.forbid(digest);
        }
        for (victim, lasts_us) in deeds.cuts {
            self.cut_off(victim, lasts_us);
        }
        for letter in deeds.letters {
            self.post(node, &letter);
        }
    }

    /// Every node that one is connected to.
    fn peers_of(&self, node: NodeId) -> Vec<NodeId> {
        let others = self.nodes.iter().map(|other| other.id).filter(|other| *other != node);
        others.filter(|other| self.network.connection(node, *other).is_some()).collect()
    }

    /// A node is cut off for a while, unless the network has healed.
    fn cut_off(&mut self, victim: NodeId, lasts_us: u64) {
        if self.faulty {
            let number = self.isolate(victim);
            self.after(lasts_us, Event::PartitionEnds { number });
        }
    }
}
