//! Messages that a script signs with any validator's key, whatever that key has signed before.

use quorate_types::{
    Certificate, Justification, Message, SignedStatement, StatementBody, View, verify,
};

use super::stage::Stage;
use super::words::{letter, nodes, number, place};

impl Stage {
    /// `forge <signers> <kind> <place> …`; each signer's message is heard at once.
    pub fn forge(&mut self, words: &[&str]) {
        let [signers, kind, at, rest @ ..] = words else {
            panic!("forge <signers> <kind> <place> …");
        };
        let (rest, to) = match rest {
            [rest @ .., "to", to] => (rest, Some(nodes(to))),
            rest => (rest, None),
        };
        let signers = nodes(signers);
        let to = to.unwrap_or_else(|| (0..self.nodes.len()).collect());
        if *kind == "certificate" {
            let (height, view) = place(at);
            let digest = self.names.digest(rest[0]);
            let certificate = self.world.committed(&signers, height, view, digest);
            return self.tell(Message::Certificate(certificate), signers[0], &to);
        }
        for signer in signers {
            let message = self.forged(signer, kind, place(at), rest);
            self.tell(message, signer, &to);
        }
    }

    fn forged(&self, i: usize, kind: &str, (height, view): (u64, u64), rest: &[&str]) -> Message {
        let digest = |name: &str| self.names.digest(name);
        match (kind, rest) {
            ("prepare", [block]) => self.world.prepare(i, height, view, digest(block)),
            ("commit", [block]) => self.world.commit(i, height, view, digest(block)),
            ("view-change", []) => {
                Message::ViewChange(self.world.view_change(i, height, view, None))
            }
            ("view-change", ["prepared", proof]) => {
                let proof = self.proof(height, proof);
                Message::ViewChange(self.world.view_change(i, height, view, Some(&proof)))
            }
            ("pre-prepare", [block, rest @ ..]) => {
                let payload = self.find(digest(block));
                let justification = self.justification(height, view, rest);
                self.world.pre_prepare(i, view, &payload, justification)
            }
            other => panic!("nothing to forge: {other:?}"),
        }
    }

    /// `<view>:<block>:<signers>`, a prepared certificate.
    fn proof(&self, height: u64, word: &str) -> Certificate {
        let parts: Vec<&str> = word.split(':').collect();
        let [view, block, signers] = parts[..] else { panic!("no proof: {word}") };
        let digest = self.names.digest(block);
        self.world.prepared(&nodes(signers), height, number(view), digest)
    }

    /// `from A,B,C:0:a1 [proof 0:a1:A,B,C]`: view changes, some of which claim a prepared block.
    fn justification(&self, height: u64, view: u64, words: &[&str]) -> Justification {
        let (claims, proof) = match words {
            [] => return Justification::default(),
            ["from", claims] => (claims, None),
            ["from", claims, "proof", proof] => (claims, Some(self.proof(height, proof))),
            other => panic!("no justification: {other:?}"),
        };
        let sign = |word: &str| self.claim(height, view, word);
        Justification { view_changes: claims.split(',').map(sign).collect(), certificate: proof }
    }

    fn claim(&self, height: u64, view: u64, word: &str) -> SignedStatement {
        let parts: Vec<&str> = word.split(':').collect();
        let (signer, prepared) = match parts[..] {
            [signer] => (signer, None),
            [signer, of, block] => (signer, Some((View(number(of)), self.names.digest(block)))),
            _ => panic!("no claim: {word}"),
        };
        let body = StatementBody::ViewChange { prepared };
        self.world.sign(nodes(signer)[0], height, view, body)
    }

    /// Nodes hear a message now, if it passes verification.
    fn tell(&mut self, message: Message, signer: usize, to: &[usize]) {
        let text = self.names.message(&message);
        let verified = verify::message(message, &self.world.context, &self.world.set);
        let verified = match verified {
            Ok(verified) => verified,
            Err(error) => return self.note(format!("{text} is dropped: {error}")),
        };
        for i in to.iter().copied().filter(|i| *i != signer) {
            if self.nodes[i].is_up {
                self.because(format!("{} hears {}'s {text}", letter(i), letter(signer)));
                self.feed(i, quorate_consensus::Input::Message(verified.clone()));
                self.say_if_nothing();
            }
        }
    }
}
