//! The independent check of certificates: own bytes, own quorum arithmetic, signatures through
//! crypto alone (M-5, B-3).

use std::collections::BTreeSet;

use quorate_crypto::{Domain, Hash};
use quorate_types::{Certificate, CertificateKind, ChainContext};

use super::Verdict;
use super::stakes::Stakes;

const STATEMENT: Domain = Domain::new("quorate v1 statement");
/// Signatures that are remembered as good.
const REMEMBERED: usize = 8_192;

/// Checks certificates of one chain.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// What every statement's bytes start with.
    prefix: Vec<u8>,
    /// Signer, statement and signature that were found good.
    good: BTreeSet<(u16, Hash, [u8; 64])>,
}

impl Certificates {
    pub(crate) fn new(context: &ChainContext) -> Certificates {
        let name = context.chain_id.as_str().as_bytes();
        let length = u8::try_from(name.len()).expect("chain ids have at most 48 bytes");
        let version = context.protocol_version.to_be_bytes();
        let prefix = [&version[..], &[length], name, context.genesis_hash.as_bytes()].concat();
        Certificates { prefix, good: BTreeSet::new() }
    }

    /// Whether a quorum has signed exactly what the certificate says.
    pub(crate) fn check(&mut self, certificate: &Certificate, stakes: &Stakes) -> Verdict {
        let signers: BTreeSet<u16> = certificate.signers.iter().map(|signer| signer.0).collect();
        let (height, view) = (certificate.height, certificate.view);
        if !stakes.is_quorum(&signers) {
            return Err(format!("certificate of ({height}, {view}) without a quorum: {signers:?}"));
        }
        if signers.len() != certificate.signatures.len() {
            return Err(format!("certificate of ({height}, {view}): signatures miscounted"));
        }
        let statement = self.statement(certificate);
        for (signer, signature) in signers.iter().zip(&certificate.signatures) {
            let known = (*signer, statement, *signature.as_bytes());
            if self.good.contains(&known) {
                continue;
            }
            let key = stakes.key(*signer);
            if key.is_none_or(|key| key.verify(statement.as_bytes(), signature).is_err()) {
                return Err(format!(
                    "certificate of ({height}, {view}): bad signature of {signer}"
                ));
            }
            if self.good.len() >= REMEMBERED {
                self.good.clear();
            }
            self.good.insert(known);
        }
        Ok(())
    }

    fn statement(&self, certificate: &Certificate) -> Hash {
        let step = match certificate.kind {
            CertificateKind::Prepared => 2,
            CertificateKind::Commit => 3,
        };
        STATEMENT.hash_parts(&[
            &self.prefix,
            &[step],
            &certificate.height.0.to_be_bytes(),
            &certificate.view.0.to_be_bytes(),
            certificate.digest.0.as_bytes(),
        ])
    }
}
