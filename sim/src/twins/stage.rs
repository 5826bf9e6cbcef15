//! The instances on virtual time: one queue of events, the script between them, the judge beside
//! them. Nothing but the scenario decides what comes next.

use std::collections::BTreeMap;

use quorate_replica::{
    ConsensusInput as Input, ConsensusStep as Step, Now, Past, TimerId, TimerKind, complete,
};
use quorate_types::{Digest, Height, Message, Timestamp, Verified};

use super::instance::Instance;
use super::judge::Judge;
use super::lab::{GENESIS_MS, Lab};
use super::scenario::{CrashPoint, Scenario};
use super::script::{Fate, Freshness, Script};
use crate::random::Random;

/// Milliseconds that a message takes.
pub(super) const DELAY_MS: u64 = 2;
/// Milliseconds that the application and the store take.
const WORK_MS: u64 = 1;

/// What happens to an instance.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A message arrives.
    Deliver(Verified<Message>),
    /// An answer, for a life.
    Answer(u64, Input),
    /// A block is durable, for a life.
    BlockDurable(u64, Digest),
    /// Certificate and block of a height are durable, for a life.
    HeightDurable(u64, Height),
    /// A timer fires, for a life.
    Timer(u64, TimerId),
    /// Power is back.
    PowerOn,
}

/// A case being played.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) lab: &'a mut Lab,
    pub(super) scenario: &'a Scenario,
    pub(super) script: Script<'a>,
    pub(super) judge: Judge,
    pub(super) instances: Vec<Instance>,
    pub(super) now_ms: u64,
    queue: BTreeMap<(u64, u64), (usize, Event)>,
    /// The place in the queue of each timer: setting it again replaces it.
    timers: BTreeMap<(usize, TimerId), (u64, u64)>,
    sequence: u64,
    /// What arrives when the attack is over.
    waiting: Vec<(usize, Verified<Message>)>,
    /// Draws mutations, if there are any.
    pub(super) random: Option<Random>,
    /// Events so far.
    pub(super) events: u64,
}

