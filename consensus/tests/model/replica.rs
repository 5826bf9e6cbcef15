//! One honest replica: the state machine, its record, and what it has ever sent. Its application,
//! store and signer answer at once, so that only messages, timers and power cuts are left to choose.

use std::collections::BTreeMap;

use quorate_consensus::{
    Action, Completed, Consensus, HeightStart, Input, KeySigner, Now, Timeouts, TimerId, TimerKind,
    Vote, complete,
};
use quorate_types::{
    BlockPayload, Digest, Height, Message, SignRecord, Statement, StatementBody, Step, Timestamp,
    View,
};

use crate::byzantine::D;
use crate::world::{BlockSpec, EPOCH_MS, World, key};

/// What must never happen in one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breach {
    /// Two bodies of one place, or a place below the last (I-2, I-3).
    DoubleSignature,
    /// A view change that forgets a commit (S-1, I-9).
    ForgottenCommit,
    /// The view or the prepared view has fallen (I-1, I-4).
    Fallen,
    /// Evidence against an honest validator (I-9).
    FalseAccusation,
    /// It takes one of its own statements for lost (S-5).
    Observes,
    /// Two certificates of one height for different blocks (I-8).
    Fork,
}

/// The state of one replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    pub me: usize,
    /// None once the height is decided: nothing more is to come of it here.
    pub consensus: Option<Consensus>,
    /// What is durable.
    pub record: SignRecord,
    /// Everything that was ever sent, in order.
    pub sent: Vec<Message>,
    /// The last view timer that was set and has not fired.
    pub timer: Option<View>,
    pub decided: Option<(View, Digest)>,
    pub power_cuts: u8,
    pub breach: Option<Breach>,
}

impl Replica {
    /// Whether another state differs from this in what others or a restart could see of it.
    pub fn is_left_for(&self, next: &Replica) -> bool {
        let visible = |replica: &Replica| (replica.timer, replica.decided, replica.breach);
        visible(self) != visible(next) || self.sent != next.sent || self.record != next.record
    }
}

/// What all replicas share.
pub struct Stage {
    pub world: World,
    pub start: HeightStart,
    /// Every block that somebody may build.
    pub blocks: BTreeMap<Digest, BlockPayload>,
}

const NOW: Now = Now { monotonic_ms: 1_000, wall: Timestamp(EPOCH_MS + 1) };
/// Tells blocks of one primary apart: by view, and the Byzantine one's by value.
const SALTS: u64 = 16;

impl Stage {
    /// Four validators of equal power in a given order of turns.
    pub fn new(order: [usize; 4]) -> Stage {
        let world = World::equal(4);
        let mut start = world.first();
        start.min_interval_ms = 0;
        start.primaries = order.into_iter().map(crate::world::index).collect();
        let mut stage = Stage { world, start, blocks: BTreeMap::new() };
        for proposer in 0..4 {
            for salt in 0..SALTS {
                let block = stage.block(proposer, salt);
                stage.blocks.insert(block.header().digest(), block);
            }
        }
        stage
    }

    pub fn block(&self, proposer: usize, salt: u64) -> BlockPayload {
        let time = Timestamp(EPOCH_MS + 1);
        self.world.block(&self.start, BlockSpec { proposer, time, salt }, None)
    }

    /// The primary of a view.
    pub fn primary(&self, view: u64) -> usize {
        let n = self.start.primaries.len();
        self.start.primaries[usize::try_from(view).unwrap() % n].position()
    }

    /// A replica that has just started the height.
    pub fn boot(&self, me: usize) -> Replica {
        let mut replica = Replica {
            me,
            consensus: None,
            record: SignRecord::default(),
            sent: Vec::new(),
            timer: None,
            decided: None,
            power_cuts: 0,
            breach: None,
        };
        self.power_on(&mut replica);
        replica
    }

    /// Starts from the record; what is not in it is lost.
    pub fn power_on(&self, replica: &mut Replica) {
        let me = key(u8::try_from(replica.me).unwrap()).public();
        let record = replica.record.clone();
        replica.timer = None;
        replica.consensus = Some(Consensus::recover(Some(me), Timeouts::default(), record.into()));
        self.feed(replica, Input::Start(Box::new(self.start.clone())));
    }

