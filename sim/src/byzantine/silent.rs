//! Silence: of everything, of proposals, or of one phase (BZ5).

use quorate_types::{Message, Step};

use super::Behaviour;
use super::hand::{Hand, Letter};
use crate::random::Random;

/// Keeps some of its messages to itself.
#[derive(Debug)]
pub(super) struct Silent {
    /// Which step is left out; everything where there is none.
    step: Option<Step>,
}

impl Silent {
    pub(super) fn all() -> Silent {
        Silent { step: None }
    }

    pub(super) fn proposer() -> Silent {
        Silent { step: Some(Step::PrePrepare) }
    }

    pub(super) fn one_phase(random: &mut Random) -> Silent {
        Silent { step: Some(draw_phase(random)) }
    }
}

/// One of the phases.
pub(super) fn draw_phase(random: &mut Random) -> Step {
    let phases = [Step::ViewChange, Step::PrePrepare, Step::Prepare, Step::Commit];
    random.pick(&phases).unwrap_or(Step::Prepare)
}

/// The step of a message; none of a certificate.
pub(super) fn step_of(message: &Message) -> Option<Step> {
    message.signed().map(|signed| signed.statement.step())
}

impl Behaviour for Silent {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let is_meant = match self.step {
            None => true,
            Some(step) => letter.message().and_then(step_of) == Some(step),
        };
        if is_meant {
            hand.deviate();
        } else {
            hand.pass(letter);
        }
    }

    fn is_filter(&self) -> bool {
        true
    }
}
