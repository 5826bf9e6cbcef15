//! The application, the store and the peers of a node in a test network: what answers the state
//! machine's questions.

use quorate_consensus::{HeightStart, Input};
use quorate_types::{
    BlockPayload, Certificate, Digest, Height, Message, StatementBody, Timestamp,
    VerifiedCertificate,
};

use crate::net::{Event, Net};
use crate::world::{BlockSpec, EPOCH_MS};

impl Net {
    /// The parent is the decided block below, its time and certificate included.
    pub fn build(&mut self, i: usize, height: Height) -> BlockPayload {
        let start = self.start_of(i, height);
        let fullest = self.nodes[i].consensus.last_commit().map(|c| c.value().clone());
        let below = height.previous().unwrap();
        let stored = self.nodes[i].decided.get(&below).map(|(_, certificate)| certificate.clone());
        let time = self.now(i).wall.max(start.parent_time.plus(1));
        self.salt += 1;
        let proposer = usize::from(self.nodes[i].key.unwrap());
        let spec = BlockSpec { proposer, time, salt: self.salt };
        self.world.block(&start, spec, fullest.or(stored))
    }

    fn start_of(&self, i: usize, height: Height) -> HeightStart {
        let below = height.previous().unwrap();
        let parent = self.nodes[i].decided.get(&below).map(|(digest, _)| *digest);
        let time = parent.map_or(Timestamp(EPOCH_MS), |digest| {
            self.nodes[i].body(digest).unwrap().header().time
        });
        let parent = parent.unwrap_or_else(|| self.world.genesis());
        let mut start = self.world.start(height, parent, time);
        start.work_waiting = self.has_work;
        start.min_interval_ms = self.interval_ms;
        start
    }

    pub fn start_next(&mut self, i: usize) {
        let below = self.nodes[i].decided.keys().next_back().copied().unwrap_or(Height::GENESIS);
        let start = self.start_of(i, below.next());
        self.feed(i, Input::Start(Box::new(start)));
        if below.next() < self.nodes[i].behind {
            self.catch_up(i);
        }
    }

    pub fn decide(&mut self, i: usize, certificate: &VerifiedCertificate) {
        let Certificate { height, digest, .. } = *certificate.value();
        let others = self.nodes.iter().filter_map(|node| node.decided.get(&height));
        let rival = others.map(|(_, other)| other).find(|other| other.digest != digest);
        match rival.filter(|_| self.may_fork) {
            Some(rival) => self.forks.push((rival.clone(), certificate.value().clone())),
            None => self.oracle.on_decided(height, digest),
        }
        assert!(self.nodes[i].body(digest).is_some(), "decided without its block");
        self.nodes[i].decided.insert(height, (digest, certificate.value().clone()));
        let life = self.nodes[i].life;
        self.schedule(i, 2 * self.work_ms, Event::ChainDurable { life, height });
        self.start_next(i);
    }

    /// From memory, the store, or any peer that can be reached.
    pub fn fetch(&mut self, i: usize, digest: Digest) {
        let probe = Message::Prepare(self.world.sign(0, 0, 0, StatementBody::Prepare { digest }));
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|other| *other != i);
        for other in order {
            let reachable =
                other == i || (self.nodes[other].is_up && (self.filter)(other, i, &probe));
            if let Some(payload) = self.nodes[other].body(digest).cloned().filter(|_| reachable) {
                self.nodes[i].bodies.insert(digest, payload.clone());
                return self.answer(i, Input::Fetched(payload));
            }
        }
    }

    /// the certificate of the node's height from any peer that has it.
    pub fn catch_up(&mut self, i: usize) {
        let Some(progress) = self.nodes[i].consensus.progress() else {
            return;
        };
        for other in 0..self.nodes.len() {
            let Some((_, certificate)) = self.nodes[other].decided.get(&progress.height) else {
                continue;
            };
            let message = Message::Certificate(certificate.clone());
            if self.nodes[other].is_up && (self.filter)(other, i, &message) {
                let input = Input::Message(self.world.verified(message));
                return self.answer(i, input);
            }
        }
    }
}
