//! The oracles: what must hold in every run, judged from outside. They restate the rules in code of
//! their own and share no helper with what they judge; only types and crypto are common. Byzantine
//! nodes are not judged, and nothing that they say is taken for true.

mod accounts;
mod accusations;
pub(crate) mod agreement;
mod answers;
pub(crate) mod bounds;
pub(crate) mod certificates;
mod durability;
pub(crate) mod economy;
mod fetched;
mod forgeries;
pub(crate) mod gate;
mod header;
mod holdings;
mod in_sync;
pub(crate) mod justified;
mod ledger;
pub(crate) mod liveness;
mod proposals;
mod records;
mod sets;
pub(crate) mod signatures;
pub(crate) mod stakes;
mod state_root;
mod turns;
mod violation;

use std::collections::BTreeSet;

use quorate_crypto::Hash;
use quorate_replica::{Completed, NodeStatus, Reply, VerifiedAnswer};
use quorate_types::wire::FetchRequest;
use quorate_types::{
    Address, Certificate, Digest, Evidence, ExecutedBlock, Height, Message, SignRecord, Statement,
    Timestamp,
};

use crate::event::NodeId;
use crate::setup::Setup;
use crate::store::MemoryStore;

use accusations::Accusations;
use agreement::Agreement;
use certificates::Certificates;
use durability::Durability;
use forgeries::Forgeries;
use gate::Gate;
use in_sync::InSync;
use ledger::LedgerOracle;
use liveness::Liveness;
use proposals::Proposals;
use signatures::Signatures;
use turns::Turns;

pub(crate) use liveness::Healed;
pub use violation::Violation;
pub(crate) use violation::{Place, Verdict};

/// Heights above the highest decided one whose messages nodes keep at most, and the height that is
/// being decided.
const BUFFERED: u64 = 12;

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
    /// Byzantine nodes.
    dishonest: BTreeSet<NodeId>,
    certificates: Certificates,
    agreement: Agreement,
    signatures: Signatures,
    proposals: Proposals,
    gate: Gate,
    in_sync: InSync,
    ledger: LedgerOracle,
    durability: Durability,
    forgeries: Forgeries,
    accusations: Accusations,
    liveness: Option<Liveness>,
}

impl Oracles {
    pub(crate) fn new(setup: &Setup) -> Oracles {
        let document = setup.genesis.document();
        let turns = Turns::new(setup.context.genesis_hash, document.params.epoch_length);
        Oracles {
            violation: None,
            dishonest: BTreeSet::new(),
            certificates: Certificates::new(&setup.context),
            agreement: Agreement::default(),
            signatures: Signatures::default(),
            proposals: Proposals::new(turns, document.time),
            gate: Gate::default(),
            in_sync: InSync::default(),
            ledger: LedgerOracle::new(setup),
            durability: Durability::default(),
            forgeries: Forgeries::default(),
            accusations: Accusations::new(setup),
            liveness: None,
        }
    }

    /// The first violation.
    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// These nodes are Byzantine.
    pub(crate) fn distrust(&mut self, nodes: impl Iterator<Item = NodeId>) {
        self.dishonest.extend(nodes);
    }

    fn is_honest(&self, place: Place) -> bool {
        !self.dishonest.contains(&place.node)
    }

    /// Takes note of a verdict.
    pub(crate) fn judge(&mut self, oracle: &'static str, place: Place, verdict: Verdict) {
        if !self.is_honest(place) {
            return;
        }
        if let (Err(detail), None) = (verdict, &self.violation) {
            let Place { time_us, node } = place;
            self.violation = Some(Violation { oracle, time_us, node: Some(node), detail });
        }
    }

    /// A record becomes durable, with the messages that were signed for it, at a node whose wall
    /// clock has shown `clock` at most.
    pub(crate) fn on_record(
        &mut self,
        place: Place,
        clock: Timestamp,
        before: &SignRecord,
        written: &Completed,
    ) {
        if !self.is_honest(place) {
            return;
        }
        let record = &written.record;
        self.judge("records", place, records::follows(before, record));
        self.judge("memory", place, bounds::record(record, self.ledger.sets.newest().count()));
        for message in &written.messages {
            self.proposals.note(message);
            if let Some(signed) = message.signed() {
                let stakes = self.ledger.sets.at(signed.statement.height);
                let verdict = self.proposals.prepared(signed, clock, stakes);
                self.judge("validity", place, verdict);
                let verdict = self.signatures.add(place.node, &signed.statement);
                self.judge("double signature", place, verdict);
                self.gate.note(&signed.statement, signed.signer);
            }
        }
    }

    /// A signer in a process of its own has signed, whatever its node learns of it.
    pub(crate) fn on_signed(&mut self, place: Place, statement: &Statement) {
        if self.is_honest(place) {
            let verdict = self.signatures.add(place.node, statement);
            self.judge("double signature", place, verdict);
        }
    }

