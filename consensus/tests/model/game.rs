//! The model: which moves there are, and what must hold in every state.
//!
//! A state is the numbers of three replica states; what is on the network follows from them, as it
//! is all that was ever sent, and all that the Byzantine validator can say about it. `step` runs once
//! for each pair of a replica state and a move.
//!
//! What makes its hearer do nothing is not heard alone: it can as well be heard just before what
//! does, as nothing that was sent is ever lost for good. So votes are heard in bundles, all that are
//! there for one block and view and D's, and what shows a view in pairs: with four of equal power
//! two others complete every quorum and every weak set. A move after which a replica has neither
//! sent nor written nor set anything is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use quorate_consensus::{Input, TimerId, TimerKind};
use quorate_types::{Digest, Height, Message, Step, Verified, View};
use stateright::{Model, Property};

use crate::byzantine::D;
use crate::interner::Interner;
use crate::replica::{Replica, Stage};
use crate::world::World;

/// The highest view that anybody enters.
const LAST_VIEW: u64 = 2;

/// Three replica states by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position(pub [u32; 3]);

/// What happens to a replica. Messages are numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    Hear(Vec<u32>),
    Fire(u64),
    PowerCut,
}

#[derive(Default)]
struct Tables {
    replicas: Interner<Replica>,
    messages: Interner<Message>,
    verified: BTreeMap<u32, Verified<Message>>,
    /// What each replica state has sent.
    said: BTreeMap<u32, Vec<u32>>,
    moved: BTreeMap<(u32, Move), u32>,
    /// What the Byzantine validator can make of what was said.
    forged: BTreeMap<Vec<u32>, Vec<u32>>,
    /// Its votes: whether a commit, view, block.
    votes: BTreeMap<(bool, View, Digest), u32>,
}

/// A message and its number.
type Said = (u32, Arc<Message>);

/// One order of primaries, played out.
pub struct Game {
    pub stage: Stage,
    order: [usize; 4],
    /// How often the power of one replica may be cut.
    power_cuts: u8,
    /// Whether each view must have decided somewhere.
    goals: bool,
    /// Whether it begins where one replica has decided in view 0.
    decided: bool,
    tables: Mutex<Tables>,
}

impl fmt::Debug for Game {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "primaries {:?}, {} power cuts", self.order, self.power_cuts)
    }
}

impl Game {
    /// The validators in the order of their turns; 3 is Byzantine.
    pub fn new(order: [usize; 4], power_cuts: u8) -> Game {
        let tables = Mutex::default();
        let stage = Stage::new(order);
        Game { stage, order, power_cuts, goals: false, decided: false, tables }
    }

    /// The same, where each view must have decided somewhere.
    pub fn with_goals(self) -> Game {
        Game { goals: true, ..self }
    }

    /// The same, from where one replica has decided in view 0: the others must follow.
    pub fn after_a_decision(self) -> Game {
        Game { decided: true, ..self }
    }

    /// Everybody hears everything in view 0 until the first has decided.
    fn decide_one(&self, mut position: Position) -> Position {
        while self.decided(&position).is_empty() {
            let moves = self.moves(&position);
            let next = moves.into_iter().find_map(|(i, chosen)| {
                let mut next = position.clone();
                next.0[i] = self.play(position.0[i], &chosen);
                let stays = self.replicas(&next)[i].record.view == View::ZERO;
                let is_heard = matches!(chosen, Move::Hear(_));
                (is_heard && stays && self.acts(position.0[i], &chosen)).then_some(next)
            });
            position = next.expect("view 0 decides");
        }
        position
    }

    /// Distinct states of single replicas so far.
    pub fn replica_states(&self) -> usize {
        self.tables.lock().unwrap().replicas.len()
    }

    pub fn replicas(&self, position: &Position) -> [Arc<Replica>; 3] {
        let tables = self.tables.lock().unwrap();
        position.0.map(|number| tables.replicas.value(number))
    }

    /// The number of a message, verified once.
    fn number_of(&self, message: Message) -> u32 {
        let mut tables = self.tables.lock().unwrap();
        let number = tables.messages.number(message);
        if !tables.verified.contains_key(&number) {
            let message = (*tables.messages.value(number)).clone();
            tables.verified.insert(number, self.stage.world.verified(message));
        }
        number
    }

    /// A message as its receivers see it.
    pub fn verified(&self, message: &Message) -> Verified<Message> {
        let number = self.number_of(message.clone());
        self.tables.lock().unwrap().verified[&number].clone()
    }

    /// The number of a replica state, and of what it has sent.
    fn learn(&self, replica: Replica) -> u32 {
        let said: Vec<u32> = replica.sent.iter().map(|m| self.number_of(m.clone())).collect();
        let mut tables = self.tables.lock().unwrap();
        let number = tables.replicas.number(replica);
        tables.said.insert(number, said);
        number
    }

