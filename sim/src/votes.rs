//! A vote on its way: signed, written, sent, fed back; and crashes between any two of these points.

use quorate_crypto::Signature;
use quorate_replica::{Completed, Input, Signer, SignerError, Vote, complete};
use quorate_types::{ChainContext, Message, Statement, StatementBody};

use crate::event::{Event, NodeId};
use crate::world::{Sabotage, World};

/// A signer that cannot be reached.
struct FailingSigner;

impl Signer for FailingSigner {
    fn sign(&mut self, _: &Statement, _: &ChainContext) -> Result<Signature, SignerError> {
        Err(SignerError("out of reach".to_owned()))
    }
}

impl World {
    /// Has a vote signed on the core's thread, and starts the write of its record.
    pub(crate) fn vote(&mut self, id: NodeId, vote: Vote) {
        let boot = self.node(id).boot;
        let Some((completed, took_us)) = self.have_signed(id, vote) else { return };
        if let Some(process) = &mut self.node_mut(id).process {
            process.voting = Some(completed);
        }
        let crash = self.random.chance(self.plan.crash_in_vote);
        if crash {
            self.crash_for_a_while(id);
            return;
        }
        let takes_us = took_us.saturating_add(self.plan.record.draw(&mut self.random));
        self.after(takes_us, Event::RecordWritten { node: id, boot });
    }

    /// A vote with its signatures, and how long the signer took; none if the node has died over it.
    fn have_signed(&mut self, id: NodeId, vote: Vote) -> Option<(Completed, u64)> {
        if self.has_own_signer(id) {
            return self.call_signer(id, vote);
        }
        let node = self.node_mut(id);
        let fails = node.signer_fails;
        let completed = match &mut node.process.as_mut()?.signer {
            Some(signer) if !fails => complete(vote, signer),
            Some(_) | None => complete(vote, &mut FailingSigner),
        };
        Some((completed, 0))
    }

    /// The record is durable: its messages leave, and the core learns of them.
    pub(crate) fn on_record_written(&mut self, id: NodeId, boot: u64) {
        let Some(process) = self.node_mut(id).of_boot(boot) else { return };
        if process.paused {
            process.written = true;
            return;
        }
        let Some(written) = process.voting.take() else { return };
        self.note(id, "record", &[]);
        if !self.record_fails(id, &written.record) {
            self.write_record(id, &written);
        } else if self.sabotage != Some(Sabotage::SendUnsynced) {
            if let Some(process) = &mut self.node_mut(id).process {
                process.voting = Some(written);
            }
            self.crash_for_a_while(id);
            return;
        }
        for message in &written.messages {
            if self.random.chance(self.plan.crash_in_vote) {
                self.crash_for_a_while(id);
                return;
            }
            self.publish(id, message, true);
            self.sign_twice(id, message);
        }
        if let Some(process) = &mut self.node_mut(id).process {
            for answer in written.answers.into_iter().rev() {
                process.urgent.push_front(Input::Signer(Box::new(answer)));
            }
        }
        self.pump(id);
    }

    /// The completed record replaces the durable one.
    pub(crate) fn write_record(&mut self, id: NodeId, written: &Completed) {
        let place = self.place(id);
        let before = self.node(id).record.clone();
        let clock = self.node(id).clock.latest_wall(self.now_us);
        self.oracles.on_record(place, clock, &before, written);
        if self.liars.contains(&id) {
            written.messages.iter().for_each(|message| self.oracles.on_byzantine(message));
        }
        if self.sabotage != Some(Sabotage::LoseRecord) {
            let node = self.node_mut(id);
            node.record = written.record.clone();
            if let Some(file) = &mut node.sign_file {
                file.write(&written.record);
            }
            let rejoined = std::mem::take(&mut node.has_lost_record);
            self.counts.rejoined += u64::from(rejoined);
        }
    }

    /// A crash, with a vote whose record comes to nothing: what of the file it leaves.
    pub(crate) fn crash_sign_file(&mut self, id: NodeId, under_way: Option<&Completed>) {
        let World { nodes, disk_random, .. } = self;
        let file = nodes.get_mut(id.position()).and_then(|node| node.sign_file.as_mut());
        let record = under_way.map(|completed| &completed.record);
        let broke_its_word = file.is_some_and(|file| file.crash(record, disk_random));
        self.counts.broken_words += u64::from(broke_its_word);
    }

    /// The sabotage of that name: a statement for another block, signed past every guard.
    fn sign_twice(&mut self, id: NodeId, message: &Message) {
        let Message::Prepare(signed) = message else { return };
        if self.sabotage != Some(Sabotage::SignTwice) || id != NodeId(0) {
            return;
        }
        let digest = quorate_types::Digest::default();
        let statement = Statement { body: StatementBody::Prepare { digest }, ..signed.statement };
        let Some(seed) = self.node(id).key_seed else { return };
        let key = quorate_crypto::ValidatorSecretKey::from_seed(seed);
        let other = statement.sign_unguarded(&self.setup.context, signed.signer, &key);
        self.publish(id, &Message::Prepare(other), false);
    }
}
