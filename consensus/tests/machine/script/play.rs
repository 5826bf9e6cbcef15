//! What follows from an input: the node's actions are performed and told, in order.

use quorate_consensus::{Action, Completed, Consensus, Input, Timeouts, Vote, judge};
use quorate_types::{Certificate, Height, Message, VerifiedCertificate};

use super::stage::{Question, Stage};
use super::words::{self, letter};
use crate::node::CrashPoint;
use crate::world::key;

impl Stage {
    /// Feeds one input and everything that follows at once.
    pub fn feed(&mut self, i: usize, input: Input) {
        if !self.nodes[i].is_up {
            return;
        }
        let before = self.nodes[i].consensus.progress();
        let now = self.now(i);
        let step = self.nodes[i].consensus.step(now, input);
        let after = self.nodes[i].consensus.progress();
        if let (Some(before), Some(after)) = (before, after)
            && before.height == after.height
            && before.view != after.view
        {
            assert!(before.view < after.view, "views ascend (I-1)");
            self.say(&format!("enters view {}", after.view.0));
        }
        for action in step.now {
            if self.nodes[i].is_up {
                self.act(i, action);
            }
        }
        if let Some(vote) = step.vote.filter(|_| self.nodes[i].is_up) {
            self.vote(i, vote);
        }
    }

    /// Signs, writes, sends and feeds back; power may go at any point in between.
    fn vote(&mut self, i: usize, vote: Vote) {
        let change = self.names.record_change(&self.nodes[i].record, &vote.record);
        let asked: Vec<String> =
            vote.statements.iter().map(|asked| self.names.statement(asked.statement())).collect();
        let (Completed { record, messages, answers }, crash) = self.nodes[i].complete(vote);
        let signed = messages.len();
        let mut told = format!("writes {change}");
        if signed > 0 {
            told += &format!("; signs {}", asked[..signed].join(" and "));
        }
        if signed < asked.len() {
            told += &format!("; cannot sign {}", asked[signed..].join(" and "));
        }
        if crash == Some(CrashPoint::Write) {
            return self.lose_power(i, &format!("before it {told}"));
        }
        self.say(&told);
        self.nodes[i].record = record;
        if crash == Some(CrashPoint::Send) {
            return self.lose_power(i, "before it sends");
        }
        for message in messages {
            self.oracle.on_sent(message.signed().unwrap());
            self.broadcast(i, message);
        }
        if crash == Some(CrashPoint::Answer) {
            return self.lose_power(i, "after it has sent");
        }
        for answer in answers {
            self.feed(i, answer);
        }
    }

    /// What is not durable is gone.
    pub fn lose_power(&mut self, i: usize, when: &str) {
        self.say(format!("loses power {when}").trim_end());
        let node = &mut self.nodes[i];
        node.is_up = false;
        node.bodies.clear();
        node.decided.clear();
        self.timers.retain(|(owner, _), _| *owner != i);
        self.unanswered.retain(|(owner, _, _)| *owner != i);
    }

    /// Starts a node from what it has durably.
    pub fn power_on(&mut self, i: usize) {
        let node = &mut self.nodes[i];
        assert!(!node.is_up, "{} is up", letter(i));
        node.is_up = true;
        node.decided = node.chain.clone();
        let me = node.key.map(|number| key(number).public());
        node.consensus = Consensus::recover(me, Timeouts::default(), node.past());
        let (tip, below) = (node.tip(), node.record.parent_certificate.clone());
        self.feed(i, Input::CertificateStored(tip));
        self.start_next(i);
        if let Some(certificate) = below.filter(|below| below.height > tip) {
            let message = self.world.verified(Message::Certificate(certificate));
            self.feed(i, Input::Message(message));
        }
    }

    fn start_next(&mut self, i: usize) {
        let start = self.start_of(i);
        self.say(&format!("starts height {}", start.height.0));
        self.feed(i, Input::Start(Box::new(start)));
    }

