//! Evidence that honest nodes keep: it convicts by the rules E-1 to E-6, restated, and it accuses
//! nobody honest (I-9). Also who was accused, for tests that want an offence to be found.

use std::collections::{BTreeMap, BTreeSet};

use quorate_crypto::{ValidatorPublicKey, ValidatorSecretKey};
use quorate_types::{
    ChainContext, Evidence, Justification, SignedStatement, Statement, StatementBody,
};

use super::Verdict;
use super::certificates::Certificates;
use super::justified;
use super::stakes::Stakes;
use crate::event::NodeId;
use crate::setup::Setup;

/// Judges evidence, and remembers who was accused.
#[derive(Debug)]
pub(crate) struct Accusations {
    context: ChainContext,
    /// The nodes by the bytes of their keys.
    nodes: BTreeMap<[u8; 32], NodeId>,
    accused: BTreeSet<NodeId>,
}

impl Accusations {
    pub(crate) fn new(setup: &Setup) -> Accusations {
        let keys = setup.validator_seeds.iter().map(|seed| ValidatorSecretKey::from_seed(*seed));
        let nodes = keys.map(|key| *key.public().as_bytes()).zip((0..).map(NodeId)).collect();
        Accusations { context: setup.context.clone(), nodes, accused: BTreeSet::new() }
    }

    /// A node has another key from now on.
    pub(crate) fn learn(&mut self, node: NodeId, key: &ValidatorPublicKey) {
        self.nodes.insert(*key.as_bytes(), node);
    }

    /// An honest node keeps a piece of evidence.
    pub(crate) fn add(
        &mut self,
        evidence: &Evidence,
        dishonest: &BTreeSet<NodeId>,
        (stakes, certificates): (&Stakes, &mut Certificates),
    ) -> Verdict {
        let Some(key) = stakes.key(evidence.accused().0).copied() else {
            return Err(format!("nobody is accused: {evidence:?}"));
        };
        match evidence {
            Evidence::Conflict { first, second } => self.check_pair(first, second, &key)?,
            Evidence::Unjustified { pre_prepare, justification } => {
                self.check_signature(pre_prepare, &key)?;
                self.check_unjustified(pre_prepare, justification, (stakes, certificates))?;
            }
        }
        let Some(node) = self.nodes.get(key.as_bytes()) else {
            return Err("a key of no node is accused".to_owned());
        };
        if !dishonest.contains(node) {
            return Err(format!("honest {node} is accused: {evidence:?} (I-9)"));
        }
        self.accused.insert(*node);
        Ok(())
    }

    /// How many were accused.
    pub(crate) fn count(&self) -> usize {
        self.accused.len()
    }

    fn check_pair(
        &self,
        first: &SignedStatement,
        second: &SignedStatement,
        key: &ValidatorPublicKey,
    ) -> Verdict {
        self.check_signature(first, key)?;
        self.check_signature(second, key)?;
        let (one, other) = (&first.statement, &second.statement);
        let same_place = (first.signer, one.height) == (second.signer, other.height);
        if same_place && (is_equivocation(one, other) || forgets(one, other) || forgets(other, one))
        {
            return Ok(());
        }
        Err(format!("no conflict: {one:?}, {other:?}"))
    }

    /// E-6: either section 6 fails, or a signature beside the signed part does.
    fn check_unjustified(
        &self,
        signed: &SignedStatement,
        justification: &Justification,
        (stakes, certificates): (&Stakes, &mut Certificates),
    ) -> Verdict {
        let holds = |inner: &SignedStatement| {
            let key = stakes.key(inner.signer.0);
            key.is_some_and(|key| self.check_signature(inner, key).is_ok())
        };
        let authentic = justification.view_changes.iter().all(holds);
        let justified =
            justified::check_parts(&signed.statement, justification, stakes, certificates).is_ok();
        let unjustified = !(authentic && justified);
        if unjustified { Ok(()) } else { Err("a justified proposal is evidence".to_owned()) }
    }

    fn check_signature(&self, signed: &SignedStatement, key: &ValidatorPublicKey) -> Verdict {
        let hash = signed.statement.signing_hash(&self.context);
        let verdict = key.verify(hash.as_bytes(), &signed.signature);
        verdict.map_err(|_| format!("an unsigned accusation: {signed:?}"))
    }
}

/// Two bodies for one height, view and step: E-1 to E-4.
fn is_equivocation(one: &Statement, other: &Statement) -> bool {
    let kind = std::mem::discriminant::<StatementBody>;
    one.view == other.view && kind(&one.body) == kind(&other.body) && one.body != other.body
}

/// E-5: a view change for a view above a Commit's that does not carry it on.
fn forgets(commit: &Statement, view_change: &Statement) -> bool {
    let StatementBody::Commit { digest } = commit.body else { return false };
    let StatementBody::ViewChange { prepared } = view_change.body else { return false };
    if view_change.view <= commit.view {
        return false;
    }
    match prepared {
        None => true,
        Some((view, _)) if view < commit.view => true,
        Some((view, of)) => view == commit.view && of != digest,
    }
}
