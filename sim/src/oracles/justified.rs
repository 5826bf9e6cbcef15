//! I-7: every proposal that an honest node makes is justified: section 6 of the protocol, restated.

use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{
    CertificateKind, Digest, Justification, PrePrepare, Statement, StatementBody, View,
};

use super::Verdict;
use super::certificates::Certificates;
use super::stakes::Stakes;

/// Whether a pre-prepare is justified.
pub(crate) fn check(
    message: &PrePrepare,
    stakes: &Stakes,
    certificates: &mut Certificates,
) -> Verdict {
    check_parts(&message.signed.statement, &message.justification, stakes, certificates)
}

/// The same of a pre-prepare without its block.
pub(crate) fn check_parts(
    statement: &Statement,
    justification: &Justification,
    stakes: &Stakes,
    certificates: &mut Certificates,
) -> Verdict {
    let (height, view) = (statement.height, statement.view);
    let wrong = |what: &str| Err(format!("pre-prepare of ({height}, {view}): {what} (I-7)"));
    if view.0 == 0 {
        let empty = justification.view_changes.is_empty() && justification.certificate.is_none();
        return if empty { Ok(()) } else { wrong("a justification at view 0") };
    }
    let mut signers = BTreeSet::new();
    let mut claims: BTreeMap<View, BTreeSet<Digest>> = BTreeMap::new();
    for signed in &justification.view_changes {
        let StatementBody::ViewChange { prepared } = signed.statement.body else {
            return wrong("not a view change");
        };
        if (signed.statement.height, signed.statement.view) != (height, view) {
            return wrong("a view change of another height or view");
        }
        if signers.last().is_some_and(|last| *last >= signed.signer.0) {
            return wrong("view changes out of order");
        }
        signers.insert(signed.signer.0);
        if let Some((claimed, digest)) = prepared {
            if claimed >= view {
                return wrong("a claim that is not below its view");
            }
            claims.entry(claimed).or_default().insert(digest);
        }
    }
    if !stakes.is_quorum(&signers) {
        return wrong("no quorum of view changes");
    }
    if claims.values().any(|digests| digests.len() > 1) {
        return wrong("two digests of one prepared view");
    }
    let highest = claims.last_key_value().and_then(|(of, digests)| Some((*of, *digests.first()?)));
    match (highest, &justification.certificate) {
        (None, None) => Ok(()),
        (Some((of, digest)), Some(certificate)) => {
            let names =
                (certificate.kind, certificate.height, certificate.view, certificate.digest);
            if names != (CertificateKind::Prepared, height, of, digest) {
                return wrong("the certificate of another claim");
            }
            if statement.digest() != Some(digest) {
                return wrong("not the highest prepared block");
            }
            certificates.check(certificate, stakes)
        }
        (None, Some(_)) | (Some(_), None) => wrong("claims and certificate do not fit"),
    }
}