    /// The replica after a move.
    fn play(&self, number: u32, chosen: &Move) -> u32 {
        let key = (number, chosen.clone());
        let (mut replica, heard) = {
            let tables = self.tables.lock().unwrap();
            if let Some(known) = tables.moved.get(&key) {
                return *known;
            }
            let heard: Vec<_> = match chosen {
                Move::Hear(messages) => {
                    messages.iter().map(|number| tables.verified[number].clone()).collect()
                }
                Move::Fire(_) | Move::PowerCut => Vec::new(),
            };
            ((*tables.replicas.value(number)).clone(), heard)
        };
        match chosen {
            Move::Hear(_) => heard.into_iter().for_each(|message| {
                self.stage.feed(&mut replica, Input::Message(message));
            }),
            Move::Fire(view) => {
                let id = TimerId { height: Height(1), view: View(*view), kind: TimerKind::View };
                replica.timer = None;
                self.stage.feed(&mut replica, Input::Timer(id));
            }
            Move::PowerCut => {
                replica.power_cuts += 1;
                self.stage.power_on(&mut replica);
            }
        }
        let after = self.learn(replica);
        self.tables.lock().unwrap().moved.insert(key, after);
        after
    }

    /// Whether a replica does anything in a move, beyond taking note.
    fn acts(&self, number: u32, chosen: &Move) -> bool {
        let after = self.play(number, chosen);
        let tables = self.tables.lock().unwrap();
        let (before, after) = (tables.replicas.value(number), tables.replicas.value(after));
        match chosen {
            Move::Hear(_) => before.is_left_for(&after),
            Move::Fire(_) | Move::PowerCut => before != after,
        }
    }

    /// Everything that was ever sent, in order of sender.
    fn said(&self, position: &Position) -> Vec<Said> {
        let tables = self.tables.lock().unwrap();
        let numbers = position.0.iter().flat_map(|replica| &tables.said[replica]);
        numbers.map(|number| (*number, tables.messages.value(*number))).collect()
    }

    /// What the Byzantine validator can say, but for votes.
    fn forged(&self, said: &[Said]) -> Vec<u32> {
        let key: Vec<u32> = said.iter().map(|(number, _)| *number).collect();
        if let Some(known) = self.tables.lock().unwrap().forged.get(&key) {
            return known.clone();
        }
        let sent: Vec<&Message> = said.iter().map(|(_, message)| &**message).collect();
        let proofs = self.stage.proofs(&sent);
        let mut forged: Vec<Message> = Vec::new();
        for view in 0..=LAST_VIEW {
            if self.stage.primary(view) == D {
                forged.extend(self.stage.forged_pre_prepares(view, &sent, &proofs));
            }
            if view > 0 {
                forged.extend(self.stage.forged_view_changes(view, &proofs));
            }
        }
        let numbers: Vec<u32> = forged.into_iter().map(|forged| self.number_of(forged)).collect();
        self.tables.lock().unwrap().forged.insert(key, numbers.clone());
        numbers
    }

    /// The Byzantine validator's vote.
    fn vote(&self, place: (bool, View, Digest)) -> u32 {
        if let Some(known) = self.tables.lock().unwrap().votes.get(&place) {
            return *known;
        }
        let (is_commit, view, digest) = place;
        let world = &self.stage.world;
        let vote = if is_commit { World::commit } else { World::prepare };
        let number = self.number_of(vote(world, D, 1, view.0, digest));
        self.tables.lock().unwrap().votes.insert(place, number);
        number
    }

    fn moves(&self, position: &Position) -> Vec<(usize, Move)> {
        let said = self.said(position);
        let forged = self.forged(&said);
        let mut moves = Vec::new();
        for (i, replica) in self.replicas(position).iter().enumerate() {
            if replica.consensus.is_none() {
                continue;
            }
            let view = replica.record.view;
            if replica.timer == Some(view) && view.0 < LAST_VIEW {
                moves.push((i, Move::Fire(view.0)));
            }
            if replica.power_cuts < self.power_cuts {
                moves.push((i, Move::PowerCut));
            }
            let shown = self.shown(i, view, &said, &forged);
            let mut heard: BTreeSet<Vec<u32>> = self.alone(i, &said, &forged).collect();
            heard.extend(shown.iter().map(|(_, number)| vec![*number]));
            let leads = (view.0..=LAST_VIEW).any(|view| self.stage.primary(view) == i);
            heard.extend(pairs(&shown, leads));
            moves.extend(heard.into_iter().map(|heard| (i, Move::Hear(heard))));
            moves.extend(self.bundles(replica, &said).into_iter().map(|heard| (i, heard)));
        }
        moves
    }

    /// What shows that another is in a replica's view or above, with its signer: to the primary of
    /// that view every message, as it chooses among their claims; to others one for each view.
    fn shown(&self, i: usize, view: View, said: &[Said], forged: &[u32]) -> Vec<(usize, u32)> {
        let tables = self.tables.lock().unwrap();
        let forged = forged.iter().map(|number| (*number, tables.messages.value(*number)));
        let mut seen = BTreeSet::new();
        let mut shown = Vec::new();
        for (number, message) in said.iter().cloned().chain(forged) {
            let Some(signed) = message.signed() else { continue };
            let (signer, of) = (signed.signer.position(), signed.statement.view);
            let first = seen.insert((signer, of));
            let wanted = first || self.stage.primary(of.0) == i;
            if signer != i && of >= view.max(View(1)) && wanted {
                shown.push((signer, number));
            }
        }
        shown
    }

