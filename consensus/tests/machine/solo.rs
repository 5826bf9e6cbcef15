//! One state machine fed by hand: the others' messages are forged with their keys. Answers of the
//! application, the store and the signer come at once unless a test takes them over.

use quorate_consensus::{
    Action, Completed, Consensus, HeightStart, Input, KeySigner, Now, Past, Timeouts, TimerId,
    TimerKind, Vote, complete,
};
use quorate_types::{
    BlockPayload, Digest, Height, Message, SignRecord, SignedStatement, Statement, Step, Timestamp,
    View,
};

use crate::world::{BlockSpec, EPOCH_MS, World, key};

pub struct Solo {
    pub world: World,
    pub me: usize,
    pub consensus: Consensus,
    pub start: HeightStart,
    pub now_ms: u64,
    /// The last record written.
    pub record: SignRecord,
    pub actions: Vec<Action>,
    pub sent: Vec<Message>,
    /// Whether the application and the store answer at once.
    pub answers_validate: bool,
    pub answers_store: bool,
    /// Votes that are not completed while this is set.
    pub holds_votes: bool,
    pub held: Vec<Vote>,
}

impl Solo {
    /// Validator `me` at the start of height 1, nothing waiting, the target interval passed.
    pub fn new(world: World, me: usize) -> Solo {
        let record = SignRecord::default();
        Solo::recover(world, me, record)
    }

    /// The same after a restart with a record.
    pub fn recover(world: World, me: usize, record: SignRecord) -> Solo {
        let mut start = world.first();
        start.work_waiting = false;
        start.min_interval_ms = 0;
        Solo::recover_at(world, me, record, start)
    }

    /// The same, with a start of the test's own.
    pub fn recover_at(world: World, me: usize, record: SignRecord, start: HeightStart) -> Solo {
        let past = record.clone().into();
        let mut solo = Solo::before_start(world, me, past, start);
        solo.record = record;
        solo.begin();
        solo
    }

    /// The same with a signer that keeps a guard of its own and has signed `last` last; its votes
    /// are held.
    pub fn guarded(
        world: World,
        me: usize,
        record: SignRecord,
        last: Option<SignedStatement>,
    ) -> Solo {
        let mut start = world.first();
        start.work_waiting = false;
        start.min_interval_ms = 0;
        let mut solo = Solo::before_start(world, me, record.clone().into(), start);
        solo.record = record;
        solo.consensus = solo.consensus.guarded_by_signer(last);
        solo.holds_votes = true;
        solo.begin();
        solo
    }

    /// One that looks for no statements of its own key: tests forge them.
    pub fn heedless(world: World, me: usize) -> Solo {
        let mut start = world.first();
        start.work_waiting = false;
        start.min_interval_ms = 0;
        let mut solo = Solo::before_start(world, me, Past::Heedless(Box::default()), start);
        solo.begin();
        solo
    }

    /// One that has not heard of its height yet.
    pub fn before_start(world: World, me: usize, past: Past, start: HeightStart) -> Solo {
        let public = key(u8::try_from(me).unwrap()).public();
        Solo {
            consensus: Consensus::recover(Some(public), Timeouts::default(), past),
            world,
            me,
            start,
            now_ms: 1_000,
            record: SignRecord::default(),
            actions: Vec::new(),
            sent: Vec::new(),
            answers_validate: true,
            answers_store: true,
            holds_votes: false,
            held: Vec::new(),
        }
    }

    /// Starts the height.
    pub fn begin(&mut self) {
        let start = Box::new(self.start.clone());
        self.step(Input::Start(start));
    }

    pub fn now(&self) -> Now {
        Now { monotonic_ms: self.now_ms, wall: self.wall() }
    }

    pub fn wall(&self) -> Timestamp {
        Timestamp(EPOCH_MS + self.now_ms)
    }

    /// Feeds an input and the answers to what it asks for.
    pub fn step(&mut self, input: Input) {
        let step = self.consensus.step(self.now(), input);
        self.actions.extend(step.now.iter().cloned());
        for action in step.now {
            if let Action::Validate { digest, .. } = action
                && self.answers_validate
            {
                self.step(Input::Validated { digest, valid: true });
            } else if let Action::StoreBlock(digest) = action
                && self.answers_store
            {
                self.step(Input::BlockStored(digest));
            }
        }
        if let Some(vote) = step.vote {
            if self.holds_votes {
                self.held.push(vote);
            } else {
                self.complete(vote);
            }
        }
    }

