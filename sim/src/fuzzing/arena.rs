//! Four real state machines under one queue of things that may happen. Nothing happens by itself:
//! whoever drives the arena says what comes next, in any order, or never. Validator 0 is Byzantine:
//! it runs honest code, and its key signs whatever else is wanted. Blocks are empty.

use quorate_replica::{
    ConsensusAction as Action, ConsensusInput as Input, ConsensusStep as Step, Now, TimerId,
    TimerKind, complete,
};
use quorate_types::{Digest, Height, Message, Timestamp};

use crate::twins::{GENESIS_MS, Instance, Judge, Lab};

/// State machines, one validator each.
pub(super) const MACHINES: usize = 4;
/// The validator whose key signs anything.
pub(super) const BYZANTINE: usize = 0;

/// Something that may happen to a machine.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A message arrives, or what one proves (E-6).
    Deliver(Input),
    /// A peer or the application answers.
    Answer(Input),
    /// A block is durable.
    BlockDurable(Digest),
    /// Certificate and block of a height are durable.
    HeightDurable(Height),
}

/// Where in its next vote a machine loses power (S-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CrashPoint {
    /// The record is not written.
    Write,
    /// The record is written, nothing is sent.
    Send,
    /// Messages are sent, the state machine does not hear of it.
    Answer,
}

/// The machines and what may happen to them.
#[derive(Debug)]
pub(super) struct Arena<'a> {
    pub(super) lab: &'a mut Lab,
    pub(super) judge: Judge,
    pub(super) machines: Vec<Instance>,
    pub(super) now_ms: u64,
    /// What may happen: to whom, in which life of the machine. A message needs no life.
    pub(super) waiting: Vec<(usize, u64, Event)>,
    /// Timers that are set, with the time that they wait for.
    pub(super) timers: Vec<(usize, TimerId, u64)>,
    /// Everything that was ever sent: a Byzantine validator hears it all.
    pub(super) heard: Vec<Message>,
    /// A machine that is to lose power in its next vote.
    pub(super) crash: Option<(usize, CrashPoint)>,
    /// A machine that nothing reaches and that reaches nobody.
    pub(super) cut_off: Option<usize>,
    /// How often a machine lost power.
    pub(super) power_cuts: u64,
}

