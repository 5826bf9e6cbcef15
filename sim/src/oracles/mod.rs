//! The oracles: what must hold in every run, judged from outside. They restate the rules in code of
//! their own and share no helper with what they judge; only types and crypto are common.

mod agreement;
mod answers;
pub(crate) mod bounds;
mod certificates;
mod durability;
mod gate;
mod justified;
mod ledger;
mod liveness;
mod records;
mod signatures;
mod stakes;
mod state_root;

use std::fmt;

use quorate_crypto::ValidatorPublicKey;
use quorate_replica::{Completed, NodeStatus, Reply};
use quorate_types::{Address, Certificate, Digest, ExecutedBlock, Height, Message, SignRecord};

use crate::event::NodeId;
use crate::setup::Setup;
use crate::store::MemoryStore;

use agreement::Agreement;
use certificates::Certificates;
use durability::Durability;
use gate::Gate;
use ledger::LedgerOracle;
use liveness::Liveness;
use signatures::Signatures;
use stakes::Stakes;

pub(crate) use liveness::Healed;

/// What must hold did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which oracle says so.
    pub oracle: &'static str,
    /// When, in microseconds of virtual time.
    pub time_us: u64,
    /// Where.
    pub node: Option<NodeId>,
    /// What.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {} us", self.oracle, self.time_us)?;
        if let Some(node) = self.node {
            write!(formatter, ", {node}")?;
        }
        write!(formatter, ": {}", self.detail)
    }
}

/// What an oracle says: nothing, or what is wrong.
pub(crate) type Verdict = Result<(), String>;

/// When and where something happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) time_us: u64,
    pub(crate) node: NodeId,
}

/// A message on its way out, with what is durable at that moment.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) message: &'a Message,
    /// The durable record.
    pub(crate) record: &'a SignRecord,
    /// Just signed, not sent again.
    pub(crate) is_new: bool,
    /// The durable blocks.
    pub(crate) durable: &'a dyn Fn(&Digest) -> bool,
    /// Blocks that this process has held whole, and that this node has judged valid or built.
    pub(crate) held_valid: &'a dyn Fn(&Digest) -> bool,
}

/// All oracles of a run, and the first thing that they found.
#[derive(Debug)]
pub(crate) struct Oracles {
    violation: Option<Violation>,
    stakes: Stakes,
    certificates: Certificates,
    agreement: Agreement,
    signatures: Signatures,
    gate: Gate,
    ledger: LedgerOracle,
    durability: Durability,
    liveness: Option<Liveness>,
}

impl Oracles {
    pub(crate) fn new(setup: &Setup) -> Oracles {
        let stakes = Stakes::of(setup.genesis.document());
        Oracles {
            violation: None,
            certificates: Certificates::new(&setup.context),
            agreement: Agreement::default(),
            signatures: Signatures::default(),
            gate: Gate::default(),
            ledger: LedgerOracle::new(setup),
            durability: Durability::default(),
            liveness: None,
            stakes,
        }
    }

    /// The first violation.
    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// Takes note of a verdict.
    pub(crate) fn judge(&mut self, oracle: &'static str, place: Place, verdict: Verdict) {
        if let (Err(detail), None) = (verdict, &self.violation) {
            let Place { time_us, node } = place;
            self.violation = Some(Violation { oracle, time_us, node: Some(node), detail });
        }
    }

    /// A record becomes durable, with the messages that were signed for it.
    pub(crate) fn on_record(&mut self, place: Place, before: &SignRecord, written: &Completed) {
        let record = &written.record;
        self.judge("records", place, records::follows(before, record));
        self.judge("memory", place, bounds::record(record, self.stakes.count()));
        for message in &written.messages {
            if let Some(signed) = message.signed() {
                let verdict = self.signatures.add(place.node, &signed.statement);
                self.judge("double signature", place, verdict);
                self.gate.note(&signed.statement, signed.signer);
            }
        }
    }

