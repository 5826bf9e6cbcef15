//! what an honest node takes for an answer is one to its request: the block that it asked for,
//! or blocks of the heights from the one asked for on, each with a certificate of exactly it.

use quorate_replica::VerifiedAnswer;
use quorate_types::CertificateKind;
use quorate_types::wire::FetchRequest;

use super::Verdict;
use super::certificates::Certificates;
use super::header::digest_of;
use super::sets::Sets;

/// Whether an answer fits its request.
pub(crate) fn check(
    request: &FetchRequest,
    answer: &VerifiedAnswer,
    sets: &Sets,
    certificates: &mut Certificates,
) -> Verdict {
    match (request, answer) {
        (FetchRequest::Block(_), VerifiedAnswer::Block(None))
        | (FetchRequest::Statements(_), VerifiedAnswer::Statements { .. }) => Ok(()),
        (FetchRequest::Block(digest), VerifiedAnswer::Block(Some(block))) => {
            if digest_of(&block.header) == *digest {
                return Ok(());
            }
            Err(format!("another block is taken for {digest} (R-12)"))
        }
        (FetchRequest::Range { from, .. }, VerifiedAnswer::Range(blocks)) => {
            for (height, (block, certificate)) in (from.0..).zip(blocks) {
                let certificate = certificate.value();
                let (kind, at) = (certificate.kind, (certificate.height.0, certificate.digest));
                let is_of_it = at == (height, digest_of(&block.header));
                if block.header.height.0 != height || !is_of_it || kind != CertificateKind::Commit {
                    return Err(format!("no block of height {height} with its certificate (R-12)"));
                }
                certificates.check(certificate, sets.at(certificate.height))?;
            }
            Ok(())
        }
        (FetchRequest::Block(_), VerifiedAnswer::Range(_) | VerifiedAnswer::Statements { .. })
        | (
            FetchRequest::Range { .. },
            VerifiedAnswer::Block(_) | VerifiedAnswer::Statements { .. },
        )
        | (FetchRequest::Statements(_), VerifiedAnswer::Block(_) | VerifiedAnswer::Range(_)) => {
            Err(format!("{request:?} is answered by something else (R-12)"))
        }
    }
}