    /// Signs, writes, sends and feeds back.
    pub fn complete(&mut self, vote: Vote) {
        let mut signer = KeySigner::new(key(u8::try_from(self.me).unwrap()));
        let Completed { record, messages, answers } = complete(vote, &mut signer);
        self.record = record;
        self.sent.extend(messages);
        for answer in answers {
            self.step(answer);
        }
    }

    pub fn hear(&mut self, message: Message) {
        let verified = self.world.verified(message);
        self.step(Input::Message(verified));
    }

    /// A timer of height 1 fires.
    pub fn fire(&mut self, kind: TimerKind, view: u64) {
        let timer = TimerId { height: self.start.height, view: View(view), kind };
        self.step(Input::Timer(timer));
    }

    /// A block of height 1 by `proposer`, timed now.
    pub fn block(&self, proposer: usize, salt: u64) -> BlockPayload {
        self.block_at(proposer, self.wall(), salt)
    }

    pub fn block_at(&self, proposer: usize, time: Timestamp, salt: u64) -> BlockPayload {
        self.world.block(&self.start, BlockSpec { proposer, time, salt }, None)
    }

    pub fn view(&self) -> u64 {
        self.consensus.progress().unwrap().view.0
    }

    pub fn prepared_view(&self) -> Option<u64> {
        self.consensus.progress().unwrap().prepared.map(|view| view.0)
    }

    /// Statements sent so far, of one step.
    pub fn sent(&self, step: Step) -> Vec<Statement> {
        let statements = self.sent.iter().filter_map(Message::signed).map(|s| s.statement);
        statements.filter(|statement| statement.step() == step).collect()
    }

    /// The blocks and views that Prepares were sent for.
    pub fn prepares(&self) -> Vec<(u64, Digest)> {
        let place = |s: &Statement| (s.view.0, s.digest().unwrap());
        self.sent(Step::Prepare).iter().map(place).collect()
    }

    /// Whether a timer was asked for.
    pub fn has_set(&self, kind: TimerKind, view: u64) -> bool {
        self.timer_ms(kind, view).is_some()
    }

    /// The milliseconds of the last timer of a kind that was asked for.
    pub fn timer_ms(&self, kind: TimerKind, view: u64) -> Option<u64> {
        let id = TimerId { height: self.start.height, view: View(view), kind };
        self.actions.iter().rev().find_map(|action| {
            let Action::SetTimer { timer, after_ms } = action else {
                return None;
            };
            (*timer == id).then_some(*after_ms)
        })
    }

    pub fn has_decided(&self) -> Option<Digest> {
        self.actions.iter().find_map(|action| {
            let Action::Decided(certificate) = action else {
                return None;
            };
            Some(certificate.value().digest)
        })
    }

    pub fn has_fetched(&self, digest: Digest) -> bool {
        self.actions.contains(&Action::Fetch { height: self.start.height, digest })
    }

    /// The node whose turn a view of height 1 is.
    pub fn primary(&self, view: u64) -> usize {
        self.world.primary(1, view)
    }

    /// The others, ascending.
    pub fn others(&self) -> Vec<usize> {
        (0..self.world.set.len()).filter(|i| *i != self.me).collect()
    }

    /// Moves to height 2 on a decided block.
    pub fn start_next(&mut self, parent: &BlockPayload) {
        let header = parent.header();
        let mut start = self.world.start(Height(header.height.0 + 1), header.digest(), header.time);
        start.work_waiting = false;
        start.min_interval_ms = 0;
        self.start = start.clone();
        self.step(Input::Start(Box::new(start)));
    }
}

/// A validator of height 1 that is primary of none of the given views.
pub fn bystander(world: &World, views: &[u64]) -> usize {
    let busy: Vec<usize> = views.iter().map(|view| world.primary(1, *view)).collect();
    (0..world.set.len()).find(|i| !busy.contains(i)).unwrap()
}
