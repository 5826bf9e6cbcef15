//! Rules of proposals, answers and bounds: what a node does with a message, asked of the state
//! machine and of the verifier alone.

use std::sync::Arc;

use quorate_consensus::{Action, Input, KeySigner, TimerKind, UnsignedMessage, Vote, complete};
use quorate_crypto::Hash;
use quorate_replica::Verifier;
use quorate_types::wire::{self, FetchAnswer, FetchRequest};
use quorate_types::{
    Block, BlockPayload, ChainParams, Digest, Epoch, EpochEntry, Epochs, Header, Height,
    Justification, KnownEpochs, Message, PrePrepare, SignRecord, Statement, StatementBody,
    Timestamp, ValidatorIndex, last_commit_hash, transactions_root, verify,
};

use crate::certified::{NOW, hear, node};
use crate::chain::{
    block, certificate, commit, context, four, key, prepared, signed, statement, view_change,
};

/// An empty block of height 1 that a validator proposes.
fn proposed_by(signer: u16, time: u64) -> Block {
    let set = four();
    let proposer = set.get(ValidatorIndex(signer)).expect("one of four").address;
    let header = Header {
        version: context().protocol_version,
        height: Height(1),
        parent: block(0),
        time: Timestamp(time),
        proposer,
        transactions_root: transactions_root(&[]),
        transaction_count: 0,
        body_bytes: 0,
        parent_state_root: Hash::ZERO,
        parent_receipts_root: Hash::ZERO,
        validators_hash: set.id(),
        next_validators_hash: set.id(),
        last_commit_hash: last_commit_hash(None),
        evidence_root: Header::empty_evidence_root(),
    };
    Block {
        header,
        last_commit: None,
        evidence: Vec::new(),
        rejoins: Vec::new(),
        transactions: Vec::new(),
    }
}

fn pre_prepare(view: u64, signer: u16, block: Block, justification: Justification) -> PrePrepare {
    let (digest, hash) = (block.digest(), justification.hash());
    let body = StatementBody::PrePrepare { digest, justification: hash };
    let signed = signed(statement(view, body), signer);
    PrePrepare { signed, payload: BlockPayload::Whole(Arc::new(block)), justification }
}

/// Who the primary of view 0 is among four.
fn primary() -> u16 {
    let order = quorate_consensus::primaries(&context().genesis_hash, &four(), Height(1));
    order.first().expect("four of them").0
}

/// Whether a node accepts a proposal of view 0 on which the application says this.
fn is_accepted(signer: u16, time: u64, verdict: bool) -> bool {
    let mut node = node();
    let block = proposed_by(signer, time);
    let digest = block.digest();
    let message = pre_prepare(0, signer, block, Justification::default());
    let _ = hear(&mut node, Message::PrePrepare(Box::new(message)));
    let actions = node.step(NOW, Input::Validated { digest, valid: verdict }).now;
    actions.contains(&Action::StoreBlock(digest))
}

/// R-2, T-1.
pub fn proposals() {
    let (primary, now) = (primary(), NOW.wall.0);
    assert!(is_accepted(primary, now, true));
    assert!(!is_accepted((primary + 1) % 4, now, true), "a proposal out of turn");
    assert!(!is_accepted(primary, now + 501, true), "a block of the future is held");
    assert!(!is_accepted(primary, now, false), "an invalid block");
}

/// Section 6: only the block of the highest prepared view may be carried over, and only the view
/// changes of this view count.
pub fn carried_over() {
    let order = quorate_consensus::primaries(&context().genesis_hash, &four(), Height(1));
    let primary = order.get(1).expect("four of them").0;
    let judged = |of_view: u64, claim: Option<(u64, u8)>| {
        let changes = [0, 1, 2].map(|signer| signed(view_change(of_view, claim), signer));
        let justification = Justification {
            view_changes: changes.to_vec(),
            certificate: claim.map(|(view, byte)| prepared(view, byte, &[0, 1, 2])),
        };
        let message = pre_prepare(1, primary, proposed_by(primary, NOW.wall.0), justification);
        let actions = hear(&mut node(), Message::PrePrepare(Box::new(message)));
        actions.iter().any(|action| matches!(action, Action::Validate { .. }))
    };
    assert!(judged(1, None), "nothing is prepared: any block");
    assert!(!judged(2, None), "view changes for another view");
    assert!(!judged(1, Some((0, 9))), "another block than the prepared one");
}

