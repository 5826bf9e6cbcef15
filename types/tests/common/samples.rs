//! One value or more of every type with canonical bytes.

use std::sync::Arc;

use quorate_types::{
    Account, Action, Amount, ArchivedProposal, Block, BlockPayload, Certificate, CertificateKind,
    CommitMark, Event, Evidence, FailureCode, Guard, Header, Height, HeightArchive, Justification,
    Nonce, Outcome, OwnMessage, PrePrepare, PreparedMark, Receipt, RecordKey, RecordValue, Rejoin,
    RejoinBody, SignRecord, SignedStatement, Statement, StatementBody, Step, Timestamp,
    Transaction, TransactionBody, View, ViewChange, evidence_root, last_commit_hash, receipts_root,
    transactions_root,
};

use super::{Validators, address, body, digest, hash, sign, stake_samples, statement, transfer};

/// Transactions by name, each with its signers' seeds.
pub fn transactions() -> Vec<(&'static str, Vec<u8>, Transaction)> {
    let with_memo = TransactionBody {
        nonce: Nonce(7),
        expiry: Height(1_000),
        fee: Amount(3_000),
        memo: b"rent, May".to_vec(),
        ..body()
    };
    let largest = TransactionBody {
        nonce: Nonce(u64::MAX),
        expiry: Height(u64::MAX),
        fee: Amount(u64::MAX),
        memo: vec![0xff; 256],
        actions: vec![transfer(3, u64::MAX)],
        ..body()
    };
    let key = || RecordKey::new(b"report/2026".to_vec()).unwrap();
    let value = |bytes: &[u8]| RecordValue::new(bytes.to_vec()).unwrap();
    let records = TransactionBody {
        fee: Amount(5_000),
        actions: vec![
            Action::PutRecord { key: key(), value: value(b"draft") },
            Action::UpdateRecord { key: key(), value: value(b"") },
            Action::DeleteRecord { key: key() },
        ],
        ..body()
    };
    let stake =
        TransactionBody { fee: Amount(90_000), actions: stake_samples::actions(), ..body() };
    let vote = stake_samples::actions().split_off(8);
    let vote = TransactionBody { fee: Amount(9_000), actions: vote, ..body() };
    let two = TransactionBody { actions: vec![transfer(2, 1), transfer(3, 2)], ..body() };
    vec![
        ("transfer", vec![1], sign(body(), &[1])),
        ("memo and expiry", vec![1], sign(with_memo, &[1])),
        ("largest numbers and memo", vec![2], sign(largest, &[2])),
        ("records", vec![1], sign(records, &[1])),
        ("stake", vec![1], sign(stake, &[1])),
        ("change of parameters", vec![3, 1, 2], sign(vote, &[3, 1, 2])),
        ("two signers: the layout alone", vec![1, 2], sign(two, &[1, 2])),
    ]
}

/// Statements by name, each with its signer's index.
pub fn statements() -> Vec<(&'static str, SignedStatement)> {
    let validators = Validators::four();
    let prepared = Some((View(1), digest(0xaa)));
    let justification = hash(0xbb);
    let bodies = [
        ("view change, nothing prepared", 2, StatementBody::ViewChange { prepared: None }),
        ("view change, prepared", 3, StatementBody::ViewChange { prepared }),
        (
            "pre-prepare at view 0",
            0,
            StatementBody::PrePrepare { digest: digest(0xaa), justification: hash(0) },
        ),
        (
            "pre-prepare above view 0",
            2,
            StatementBody::PrePrepare { digest: digest(0xaa), justification },
        ),
        ("prepare", 0, StatementBody::Prepare { digest: digest(0xaa) }),
        ("commit", 0, StatementBody::Commit { digest: digest(0xaa) }),
    ];
    let signed =
        |signer, (name, view, body)| (name, validators.sign(signer, statement(5, view, body)));
    bodies.into_iter().zip([0, 1, 2, 3, 0, 1]).map(|(body, signer)| signed(signer, body)).collect()
}

/// Certificates by name.
pub fn certificates() -> Vec<(&'static str, Certificate)> {
    let validators = Validators::four();
    let certify = |kind, at, signers: &[u16]| validators.certify(kind, at, digest(0xaa), signers);
    let alone = Validators::of(&[1]);
    vec![
        ("prepared, all four", certify(CertificateKind::Prepared, (5, 1), &[0, 1, 2, 3])),
        ("commit, three of four", certify(CertificateKind::Commit, (5, 0), &[0, 2, 3])),
        ("commit, one of one", alone.certify(CertificateKind::Commit, (1, 0), digest(0xaa), &[0])),
    ]
}

