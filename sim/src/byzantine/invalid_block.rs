//! Proposals of blocks that break a rule (BZ9, BZ10), one rule at a time, and proposals out of turn.
//! No honest validator may vote for any of them.

use std::sync::Arc;

use quorate_crypto::{AccountSecretKey, Hash, Signature};
use quorate_types::{
    Address, Amount, Block, BlockPayload, ChainTag, Height, Message, Nonce, Timestamp, Transaction,
    TransactionBody, ValidatorSetId, last_commit_hash, transactions_root,
};

use super::Behaviour;
use super::blocks;
use super::hand::{Hand, Letter};

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    Version,
    Parent,
    Height,
    Proposer,
    ValidatorsHash,
    NextValidatorsHash,
    /// Not after its parent.
    EarlyTime,
    /// A century away.
    LateTime,
    TransactionCount,
    BodyBytes,
    EvidenceRoot,
    NoLastCommit,
    /// The last commit lacks a signature and its hash fits.
    ThinLastCommit,
    LastCommitHash,
    /// A transaction whose sender has nothing.
    PoorSender,
    /// A transaction that nobody signed.
    Unsigned,
    /// The first transaction once more.
    Twice,
    /// The first transaction under a signature that does not hold.
    Forged,
    StateRoot,
    ReceiptsRoot,
}

const ROOTS: [Flaw; 2] = [Flaw::StateRoot, Flaw::ReceiptsRoot];
const ANY: [Flaw; 18] = [
    Flaw::Version,
    Flaw::Parent,
    Flaw::Height,
    Flaw::Proposer,
    Flaw::ValidatorsHash,
    Flaw::NextValidatorsHash,
    Flaw::EarlyTime,
    Flaw::LateTime,
    Flaw::TransactionCount,
    Flaw::BodyBytes,
    Flaw::EvidenceRoot,
    Flaw::NoLastCommit,
    Flaw::ThinLastCommit,
    Flaw::LastCommitHash,
    Flaw::PoorSender,
    Flaw::Unsigned,
    Flaw::Twice,
    Flaw::Forged,
];
/// Bytes that no key has signed anything with.
const NO_SIGNATURE: Signature = Signature::from_bytes([1; 64]);
/// A century, in milliseconds.
const CENTURY_MS: u64 = 100 * 365 * 24 * 3_600_000;
/// Proposals that are honest all the same, of a thousand.
const HONEST: u64 = 150;
/// Ticks on which it proposes out of turn, of a thousand.
const OUT_OF_TURN: u64 = 150;

/// Proposes what breaks a rule.
#[derive(Debug)]
pub(super) struct InvalidBlock {
    flaws: &'static [Flaw],
    /// The newest block that anybody proposed, to make others of.
    template: Option<BlockPayload>,
}

impl InvalidBlock {
    pub(super) fn any_rule() -> InvalidBlock {
        InvalidBlock { flaws: &ANY, template: None }
    }

    pub(super) fn roots() -> InvalidBlock {
        InvalidBlock { flaws: &ROOTS, template: None }
    }
}

impl Behaviour for InvalidBlock {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let Some(Message::PrePrepare(proposal)) = letter.message() else {
            return hand.pass(letter);
        };
        if !blocks::is_free(proposal) || hand.random.chance(HONEST) {
            return hand.pass(letter);
        }
        let flaw = hand.random.pick(self.flaws).unwrap_or(Flaw::Parent);
        let Some(payload) = flawed(hand, &proposal.payload, flaw) else {
            return hand.pass(letter);
        };
        hand.forbid(payload.header().digest());
        let view = proposal.signed.statement.view;
        let message = hand.pre_prepare(view, payload, proposal.justification.clone());
        hand.say(&letter.to, message);
    }

    fn on_receive(&mut self, _: &mut Hand<'_>, message: &Message) {
        if let Message::PrePrepare(proposal) = message {
            self.template = Some(proposal.payload.clone());
        }
    }

    /// Out of turn, what would be good in its turn.
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let standing = hand.standing;
        let in_turn = standing.primary == Some(hand.identity.index);
        let Some(template) = self.template.as_ref().filter(|_| !in_turn) else { return };
        if template.header().height != standing.height || !hand.random.chance(OUT_OF_TURN) {
            return;
        }
        let shift = hand.random.between(20, 400);
        let own = hand.identity.address;
        let payload = blocks::later(template, shift);
        let payload = blocks::with_header(&payload, |header| header.proposer = own);
        hand.forbid(payload.header().digest());
        let message = hand.pre_prepare(standing.view, payload, Default::default());
        let to = hand.peers.to_vec();
        hand.say(&to, message);
    }
}