/// Section 6: what travels beside a pre-prepare is what is signed, by those whom it names.
pub fn justifications() {
    let holds = |message: PrePrepare| {
        verify::message(Message::PrePrepare(Box::new(message)), &context(), &four()).is_ok()
    };
    let of = |signers: [u16; 3]| Justification {
        view_changes: signers.map(|signer| signed(view_change(1, None), signer)).to_vec(),
        certificate: None,
    };
    let good = pre_prepare(1, 0, proposed_by(0, 2_000), of([0, 1, 2]));
    assert!(holds(good.clone()));
    let other = PrePrepare { justification: of([1, 2, 3]), ..good };
    assert!(!holds(other), "another justification than the signed one");
    let mut forged = of([0, 1, 2]);
    forged.view_changes[2].signer = ValidatorIndex(3);
    assert!(!holds(pre_prepare(1, 0, proposed_by(0, 2_000), forged)), "a forged view change");
}

/// an answer is one to what was asked for.
pub fn answers() {
    let entry = EpochEntry {
        number: Epoch::FIRST,
        first: Height(1),
        params: ChainParams::default(),
        validators: four(),
    };
    let epochs = KnownEpochs::new(&Epochs::single(Arc::new(entry)));
    let verifier = Verifier::new(context(), epochs);
    let one = Arc::new(proposed_by(0, 2_000));
    let answer = wire::encode_answer(&FetchAnswer::Block(Some(Arc::clone(&one))));
    let ask = |digest: Digest| verifier.answer(&FetchRequest::Block(digest), &answer).is_ok();
    assert!(ask(one.digest()));
    assert!(!ask(block(1)), "another block");
    let stranger = certificate(0, 1, &[0, 1, 2]);
    let answer = wire::encode_answer(&FetchAnswer::Range(vec![(one, stranger)]));
    let request = FetchRequest::Range { from: Height(1), count: 1 };
    assert!(verifier.answer(&request, &answer).is_err(), "the certificate of another block");
}

/// messages of heights far above are not kept.
pub fn bounds() {
    let far = |height: u64| {
        let statement = Statement { height: Height(height), ..commit(0, 1) };
        Message::Commit(signed(statement, 0))
    };
    let mut node = node();
    let _ = hear(&mut node, far(2_000));
    let before = node.clone();
    let _ = hear(&mut node, far(1_000));
    assert!(node == before, "a message of height 1000 is forgotten");
    let _ = hear(&mut node, far(3));
    assert!(node != before, "one of height 3 is kept");
}

/// S-1, S-2: the record that is written says what is signed.
pub fn records() {
    let wanted = commit(0, 1);
    let record = SignRecord { height: Height(1), ..SignRecord::default() };
    let statements = vec![UnsignedMessage::Commit(wanted)];
    let vote = Vote { record, statements, signer: ValidatorIndex(0), context: context() };
    let written = complete(vote, &mut KeySigner::new(key(0))).record;
    let guard = written.guard.expect("something is signed");
    assert_eq!(guard.body, wanted.signing_hash(&context()));
    let mark = written.last_commit.expect("a Commit is signed");
    assert_eq!(mark.digest, block(1));
}

/// R-6, T-2, T-3: a weak set ahead moves a node, one validator does not; the timer of a view starts
/// with a quorum, doubles from view to view, and ends at its cap.
pub fn views() {
    let at = |view: u64, signers: &[u16]| {
        let mut node = node();
        let mut actions = Vec::new();
        for signer in signers {
            let body = StatementBody::Prepare { digest: block(1) };
            let ahead = Message::Prepare(signed(statement(view, body), *signer));
            actions.extend(hear(&mut node, ahead));
        }
        let timer = actions.iter().find_map(|action| {
            let Action::SetTimer { timer, after_ms } = action else { return None };
            (timer.kind == TimerKind::View).then_some(*after_ms)
        });
        (node.progress().map(|progress| progress.view.0), timer)
    };
    assert_eq!(at(5, &[0]).0, Some(0), "one of four");
    assert_eq!(at(5, &[0, 1]), (Some(5), None), "two of four: the gate is shut");
    assert_eq!(at(1, &[0, 1, 2]), (Some(1), Some(2_000)), "three of four: the gate is open");
    let (_, last) = at(1_000, &[0, 1, 2]);
    assert_eq!(last, Some(20_000), "no view lasts longer than twice the cap");
}