pub fn receipts() -> Vec<(&'static str, Receipt)> {
    let transaction = sign(body(), &[1]).id();
    let (fee, amount) = (Amount(2_690), Amount(1_000_000_000));
    let key = || RecordKey::new(b"report/2026".to_vec()).unwrap();
    let mut events = vec![
        Event::Transfer { from: address(1), to: address(2), amount },
        Event::RecordPut { owner: address(1), key: key() },
        Event::RecordDeleted { owner: address(1), key: key() },
    ];
    events.extend(stake_samples::events());
    let failed = |code, action| Receipt {
        transaction,
        outcome: Outcome::Failed { code, action },
        fee,
        events: Vec::new(),
    };
    vec![
        ("success", Receipt { transaction, outcome: Outcome::Success, fee, events }),
        ("insufficient funds", failed(FailureCode::InsufficientFunds, 0)),
        ("balance overflow", failed(FailureCode::BalanceOverflow, 3)),
        ("record missing", failed(FailureCode::RecordMissing, 1)),
        ("share overflow", failed(FailureCode::ShareOverflow, 63)),
        ("no quorum", failed(FailureCode::NoQuorum, 0)),
    ]
}

/// Evidence of height 1 by name.
pub fn evidence() -> Vec<(&'static str, Evidence)> {
    let validators = Validators::four();
    let commit = |byte| validators.sign(3, super::commit(1, 0, digest(byte)));
    let justification = Justification {
        view_changes: vec![validators.sign(0, view_change(1, 1))],
        certificate: None,
    };
    let body =
        StatementBody::PrePrepare { digest: digest(0xaa), justification: justification.hash() };
    let pre_prepare = validators.sign(2, statement(1, 1, body));
    vec![
        ("two commits", Evidence::conflict(commit(0xaa), commit(0xbb))),
        ("unjustified", Evidence::Unjustified { pre_prepare, justification }),
    ]
}

fn view_change(height: u64, view: u64) -> Statement {
    statement(height, view, StatementBody::ViewChange { prepared: None })
}

/// What is kept of a height, by name.
pub fn archives() -> Vec<(&'static str, HeightArchive)> {
    let Some((_, Evidence::Unjustified { pre_prepare, justification })) = evidence().pop() else {
        panic!("the last one");
    };
    let statements = justification.view_changes.clone();
    let proposal = ArchivedProposal { signed: pre_prepare, justification };
    vec![("archive", HeightArchive { height: Height(1), proposals: vec![proposal], statements })]
}

/// Rejoin entries by name, ascending by address.
pub fn rejoins() -> Vec<(&'static str, Rejoin)> {
    let validators = Validators::four();
    let rejoin = |index: u16, height, value| {
        let validator = validators.set.validators()[usize::from(index)].address;
        let body = RejoinBody { validator, height: Height(height), value: hash(value) };
        body.sign(&super::context(), &validators.key(index))
    };
    vec![("at genesis", rejoin(0, 0, 0x77)), ("above it", rejoin(2, 1, 0x88))]
}

/// The first block, empty, and the second with two transactions and the first's certificate,
/// evidence and rejoin entries.
pub fn blocks() -> [Block; 2] {
    let validators = Validators::four();
    let set = validators.set.id();
    let header = Header {
        version: 1,
        height: Height(1),
        parent: quorate_types::Digest(super::context().genesis_hash),
        time: Timestamp(1_750_000_000_000),
        proposer: validators.set.validators()[0].address,
        transactions_root: transactions_root(&[]),
        transaction_count: 0,
        body_bytes: 0,
        parent_state_root: hash(0x51),
        parent_receipts_root: receipts_root(&[]),
        validators_hash: set,
        next_validators_hash: set,
        last_commit_hash: last_commit_hash(None),
        evidence_root: Header::empty_evidence_root(),
    };
    let first = Block {
        header,
        last_commit: None,
        evidence: Vec::new(),
        rejoins: Vec::new(),
        transactions: Vec::new(),
    };
    let kind = CertificateKind::Commit;
    let last_commit = Some(validators.certify(kind, (1, 0), first.digest(), &[1, 2, 3]));
    let evidence = evidence().into_iter().map(|(_, evidence)| evidence).collect::<Vec<_>>();
    let rejoins = rejoins().into_iter().map(|(_, rejoin)| rejoin).collect::<Vec<_>>();
    let transactions: Vec<Transaction> =
        transactions().into_iter().take(2).map(|(_, _, transaction)| transaction).collect();
    let bytes: usize = transactions.iter().map(|transaction| transaction.bytes().len()).sum();
    let header = Header {
        height: Height(2),
        parent: first.digest(),
        time: Timestamp(1_750_000_002_000),
        proposer: validators.set.validators()[1].address,
        transactions_root: transactions_root(&transactions),
        transaction_count: 2,
        body_bytes: u32::try_from(bytes).unwrap(),
        parent_state_root: hash(0x52),
        last_commit_hash: last_commit_hash(last_commit.as_ref()),
        evidence_root: evidence_root(&evidence, &rejoins),
        ..first.header.clone()
    };
    [first, Block { header, last_commit, evidence, rejoins, transactions }]
}

