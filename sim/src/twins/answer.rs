//! The application, the store and the peers of an instance: what answers its questions. Blocks are
//! empty but for the certificate of the height below.

use std::sync::Arc;

use quorate_crypto::{Domain, Hash};
use quorate_replica::{ConsensusAction as Action, ConsensusInput as Input, HeightStart};
use quorate_types::{
    Block, BlockPayload, Certificate, Digest, Header, Height, Message, Timestamp, View,
    last_commit_hash, receipts_root, transactions_root,
};

use super::lab::GENESIS_MS;
use super::script::{Fate, Freshness};
use super::stage::{Event, Stage};

/// Milliseconds between blocks while there is work.
const INTERVAL_MS: u64 = 5;
/// Milliseconds after which an idle chain makes a block.
pub(super) const IDLE_MS: u64 = 2_000;
const STATE: Domain = Domain::new("quorate v1 twins state");

impl Stage<'_> {
    /// Performs one action.
    pub(super) fn act(&mut self, i: usize, action: Action) {
        match action {
            Action::SetTimer { timer, after_ms } => self.set_timer(i, timer, after_ms),
            Action::Build { height, view } => self.build(i, height, view),
            Action::Validate { digest, payload } => {
                let valid = self.is_valid(i, &payload);
                if let Some(instance) = self.instances.get_mut(i) {
                    instance.bodies.insert(digest, payload);
                }
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

    /// The parent of a height at an instance: digest and time.
    fn parent(&self, i: usize, height: Height) -> Option<(Digest, Timestamp)> {
        let below = height.previous()?;
        if below == Height::GENESIS {
            return Some((Digest(self.lab.context.genesis_hash), Timestamp(GENESIS_MS)));
        }
        let instance = self.instances.get(i)?;
        let digest = instance.decided.get(&below)?.digest;
        Some((digest, instance.body(digest)?.header().time))
    }

    /// Starts the height above the highest decided one.
    pub(super) fn start_next(&mut self, i: usize) {
        let Some(instance) = self.instances.get(i) else { return };
        let (height, behind) = (instance.tip().next(), instance.behind);
        let Some((parent, parent_time)) = self.parent(i, height) else {
            return self.judge.fail(self.now_ms, i, "durability", "a decided block is gone");
        };
        let start = HeightStart {
            height,
            context: self.lab.context.clone(),
            set: self.lab.set.clone(),
            primaries: self.script.primaries(height).into(),
            parent,
            parent_time,
            parent_has_content: false,
            min_interval_ms: INTERVAL_MS,
            idle_interval_ms: IDLE_MS,
            work_waiting: true,
        };
        self.feed(i, Input::Start(Box::new(start)));
        if height < behind {
            self.catch_up(i);
        }
    }

    /// A block on the parent. Its time is the earliest allowed, so that chains of different cases
    /// meet in the same bytes; what tells blocks apart is who builds them, in which view.
    fn build(&mut self, i: usize, height: Height, view: View) {
        let Some((parent, time)) = self.parent(i, height) else { return };
        let Some(instance) = self.instances.get_mut(i) else { return };
        let Some(proposer) = self.lab.set.validators().get(instance.validator) else { return };
        let fullest = instance.consensus.last_commit().map(|c| c.value().clone());
        let below = height.previous().and_then(|below| instance.decided.get(&below));
        let last_commit = fullest.or_else(|| below.cloned());
        let builder = u64::try_from(i).unwrap_or(u64::MAX).to_be_bytes();
        let header = Header {
            version: self.lab.context.protocol_version,
            height,
            parent,
            time: time.plus(1),
            proposer: proposer.address,
            transactions_root: transactions_root(&[]),
            transaction_count: 0,
            body_bytes: 0,
            parent_state_root: state_root(&[&builder, &view.0.to_be_bytes()]),
            parent_receipts_root: receipts_root(&[]),
            validators_hash: self.lab.set.id(),
            next_validators_hash: self.lab.set.id(),
            last_commit_hash: last_commit_hash(last_commit.as_ref()),
            evidence_root: Header::empty_evidence_root(),
        };
        let digest = header.digest();
        let block = Block {
            header,
            last_commit,
            evidence: Vec::new(),
            rejoins: Vec::new(),
            transactions: Vec::new(),
        };
        let payload = BlockPayload::Whole(Arc::new(block));
        instance.bodies.insert(digest, payload.clone());
        self.answer(i, Input::Built { height, view, payload });
    }

    /// What the application judges of R-2: the last commit is a certificate of exactly the parent.
    fn is_valid(&mut self, i: usize, payload: &BlockPayload) -> bool {
        let BlockPayload::Whole(block) = payload else { return false };
        let Some((parent, _)) = self.parent(i, block.header.height) else { return false };
        let below = block.header.height.previous();
        let fits = |of: &Certificate| (Some(of.height), of.digest) == (below, parent);
        match &block.last_commit {
            None => below == Some(Height::GENESIS),
            Some(of) => fits(of) && self.lab.certificates.check(of, &self.lab.stakes).is_ok(),
        }
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
        let Some(certificate) = instance.decided.get(&height).cloned() else { return };
        let body = instance.body(certificate.digest).cloned();
        instance.stored.extend(body.map(|body| (certificate.digest, body)));
        instance.chain.insert(height, certificate);
        self.feed(i, Input::CertificateStored(height));
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
            instance.bodies.insert(digest, payload.clone());
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

fn state_root(parts: &[&[u8]]) -> Hash {
    STATE.hash_parts(parts)
}