    fn act(&mut self, i: usize, action: Action) {
        match action {
            Action::SetTimer { timer, after_ms } => {
                self.timers.insert((i, timer), self.now_ms + after_ms);
                self.say(&format!("sets the {}: {after_ms} ms", words::timer(timer)));
            }
            Action::Build { height, view } => {
                self.say(&format!("builds a block for {}/{}", height.0, view.0));
                let payload = self.build(i);
                self.nodes[i].bodies.insert(payload.header().digest(), payload.clone());
                self.answer(i, Question::Build, Input::Built { height, view, payload });
            }
            Action::Validate { digest, payload } => {
                self.say(&format!("judges {}", self.names.of(digest)));
                self.nodes[i].bodies.insert(digest, payload);
                let valid = !self.nodes[i].refuses.contains(&digest);
                self.answer(i, Question::Validate, Input::Validated { digest, valid });
            }
            Action::StoreBlock(digest) => {
                self.say(&format!("stores {}", self.names.of(digest)));
                self.answer(i, Question::Store, Input::BlockStored(digest));
            }
            Action::Fetch { digest, .. } => {
                self.say(&format!("fetches {}", self.names.of(digest)));
                if let Some(payload) = self.find_block(i, digest) {
                    self.nodes[i].bodies.insert(digest, payload.clone());
                    self.answer(i, Question::Fetch, Input::Fetched(payload));
                }
            }
            Action::Resend(messages) => {
                for message in messages {
                    self.say(&format!("sends again {}", self.names.message(&message)));
                    self.broadcast(i, message);
                }
            }
            Action::PublishCertificate(certificate) => {
                self.say(&format!("publishes the {}", self.names.certificate(&certificate)));
                self.broadcast(i, Message::Certificate(certificate));
            }
            Action::Evidence(evidence) => {
                let offence = judge(&evidence, &self.world.context, &self.world.set).unwrap();
                let rule = offence.kind().rule();
                let offender = words::letter(offence.offender().position());
                self.say(&format!("keeps evidence against {offender} ({rule})"));
            }
            Action::Archive(archive) => self.say(&format!(
                "archives {} proposals and {} statements",
                archive.proposals.len(),
                archive.statements.len()
            )),
            Action::Observing { reason } => self.say(&format!("observes: {reason}")),
            Action::Fork(fork) => {
                let certificates = [&fork.first, &fork.second].map(|c| self.names.certificate(c));
                self.say(&format!("stops: a fork by the {}", certificates.join(" and the ")));
            }
            Action::Decided(certificate) => self.decide(i, &certificate),
            Action::Behind(Height(height)) => {
                self.say(&format!("is behind: others are at height {height}"));
            }
        }
    }

    fn decide(&mut self, i: usize, certificate: &VerifiedCertificate) {
        let certificate = certificate.value().clone();
        let Certificate { height, digest, .. } = certificate;
        self.oracle.on_decided(height, digest);
        assert!(self.nodes[i].body(digest).is_some(), "decided without its block");
        self.say(&format!("decides {} by the {}", self.names.of(digest), {
            self.names.certificate(&certificate)
        }));
        self.nodes[i].decided.insert(height, (digest, certificate));
        self.start_next(i);
        self.answer(i, Question::Chain, Input::CertificateStored(height));
    }

    /// Gives an answer, now or when the script releases it.
    fn answer(&mut self, i: usize, question: Question, input: Input) {
        if self.held.contains(&(i, question)) {
            self.unanswered.push((i, question, input));
        } else {
            self.give(i, input);
        }
    }

    /// What is durable is so before its answer comes.
    pub fn give(&mut self, i: usize, input: Input) {
        let node = &mut self.nodes[i];
        match &input {
            Input::BlockStored(digest) => {
                let payload = node.body(*digest).unwrap().clone();
                node.stored.insert(*digest, payload);
            }
            Input::CertificateStored(height) => {
                let (digest, certificate) = node.decided[height].clone();
                let payload = node.body(digest).unwrap().clone();
                node.stored.insert(digest, payload);
                node.chain.insert(*height, (digest, certificate));
            }
            Input::Start(_)
            | Input::Message(_)
            | Input::Evidence(_)
            | Input::Met(_)
            | Input::Rejoined(_)
            | Input::Signed(_)
            | Input::NotSigned(_)
            | Input::RecordWritten { .. }
            | Input::Timer(_)
            | Input::WorkWaiting
            | Input::Built { .. }
            | Input::Validated { .. }
            | Input::Fetched(_) => {}
        }
        self.feed(i, input);
    }
}