    /// Feeds an input with everything that follows in this replica. Returns what it sends again.
    pub fn feed(&self, replica: &mut Replica, input: Input) -> Vec<Message> {
        let Some(consensus) = &mut replica.consensus else {
            return Vec::new();
        };
        let before = consensus.progress();
        let step = consensus.step(NOW, input);
        let after = consensus.progress();
        if before.map(|p| (p.view, p.prepared)) > after.map(|p| (p.view, p.prepared))
            || before.and_then(|p| p.prepared) > after.and_then(|p| p.prepared)
        {
            replica.breach = Some(Breach::Fallen);
        }
        let mut again = Vec::new();
        for action in step.now {
            self.act(replica, action, &mut again);
        }
        if let Some(vote) = step.vote.filter(|_| replica.consensus.is_some()) {
            self.vote(replica, vote, &mut again);
        }
        again
    }

    fn act(&self, replica: &mut Replica, action: Action, again: &mut Vec<Message>) {
        let answer = match action {
            Action::SetTimer { timer: TimerId { view, kind, .. }, .. } => {
                if kind == TimerKind::View {
                    replica.timer = Some(view);
                }
                return;
            }
            Action::Build { height, view } => {
                let payload = self.block(replica.me, view.0);
                Input::Built { height, view, payload }
            }
            Action::Validate { digest, .. } => Input::Validated { digest, valid: true },
            Action::StoreBlock(digest) => Input::BlockStored(digest),
            Action::Fetch { digest, .. } => match self.blocks.get(&digest) {
                Some(payload) => Input::Fetched(payload.clone()),
                None => return,
            },
            Action::Resend(messages) => return again.extend(messages),
            Action::PublishCertificate(certificate) => {
                return replica.sent.push(Message::Certificate(certificate));
            }
            Action::Decided(certificate) => {
                let certificate = certificate.value();
                replica.decided = Some((certificate.view, certificate.digest));
                replica.consensus = None;
                replica.timer = None;
                return;
            }
            Action::Evidence(evidence) => {
                if evidence.accused().position() != D {
                    replica.breach = Some(Breach::FalseAccusation);
                }
                return;
            }
            Action::Archive(_) => return,
            Action::Observing { .. } => {
                replica.breach = Some(Breach::Observes);
                return;
            }
            Action::Fork(_) => {
                replica.breach = Some(Breach::Fork);
                return;
            }
            Action::Behind(Height(_)) => return,
        };
        again.extend(self.feed(replica, answer));
    }

    fn vote(&self, replica: &mut Replica, vote: Vote, again: &mut Vec<Message>) {
        let mut signer = KeySigner::new(key(u8::try_from(replica.me).unwrap()));
        let Completed { record, messages, answers } = complete(vote, &mut signer);
        replica.record = record;
        for message in messages {
            judge(replica, &message);
            replica.sent.push(message);
        }
        for answer in answers {
            again.extend(self.feed(replica, answer));
        }
    }
}

/// I-2, I-3 and I-9, restated over what was sent.
fn judge(replica: &mut Replica, message: &Message) {
    let statement = message.signed().unwrap().statement;
    let past: Vec<Statement> =
        replica.sent.iter().filter_map(Message::signed).map(|s| s.statement).collect();
    let place = |statement: &Statement| (statement.view, statement.step());
    if past.iter().any(|other| place(other) >= place(&statement) && *other != statement) {
        replica.breach = Some(Breach::DoubleSignature);
    }
    if let StatementBody::ViewChange { prepared } = statement.body {
        let last = past.iter().rev().find(|other| other.step() == Step::Commit);
        let claim = last.map(|commit| (commit.view, commit.digest().unwrap()));
        let carried = claim.is_none_or(|(view, digest)| {
            prepared.is_some_and(|(at, block)| at > view || (at == view && block == digest))
        });
        if !carried {
            replica.breach = Some(Breach::ForgottenCommit);
        }
    }
}