/// The block with a flaw; none where the flaw has no place in it.
fn flawed(hand: &mut Hand<'_>, payload: &BlockPayload, flaw: Flaw) -> Option<BlockPayload> {
    let noise = Hash::from_bytes(hand.random.bytes());
    let header = |change: &dyn Fn(&mut quorate_types::Header)| {
        Some(blocks::with_header(payload, |header| change(header)))
    };
    match flaw {
        Flaw::Version => header(&|header| header.version = header.version.saturating_add(1)),
        Flaw::Parent => header(&|header| header.parent = quorate_types::Digest(noise)),
        Flaw::Height => header(&|header| header.height = header.height.next()),
        Flaw::Proposer => header(&|header| header.proposer = Address([7; 20])),
        Flaw::ValidatorsHash => header(&|header| header.validators_hash = ValidatorSetId(noise)),
        Flaw::NextValidatorsHash => {
            header(&|header| header.next_validators_hash = ValidatorSetId(noise))
        }
        Flaw::EarlyTime => header(&|header| header.time = Timestamp(1)),
        Flaw::LateTime => header(&|header| header.time = header.time.plus(CENTURY_MS)),
        Flaw::TransactionCount => {
            header(&|header| header.transaction_count = header.transaction_count.saturating_add(1))
        }
        Flaw::BodyBytes => {
            header(&|header| header.body_bytes = header.body_bytes.saturating_add(1))
        }
        Flaw::EvidenceRoot => header(&|header| header.evidence_root = noise),
        Flaw::LastCommitHash => header(&|header| header.last_commit_hash = noise),
        Flaw::StateRoot => header(&|header| header.parent_state_root = noise),
        Flaw::ReceiptsRoot => header(&|header| header.parent_receipts_root = noise),
        Flaw::NoLastCommit | Flaw::ThinLastCommit => with_last_commit(payload, flaw),
        Flaw::PoorSender | Flaw::Unsigned | Flaw::Twice | Flaw::Forged => {
            with_transaction(hand, payload, flaw)
        }
    }
}

fn with_last_commit(payload: &BlockPayload, flaw: Flaw) -> Option<BlockPayload> {
    let BlockPayload::Whole(block) = payload else { return None };
    let mut block = Block::clone(block);
    let mut certificate = block.last_commit.take()?;
    if flaw == Flaw::ThinLastCommit {
        // The same number of signatures, of which one is another's.
        let first = *certificate.signatures.first()?;
        *certificate.signatures.last_mut().filter(|last| **last != first)? = first;
        block.last_commit = Some(certificate);
    }
    block.header.last_commit_hash = last_commit_hash(block.last_commit.as_ref());
    Some(BlockPayload::Whole(Arc::new(block)))
}

/// A transaction more, or another one, in a body that fits its header.
fn with_transaction(
    hand: &mut Hand<'_>,
    payload: &BlockPayload,
    flaw: Flaw,
) -> Option<BlockPayload> {
    let BlockPayload::Whole(block) = payload else { return None };
    let mut block = Block::clone(block);
    if flaw == Flaw::Forged {
        let first = block.transactions.first_mut()?;
        let signatures = vec![NO_SIGNATURE; first.body().signers.len()];
        *first = Transaction::new(first.body().clone(), signatures);
    } else if flaw == Flaw::Twice {
        block.transactions.push(block.transactions.first()?.clone());
    } else {
        block.transactions.push(poor(hand, flaw == Flaw::Unsigned));
    }
    block.header.transaction_count = u32::try_from(block.transactions.len()).ok()?;
    block.header.body_bytes = u32::try_from(block.body_bytes()).ok()?;
    block.header.transactions_root = transactions_root(&block.transactions);
    Some(BlockPayload::Whole(Arc::new(block)))
}

/// A transaction of an account that does not exist.
fn poor(hand: &mut Hand<'_>, unsigned: bool) -> Transaction {
    let key = AccountSecretKey::from_seed(hand.random.bytes());
    let context = &hand.identity.context;
    let body = TransactionBody {
        chain_tag: if unsigned { ChainTag([0; 8]) } else { context.tag() },
        signers: vec![key.public()],
        nonce: Nonce(0),
        expiry: Height::GENESIS,
        fee: Amount(1_000_000),
        memo: Vec::new(),
        actions: vec![quorate_types::Action::Transfer(quorate_types::Transfer {
            to: Address([1; 20]),
            amount: Amount(1),
        })],
    };
    if unsigned { Transaction::new(body, vec![NO_SIGNATURE]) } else { body.sign(context, &key) }
}