impl<'a> Arena<'a> {
    /// All machines up at height 1.
    pub(super) fn new(lab: &'a mut Lab) -> Arena<'a> {
        let mut arena = Arena {
            lab,
            judge: Judge::new(MACHINES, (1..MACHINES).collect(), 1),
            machines: (0..MACHINES).map(Instance::new).collect(),
            now_ms: 0,
            waiting: Vec::new(),
            timers: Vec::new(),
            heard: Vec::new(),
            crash: None,
            cut_off: None,
            power_cuts: 0,
        };
        (0..MACHINES).for_each(|i| arena.power_on(i));
        arena
    }

    /// Starts a machine that is down from what it has durably (S-4).
    pub(super) fn power_on(&mut self, i: usize) {
        let me = self.lab.key(i).map(quorate_crypto::ValidatorSecretKey::public);
        let Some(machine) = self.machines.get_mut(i).filter(|machine| !machine.is_up) else {
            return;
        };
        let record = machine.record.clone();
        let parent = record.parent_certificate.clone();
        machine.power_on(me, record.into());
        let tip = machine.tip();
        self.judge.on_start(i);
        self.feed(i, Input::CertificateStored(tip));
        self.start_next(i);
        if let Some(certificate) = parent.filter(|certificate| certificate.height > tip)
            && let Some(message) = self.lab.verified(&Message::Certificate(certificate))
        {
            self.feed(i, Input::Message(message));
        }
    }

    /// A machine loses power, with what is not durable, its timers and what it was waiting for.
    pub(super) fn power_off(&mut self, i: usize) {
        if let Some(machine) = self.machines.get_mut(i) {
            machine.lose_power();
            self.power_cuts += 1;
        }
        self.timers.retain(|(of, _, _)| *of != i);
        self.waiting.retain(|(of, _, event)| *of != i || matches!(event, Event::Deliver(_)));
    }

    /// Lets one of the waiting things happen.
    pub(super) fn happen(&mut self, at: usize) {
        if at >= self.waiting.len() {
            return;
        }
        let (i, life, event) = self.waiting.remove(at);
        let Some(machine) = self.machines.get_mut(i).filter(|machine| machine.is_up) else {
            return;
        };
        match event {
            Event::Deliver(input) => {
                if let Input::Message(message) = &input {
                    self.judge.on_received((self.now_ms, i), message.value());
                }
                self.feed(i, input);
            }
            Event::Answer(input) if life == machine.life => self.feed(i, input),
            Event::BlockDurable(digest) if life == machine.life => {
                machine.store_block(digest);
                self.feed(i, Input::BlockStored(digest));
            }
            Event::HeightDurable(height) if life == machine.life => {
                if machine.store_height(height) {
                    self.feed(i, Input::CertificateStored(height));
                }
            }
            Event::Answer(_) | Event::BlockDurable(_) | Event::HeightDurable(_) => {}
        }
    }

    /// Fires one of the timers that are set. None fires before its time: the clock goes there.
    pub(super) fn fire(&mut self, at: usize) {
        if at >= self.timers.len() {
            return;
        }
        let (i, timer, due_ms) = self.timers.remove(at);
        self.now_ms = self.now_ms.max(due_ms);
        self.feed(i, Input::Timer(timer));
        if timer.kind == TimerKind::Resend {
            self.catch_up(i);
        }
    }

    /// Feeds one input and everything that follows at once.
    pub(super) fn feed(&mut self, i: usize, input: Input) {
        let wall = Timestamp(GENESIS_MS.saturating_add(self.now_ms));
        let now = Now { monotonic_ms: self.now_ms, wall };
        let Some(machine) = self.machines.get_mut(i).filter(|machine| machine.is_up) else {
            return;
        };
        let step = machine.consensus.step(now, input);
        if let Some(at) = machine.place() {
            self.judge.on_progress(self.lab, (self.now_ms, i), at);
        }
        self.perform(i, step);
    }

    fn perform(&mut self, i: usize, step: Step) {
        for action in step.now {
            self.act(i, action);
        }
        let Some(vote) = step.vote else { return };
        let crash = self.crash.take_if(|(of, _)| *of == i).map(|(_, point)| point);
        let completed = complete(vote, &mut self.lab.signer(i));
        if crash == Some(CrashPoint::Write) {
            return self.power_off(i);
        }
        let Some(machine) = self.machines.get_mut(i) else { return };
        machine.record = completed.record;
        for message in &completed.messages {
            self.judge.on_signed(self.lab, (self.now_ms, i), message);
        }
        if crash == Some(CrashPoint::Send) {
            return self.power_off(i);
        }
        for message in &completed.messages {
            self.broadcast(i, message);
        }
        if crash.is_some() {
            return self.power_off(i);
        }
        for answer in completed.answers {
            self.feed(i, answer);
        }
    }

    fn act(&mut self, i: usize, action: Action) {
        match action {
            Action::SetTimer { timer, after_ms } => {
                self.timers.retain(|(of, set, _)| (*of, *set) != (i, timer));
                self.timers.push((i, timer, self.now_ms.saturating_add(after_ms)));
            }
            Action::Build { height, view } => {
                if let Some(payload) = self.block(i, height, view.0) {
                    self.hold(i, &payload);
                    self.wait(i, Event::Answer(Input::Built { height, view, payload }));
                }
            }
            Action::Validate { digest, payload } => {
                let Some(machine) = self.machines.get_mut(i) else { return };
                let valid = self.lab.is_valid(machine, &payload);
                machine.hold(&payload);
                self.wait(i, Event::Answer(Input::Validated { digest, valid }));
            }
            Action::StoreBlock(digest) => self.wait(i, Event::BlockDurable(digest)),
            Action::Fetch { digest, .. } => self.fetch(i, digest),
            Action::Resend(messages) => {
                messages.iter().for_each(|message| self.broadcast(i, message));
            }
            Action::PublishCertificate(of) => self.broadcast(i, &Message::Certificate(of)),
            Action::Evidence(evidence) => {
                self.judge.on_accused((self.now_ms, i), evidence.accused());
            }
            Action::Archive(_) => {}
            Action::Observing { .. } => {
                self.judge.fail(self.now_ms, i, "observer", "an honest machine observes");
            }
            Action::Fork(_) => self.judge.fail(self.now_ms, i, "agreement", "it found a fork"),
            Action::Decided(certificate) => self.decide(i, certificate.value()),
            Action::Behind(height) => {
                if let Some(machine) = self.machines.get_mut(i) {
                    machine.behind = height;
                }
                self.catch_up(i);
            }
        }
    }
}
