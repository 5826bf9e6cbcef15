//! Certificates that no quorum signed (BZ15, M-5): of one signer, of nobody, with the votes for
//! another block, of another view, with signatures too many or too few, over another set.
//! No node may take one.

use std::collections::VecDeque;

use quorate_crypto::Signature;
use quorate_types::{
    Certificate, CertificateKind, Message, SignedStatement, SignerSet, Step, ValidatorIndex, View,
};

use super::Behaviour;
use super::hand::{Content, Hand, Letter};

/// Votes remembered.
const REMEMBERED: usize = 64;

/// Forges certificates out of votes that it has heard.
#[derive(Debug, Default)]
pub(super) struct ForgedCertificates {
    heard: VecDeque<SignedStatement>,
}

impl Behaviour for ForgedCertificates {
    fn on_receive(&mut self, _: &mut Hand<'_>, message: &Message) {
        if let Message::Prepare(signed) | Message::Commit(signed) = message {
            if self.heard.len() >= REMEMBERED {
                self.heard.pop_front();
            }
            self.heard.push_back(*signed);
        }
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        for _ in 0..2 {
            let Some(certificate) = self.forge(hand, CertificateKind::Commit) else { return };
            let to = hand.some_peers();
            let message = Message::Certificate(certificate);
            hand.forge_refusable(&to, Content::Bytes(Letter::bytes_of(&message)));
        }
        self.claim(hand);
    }
}

impl ForgedCertificates {
    /// A view change whose claim a forged certificate shall prove.
    fn claim(&self, hand: &mut Hand<'_>) {
        let Some(certificate) = self.forge(hand, CertificateKind::Prepared) else { return };
        let (height, view, digest) = (certificate.height, certificate.view, certificate.digest);
        let above = View(view.0.saturating_add(1));
        let message = hand.view_change(height, above, Some((view, digest)), Some(certificate));
        let to = hand.some_peers();
        hand.forge_refusable(&to, Content::Bytes(Letter::bytes_of(&message)));
    }

    /// One that does not hold, whatever the powers are: below a third of it is of this key, and the
    /// rest was signed for something else.
    fn forge(&self, hand: &mut Hand<'_>, kind: CertificateKind) -> Option<Certificate> {
        let size = hand.identity.nodes.len();
        let step = match kind {
            CertificateKind::Prepared => Step::Prepare,
            CertificateKind::Commit => Step::Commit,
        };
        let votes: Vec<&SignedStatement> =
            self.heard.iter().filter(|signed| signed.statement.step() == step).collect();
        let place = hand.random.position(votes.len());
        let statement = votes.get(place)?.statement;
        let of_it = votes.iter().filter(|signed| signed.statement == statement);
        let mut signatures: Vec<(ValidatorIndex, Signature)> =
            of_it.map(|signed| (signed.signer, signed.signature)).collect();
        signatures.sort_by_key(|(signer, _)| *signer);
        signatures.dedup_by_key(|(signer, _)| *signer);
        let mut forged = Certificate {
            kind,
            height: statement.height,
            view: statement.view,
            digest: statement.digest()?,
            signers: signers(size, signatures.iter().map(|(signer, _)| *signer)),
            signatures: signatures.iter().map(|(_, signature)| *signature).collect(),
        };
        match hand.random.below(8) {
            0 => forged.digest = hand.random_digest(),
            1 => forged.view = View(forged.view.0.saturating_add(1)),
            2 => forged.height = forged.height.next(),
            3 => forged.signatures.push(*forged.signatures.first()?),
            4 => forged.signers = signers(size.saturating_add(1), forged.signers.iter()),
            5 => {
                forged.signers = SignerSet::none_of(size);
                forged.signatures.clear();
            }
            // A signature short, and all others hold.
            6 => drop(forged.signatures.pop()),
            // Everybody's bit, under the same signature.
            _ => {
                let all: Vec<ValidatorIndex> = hand.identity.nodes.keys().copied().collect();
                forged.signatures = all.iter().map(|_| Signature::from_bytes([3; 64])).collect();
                forged.signers = signers(size, all.into_iter());
            }
        }
        Some(forged)
    }
}

fn signers(size: usize, indices: impl Iterator<Item = ValidatorIndex>) -> SignerSet {
    let mut set = SignerSet::none_of(size);
    for index in indices {
        set.insert(index);
    }
    set
}
