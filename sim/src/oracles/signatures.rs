//! The ledger of signatures: everything that an honest key signed and that was durable or sent,
//! over all restarts. I-2: one body per (height, view, step). I-3: in strictly ascending order.
//! I-9: no two of one node's messages are evidence, amnesia included.

use std::collections::BTreeMap;

use quorate_types::{Digest, Height, Statement, StatementBody, Step, View};

use super::Verdict;
use crate::event::NodeId;

/// Where a statement stands in the order of S-1.
type Slot = (Height, View, Step);

/// What one key has signed.
#[derive(Debug, Default)]
struct Signed {
    bodies: BTreeMap<Slot, StatementBody>,
}

/// What every key has signed.
#[derive(Debug, Default)]
pub(crate) struct Signatures {
    nodes: BTreeMap<NodeId, Signed>,
    highest_view: u64,
}

impl Signatures {
    /// A statement was signed and is durable.
    pub(crate) fn add(&mut self, node: NodeId, statement: &Statement) -> Verdict {
        self.highest_view = self.highest_view.max(statement.view.0);
        self.nodes.entry(node).or_default().add(statement)
    }

    /// A signed statement leaves a node: one that was added, or it never was durable.
    pub(crate) fn add_sent(&mut self, node: NodeId, statement: &Statement) -> Verdict {
        let signed = self.nodes.entry(node).or_default();
        match signed.bodies.get(&slot(statement)) {
            Some(body) if *body == statement.body => Ok(()),
            Some(_) => Err(format!("two bodies for {:?} (I-2)", slot(statement))),
            None => Err(format!("{:?} is sent and was never durable (I-11)", slot(statement))),
        }
    }

    pub(crate) fn highest_view(&self) -> u64 {
        self.highest_view
    }
}

impl Signed {
    fn add(&mut self, statement: &Statement) -> Verdict {
        let at = slot(statement);
        if let Some(body) = self.bodies.get(&at) {
            let same = *body == statement.body;
            return if same { Ok(()) } else { Err(format!("two bodies for {at:?} (I-2)")) };
        }
        if let Some((last, _)) = self.bodies.last_key_value()
            && *last >= at
        {
            return Err(format!("{at:?} is signed after {last:?} (I-3)"));
        }
        if let StatementBody::ViewChange { prepared } = statement.body {
            self.check_amnesia(statement, prepared)?;
        }
        self.bodies.insert(at, statement.body);
        Ok(())
    }

    /// Amnesia: a view change has to carry on every Commit of its height.
    fn check_amnesia(&self, statement: &Statement, claim: Option<(View, Digest)>) -> Verdict {
        let from = (statement.height, View(0), Step::ViewChange);
        for ((_, view, _), body) in self.bodies.range(from..slot(statement)) {
            let StatementBody::Commit { digest } = body else { continue };
            let carried = claim.is_some_and(|(claimed, of)| {
                claimed > *view || (claimed == *view && of == *digest)
            });
            if !carried {
                return Err(format!("{:?} forgets the Commit of {view} (I-9)", slot(statement)));
            }
        }
        Ok(())
    }
}

fn slot(statement: &Statement) -> Slot {
    let step = match statement.body {
        StatementBody::ViewChange { .. } => Step::ViewChange,
        StatementBody::PrePrepare { .. } => Step::PrePrepare,
        StatementBody::Prepare { .. } => Step::Prepare,
        StatementBody::Commit { .. } => Step::Commit,
    };
    (statement.height, statement.view, step)
}

#[cfg(test)]
mod tests {
    use quorate_crypto::Hash;

    use super::*;

    fn digest(byte: u8) -> Digest {
        Digest(Hash::from_bytes([byte; 32]))
    }

    fn at(view: u64, body: StatementBody) -> Statement {
        Statement { height: Height(1), view: View(view), body }
    }

    #[test]
    fn two_bodies_in_one_slot_are_noticed() {
        let mut signatures = Signatures::default();
        let node = NodeId(0);
        let first = at(0, StatementBody::Prepare { digest: digest(1) });
        let other = at(0, StatementBody::Prepare { digest: digest(2) });
        assert_eq!(signatures.add(node, &first), Ok(()));
        assert_eq!(signatures.add(node, &first), Ok(()), "the same again");
        assert_eq!(signatures.add_sent(node, &first), Ok(()));
        assert!(signatures.add(node, &other).is_err());
        assert!(signatures.add_sent(node, &other).is_err());
        assert_eq!(signatures.add(NodeId(1), &other), Ok(()), "another key may");
    }

    #[test]
    fn signing_backwards_and_forgetting_are_noticed() {
        let mut signatures = Signatures::default();
        let node = NodeId(0);
        let commit = at(1, StatementBody::Commit { digest: digest(1) });
        assert_eq!(signatures.add(node, &commit), Ok(()));
        let below = at(1, StatementBody::Prepare { digest: digest(1) });
        assert!(signatures.add(node, &below).is_err());
        for claim in [None, Some((View(0), digest(1))), Some((View(1), digest(2)))] {
            let forgets = at(2, StatementBody::ViewChange { prepared: claim });
            assert!(signatures.add(node, &forgets).is_err(), "{claim:?}");
        }
        let carries = at(2, StatementBody::ViewChange { prepared: Some((View(1), digest(1))) });
        assert_eq!(signatures.add(node, &carries), Ok(()));
    }
}