impl<'a> Stage<'a> {
    /// All instances up at height 1.
    pub(super) fn new(lab: &'a mut Lab, scenario: &'a Scenario) -> Stage<'a> {
        let n = scenario.powers.len();
        let validator = |instance: usize| instance.checked_sub(n).unwrap_or(instance);
        let all = 0..scenario.instances();
        let honest = all.clone().filter(|instance| !scenario.is_twin(*instance)).collect();
        let mut stage = Stage {
            lab,
            scenario,
            script: Script::new(scenario),
            judge: Judge::new(scenario.instances(), honest, scenario.twins),
            instances: all.clone().map(|instance| Instance::new(validator(instance))).collect(),
            now_ms: 0,
            queue: BTreeMap::new(),
            timers: BTreeMap::new(),
            sequence: 0,
            waiting: Vec::new(),
            random: scenario.mutations.map(Random::of_seed),
            events: 0,
        };
        all.for_each(|instance| stage.power_on(instance));
        stage
    }

    /// Starts an instance from what it has durably (S-4).
    fn power_on(&mut self, i: usize) {
        let Some(instance) = self.instances.get_mut(i) else { return };
        let record = instance.record.clone();
        let parent = record.parent_certificate.clone();
        let me = self.lab.key(instance.validator).map(quorate_crypto::ValidatorSecretKey::public);
        // A twin goes on whatever the other half of its key has signed.
        let is_twin = self.scenario.is_twin(i);
        let past = if is_twin { Past::Heedless(Box::new(record)) } else { record.into() };
        instance.power_on(me, past);
        let tip = instance.tip();
        self.judge.on_start(i);
        self.feed(i, Input::CertificateStored(tip));
        self.start_next(i);
        if let Some(certificate) = parent.filter(|certificate| certificate.height > tip)
            && let Some(message) = self.lab.verified(&Message::Certificate(certificate))
        {
            self.feed(i, Input::Message(message));
        }
    }

    /// An instance loses power.
    pub(super) fn power_off(&mut self, i: usize) {
        if let Some(instance) = self.instances.get_mut(i) {
            instance.lose_power();
        }
        let mine = self.timers.range((i, FIRST_TIMER)..).take_while(|((of, _), _)| *of == i);
        let mine: Vec<_> = mine.map(|(timer, place)| (*timer, *place)).collect();
        for (timer, place) in mine {
            self.timers.remove(&timer);
            self.queue.remove(&place);
        }
    }

    fn clocks(&self) -> Now {
        let wall = Timestamp(GENESIS_MS.saturating_add(self.now_ms));
        Now { monotonic_ms: self.now_ms, wall }
    }

    /// Feeds one input and everything that follows at once.
    pub(super) fn feed(&mut self, i: usize, input: Input) {
        let now = self.clocks();
        let Some(instance) = self.instances.get_mut(i).filter(|instance| instance.is_up) else {
            return;
        };
        let step = instance.consensus.step(now, input);
        if let Some(at) = instance.place() {
            self.judge.on_progress(self.lab, (self.now_ms, i), at);
        }
        self.perform(i, step);
    }

    fn perform(&mut self, i: usize, step: Step) {
        for action in step.now {
            self.act(i, action);
        }
        let Some(instance) = self.instances.get_mut(i) else { return };
        let Some(vote) = step.vote else { return };
        let completed = complete(vote, &mut self.lab.signer(instance.validator));
        let crash = self.scenario.crash.filter(|crash| {
            (crash.instance, crash.after_votes) == (i, instance.votes) && instance.life == 0
        });
        instance.votes += 1;
        if crash.is_some_and(|crash| crash.point == CrashPoint::Write) {
            return self.crash(i);
        }
        instance.record = completed.record;
        for message in &completed.messages {
            self.judge.on_signed(self.lab, (self.now_ms, i), message);
        }
        if crash.is_some_and(|crash| crash.point == CrashPoint::Send) {
            return self.crash(i);
        }
        for message in &completed.messages {
            self.broadcast(i, Freshness::New(message));
        }
        if crash.is_some() {
            return self.crash(i);
        }
        for answer in completed.answers {
            self.feed(i, answer);
        }
    }

    fn crash(&mut self, i: usize) {
        self.power_off(i);
        let down_ms = self.scenario.crash.map_or(0, |crash| crash.down_ms);
        self.schedule(i, down_ms, Event::PowerOn);
    }

    /// Sends a message to every other instance that the script lets it reach.
    pub(super) fn broadcast(&mut self, i: usize, sent: Freshness<'_>) {
        let (Freshness::New(message) | Freshness::Again(message)) = sent else { return };
        self.judge.on_sent(self.lab, (self.now_ms, i), message);
        match self.lab.verified(message) {
            Some(verified) => self.spread(i, sent, &verified),
            None => self.judge.fail(self.now_ms, i, "validity", "sends what does not verify"),
        }
        if let Freshness::New(message) = sent
            && i >= self.scenario.powers.len()
        {
            self.mutate(i, message);
        }
    }

    /// Has a verified message travel as the script says.
    pub(super) fn spread(&mut self, i: usize, sent: Freshness<'_>, verified: &Verified<Message>) {
        for to in (0..self.instances.len()).filter(|to| *to != i) {
            match self.fate((i, to), sent) {
                Fate::Arrives => self.schedule(to, DELAY_MS, Event::Deliver(verified.clone())),
                Fate::Waits => self.waiting.push((to, verified.clone())),
                Fate::Lost => {}
            }
        }
    }

    /// What the script says of a message, by the turn of its sender.
    pub(super) fn fate(&self, link: (usize, usize), sent: Freshness<'_>) -> Fate {
        let sender = self.instances.get(link.0).and_then(Instance::place);
        let turn = sender.map_or(0, |(height, view)| self.script.turn(height, view));
        self.script.fate(link, turn, sent)
    }

    /// From now on every link works, and what waited arrives.
    pub(super) fn heal(&mut self) {
        self.script.heal();
        for (to, message) in std::mem::take(&mut self.waiting) {
            self.schedule(to, DELAY_MS, Event::Deliver(message));
        }
    }

    pub(super) fn set_timer(&mut self, i: usize, timer: TimerId, after_ms: u64) {
        let life = self.instances.get(i).map_or(0, |instance| instance.life);
        let place = self.enqueue(i, after_ms, Event::Timer(life, timer));
        if let Some(earlier) = self.timers.insert((i, timer), place) {
            self.queue.remove(&earlier);
        }
    }

    /// An answer of the application to the instance as it runs now.
    pub(super) fn answer(&mut self, i: usize, input: Input) {
        let life = self.instances.get(i).map_or(0, |instance| instance.life);
        self.schedule(i, WORK_MS, Event::Answer(life, input));
    }

    /// The store is done with something.
    pub(super) fn store(&mut self, i: usize, done: impl FnOnce(u64) -> Event) {
        let life = self.instances.get(i).map_or(0, |instance| instance.life);
        self.schedule(i, WORK_MS, done(life));
    }

    fn schedule(&mut self, i: usize, after_ms: u64, event: Event) {
        self.enqueue(i, after_ms, event);
    }

    fn enqueue(&mut self, i: usize, after_ms: u64, event: Event) -> (u64, u64) {
        self.sequence += 1;
        let place = (self.now_ms.saturating_add(after_ms), self.sequence);
        self.queue.insert(place, (i, event));
        place
    }

    /// Lets the next event happen if it comes before `until_ms`.
    pub(super) fn turn(&mut self, until_ms: u64) -> bool {
        let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until_ms) else {
            return false;
        };
        self.now_ms = entry.key().0;
        let (i, event) = entry.remove();
        self.events += 1;
        self.happen(i, event);
        true
    }

    fn happen(&mut self, i: usize, event: Event) {
        let Some(instance) = self.instances.get_mut(i) else { return };
        let current = instance.life;
        match event {
            Event::Deliver(message) if instance.is_up => {
                self.judge.on_received((self.now_ms, i), message.value());
                self.feed(i, Input::Message(message));
            }
            Event::Answer(life, input) if life == current => self.feed(i, input),
            Event::BlockDurable(life, digest) if life == current => {
                instance.store_block(digest);
                self.feed(i, Input::BlockStored(digest));
            }
            Event::HeightDurable(life, height) if life == current => {
                self.on_height_durable(i, height);
            }
            Event::Timer(life, timer) if life == current => {
                self.timers.remove(&(i, timer));
                self.feed(i, Input::Timer(timer));
                if timer.kind == TimerKind::Resend {
                    self.catch_up(i);
                }
            }
            Event::PowerOn => self.power_on(i),
            Event::Deliver(_)
            | Event::Answer(..)
            | Event::BlockDurable(..)
            | Event::HeightDurable(..)
            | Event::Timer(..) => {}
        }
    }
}

/// Below every timer of an instance.
const FIRST_TIMER: TimerId =
    TimerId { height: Height(0), view: quorate_types::View(0), kind: TimerKind::View };
