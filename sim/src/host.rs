//! The host of a replica, as the contract between core and host has it: feeds inputs one at a time,
//! performs each step, answers jobs and stores after a while.

use std::sync::Arc;

use quorate_replica::{
    Action, Input, Job, JobDone, QueryId, ReadJob, Reply, Step, StoreRequest, Timer, Verdict,
    VerifiedAnswer, run_read,
};
use quorate_types::{Certificate, ExecutedBlock, Height, Message, Persist};

use crate::event::{Event, NodeId};
use crate::journal;
use crate::node::Running;
use crate::oracles::bounds;
use crate::plan::MS;
use crate::world::World;

impl World {
    /// Hands an input to a node's core, as soon as that may be fed.
    pub(crate) fn feed(&mut self, id: NodeId, input: Input) {
        if let Some(process) = &mut self.node_mut(id).process {
            process.push(input);
        }
        self.pump(id);
    }

    /// Steps a core until it has no input, or a vote is on its way.
    pub(crate) fn pump(&mut self, id: NodeId) {
        let now = self.node(id).clock.now(self.now_us);
        while let Some(process) = &mut self.node_mut(id).process {
            let Some(input) = process.next_input() else { return };
            let shown = shown_by(&input);
            let step = process.replica.step(now, input);
            if let Some(height) = shown {
                self.oracles.on_shown(id, height);
            }
            self.perform(id, step);
        }
    }

    /// Performs what a step asks for: actions at once, stores in order, the vote on the core's
    /// thread.
    pub(crate) fn perform(&mut self, id: NodeId, step: Step) {
        for action in step.now {
            self.act(id, action);
            if !self.is_running(id) {
                return;
            }
        }
        for request in step.store {
            self.store(id, request);
        }
        if let Some(vote) = step.vote {
            self.vote(id, vote);
        }
        if let Some(process) = &self.node(id).process {
            let (status, timers) = (process.replica.status(), process.timers.len());
            self.journal.add(
                self.now_us,
                id,
                format_args!(
                    "  decided {}, at ({}, {})",
                    status.decided, status.height, status.view
                ),
            );
            let place = self.place(id);
            self.oracles.on_progress(place, &status);
            self.oracles.judge("memory", place, bounds::timers(timers));
        }
    }

    fn act(&mut self, id: NodeId, action: Action) {
        match action {
            Action::SetTimer { timer, after_ms } => self.set_timer(id, timer, after_ms),
            Action::Publish(message) => self.publish(id, &message, false),
            Action::Resend(messages) => self.resend(id, &messages),
            Action::SendTo { peer, messages } => self.send_to(id, peer, &messages),
            Action::SendStatus { peer, status } => self.send_status(id, peer, &status),
            Action::Request { peer, id: request, request: asked } => {
                self.send_request(id, peer, (request, asked));
            }
            Action::Answer { peer: _, id: request, answer } => {
                self.send_answer(id, request, &answer);
            }
            Action::PublishTransactions(batch) => self.publish_transactions(id, &batch),
            Action::ResendTransactions(batch) => self.resend_transactions(id, &batch),
            Action::Verdicts { ticket: _, verdicts } => {
                let accepted = |verdict: &&Verdict| **verdict == Verdict::Accepted;
                self.counts.accepted += count(verdicts.iter().filter(accepted).count());
                self.counts.refused += count(verdicts.iter().filter(|v| !accepted(v)).count());
            }
            Action::Run(job) => self.run_job(id, job),
            Action::Read(job) => self.read(id, job),
            Action::Epochs(epochs) => {
                if let Some(process) = &mut self.node_mut(id).process {
                    process.verifier = process.verifier.with_epochs(epochs);
                }
            }
            Action::Settled(settled) => {
                if let Some(process) = &mut self.node_mut(id).process {
                    process.verifier = process.verifier.with_settled(settled);
                }
            }
            Action::Final { executed, certificate } => {
                self.on_final(id, &executed, &certificate);
            }
            Action::Dropped(dropped) => self.counts.dropped += count(dropped.len()),
            Action::Reply { id: query, reply } => self.on_reply(id, query, &reply),
            Action::InvalidBlock { digest, reason } => {
                self.counts.invalid_blocks += u64::from(!self.is_byzantine(id));
                let place = self.place(id);
                self.oracles.on_judged(place, digest, Err(&reason));
            }
            Action::Evidence(evidence) => {
                let place = self.place(id);
                self.oracles.on_evidence(place, &evidence);
            }
            Action::Observing { reason } => {
                self.counts.noticed_lies += u64::from(self.liars.contains(&id));
                self.note(id, &format!("observes: {reason}"), &[]);
            }
            Action::SignRejoin(body) => self.sign_rejoin(id, body),
            Action::Fork(fork) => self.violated(id, "agreement", format!("a fork: {fork:?}")),
            Action::Halt(reason) => self.halt(id, reason),
        }
    }

