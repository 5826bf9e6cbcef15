//! Section 6 of the protocol: what justifies a pre-prepare. Judged of others', and the way an
//! own one is made. The quorum in the justification is the proof; there is no other lock.

use quorate_crypto::museum;
use std::collections::BTreeMap;

use quorate_types::{
    Certificate, CertificateKind, Digest, Height, Justification, SignedStatement, StatementBody,
    ValidatorSet, View,
};

use crate::votes::ProvenViewChange;

/// What a justification leaves to the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Value {
    /// Nothing is prepared: any block, proposed by the primary itself, in time (T-1).
    Free,
    /// The block of the highest prepared view, whoever proposed it and whenever.
    CarriedOver,
}

/// What a pre-prepare says, as far as section 6 judges it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proposal<'a> {
    /// Its height.
    pub(crate) height: Height,
    /// Its view.
    pub(crate) view: View,
    /// The proposed block.
    pub(crate) digest: Digest,
    /// What travels beside it; the signatures in it were verified.
    pub(crate) justification: &'a Justification,
}

/// Justified(h, v, d): none when the pre-prepare is not (I-7).
pub(crate) fn justify(proposal: Proposal<'_>, set: &ValidatorSet) -> Option<Value> {
    let Proposal { height, view, digest, justification } = proposal;
    if view == View::ZERO {
        return justification.is_empty().then_some(Value::Free);
    }
    let view_changes = &justification.view_changes;
    if !view_changes.is_sorted_by(|a, b| a.signer < b.signer) && !museum!(ViewChangesOutOfOrder) {
        return None;
    }
    let signers = view_changes.iter().map(|signed| signed.signer);
    if !set.is_quorum(signers) && !museum!(NewViewWithoutQuorum) {
        return None;
    }
    let mut prepared = BTreeMap::new();
    for signed in view_changes {
        let claim = claim_of(signed, height, view)?;
        if let Some((claimed, block)) = claim
            && prepared.insert(claimed, block).is_some_and(|other| other != block)
        {
            return None;
        }
    }
    let decisive = match museum!(LowestPrepared) {
        true => prepared.first_key_value(),
        false => prepared.last_key_value(),
    };
    match (decisive, &justification.certificate) {
        (None, None) => Some(Value::Free),
        (Some(_), None) if museum!(PreparedIgnored) => Some(Value::Free),
        (Some((claimed, block)), Some(certificate)) if *block == digest || museum!(AnyPrepared) => {
            proves(certificate, height, *claimed, *block).then_some(Value::CarriedOver)
        }
        (None, Some(_)) | (Some(_), None | Some(_)) => None,
    }
}

/// The prepared claim of a view change for exactly (height, view); none when it is another's or
/// claims a view that is not below its own.
fn claim_of(
    signed: &SignedStatement,
    height: Height,
    view: View,
) -> Option<Option<(View, Digest)>> {
    let StatementBody::ViewChange { prepared } = signed.statement.body else {
        return None;
    };
    let exact = (signed.statement.height, signed.statement.view) == (height, view);
    let below = prepared.is_none_or(|(claimed, _)| claimed < view);
    ((exact || museum!(ViewChangesOfOtherViews)) && below).then_some(prepared)
}

fn proves(certificate: &Certificate, height: Height, view: View, digest: Digest) -> bool {
    let Certificate { kind, height: at, view: of, digest: block, .. } = certificate;
    *kind == CertificateKind::Prepared && (*at, *of, *block) == (height, view, digest)
}

/// One way to justify a pre-prepare of a view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Choice {
    /// The block to carry over; none when the value is free.
    pub(crate) carried_over: Option<Digest>,
    /// The proof.
    pub(crate) justification: Justification,
}

/// Every way that the view changes for one view allow, the highest prepared view first, the free
/// value last. Any quorum of them that passes section 6 will do, also one that leaves out the
/// claims of the highest view.
pub(crate) fn choices(
    height: Height,
    view: View,
    view_changes: &[&ProvenViewChange],
    set: &ValidatorSet,
) -> Vec<Choice> {
    let claims = view_changes.iter().map(|v| (claimed(v), *v)).collect::<Vec<_>>();
    let mut ceilings: Vec<Option<(View, Digest)>> =
        claims.iter().map(|(claim, _)| *claim).collect();
    ceilings.push(None);
    ceilings.sort_unstable();
    ceilings.dedup();
    let choice = |ceiling: &Option<(View, Digest)>| {
        let quorum = claims.iter().filter(|(claim, _)| claim <= ceiling);
        let justification = Justification {
            view_changes: quorum.map(|(_, view_change)| view_change.signed).collect(),
            certificate: certificate_of(&claims, *ceiling),
        };
        let digest = ceiling.map_or(Digest::default(), |(_, digest)| digest);
        let proposal = Proposal { height, view, digest, justification: &justification };
        justify(proposal, set)?;
        let carried_over = ceiling.map(|(_, digest)| digest);
        Some(Choice { carried_over, justification })
    };
    ceilings.iter().rev().filter_map(choice).collect()
}

type Claim = Option<(View, Digest)>;

fn claimed(view_change: &ProvenViewChange) -> Claim {
    match view_change.signed.statement.body {
        StatementBody::ViewChange { prepared } => prepared,
        StatementBody::PrePrepare { .. }
        | StatementBody::Prepare { .. }
        | StatementBody::Commit { .. } => None,
    }
}

fn certificate_of(claims: &[(Claim, &ProvenViewChange)], claim: Claim) -> Option<Certificate> {
    claims.iter().find(|(of, _)| *of == claim).and_then(|(_, proven)| proven.certificate.clone())
}
