//! R-2 and T-1, restated: an honest validator prepares only what the primary of the view has signed
//! a pre-prepare for; and where that justification leaves the value free, only a block that the
//! primary itself proposes, whose time lies no further ahead of the own clock than it may.

use std::collections::BTreeMap;

use quorate_types::{
    Address, Digest, Height, Message, PrePrepare, SignedStatement, Statement, StatementBody,
    Timestamp, View,
};

use super::Verdict;
use super::header::digest_of;
use super::stakes::Stakes;
use super::turns::Turns;

/// How far ahead of the own clock a fresh block may be, in milliseconds.
const AHEAD_MS: u64 = 500;
/// Heights whose proposals are remembered.
const REMEMBERED: usize = 64;

/// What one pre-prepare leaves to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Proposal {
    signer: u16,
    is_free: bool,
}

/// A block that was proposed.
#[derive(Clone, Copy, Debug)]
struct Proposed {
    parent: Digest,
    time: Timestamp,
    proposer: Address,
}

/// What was proposed so far, by whomever.
#[derive(Debug)]
pub(crate) struct Proposals {
    turns: Turns,
    genesis_time: Timestamp,
    blocks: BTreeMap<Height, BTreeMap<Digest, Proposed>>,
    proposals: BTreeMap<Height, BTreeMap<(View, Digest), Vec<Proposal>>>,
}

impl Proposals {
    pub(crate) fn new(turns: Turns, genesis_time: Timestamp) -> Proposals {
        Proposals { turns, genesis_time, blocks: BTreeMap::new(), proposals: BTreeMap::new() }
    }

    /// A pre-prepare was signed.
    pub(crate) fn note(&mut self, message: &Message) {
        let Message::PrePrepare(message) = message else { return };
        let PrePrepare { signed, payload, justification } = &**message;
        let header = payload.header();
        let digest = digest_of(header);
        if signed.statement.digest() != Some(digest) {
            return;
        }
        let Statement { height, view, .. } = signed.statement;
        let block =
            Proposed { parent: header.parent, time: header.time, proposer: header.proposer };
        self.blocks.entry(height).or_default().insert(digest, block);
        let is_free = justification.certificate.is_none();
        let proposal = Proposal { signer: signed.signer.0, is_free };
        let known = self.proposals.entry(height).or_default().entry((view, digest)).or_default();
        if !known.contains(&proposal) {
            known.push(proposal);
        }
        while self.blocks.len() > REMEMBERED {
            self.blocks.pop_first();
            self.proposals.pop_first();
        }
    }

    /// Whose turn a view is, by index.
    pub(crate) fn primary(&mut self, height: Height, view: View, stakes: &Stakes) -> Option<u16> {
        self.turns.primary(height, view, stakes)
    }

    /// An honest validator prepares a block, while its wall clock has shown this at most. The primary
    /// may do so without a pre-prepare: where a crash follows the failure of its signer, it asks for
    /// the Prepare alone (S-4).
    pub(crate) fn prepared(
        &mut self,
        signed: &SignedStatement,
        clock: Timestamp,
        stakes: &Stakes,
    ) -> Verdict {
        let Statement { height, view, body } = signed.statement;
        let StatementBody::Prepare { digest } = body else { return Ok(()) };
        let primary = self.turns.primary(height, view, stakes);
        if Some(signed.signer.0) == primary {
            return Ok(());
        }
        let known = self.proposals.get(&height).and_then(|of| of.get(&(view, digest)));
        let by_primary = |proposal: &&Proposal| Some(proposal.signer) == primary;
        let mut known = known.into_iter().flatten().filter(by_primary).peekable();
        let wrong = |what: &str| Err(format!("a Prepare at ({height}, {view}): {what} (R-2)"));
        if known.peek().is_none() {
            return wrong("the primary has not proposed its block");
        }
        let block = self.blocks.get(&height).and_then(|of| of.get(&digest));
        let Some(block) = block.filter(|_| known.all(|proposal| proposal.is_free)) else {
            return Ok(());
        };
        if primary.and_then(|index| stakes.operator(index)) != Some(block.proposer) {
            return wrong("a fresh block that its primary does not propose");
        }
        let is_earliest = self.parent_time(height, block) == Some(block.time.minus(1));
        if block.time > clock.plus(AHEAD_MS) && !is_earliest {
            return wrong("a fresh block of the future (T-1)");
        }
        Ok(())
    }

