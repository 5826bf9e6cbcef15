//! What the Byzantine validator can say to somebody: any prepare and commit, any view change whose
//! claim it can prove, any pre-prepare of its views that section 6 lets through. What fails
//! verification or section 6 has no effect (the other tests show that) and is left out.

use std::collections::BTreeMap;

use quorate_types::{
    BlockPayload, Certificate, Digest, Justification, Message, SignedStatement, StatementBody,
    View, ViewChange,
};

use crate::replica::Stage;

/// The Byzantine validator.
pub const D: usize = 3;
/// Its own values.
const VALUES: u64 = 2;

/// A prepared claim with its proof.
type Claim = Option<((View, Digest), Certificate)>;

impl Stage {
    /// Every certificate that can be proven: a quorum of honest prepares with D's, or one that an
    /// honest view change carried.
    pub fn proofs(&self, sent: &[&Message]) -> BTreeMap<(View, Digest), Certificate> {
        let mut signers: BTreeMap<(View, Digest), Vec<usize>> = BTreeMap::new();
        for message in sent {
            if let Message::Prepare(signed) = message {
                let place = (signed.statement.view, signed.statement.digest().unwrap());
                signers.entry(place).or_default().push(signed.signer.position());
            }
        }
        signers.retain(|_, signers| signers.len() >= 2);
        let prove = |((view, digest), mut signers): ((View, Digest), Vec<usize>)| {
            signers.sort_unstable();
            signers.truncate(2);
            signers.push(D);
            ((view, digest), self.world.prepared(&signers, 1, view.0, digest))
        };
        signers.into_iter().map(prove).collect()
    }

    /// D's view changes to a view.
    pub fn forged_view_changes(
        &self,
        view: u64,
        proofs: &BTreeMap<(View, Digest), Certificate>,
    ) -> Vec<Message> {
        self.claims(view, proofs).iter().map(|claim| self.forged(view, claim)).collect()
    }

    fn claims(&self, view: u64, proofs: &BTreeMap<(View, Digest), Certificate>) -> Vec<Claim> {
        let below = proofs.iter().filter(|((of, _), _)| of.0 < view);
        let proven = below.map(|(place, proof)| Some((*place, proof.clone())));
        std::iter::once(None).chain(proven).collect()
    }

    fn forged(&self, view: u64, claim: &Claim) -> Message {
        let proof = claim.as_ref().map(|(_, proof)| proof);
        Message::ViewChange(self.world.view_change(D, 1, view, proof))
    }

    /// D's pre-prepares of one of its views that are justified by what was sent.
    pub fn forged_pre_prepares(
        &self,
        view: u64,
        sent: &[&Message],
        proofs: &BTreeMap<(View, Digest), Certificate>,
    ) -> Vec<Message> {
        let own = || (0..VALUES).map(|salt| self.block(D, salt));
        if view == 0 {
            let none = Justification::default;
            return own().map(|block| self.world.pre_prepare(D, 0, &block, none())).collect();
        }
        let honest: Vec<&ViewChange> = sent.iter().filter_map(|m| of_view(m, view)).collect();
        let mut forged = Vec::new();
        for quorum in quorums(&honest) {
            for claim in self.claims(view, proofs) {
                let Some((highest, justification)) = self.justify(view, &quorum, &claim) else {
                    continue;
                };
                let blocks: Vec<BlockPayload> = match highest {
                    Some((_, digest)) => self.blocks.get(&digest).cloned().into_iter().collect(),
                    None => own().collect(),
                };
                let propose = |block| self.world.pre_prepare(D, view, block, justification.clone());
                forged.extend(blocks.iter().map(propose));
            }
        }
        forged
    }

    /// Two honest view changes and D's; none if two of them name different blocks of one view.
    fn justify(
        &self,
        view: u64,
        quorum: &[&ViewChange],
        claim: &Claim,
    ) -> Option<(Option<(View, Digest)>, Justification)> {
        let mut claims: BTreeMap<View, (Digest, Option<Certificate>)> = BTreeMap::new();
        let honest = quorum.iter().filter_map(|view_change| {
            let StatementBody::ViewChange { prepared } = view_change.signed.statement.body else {
                return None;
            };
            prepared.map(|place| (place, view_change.certificate.clone()))
        });
        let own = claim.iter().map(|(place, proof)| (*place, Some(proof.clone())));
        for ((of, digest), proof) in honest.chain(own) {
            let first = claims.entry(of).or_insert((digest, proof));
            if first.0 != digest {
                return None;
            }
        }
        let mut view_changes: Vec<SignedStatement> = quorum.iter().map(|vc| vc.signed).collect();
        view_changes.push(*self.forged(view, claim).signed().unwrap());
        let highest = claims.pop_last();
        let place = highest.as_ref().map(|(of, (digest, _))| (*of, *digest));
        let certificate = highest.and_then(|(_, (_, proof))| proof);
        Some((place, Justification { view_changes, certificate }))
    }
}

fn of_view(message: &Message, view: u64) -> Option<&ViewChange> {
    match message {
        Message::ViewChange(view_change) => {
            (view_change.signed.statement.view.0 == view).then_some(view_change)
        }
        Message::PrePrepare(_)
        | Message::Prepare(_)
        | Message::Commit(_)
        | Message::Certificate(_)
        | Message::Rejoin(_)
        | Message::Evidence(_) => None,
    }
}

/// Every pair, in order of signer: with D's own that is a smallest quorum, and a larger one allows
/// D nothing more.
fn quorums<'a>(honest: &[&'a ViewChange]) -> Vec<Vec<&'a ViewChange>> {
    let mut pairs = Vec::new();
    for (i, first) in honest.iter().enumerate() {
        pairs.extend(honest[i + 1..].iter().map(|second| vec![*first, *second]));
    }
    pairs
}