/// Payloads by name.
pub fn payloads() -> Vec<(&'static str, BlockPayload)> {
    let [first, second] = blocks();
    let compact = second.compact();
    vec![
        ("whole, first block", BlockPayload::Whole(Arc::new(first))),
        ("whole", BlockPayload::Whole(Arc::new(second))),
        ("compact", BlockPayload::Compact(Arc::new(compact))),
    ]
}

/// Justifications by name, for height 2 and view 2; the second one's value is the second block.
pub fn justifications() -> Vec<(&'static str, Justification)> {
    let validators = Validators::four();
    let value = blocks()[1].digest();
    let change = |signer, prepared| {
        validators.sign(signer, statement(2, 2, StatementBody::ViewChange { prepared }))
    };
    let unprepared = (1..4).map(|signer| change(signer, None)).collect();
    let prepared = vec![change(1, None), change(2, Some((View(1), value))), change(3, None)];
    let certificate = validators.certify(CertificateKind::Prepared, (2, 1), value, &[1, 2, 3]);
    vec![
        ("empty", Justification::default()),
        ("nothing prepared", Justification { view_changes: unprepared, certificate: None }),
        ("prepared", Justification { view_changes: prepared, certificate: Some(certificate) }),
    ]
}

/// The pre-prepare of the second block at (2, view).
pub fn pre_prepare(view: u64, payload: BlockPayload, justification: Justification) -> PrePrepare {
    let digest = payload.header().digest();
    let body = StatementBody::PrePrepare { digest, justification: justification.hash() };
    let signed = Validators::four().sign(1, statement(2, view, body));
    PrePrepare { signed, payload, justification }
}

/// View changes of height 2 by name, valid by R-7.
pub fn view_changes() -> Vec<(&'static str, ViewChange)> {
    let (validators, value) = (Validators::four(), blocks()[1].digest());
    let change =
        |prepared| validators.sign(2, statement(2, 2, StatementBody::ViewChange { prepared }));
    let certificate = validators.certify(CertificateKind::Prepared, (2, 1), value, &[1, 2, 3]);
    vec![
        ("nothing prepared", ViewChange { signed: change(None), certificate: None }),
        (
            "prepared",
            ViewChange { signed: change(Some((View(1), value))), certificate: Some(certificate) },
        ),
    ]
}

/// Sign-state records by name.
pub fn sign_records() -> Vec<(&'static str, SignRecord)> {
    let (validators, value) = (Validators::four(), blocks()[1].digest());
    let vote = |body| validators.sign(1, statement(2, 2, body));
    let prepare = vote(StatementBody::Prepare { digest: value });
    let commit = vote(StatementBody::Commit { digest: value });
    let [_, (_, view_change)] = <[_; 2]>::try_from(view_changes()).unwrap();
    let justification = justifications().remove(2).1;
    let signed = pre_prepare(2, payloads().remove(1).1, justification.clone()).signed;
    let certificate = validators.certify(CertificateKind::Prepared, (2, 2), value, &[1, 2, 3]);
    let parent = blocks()[1].last_commit.clone();
    let at = (Height(2), View(2));
    let full = SignRecord {
        guard: Some(Guard { height: at.0, view: at.1, step: Step::Commit, body: hash(0xcc) }),
        last_commit: Some(CommitMark { height: at.0, view: at.1, digest: value }),
        height: at.0,
        view: at.1,
        accepted: Some(value),
        prepared: Some(PreparedMark { view: at.1, digest: value, certificate }),
        messages: vec![
            OwnMessage::ViewChange(view_change),
            OwnMessage::PrePrepare { signed, justification },
            OwnMessage::Prepare(prepare),
            OwnMessage::Commit(commit),
        ],
        parent_certificate: parent,
        observing: true,
    };
    vec![("never signed", SignRecord::default()), ("everything", full)]
}

pub fn account() -> Account {
    Account { nonce: Nonce(7), balance: Amount(5_000_000_000) }
}
