//! A fair run from a state: the network works again, the Byzantine validator is silent, everybody
//! sends again what R-9 says, and timers fire when nothing else is left. All must decide.

use quorate_consensus::{Input, TimerId, TimerKind};
use quorate_types::{Height, Message};

use crate::game::{Game, Position};
use crate::replica::Replica;

/// One in so many states is played out.
const SAMPLED: u32 = 512;
/// Rounds within which all have decided: a few for each view, two views of a silent primary.
const ROUNDS: usize = 60;

impl Game {
    /// Whether a fair run decides, for a sample of the states.
    pub fn is_live(&self, position: &Position) -> bool {
        let [a, b, c] = position.0;
        let sum = a.wrapping_mul(31).wrapping_add(b).wrapping_mul(31).wrapping_add(c);
        sum.wrapping_mul(2_654_435_769) % SAMPLED != 0 || self.decides(position)
    }

    fn decides(&self, position: &Position) -> bool {
        let mut replicas = self.replicas(position).map(|replica| (*replica).clone());
        for _ in 0..ROUNDS {
            if replicas.iter().all(|replica| replica.decided.is_some()) {
                return true;
            }
            let before = replicas.clone();
            self.round(&mut replicas);
            if before == replicas {
                replicas.iter_mut().for_each(|replica| self.fire(replica));
            }
        }
        false
    }

    /// Everybody hears what everybody sends again.
    fn round(&self, replicas: &mut [Replica; 3]) {
        for from in 0..replicas.len() {
            let messages = again(&replicas[from]);
            for to in (0..replicas.len()).filter(|to| *to != from) {
                for message in &messages {
                    let verified = self.verified(message);
                    self.stage.feed(&mut replicas[to], Input::Message(verified));
                }
            }
        }
    }

    fn fire(&self, replica: &mut Replica) {
        if let Some(view) = replica.timer.take() {
            let id = TimerId { height: Height(1), view, kind: TimerKind::View };
            self.stage.feed(replica, Input::Timer(id));
        }
    }
}

/// The own messages that R-9 keeps sending, or the certificate of one that has decided.
fn again(replica: &Replica) -> Vec<Message> {
    match &replica.consensus {
        Some(consensus) => consensus.own_messages(),
        None => {
            let certificates = replica.sent.iter().filter(|message| is_certificate(message));
            certificates.cloned().collect()
        }
    }
}

fn is_certificate(message: &Message) -> bool {
    matches!(message, Message::Certificate(_))
}
