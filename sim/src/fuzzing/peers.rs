//! What answers a machine of the arena: the application, the store, the other machines. An answer
//! waits like everything else, and may never come.

use quorate_crypto::Domain;
use quorate_replica::ConsensusInput as Input;
use quorate_types::{BlockPayload, Certificate, Digest, Height, Message, ValidatorIndex};

use super::arena::{Arena, Event, MACHINES};
use crate::twins::Instance;

/// Things that may be waiting; what comes beyond is lost.
const MOST_WAITING: usize = 400;
const STATE: Domain = Domain::new("quorate v1 fuzzing state");

impl Arena<'_> {
    /// Whose turn it is: another validator first at each height, so that each view 0 of four
    /// heights is the Byzantine one's once.
    pub(super) fn primaries(height: Height) -> Vec<ValidatorIndex> {
        let first = usize::try_from(height.0 % 4).unwrap_or(0);
        let order = (0..MACHINES).map(|place| (place + first) % MACHINES);
        order.filter_map(|index| u16::try_from(index).ok()).map(ValidatorIndex).collect()
    }

    /// Starts the height above the highest decided one.
    pub(super) fn start_next(&mut self, i: usize) {
        let Some(machine) = self.machines.get(i) else { return };
        let primaries = Self::primaries(machine.tip().next());
        let Some(start) = self.lab.start(machine, &primaries) else {
            return self.judge.fail(self.now_ms, i, "durability", "a decided block is gone");
        };
        self.feed(i, Input::Start(Box::new(start)));
    }

    /// A block of a machine on its parent; the salt tells its blocks of a height apart.
    pub(super) fn block(&self, i: usize, height: Height, salt: u64) -> Option<BlockPayload> {
        self.lab.block(self.machines.get(i)?, height, STATE.hash(&salt.to_be_bytes()))
    }

    /// A machine holds a block in memory.
    pub(super) fn hold(&mut self, i: usize, payload: &BlockPayload) {
        if let Some(machine) = self.machines.get_mut(i) {
            machine.hold(payload);
        }
    }

    pub(super) fn decide(&mut self, i: usize, certificate: &Certificate) {
        self.judge.on_decided(self.lab, (self.now_ms, i), certificate);
        let height = certificate.height;
        if let Some(machine) = self.machines.get_mut(i) {
            machine.decided.insert(height, certificate.clone());
        }
        self.wait(i, Event::HeightDurable(height));
        self.start_next(i);
    }

    /// A block, from the own disk or a machine that can be reached.
    pub(super) fn fetch(&mut self, i: usize, digest: Digest) {
        let others = (0..MACHINES).filter(|other| *other != i && self.is_linked(*other, i));
        let body = |of: usize| self.machines.get(of).and_then(|of| of.body(digest)).cloned();
        let Some(payload) = [i].into_iter().chain(others).find_map(body) else { return };
        self.hold(i, &payload);
        self.wait(i, Event::Answer(Input::Fetched(payload)));
    }

    /// The certificate of the machine's height from one that can be reached and has it.
    pub(super) fn catch_up(&mut self, i: usize) {
        let Some((height, _)) = self.machines.get(i).and_then(Instance::place) else { return };
        let others = (0..MACHINES).filter(|other| *other != i && self.is_linked(*other, i));
        let mut deciders = others.filter_map(|other| self.machines.get(other));
        let found = deciders.find_map(|other| other.decided.get(&height)).cloned();
        let message = found.map(Message::Certificate);
        if let Some(message) = message.and_then(|message| self.lab.verified(&message)) {
            self.wait(i, Event::Answer(Input::Message(message)));
        }
    }

    /// Sends a message to every machine that can be reached. What an honest machine says verifies.
    pub(super) fn broadcast(&mut self, i: usize, message: &Message) {
        self.judge.on_sent(self.lab, (self.now_ms, i), message);
        let Some(verified) = self.lab.verified(message) else {
            return self.judge.fail(self.now_ms, i, "validity", "sends what does not verify");
        };
        self.heard.push(message.clone());
        for to in (0..MACHINES).filter(|to| *to != i) {
            if self.is_linked(i, to) {
                self.wait(to, Event::Deliver(Input::Message(verified.clone())));
            }
        }
    }

    fn is_linked(&self, from: usize, to: usize) -> bool {
        let is_up = |of: usize| self.machines.get(of).is_some_and(|machine| machine.is_up);
        is_up(from) && self.cut_off != Some(from) && self.cut_off != Some(to)
    }

    /// Something may happen to a machine from now on.
    pub(super) fn wait(&mut self, i: usize, event: Event) {
        let life = self.machines.get(i).map_or(0, |machine| machine.life);
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push((i, life, event));
        }
    }
}
