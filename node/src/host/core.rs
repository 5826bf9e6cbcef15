//! The core's thread: feeds the replica, performs its steps, owns the timers, the signer and the
//! sign-state. Nothing here waits for anything but the next input, the sync of a vote's record, and
//! a signer's answer, half a second at most.

use std::collections::VecDeque;
use std::sync::Arc;

use quorate_replica::{Action, Input, Replica, Signer, Step, Vote, complete};
use quorate_storage::{LostSignState, SignStateError, SignStateFile};
use quorate_types::{Message, RejoinBody, SignRecord, wire};

use quorate_network::Channel;

use super::error::HostError;
use super::inbox::Taken;
use super::perform::Performer;
use super::shared::{CoreView, Shared};
use super::timers::Timers;

/// Who has the key, and the durable record of what it signed: present exactly on a validator.
pub(crate) struct Signing {
    pub(crate) signer: Box<dyn Signer>,
    pub(crate) state: SignState,
}

/// The sign-state, or the place where one is made anew when the key has rejoined (S-5).
pub(crate) enum SignState {
    Kept(SignStateFile),
    Lost(LostSignState),
}

impl SignState {
    /// Writes a record; it is durable on return. An observer without records writes none, so the
    /// first one is that of a key that has rejoined.
    fn write(&mut self, record: &SignRecord) -> Result<(), SignStateError> {
        match self {
            SignState::Kept(file) => file.write(record),
            SignState::Lost(lost) => {
                *self = SignState::Kept(lost.make(record)?);
                Ok(())
            }
        }
    }
}

/// The thread that owns the replica.
pub(crate) struct Core {
    shared: Arc<Shared>,
    replica: Replica,
    signing: Option<Signing>,
    timers: Timers,
    performer: Performer,
    /// What was published last, so that nothing is published twice.
    shown: (u64, u64, u64, usize),
}

impl Core {
    pub(crate) fn new(
        shared: Arc<Shared>,
        replica: Replica,
        signing: Option<Signing>,
        performer: Performer,
    ) -> Core {
        let timers = Timers::default();
        Core { shared, replica, signing, timers, performer, shown: (0, 0, 0, 0) }
    }

    /// Runs until the inbox is closed, or something breaks.
    pub(crate) fn run(mut self, first: Step) -> Result<(), HostError> {
        self.perform_all(first)?;
        loop {
            let deadline = self.timers.next().map(|due_ms| self.shared.clock.instant(due_ms));
            match self.shared.inbox.take(deadline) {
                Taken::Closed => return Ok(()),
                Taken::Nothing => {}
                Taken::Inputs(inputs) => {
                    for input in inputs {
                        self.feed(input)?;
                    }
                }
            }
            while let Some(timer) = self.timers.take_due(self.shared.clock.now().monotonic_ms) {
                self.feed(Input::Timer(timer))?;
            }
            self.show();
        }
    }

    fn feed(&mut self, input: Input) -> Result<(), HostError> {
        let step = self.replica.step(self.shared.clock.now(), input);
        self.perform_all(step)
    }

    /// Performs a step and those that the signer's answers lead to; rejoin entries are signed when no
    /// vote is on its way any more.
    fn perform_all(&mut self, step: Step) -> Result<(), HostError> {
        let mut steps = VecDeque::from([step]);
        let mut rejoins = Vec::new();
        while let Some(step) = steps.pop_front() {
            let now_ms = self.shared.clock.now().monotonic_ms;
            for request in step.store {
                self.performer.store(request)?;
            }
            for action in step.now {
                if let Action::SignRejoin(body) = action {
                    rejoins.push(body);
                } else {
                    self.performer.act(action, now_ms, &mut self.timers)?;
                }
            }
            let answers = step.vote.map(|vote| self.sign(vote)).transpose()?.unwrap_or_default();
            for answer in answers {
                let input = Input::Signer(Box::new(answer));
                steps.push_back(self.replica.step(self.shared.clock.now(), input));
            }
            if steps.is_empty()
                && let Some(input) = rejoins.pop().and_then(|body| self.sign_rejoin(body))
            {
                steps.push_back(self.replica.step(self.shared.clock.now(), input));
            }
        }
        Ok(())
    }

    /// S-2: sign, one write, send; the answers are fed back by the caller.
    fn sign(&mut self, vote: Vote) -> Result<Vec<quorate_replica::ConsensusInput>, HostError> {
        let Some(signing) = &mut self.signing else {
            return Ok(Vec::new());
        };
        let completed = complete(vote, signing.signer.as_mut());
        signing.state.write(&completed.record)?;
        for message in &completed.messages {
            self.publish(message);
        }
        Ok(completed.answers)
    }

    /// S-5: it is no vote, so no guard is asked and nothing is written.
    fn sign_rejoin(&mut self, body: RejoinBody) -> Option<Input> {
        let in_force = self.shared.in_force();
        let signer = &mut self.signing.as_mut()?.signer;
        match signer.sign_rejoin(body, in_force.verifier.context()) {
            Ok(rejoin) => Some(Input::RejoinSigned(rejoin)),
            Err(error) => {
                tracing::warn!(%error, "a rejoin entry was not signed; it is asked for again");
                None
            }
        }
    }

    fn publish(&self, message: &Message) {
        let bytes = wire::encode_message(message);
        if let Err(error) = self.shared.network.publish(Channel::Consensus, bytes) {
            tracing::warn!(%error, "a vote was not published; it goes out with the next resend");
        }
    }

    /// Publishes where the node stands, when it has moved.
    fn show(&mut self) {
        let status = self.replica.status();
        let shown = (status.final_height.0, status.height.0, status.view.0, status.peers);
        if shown == self.shown && self.shared.view.borrow().status.heard == status.heard {
            return;
        }
        self.shown = shown;
        let set = self.replica.validators();
        let primary = self.replica.primary().and_then(|index| set.get(index));
        let primary = primary.map(|validator| validator.address);
        let operator = self.replica.operator();
        self.shared.metrics.show(&status);
        self.shared.view.send_replace(CoreView { status, primary, operator });
    }
}