    pub(crate) fn violated(&mut self, id: NodeId, oracle: &'static str, detail: String) {
        let place = self.place(id);
        self.oracles.judge(oracle, place, Err(detail));
    }

    fn on_final(&mut self, id: NodeId, executed: &Arc<ExecutedBlock>, certificate: &Certificate) {
        let place = self.place(id);
        self.oracles.on_decided(place, certificate);
        self.oracles.on_final(place, executed);
        self.count_moves(executed);
        self.clients.on_final(executed);
        if self.clients.is_poisoned() {
            self.violated(id, "validity", "a bad transaction is in a block".to_owned());
        }
    }

    fn on_reply(&mut self, id: NodeId, query: QueryId, reply: &Reply) {
        let place = self.place(id);
        if let Some(address) = self.clients.answered(query) {
            self.counts.answers += 1;
            self.oracles.on_reply(place, &address, reply);
        }
    }

    fn set_timer(&mut self, id: NodeId, timer: Timer, after_ms: u64) {
        let now_us = self.now_us;
        let node = self.node_mut(id);
        let boot = node.boot;
        let after_us = after_ms.saturating_mul(MS);
        let due_us = node.clock.monotonic_us(now_us).saturating_add(after_us);
        let left_us = node.clock.until(now_us, due_us).unwrap_or(after_us);
        let Some(process) = &mut node.process else { return };
        let height = process.replica.status().height;
        process.timers.retain(|timer, _| !is_late(timer, height));
        process.generations += 1;
        let generation = process.generations;
        process.timers.insert(timer, Running { generation, due_us });
        let event = Event::Timer { node: id, boot, timer, generation };
        self.after(left_us, event);
    }

    pub(crate) fn on_timer(&mut self, (id, boot): (NodeId, u64), timer: Timer, generation: u64) {
        let now_us = self.now_us;
        let node = self.node_mut(id);
        let clock = node.clock.clone();
        let Some(process) = node.of_boot(boot) else { return };
        let running = process.timers.get(&timer).filter(|timer| timer.generation == generation);
        // A clock that runs otherwise than when the timer was set has wound it anew.
        if running.is_some_and(|timer| clock.until(now_us, timer.due_us) == Some(0)) {
            process.timers.remove(&timer);
            self.note(id, "timer", &[]);
            self.feed(id, Input::Timer(timer));
        }
    }

    /// Stores in order, one after the other.
    fn store(&mut self, id: NodeId, request: StoreRequest) {
        let place = self.place(id);
        for item in &request.items {
            match item {
                Persist::Block(_) => {}
                Persist::Decided(certificate) => self.oracles.on_decided(place, certificate),
                Persist::Executed(executed) => self.oracles.on_executed(place, executed),
                Persist::Evidence(_) | Persist::Archive(_) => {}
            }
        }
        let takes_us = self.plan.store.draw(&mut self.random);
        let now_us = self.now_us;
        let node = self.node_mut(id);
        let boot = node.boot;
        node.disk.submit(request);
        let Some(process) = &mut node.process else { return };
        let done_us = process.store_busy_until_us.max(now_us).saturating_add(takes_us);
        process.store_busy_until_us = done_us;
        self.schedule.at(done_us, Event::Stored { node: id, boot });
    }

    pub(crate) fn on_stored(&mut self, id: NodeId, boot: u64) {
        if self.node_mut(id).of_boot(boot).is_none() || self.store_fails(id) {
            return;
        }
        match self.node_mut(id).disk.finish() {
            Ok(Some(token)) => {
                self.note(id, "stored", &token.0.to_be_bytes());
                self.feed(id, Input::Stored(token));
            }
            Ok(None) => {}
            Err(error) => self.violated(id, "store", error.to_string()),
        }
    }

    fn run_job(&mut self, id: NodeId, job: Job) {
        self.journal.add(self.now_us, id, format_args!("{}", journal::job_in_words(&job)));
        if let Some(process) = &mut self.node_mut(id).process {
            process.jobs.push_back(job);
        }
        self.work(id);
    }