    /// Pre-prepares and certificates.
    fn alone(
        &self,
        i: usize,
        said: &[Said],
        forged: &[u32],
    ) -> impl Iterator<Item = Vec<u32>> + use<> {
        let tables = self.tables.lock().unwrap();
        let forged = forged.iter().map(|number| (*number, tables.messages.value(*number)));
        let alone = said.iter().cloned().chain(forged).filter(|(_, message)| match &**message {
            Message::PrePrepare(proposal) => proposal.signed.signer.position() != i,
            Message::Certificate(_) => true,
            Message::ViewChange(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => false,
        });
        alone.map(|(number, _)| vec![number]).collect::<Vec<_>>().into_iter()
    }

    /// Prepares for the accepted block, and commits of any block and view.
    fn bundles(&self, replica: &Replica, said: &[Said]) -> Vec<Move> {
        let mut votes: BTreeMap<(bool, View, Digest), Vec<(usize, u32)>> = BTreeMap::new();
        for (number, message) in said {
            if let Message::Prepare(signed) | Message::Commit(signed) = &**message {
                let is_commit = signed.statement.step() == Step::Commit;
                let place = (is_commit, signed.statement.view, signed.statement.digest().unwrap());
                votes.entry(place).or_default().push((signed.signer.position(), *number));
            }
        }
        let wanted = |place: &(bool, View, Digest)| {
            place.0 || (place.1, Some(place.2)) == (replica.record.view, replica.record.accepted)
        };
        let quorums =
            votes.into_iter().filter(|(place, honest)| honest.len() >= 2 && wanted(place));
        let bundle = |(place, honest): ((bool, View, Digest), Vec<(usize, u32)>)| {
            let others = honest.into_iter().filter(|(signer, _)| *signer != replica.me);
            let others = others.map(|(_, number)| number);
            Move::Hear(others.chain(std::iter::once(self.vote(place))).collect())
        };
        quorums.map(bundle).collect()
    }

    fn decided(&self, position: &Position) -> Vec<(View, Digest)> {
        self.replicas(position).iter().filter_map(|replica| replica.decided).collect()
    }

    fn has_decided_in(&self, position: &Position, view: u64) -> bool {
        self.decided(position).iter().any(|(of, _)| of.0 == view)
    }
}

/// Two messages of different signers: with the hearer two others are a quorum, and without it a weak
/// set. Who leads no more view looks at no claim, and can as well hear the Byzantine validator as any
/// other.
fn pairs(shown: &[(usize, u32)], leads: bool) -> Vec<Vec<u32>> {
    let mut pairs = Vec::new();
    for (at, (signer, first)) in shown.iter().enumerate() {
        let others = shown[at + 1..].iter().filter(|(other, _)| other != signer);
        let others = others.filter(|(other, _)| leads || *other == D || *signer == D);
        pairs.extend(others.map(|(_, second)| vec![*first, *second]));
    }
    pairs
}

impl Model for Game {
    type State = Position;
    type Action = (usize, Move);

    fn init_states(&self) -> Vec<Position> {
        let boot = |me| self.learn(self.stage.boot(me));
        let first = Position([boot(0), boot(1), boot(2)]);
        vec![if self.decided { self.decide_one(first) } else { first }]
    }

    fn actions(&self, position: &Position, actions: &mut Vec<(usize, Move)>) {
        let mut moves = self.moves(position);
        moves.retain(|(i, chosen)| self.acts(position.0[*i], chosen));
        actions.extend(moves);
    }

    fn next_state(&self, last: &Position, (i, chosen): (usize, Move)) -> Option<Position> {
        let mut next = last.clone();
        next.0[i] = self.play(last.0[i], &chosen);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Game>> {
        let mut properties = vec![
            Property::always("agreement (I-8)", |game: &Game, position| {
                let decided = game.decided(position);
                decided.windows(2).all(|pair| pair[0].1 == pair[1].1)
            }),
            Property::always("no breach (I-1 to I-4, I-9)", |game: &Game, position| {
                game.replicas(position).iter().all(|replica| replica.breach.is_none())
            }),
            Property::always("a fair run decides (I-12)", Game::is_live),
        ];
        if self.goals {
            properties.extend([
                Property::sometimes("view 0 decides", |g: &Game, p| g.has_decided_in(p, 0)),
                Property::sometimes("view 1 decides", |g: &Game, p| g.has_decided_in(p, 1)),
                Property::sometimes("view 2 decides", |g: &Game, p| g.has_decided_in(p, 2)),
            ]);
        }
        properties
    }
}
