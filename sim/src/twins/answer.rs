//! What answers the questions of an instance: the application, the store, the other instances.

use quorate_crypto::Domain;
use quorate_replica::{ConsensusAction as Action, ConsensusInput as Input};
use quorate_types::{Certificate, Digest, Height, Message, View};

use super::script::{Fate, Freshness};
use super::stage::{Event, Stage};

const STATE: Domain = Domain::new("quorate v1 twins state");

impl Stage<'_> {
    /// Performs one action.
    pub(super) fn act(&mut self, i: usize, action: Action) {
        match action {
            Action::SetTimer { timer, after_ms } => self.set_timer(i, timer, after_ms),
            Action::Build { height, view } => self.build(i, height, view),
            Action::Validate { digest, payload } => {
                let Some(instance) = self.instances.get_mut(i) else { return };
                let valid = self.lab.is_valid(instance, &payload);
                instance.hold(&payload);
                self.answer(i, Input::Validated { digest, valid });
            }
            Action::StoreBlock(digest) => self.store(i, |life| Event::BlockDurable(life, digest)),
            Action::Fetch { digest, .. } => self.fetch(i, digest),
            Action::Resend(messages) => {
                for message in messages {
                    self.broadcast(i, Freshness::Again(&message));
                }
            }
            Action::PublishCertificate(certificate) => {
                self.broadcast(i, Freshness::New(&Message::Certificate(certificate)));
            }
            Action::Evidence(evidence) => {
                self.judge.on_accused((self.now_ms, i), evidence.accused());
            }
            Action::Archive(_) => {}
            Action::Observing { .. } => {
                self.judge.fail(self.now_ms, i, "observer", "an honest instance observes");
            }
            Action::Fork(_) => self.judge.fail(self.now_ms, i, "agreement", "it found a fork"),
            Action::Decided(certificate) => self.decide(i, certificate.value()),
            Action::Behind(height) => {
                if let Some(instance) = self.instances.get_mut(i) {
                    instance.behind = height;
                }
                self.catch_up(i);
            }
        }
    }

    /// Starts the height above the highest decided one.
    pub(super) fn start_next(&mut self, i: usize) {
        let Some(instance) = self.instances.get(i) else { return };
        let (height, behind) = (instance.tip().next(), instance.behind);
        let Some(start) = self.lab.start(instance, &self.script.primaries(height)) else {
            return self.judge.fail(self.now_ms, i, "durability", "a decided block is gone");
        };
        self.feed(i, Input::Start(Box::new(start)));
        if height < behind {
            self.catch_up(i);
        }
    }

    /// What tells blocks apart is who builds them, in which view.
    fn build(&mut self, i: usize, height: Height, view: View) {
        let Some(instance) = self.instances.get_mut(i) else { return };
        let builder = u64::try_from(i).unwrap_or(u64::MAX).to_be_bytes();
        let state_root = STATE.hash_parts(&[&builder, &view.0.to_be_bytes()]);
        let Some(payload) = self.lab.block(instance, height, state_root) else { return };
        instance.hold(&payload);
        self.answer(i, Input::Built { height, view, payload });
    }

    fn decide(&mut self, i: usize, certificate: &Certificate) {
        let place = (self.now_ms, i);
        self.judge.on_decided(self.lab, place, certificate);
        self.script.on_decided(certificate);
        let height = certificate.height;
        if let Some(instance) = self.instances.get_mut(i) {
            instance.decided.insert(height, certificate.clone());
        }
        self.store(i, |life| Event::HeightDurable(life, height));
        self.start_next(i);
    }

    /// Certificate and block of a height are durable.
    pub(super) fn on_height_durable(&mut self, i: usize, height: Height) {
        let Some(instance) = self.instances.get_mut(i) else { return };
        if instance.store_height(height) {
            self.feed(i, Input::CertificateStored(height));
        }
    }

    /// A block, from the own disk or an instance that can be reached.
    fn fetch(&mut self, i: usize, digest: Digest) {
        let others = (0..self.instances.len()).filter(|other| *other != i);
        let holder = [i].into_iter().chain(others).find_map(|other| {
            let reachable = other == i || self.can_answer(other, i);
            self.instances.get(other)?.body(digest).filter(|_| reachable).cloned()
        });
        let Some(payload) = holder else { return };
        if let Some(instance) = self.instances.get_mut(i) {
            instance.hold(&payload);
        }
        self.answer(i, Input::Fetched(payload));
    }

    /// The certificate of the instance's height from one that can be reached and has it.
    pub(super) fn catch_up(&mut self, i: usize) {
        let Some(instance) = self.instances.get(i) else { return };
        let Some((height, _)) = instance.place() else { return };
        let others = (0..self.instances.len()).filter(|other| *other != i);
        let found = others.into_iter().find_map(|other| {
            let certificate = self.instances.get(other)?.decided.get(&height)?;
            self.can_answer(other, i).then(|| certificate.clone())
        });
        let Some(certificate) = found else { return };
        if let Some(message) = self.lab.verified(&Message::Certificate(certificate)) {
            self.answer(i, Input::Message(message));
        }
    }

    fn can_answer(&self, from: usize, to: usize) -> bool {
        let is_up = self.instances.get(from).is_some_and(|instance| instance.is_up);
        is_up && self.fate((from, to), Freshness::Answer) == Fate::Arrives
    }
}