    /// The application takes its next job, over what is stored now; answers come after a while.
    fn work(&mut self, id: NodeId) {
        loop {
            let takes_us = self.plan.job.draw(&mut self.random);
            let node = self.node_mut(id);
            let (boot, store) = (node.boot, node.disk.visible());
            let Some(process) = &mut node.process else { return };
            if process.working.is_some() {
                return;
            }
            let Some(job) = process.jobs.pop_front() else { return };
            if let Some(done) = process.application.run(job, store) {
                process.working = Some(done);
                self.after(takes_us, Event::JobDone { node: id, boot });
                return;
            }
        }
    }

    pub(crate) fn on_job_done(&mut self, id: NodeId, boot: u64) {
        let done = self.node_mut(id).of_boot(boot).and_then(|process| process.working.take());
        let Some(done) = done else { return };
        self.note(id, "job", &[]);
        self.note_held(id, &done);
        self.work(id);
        self.feed(id, Input::Done(done));
    }

    fn read(&mut self, id: NodeId, job: ReadJob) {
        let takes_us = self.plan.job.draw(&mut self.random);
        let node = self.node(id);
        let done = Box::new(run_read(job, node.disk.visible()));
        let boot = node.boot;
        self.after(takes_us, Event::ReadDone { node: id, boot, done });
    }

    /// Takes note of whole blocks that come into a core's hands, and of those found valid (I-6).
    pub(crate) fn note_held(&mut self, id: NodeId, done: &JobDone) {
        let node = self.node_mut(id);
        let (held, judged) = match done {
            JobDone::Built { block, .. } => (Some(block.digest()), true),
            JobDone::Validated { digest, verdict } => (Some(*digest), verdict.is_ok()),
            JobDone::Loaded { digest, block } => (block.is_some().then_some(*digest), false),
            JobDone::Executed(_)
            | JobDone::Admitted { .. }
            | JobDone::Account { .. }
            | JobDone::Proved { .. }
            | JobDone::Simulated { .. }
            | JobDone::Served { .. }
            | JobDone::Failed(_) => (None, false),
        };
        let Some(digest) = held else { return };
        if judged {
            node.judged_valid.insert(digest);
        }
        if let Some(process) = &mut node.process {
            process.held.insert(digest);
        }
        if judged {
            let place = self.place(id);
            self.oracles.on_judged(place, digest, Ok(()));
        }
    }

    /// The same for a block that a peer answered with.
    pub(crate) fn note_answered(&mut self, id: NodeId, answer: &VerifiedAnswer) {
        let Some(process) = &mut self.node_mut(id).process else { return };
        match answer {
            VerifiedAnswer::Block(block) => {
                process.held.extend(block.as_ref().map(|block| block.digest()));
                self.counts.fetched += u64::from(block.is_some());
            }
            VerifiedAnswer::Range(blocks) => {
                process.held.extend(blocks.iter().map(|(block, _)| block.digest()));
                self.counts.synced += count(blocks.len());
            }
            VerifiedAnswer::Statements { .. } => {}
        }
    }

    /// Adds an event at a node to the trace.
    pub(crate) fn note(&mut self, id: NodeId, what: &str, content: &[u8]) {
        self.journal.add(self.now_us, id, format_args!("{what}"));
        self.trace.add(self.now_us, id, what, content);
    }
}

/// The highest height that an input proves others to have decided.
fn shown_by(input: &Input) -> Option<Height> {
    match input {
        Input::Message(message) => match message.value() {
            Message::Certificate(certificate) => Some(certificate.height),
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => None,
        },
        Input::Answer { answer: Some(VerifiedAnswer::Range(blocks)), .. } => {
            blocks.iter().map(|(block, _)| block.height()).max()
        }
        Input::PeerConnected(_)
        | Input::PeerDisconnected(_)
        | Input::Evidence(_)
        | Input::Transactions { .. }
        | Input::Query { .. }
        | Input::Status { .. }
        | Input::Request { .. }
        | Input::Answer { .. }
        | Input::Signer(_)
        | Input::RejoinSigned(_)
        | Input::Timer(_)
        | Input::Done(_)
        | Input::Stored(_) => None,
    }
}

/// Whether a timer belongs to a height that is over.
fn is_late(timer: &Timer, height: Height) -> bool {
    matches!(timer, Timer::Consensus(timer) if timer.height < height)
}

/// How many, as the report counts.
pub(crate) fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
