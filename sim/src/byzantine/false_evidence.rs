//! Proposals of blocks whose evidence convicts nobody (BZ23): one statement twice, what is no offence,
//! forged, of no validator, of another chain, of heights that belong to no epoch of which evidence may
//! come. No honest validator may vote for such a block, and the accused stay (section 8).

use std::sync::Arc;

use quorate_crypto::{Hash, Signature};
use quorate_types::{
    Block, BlockPayload, ChainContext, Evidence, Height, Justification, Message, SignedStatement,
    Statement, StatementBody, ValidatorIndex, View, evidence_root,
};

use super::Behaviour;
use super::blocks;
use super::hand::{Content, Hand, Letter};

/// Bytes that no key has signed anything with.
const NO_SIGNATURE: Signature = Signature::from_bytes([1; 64]);
/// An index that no set has.
const NOBODY: ValidatorIndex = ValidatorIndex(60_000);

/// What is wrong with a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    /// A vote and the same vote. Such a pair has no form (B-2).
    SameTwice,
    /// A vote, and another one under a signature that does not hold.
    Forged,
    /// A vote, and another one that the liar signed for the accused.
    OwnKey,
    /// A Prepare and the Commit that follows it.
    TwoSteps,
    /// A proposal that its justification justifies.
    Justified,
    /// Two votes of an index outside of the set.
    Nobody,
    /// Two own votes of another chain.
    OtherChain,
    /// Two own votes of the height of genesis.
    Ancient,
    /// Two own votes of the highest height.
    Ahead,
}

const LIES: [Lie; 9] = [
    Lie::SameTwice,
    Lie::Forged,
    Lie::OwnKey,
    Lie::TwoSteps,
    Lie::Justified,
    Lie::Nobody,
    Lie::OtherChain,
    Lie::Ancient,
    Lie::Ahead,
];

/// Accuses others, and itself of what cannot be held against it.
#[derive(Debug, Default)]
pub(super) struct FalseEvidence {
    /// The latest of others: a Prepare, the Commit that followed one, a proposal of view 0.
    prepare: Option<SignedStatement>,
    commit: Option<(SignedStatement, SignedStatement)>,
    proposal: Option<SignedStatement>,
}

impl Behaviour for FalseEvidence {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(Message::PrePrepare(proposal)) = letter.message() else {
            return hand.pass(letter);
        };
        let lie = hand.random.pick(&LIES).unwrap_or(Lie::Nobody);
        let (BlockPayload::Whole(block), true) = (&proposal.payload, blocks::is_free(proposal))
        else {
            return hand.pass(letter);
        };
        let Some(evidence) = self.tell(hand, lie) else { return hand.pass(letter) };
        let payload = accusing(block, evidence);
        hand.forbid(payload.header().digest());
        let view = proposal.signed.statement.view;
        let message = hand.pre_prepare(view, payload, proposal.justification.clone());
        if lie == Lie::SameTwice {
            hand.forge_refusable(&letter.to, Content::Message(Box::new(message)));
        } else {
            hand.say(&letter.to, message);
        }
    }

    fn on_receive(&mut self, _: &mut Hand<'_>, message: &Message) {
        match message {
            Message::Prepare(signed) => self.prepare = Some(*signed),
            Message::Commit(signed) => {
                let of_both = |prepare: &SignedStatement| {
                    let (one, other) = (prepare.statement, signed.statement);
                    prepare.signer == signed.signer
                        && (one.height, one.view) == (other.height, other.view)
                };
                if let Some(prepare) = self.prepare.filter(of_both) {
                    self.commit = Some((prepare, *signed));
                }
            }
            Message::PrePrepare(proposal) => {
                if proposal.signed.statement.view == View::ZERO {
                    self.proposal = Some(proposal.signed);
                }
            }
            Message::ViewChange(_)
            | Message::Certificate(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => {}
        }
    }
}

impl FalseEvidence {
    /// A lie of a kind; none while there is nothing to make it of.
    fn tell(&self, hand: &mut Hand<'_>, lie: Lie) -> Option<Evidence> {
        let (height, digest) = (hand.standing.height, hand.random_digest());
        let body = StatementBody::Prepare { digest };
        Some(match lie {
            Lie::SameTwice => {
                let (first, second) = (self.prepare?, self.prepare?);
                Evidence::Conflict { first, second }
            }
            Lie::Forged => {
                let prepare = self.prepare?;
                let statement = Statement { body, ..prepare.statement };
                let signature = NO_SIGNATURE;
                Evidence::conflict(prepare, SignedStatement { statement, signature, ..prepare })
            }
            Lie::OwnKey => {
                let prepare = self.prepare?;
                let Statement { height, view, .. } = prepare.statement;
                let (signer, own) = (prepare.signer, hand.sign(height, view, body));
                Evidence::conflict(prepare, SignedStatement { signer, ..own })
            }
            Lie::TwoSteps => {
                let (prepare, commit) = self.commit?;
                Evidence::conflict(prepare, commit)
            }
            Lie::Justified => {
                let justification = Justification::default();
                Evidence::Unjustified { pre_prepare: self.proposal?, justification }
            }
            Lie::Nobody => {
                let of_nobody = |own| SignedStatement { signer: NOBODY, ..own };
                let [one, other] = pair(hand, height, None).map(of_nobody);
                Evidence::conflict(one, other)
            }
            Lie::OtherChain => {
                let genesis_hash = Hash::from_bytes(hand.random.bytes());
                let elsewhere = ChainContext { genesis_hash, ..hand.identity.context.clone() };
                let [one, other] = pair(hand, height, Some(&elsewhere));
                Evidence::conflict(one, other)
            }
            Lie::Ancient | Lie::Ahead => {
                let height = Height(if lie == Lie::Ahead { u64::MAX } else { 0 });
                let [one, other] = pair(hand, height, None);
                Evidence::conflict(one, other)
            }
        })
    }
}

/// Two own Commits that contradict each other, of this chain or another.
fn pair(
    hand: &mut Hand<'_>,
    height: Height,
    elsewhere: Option<&ChainContext>,
) -> [SignedStatement; 2] {
    let digests = [hand.random_digest(), hand.random_digest()];
    let context = elsewhere.unwrap_or(&hand.identity.context);
    digests.map(|digest| {
        let body = StatementBody::Commit { digest };
        let statement = Statement { height, view: View::ZERO, body };
        statement.sign_unguarded(context, hand.identity.index, &hand.identity.key)
    })
}

/// The block with a piece of evidence more, under a header that fits.
fn accusing(block: &Block, evidence: Evidence) -> BlockPayload {
    let mut block = block.clone();
    block.evidence.push(evidence);
    block.header.evidence_root = evidence_root(&block.evidence, &block.rejoins);
    BlockPayload::Whole(Arc::new(block))
}