    /// A message leaves a node. What was taken over from its signer was not seen before (S-4).
    pub(crate) fn on_sent(&mut self, place: Place, sent: &Sent<'_>) {
        self.proposals.note(sent.message);
        if let Some(signed) = sent.message.signed() {
            self.gate.note(&signed.statement, signed.signer);
            let verdict = self.forgeries.said(&signed.statement);
            self.judge("validity", place, verdict);
            let verdict = self.signatures.add_sent(place.node, &signed.statement);
            self.judge("double signature", place, verdict);
        }
        self.judge("records", place, records::may_leave(sent));
        let stakes = self.ledger.sets.at(sent.message.height());
        let verdict = match sent.message {
            Message::PrePrepare(message) => {
                justified::check(message, stakes, &mut self.certificates)
            }
            Message::Certificate(certificate) => self.certificates.check(certificate, stakes),
            Message::ViewChange(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => Ok(()),
        };
        self.judge("validity", place, verdict);
    }

    /// A Byzantine validator sends a message: it counts as present, at heights that can matter. It
    /// may also say so of heights that nobody will reach.
    pub(crate) fn on_byzantine(&mut self, message: &Message) {
        if let Some(signed) = message.signed()
            && signed.statement.height <= self.highest().plus(BUFFERED)
        {
            self.gate.note(&signed.statement, signed.signer);
            self.proposals.note(message);
        }
    }

    /// A parcel was forged to be no message.
    pub(crate) fn must_refuse(&mut self, parcel: Hash) {
        self.forgeries.must_refuse(parcel);
    }

    /// A block was forged to break a rule.
    pub(crate) fn forbid(&mut self, block: Digest) {
        self.forgeries.forbid(block);
    }

    /// A node takes a parcel for a message.
    pub(crate) fn on_taken(&mut self, place: Place, parcel: &Hash) {
        let verdict = self.forgeries.taken(parcel);
        self.judge("forgery", place, verdict);
    }

    /// A node takes an answer of a peer.
    pub(crate) fn on_answered(
        &mut self,
        place: Place,
        request: &FetchRequest,
        answer: &VerifiedAnswer,
    ) {
        let verdict = fetched::check(request, answer, &self.ledger.sets, &mut self.certificates);
        self.judge("answers", place, verdict);
    }

    /// A node has judged a block, with a reason where it is invalid. Blocks of the honest are valid.
    pub(crate) fn on_judged(&mut self, place: Place, block: Digest, verdict: Result<(), &str>) {
        if !self.is_honest(place) {
            return;
        }
        let verdict = match verdict {
            Err(reason) if self.dishonest.is_empty() => {
                Err(format!("an honest block {block} is judged invalid: {reason}"))
            }
            Ok(()) if self.dishonest.is_empty() => Ok(()),
            Ok(()) | Err(_) => self.forgeries.judged(block, verdict.is_ok()),
        };
        self.judge("validity", place, verdict);
    }

    /// A node keeps a piece of evidence.
    pub(crate) fn on_evidence(&mut self, place: Place, evidence: &Evidence) {
        if !self.is_honest(place) {
            return;
        }
        let Oracles { accusations, dishonest, ledger, certificates, .. } = self;
        let stakes = ledger.sets.at(evidence.height());
        let verdict = accusations.add(evidence, dishonest, (stakes, certificates));
        self.judge("evidence", place, verdict);
    }

    /// A node stores a decision.
    pub(crate) fn on_decided(&mut self, place: Place, certificate: &Certificate) {
        if !self.is_honest(place) {
            return;
        }
        let stakes = self.ledger.sets.at(certificate.height);
        let verdict = self.certificates.check(certificate, stakes);
        self.judge("validity", place, verdict);
        let verdict = self.agreement.decide(certificate.height, certificate.digest);
        self.judge("agreement", place, verdict);
    }

    /// A node stores the result of executing a block.
    pub(crate) fn on_executed(&mut self, place: Place, executed: &ExecutedBlock) {
        if !self.is_honest(place) {
            return;
        }
        let verdict = self.agreement.decide(executed.height(), executed.digest);
        self.judge("agreement", place, verdict);
        let verdict = self.ledger.execute(executed, &mut self.certificates);
        self.judge("ledger", place, verdict);
        for evidence in &executed.block.evidence {
            self.on_evidence(place, evidence);
        }
    }

    /// A node reports a height final.
    pub(crate) fn on_final(&mut self, place: Place, executed: &ExecutedBlock) {
        if !self.is_honest(place) {
            return;
        }
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
        self.in_sync.start(place.node);
    }

    /// A node's disk is as it was earlier: what it had reported since may be gone there.
    pub(crate) fn on_restored(&mut self, node: NodeId) {
        self.durability.forget(node);
    }

    /// A node's core is shown that others have decided a height.
    pub(crate) fn on_shown(&mut self, node: NodeId, decided: Height) {
        self.in_sync.show(node, decided);
    }

    /// A node has been stepped.
    pub(crate) fn on_progress(&mut self, place: Place, status: &NodeStatus) {
        if !self.is_honest(place) {
            return;
        }
        let verdict = self.durability.progress(place.node, status.final_height);
        self.judge("durability", place, verdict);
        let stakes = self.ledger.sets.at(status.height);
        let verdict = self.gate.progress(place.node, (status.height, status.view), stakes);
        self.judge("gate", place, verdict);
        let verdict = self.in_sync.says(place.node, status);
        self.judge("sync", place, verdict);
        if let Some(liveness) = &mut self.liveness {
            liveness.progress(place.time_us, place.node, status.decided);
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

    /// A parcel takes its way from one node to another, and so long.
    pub(crate) fn on_way(&mut self, ends: (NodeId, NodeId), takes_us: u64) {
        if let Some(liveness) = &mut self.liveness {
            liveness.way(ends, takes_us);
        }
    }

    /// Time passes.
    pub(crate) fn on_time(&mut self, time_us: u64) {
        let Some(liveness) = &self.liveness else { return };
        if let (Err(detail), None) = (liveness.check(time_us), &self.violation) {
            let oracle = "liveness";
            self.violation = Some(Violation { oracle, time_us, node: None, detail });
        }
    }
}
