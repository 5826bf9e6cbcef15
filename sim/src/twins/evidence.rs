//! What an honest instance could prove from what reached it: two statements of one key for one
//! height, view and step with different bodies, or a view change that forgets a Commit of its own
//! key. Only twins may ever be convicted (I-9).

use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{Digest, Height, Message, SignedStatement, StatementBody, View};

use crate::oracles::Verdict;

/// One signer's statements for one height.
#[derive(Debug, Default)]
struct Said {
    view_changes: BTreeMap<View, Option<(View, Digest)>>,
    pre_prepares: BTreeMap<View, StatementBody>,
    prepares: BTreeMap<View, Digest>,
    commits: BTreeMap<View, Digest>,
}

/// What one instance has received.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    said: BTreeMap<(u16, Height), Said>,
    /// Validators that are convicted.
    convicted: BTreeSet<u16>,
}

impl Evidence {
    /// A message arrives; those below `twins` may be convicted by it.
    pub(super) fn receive(&mut self, message: &Message, twins: usize) -> Verdict {
        let justification: &[SignedStatement] = match message {
            Message::PrePrepare(message) => &message.justification.view_changes,
            Message::ViewChange(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Certificate(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => &[],
        };
        for signed in message.signed().into_iter().chain(justification) {
            let said = self.said.entry((signed.signer.0, signed.statement.height)).or_default();
            if !said.contradicts(signed) {
                continue;
            }
            self.convicted.insert(signed.signer.0);
            if usize::from(signed.signer.0) >= twins {
                return Err(format!(
                    "evidence against an honest key: {:?} (I-9)",
                    signed.statement
                ));
            }
        }
        Ok(())
    }

    /// How many validators are convicted.
    pub(super) fn convicted(&self) -> usize {
        self.convicted.len()
    }
}

impl Said {
    /// Takes note of a statement; says whether it and an earlier one are a proof.
    fn contradicts(&mut self, signed: &SignedStatement) -> bool {
        let view = signed.statement.view;
        match signed.statement.body {
            StatementBody::ViewChange { prepared } => {
                let first = *self.view_changes.entry(view).or_insert(prepared);
                let forgets = |(of, digest): (&View, &Digest)| forgets(prepared, *of, *digest);
                first != prepared || self.commits.range(..view).any(forgets)
            }
            body @ StatementBody::PrePrepare { .. } => {
                *self.pre_prepares.entry(view).or_insert(body) != body
            }
            StatementBody::Prepare { digest } => {
                *self.prepares.entry(view).or_insert(digest) != digest
            }
            StatementBody::Commit { digest } => {
                let first = *self.commits.entry(view).or_insert(digest);
                let later = self.view_changes.range(view..).filter(|(above, _)| **above > view);
                first != digest || later.into_iter().any(|(_, claim)| forgets(*claim, view, digest))
            }
        }
    }
}

fn forgets(claim: Option<(View, Digest)>, view: View, digest: Digest) -> bool {
    claim.is_none_or(|(of, block)| of < view || (of == view && block != digest))
}

#[cfg(test)]
mod tests {
    use quorate_crypto::{Hash, Signature};
    use quorate_types::{Statement, ValidatorIndex};

    use super::*;

    fn digest(byte: u8) -> Digest {
        Digest(Hash::from_bytes([byte; 32]))
    }

    fn signed(signer: u16, view: u64, body: StatementBody) -> SignedStatement {
        let statement = Statement { height: Height(1), view: View(view), body };
        let signature = Signature::from_bytes([0; 64]);
        SignedStatement { statement, signer: ValidatorIndex(signer), signature }
    }

    #[test]
    fn contradictions_convict_their_signer_and_honest_ones_are_a_violation() {
        let prepare = |signer, of| {
            Message::Prepare(signed(signer, 0, StatementBody::Prepare { digest: digest(of) }))
        };
        let mut evidence = Evidence::default();
        assert_eq!(evidence.receive(&prepare(0, 1), 1), Ok(()));
        assert_eq!(evidence.receive(&prepare(0, 1), 1), Ok(()), "the same again");
        assert_eq!(evidence.convicted(), 0);
        assert_eq!(evidence.receive(&prepare(0, 2), 1), Ok(()));
        assert_eq!(evidence.convicted(), 1);
        assert_eq!(evidence.receive(&prepare(1, 1), 1), Ok(()));
        assert!(evidence.receive(&prepare(1, 2), 1).is_err());
    }

    #[test]
    fn amnesia_is_noticed_in_either_order() {
        let commit = signed(1, 1, StatementBody::Commit { digest: digest(1) });
        let claim = |prepared| signed(1, 2, StatementBody::ViewChange { prepared });
        for (prepared, proof) in [
            (None, true),
            (Some((View(0), digest(1))), true),
            (Some((View(1), digest(2))), true),
            (Some((View(1), digest(1))), false),
        ] {
            let mut said = Said::default();
            assert!(!said.contradicts(&commit));
            assert_eq!(said.contradicts(&claim(prepared)), proof);
            let mut said = Said::default();
            assert!(!said.contradicts(&claim(prepared)));
            assert_eq!(said.contradicts(&commit), proof);
        }
    }
}
