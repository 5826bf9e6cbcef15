//! The oracles of a case. They are the simulator's, and see what leaves an instance, what reaches
//! one, and what one decides. Nothing that a twin says of itself is judged.

use quorate_replica::Timeouts;
use quorate_types::{Certificate, Height, Message, ValidatorIndex};

use super::evidence::Evidence;
use super::lab::Lab;
use crate::event::NodeId;
use crate::oracles::agreement::Agreement;
use crate::oracles::gate::Gate;
use crate::oracles::liveness::{Healed, Liveness};
use crate::oracles::signatures::Signatures;
use crate::oracles::{Verdict, Violation, justified};

/// Microseconds of a millisecond.
const US: u64 = 1_000;

/// All oracles of a case, and the first thing that they found.
#[derive(Debug)]
pub(crate) struct Judge {
    twins: usize,
    honest: Vec<usize>,
    agreement: Agreement,
    signatures: Signatures,
    gate: Gate,
    evidence: Vec<Evidence>,
    liveness: Option<Liveness>,
    violation: Option<Violation>,
    /// Proposals of honest instances that carry a block over.
    pub(crate) carried_over: u64,
}

impl Judge {
    pub(crate) fn new(instances: usize, honest: Vec<usize>, twins: usize) -> Judge {
        Judge {
            twins,
            honest,
            agreement: Agreement::default(),
            signatures: Signatures::default(),
            gate: Gate::default(),
            evidence: (0..instances).map(|_| Evidence::default()).collect(),
            liveness: None,
            violation: None,
            carried_over: 0,
        }
    }

    /// The first violation.
    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// Something that cannot go on.
    pub(crate) fn fail(&mut self, now_ms: u64, instance: usize, oracle: &'static str, what: &str) {
        self.note((now_ms, instance), oracle, Err(what.to_owned()));
    }

    fn note(&mut self, (now_ms, instance): (u64, usize), oracle: &'static str, verdict: Verdict) {
        if let (Err(detail), None) = (verdict, &self.violation) {
            let (time_us, node) = (now_ms.saturating_mul(US), Some(node(instance)));
            self.violation = Some(Violation { oracle, time_us, node, detail });
        }
    }

    fn is_honest(&self, instance: usize) -> bool {
        self.honest.contains(&instance)
    }

    /// A message was signed, and its record is durable.
    pub(crate) fn on_signed(&mut self, lab: &mut Lab, place: (u64, usize), message: &Message) {
        let Some(signed) = message.signed() else { return };
        self.gate.note(&signed.statement, signed.signer);
        if !self.is_honest(place.1) {
            return;
        }
        let verdict = self.signatures.add(node(place.1), &signed.statement);
        self.note(place, "double signature", verdict);
        self.on_sent(lab, place, message);
        if let Message::PrePrepare(message) = message
            && message.justification.certificate.is_some()
        {
            self.carried_over += 1;
        }
    }

    /// An honest instance sends a message, for the first time or again.
    pub(crate) fn on_sent(&mut self, lab: &mut Lab, place: (u64, usize), message: &Message) {
        if !self.is_honest(place.1) {
            return;
        }
        if let Some(signed) = message.signed() {
            let verdict = self.signatures.add_sent(node(place.1), &signed.statement);
            self.note(place, "double signature", verdict);
        }
        let Lab { stakes, certificates, .. } = lab;
        let verdict = match message {
            Message::PrePrepare(message) => justified::check(message, stakes, certificates),
            Message::Certificate(certificate) => certificates.check(certificate, stakes),
            Message::ViewChange(message) => {
                let certificate = message.certificate.as_ref();
                certificate.map_or(Ok(()), |certificate| certificates.check(certificate, stakes))
            }
            Message::Prepare(_)
            | Message::Commit(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => Ok(()),
        };
        self.note(place, "validity", verdict);
    }

    /// A message reaches an instance.
    pub(crate) fn on_received(&mut self, place: (u64, usize), message: &Message) {
        if !self.is_honest(place.1) {
            return;
        }
        let twins = self.twins;
        let evidence = self.evidence.get_mut(place.1);
        let verdict = evidence.map_or(Ok(()), |evidence| evidence.receive(message, twins));
        self.note(place, "evidence", verdict);
    }

    /// An instance keeps evidence against a validator: only twins deserve it (I-9).
    pub(crate) fn on_accused(&mut self, place: (u64, usize), accused: ValidatorIndex) {
        if self.is_honest(place.1) && usize::from(accused.0) >= self.twins {
            let verdict = Err(format!("honest validator {accused} is accused (I-9)"));
            self.note(place, "evidence", verdict);
        }
    }

    /// An instance decides a height.
    pub(crate) fn on_decided(&mut self, lab: &mut Lab, place: (u64, usize), of: &Certificate) {
        if !self.is_honest(place.1) {
            return;
        }
        let verdict = lab.certificates.check(of, &lab.stakes);
        self.note(place, "validity", verdict);
        let verdict = self.agreement.decide(of.height, of.digest);
        self.note(place, "agreement", verdict);
        if let Some(liveness) = &mut self.liveness {
            liveness.progress(place.0.saturating_mul(US), node(place.1), of.height);
        }
    }

    /// An instance starts from its disk.
    pub(crate) fn on_start(&mut self, instance: usize) {
        self.gate.start(node(instance));
    }

    /// An instance has been stepped.
    pub(crate) fn on_progress(&mut self, lab: &Lab, place: (u64, usize), at: (Height, u64)) {
        if self.is_honest(place.1) {
            let at = (at.0, quorate_types::View(at.1));
            let verdict = self.gate.progress(node(place.1), at, &lab.stakes);
            self.note(place, "gate", verdict);
        }
    }

    /// All links work from now on; `view` is the highest that an honest instance is in.
    pub(crate) fn on_healed(&mut self, now_ms: u64, view: u64, (delta_ms, idle_ms): (u64, u64)) {
        self.liveness = Some(Liveness::new(Healed {
            time_us: now_ms.saturating_mul(US),
            nodes: self.honest.iter().map(|instance| node(*instance)).collect(),
            height: self.agreement.highest(),
            view,
            silent: u64::try_from(self.twins).unwrap_or(u64::MAX),
            delay_us: delta_ms.saturating_mul(US),
            hops: 1,
            idle_ms,
            timeouts: Timeouts::default(),
        }));
    }

    /// Time passes (I-12).
    pub(crate) fn on_time(&mut self, now_ms: u64) {
        let late = self.liveness.as_ref().map(|l| l.check(now_ms.saturating_mul(US)));
        if let Some(Err(detail)) = late
            && self.violation.is_none()
        {
            let time_us = now_ms.saturating_mul(US);
            self.violation = Some(Violation { oracle: "liveness", time_us, node: None, detail });
        }
    }

    /// The longest that a height took after healing, in milliseconds.
    pub(crate) fn slowest_ms(&self) -> u64 {
        self.liveness.as_ref().map_or(0, |liveness| liveness.slowest().0 / US)
    }

    /// The highest decided height.
    pub(crate) fn highest(&self) -> Height {
        self.agreement.highest()
    }

    /// The highest view that an honest instance has signed in.
    pub(crate) fn highest_view(&self) -> u64 {
        self.signatures.highest_view()
    }

    /// How many instances could convict a twin.
    pub(crate) fn convicting(&self) -> usize {
        self.evidence.iter().filter(|evidence| evidence.convicted() > 0).count()
    }
}

fn node(instance: usize) -> NodeId {
    NodeId(u16::try_from(instance).unwrap_or(u16::MAX))
}