    fn parent_time(&self, height: Height, block: &Proposed) -> Option<Timestamp> {
        let below = height.previous()?;
        if below == Height::GENESIS {
            return Some(self.genesis_time);
        }
        Some(self.blocks.get(&below)?.get(&block.parent)?.time)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use quorate_crypto::{Hash, Signature};
    use quorate_types::{
        Block, BlockPayload, Header, Justification, ValidatorIndex, ValidatorSetId,
    };

    use super::*;
    use crate::options::Options;
    use crate::plan::Plan;
    use crate::random::Random;
    use crate::setup::{Setup, Terms};

    const NOW: Timestamp = Timestamp(1_000_000);

    fn signed(signer: u16, body: StatementBody) -> SignedStatement {
        let statement = Statement { height: Height(2), view: View::ZERO, body };
        let signature = Signature::from_bytes([0; 64]);
        SignedStatement { statement, signer: ValidatorIndex(signer), signature }
    }

    /// A proposal of a signer: a block of its own at a time.
    fn proposal(signer: u16, proposer: Address, time: Timestamp) -> (Message, StatementBody) {
        let none = Hash::ZERO;
        let header = Header {
            version: 1,
            height: Height(2),
            parent: Digest(none),
            time,
            proposer,
            transactions_root: none,
            transaction_count: 0,
            body_bytes: 0,
            parent_state_root: none,
            parent_receipts_root: none,
            validators_hash: ValidatorSetId(none),
            next_validators_hash: ValidatorSetId(none),
            last_commit_hash: none,
            evidence_root: none,
        };
        let digest = header.digest();
        let block = Block {
            header,
            last_commit: None,
            evidence: Vec::new(),
            rejoins: Vec::new(),
            transactions: Vec::new(),
        };
        let payload = BlockPayload::Whole(Arc::new(block));
        let justification = Justification::default();
        let body = StatementBody::PrePrepare { digest, justification: justification.hash() };
        let signed = signed(signer, body);
        let message = PrePrepare { signed, payload, justification };
        (Message::PrePrepare(Box::new(message)), StatementBody::Prepare { digest })
    }

    #[test]
    fn only_what_the_primary_proposes_in_time_may_be_prepared() {
        let options = Options { validators: Some(4), ..Options::default() };
        let mut random = Random::of_seed(1);
        let plan =
            Plan::draw(&options, &mut random, &mut Random::of_seed(2), &mut Random::of_seed(2));
        let setup = Setup::draw(&plan, &Terms::default(), &mut random);
        let staking = &setup.genesis.document().params.staking;
        let stakes = super::super::economy::at_genesis(&setup.initial.changes, staking);
        let mut turns = Turns::new(setup.context.genesis_hash, plan.epoch_length);
        let primary = turns.primary(Height(2), View::ZERO, &stakes).unwrap();
        let other = (primary + 1) % 4;
        let (own, others) = (stakes.operator(primary).unwrap(), stakes.operator(other).unwrap());
        let judge = |signer: u16, proposer: Address, time: Timestamp, is_known: bool| {
            let turns = Turns::new(setup.context.genesis_hash, plan.epoch_length);
            let mut proposals = Proposals::new(turns, Timestamp(0));
            let (message, vote) = proposal(signer, proposer, time);
            if is_known {
                proposals.note(&message);
            }
            proposals.prepared(&signed(other, vote), NOW, &stakes).is_ok()
        };
        assert!(judge(primary, own, NOW.plus(AHEAD_MS), true));
        assert!(!judge(primary, own, NOW, false), "it was not proposed");
        assert!(!judge(other, others, NOW, true), "proposed out of turn");
        assert!(!judge(primary, others, NOW, true), "another's block, where the value is free");
        assert!(!judge(primary, own, NOW.plus(AHEAD_MS + 1), true), "a block of the future");
    }
}
