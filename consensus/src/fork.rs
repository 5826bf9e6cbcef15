//! Two commit certificates of one height with different digests: safety is broken, by a third of
//! the power at least. Stop, keep the proof, never pick a side (protocol section 8).

use quorate_crypto::museum;
use std::collections::BTreeMap;

use quorate_types::{Certificate, Height, VerifiedCertificate};

use crate::consensus::Consensus;
use crate::step::{Action, Step};

/// Heights whose certificates are remembered for comparison.
const REMEMBERED: usize = 16;

/// The proof that safety is broken: two commit certificates of one height, each with a quorum, for
/// different blocks. Views may differ; certificates of one block never conflict.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fork {
    /// The one that came first here.
    pub first: Certificate,
    /// The other.
    pub second: Certificate,
}

/// The certificates of the latest heights, and the first contradiction among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Decided {
    certificates: BTreeMap<Height, VerifiedCertificate>,
    fork: Option<Fork>,
}

impl Decided {
    /// Takes note of a commit certificate. Only those of one set are compared: what verifies under
    /// another says nothing about this height.
    pub(crate) fn note(&mut self, certificate: &VerifiedCertificate) {
        let height = certificate.value().height;
        let first = self.certificates.entry(height).or_insert_with(|| certificate.clone());
        let (one, other) = (first.value(), certificate.value());
        if first.set() == certificate.set()
            && one.digest != other.digest
            && self.fork.is_none()
            && !museum!(ForkUnnoticed)
        {
            self.fork = Some(Fork { first: one.clone(), second: other.clone() });
        }
        while self.certificates.len() > REMEMBERED {
            self.certificates.pop_first();
        }
    }

    /// Whether two of them contradict each other.
    pub(crate) fn has_forked(&self) -> bool {
        self.fork.is_some()
    }
}

impl Consensus {
    /// Compares what was decided here with what was heard. A fork is all that its step results in,
    /// and the last thing that happens here: nothing is signed from then on.
    pub(crate) fn look_for_fork(&mut self, out: &mut Step) {
        let decision = self.state.as_ref().and_then(|state| state.decision.as_ref());
        if let Some(decision) = decision {
            self.decided.note(&decision.certificate);
            decision.rival.iter().for_each(|rival| self.decided.note(rival));
        }
        if let Some(fork) = &self.decided.fork {
            *out = Step { now: vec![Action::Fork(Box::new(fork.clone()))], vote: None };
        }
    }
}