    /// A message leaves a node.
    pub(crate) fn on_sent(&mut self, place: Place, sent: &Sent<'_>) {
        if let Some(signed) = sent.message.signed() {
            let verdict = self.signatures.add_sent(place.node, &signed.statement);
            self.judge("double signature", place, verdict);
        }
        self.judge("records", place, records::may_leave(sent));
        let verdict = match sent.message {
            Message::PrePrepare(message) => {
                justified::check(message, &self.stakes, &mut self.certificates)
            }
            Message::Certificate(certificate) => self.certificates.check(certificate, &self.stakes),
            Message::ViewChange(_) | Message::Prepare(_) | Message::Commit(_) => Ok(()),
        };
        self.judge("validity", place, verdict);
    }

    /// A node stores a decision.
    pub(crate) fn on_decided(&mut self, place: Place, certificate: &Certificate) {
        let verdict = self.certificates.check(certificate, &self.stakes);
        self.judge("validity", place, verdict);
        let verdict = self.agreement.decide(certificate.height, certificate.digest);
        self.judge("agreement", place, verdict);
    }

    /// A node stores the result of executing a block.
    pub(crate) fn on_executed(&mut self, place: Place, executed: &ExecutedBlock) {
        let verdict = self.agreement.decide(executed.height(), executed.digest);
        self.judge("agreement", place, verdict);
        let verdict = self.ledger.execute(executed, &self.stakes, &mut self.certificates);
        self.judge("ledger", place, verdict);
    }

    /// A node reports a height final.
    pub(crate) fn on_final(&mut self, place: Place, executed: &ExecutedBlock) {
        let (height, digest) = (executed.height(), executed.digest);
        let verdict = self.agreement.decide(height, digest);
        self.judge("agreement", place, verdict);
        let verdict = self.durability.report(place.node, height);
        self.judge("durability", place, verdict);
    }

    /// A node starts from what is stored.
    pub(crate) fn on_start(&mut self, place: Place, store: &MemoryStore) {
        let verdict = self.durability.start(place.node, store, &self.agreement);
        self.judge("durability", place, verdict);
        self.gate.start(place.node);
    }

    /// A node has been stepped.
    pub(crate) fn on_progress(&mut self, place: Place, status: &NodeStatus) {
        let verdict = self.durability.progress(place.node, status.final_height);
        self.judge("durability", place, verdict);
        let verdict = self.gate.progress(place.node, (status.height, status.view), &self.stakes);
        self.judge("gate", place, verdict);
        if let Some(liveness) = &mut self.liveness {
            liveness.progress(place.time_us, place.node, status);
        }
    }

    /// A node answers a question about an account.
    pub(crate) fn on_reply(&mut self, place: Place, address: &Address, reply: &Reply) {
        let verdict = answers::check(address, reply, &self.ledger);
        self.judge("answers", place, verdict);
    }

    /// The network has healed: from now on every height has its limit (I-12).
    pub(crate) fn on_healed(&mut self, healed: Healed) {
        self.liveness = Some(Liveness::new(healed));
    }

    /// Time passes.
    pub(crate) fn on_time(&mut self, time_us: u64) {
        let Some(liveness) = &self.liveness else { return };
        if let (Err(detail), None) = (liveness.check(time_us), &self.violation) {
            let oracle = "liveness";
            self.violation = Some(Violation { oracle, time_us, node: None, detail });
        }
    }

    /// The longest that a height took after healing, in microseconds, beside its limit.
    pub(crate) fn slowest(&self) -> Option<(u64, u64)> {
        self.liveness.as_ref().map(Liveness::slowest)
    }

    /// Whether validators with these keys are a quorum.
    pub(crate) fn is_quorum(&self, keys: &[ValidatorPublicKey]) -> bool {
        self.stakes.keys_are_quorum(keys)
    }

    /// The highest height that any node has decided.
    pub(crate) fn highest(&self) -> Height {
        self.agreement.highest()
    }

    /// Transactions in final blocks.
    pub(crate) fn transactions(&self) -> u64 {
        self.ledger.transactions()
    }

    /// The highest view that anybody has signed at any height.
    pub(crate) fn highest_view(&self) -> u64 {
        self.signatures.highest_view()
    }
}
