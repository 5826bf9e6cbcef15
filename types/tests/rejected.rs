//! B-2 and B-6: what no value encodes to, and every limit at its last value and one past it.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Validators, body, digest, prepare, samples, sign, transfer};
use quorate_crypto::AccountSecretKey;
use quorate_types::limits::{
    MAX_ACTIONS, MAX_BLOCK_EVIDENCE, MAX_BLOCK_REJOINS, MAX_CHAIN_ID_BYTES, MAX_EVENTS,
    MAX_MEMO_BYTES, MAX_OWN_MESSAGES, MAX_RECORD_KEY_BYTES, MAX_RECORD_VALUE_BYTES, MAX_SIGNERS,
    MAX_TRANSACTION_BYTES, MAX_VALIDATORS,
};
use quorate_types::{
    Action, Amount, Canonical, Certificate, ChainId, CompactBlock, DecodeError, Justification,
    OwnMessage, PrePrepare, Receipt, RecordKey, RecordValue, SignRecord, SignedStatement,
    SignerSet, Statement, Transaction, TransactionBody, TransactionError, TransactionId, Validator,
    ValidatorSet, ViewChange,
};

/// Where fields of the first sample transaction start.
const SCHEME: usize = 10;
const KEY: usize = 11;
const MEMO: usize = 67;
const ACTIONS: usize = 69;
const KIND: usize = 71;
const ACTION_LENGTH: usize = 73;

fn unknown(what: &'static str, found: u64) -> DecodeError {
    DecodeError::Unknown { what, found }
}

fn too_long(what: &'static str, found: usize, limit: usize) -> DecodeError {
    DecodeError::TooLong { what, found, limit }
}

/// The first sample transaction with some bytes replaced.
fn changed(position: usize, bytes: &[u8]) -> Result<Transaction, DecodeError> {
    let mut transaction = sign(body(), &[1]).bytes().to_vec();
    transaction[position..position + bytes.len()].copy_from_slice(bytes);
    Transaction::from_slice(&transaction)
}

#[test]
fn unknown_versions_schemes_and_kinds_of_transactions() {
    assert_eq!(changed(0, &[0]), Err(unknown("transaction version", 0)));
    assert_eq!(changed(0, &[2]), Err(unknown("transaction version", 2)));
    assert_eq!(changed(SCHEME, &[1]), Err(unknown("signature scheme", 1)));
    assert_eq!(changed(KIND, &[0, 0]), Err(unknown("action kind", 0)));
    assert_eq!(changed(KIND, &[1, 1]), Err(unknown("action kind", 257)));
    let error = TransactionError::from(changed(0, &[2]).unwrap_err());
    assert!(matches!(error, TransactionError::Unsupported(_)), "{error:?}");
}

#[test]
fn impossible_counts_lengths_and_keys_of_transactions() {
    assert_eq!(changed(9, &[0]), Err(DecodeError::Invalid("transaction: no signer")));
    assert_eq!(changed(KEY, &[0xff; 32]), Err(DecodeError::Invalid("account key")));
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(changed(KEY, &identity), Err(DecodeError::Invalid("account key")));
    let short = DecodeError::Truncated { wanted: 8, left: 7 };
    assert_eq!(changed(ACTION_LENGTH, &[0, 0, 0, 27]), Err(short));
    assert_eq!(changed(ACTION_LENGTH, &[0, 0, 0, 29]), Err(DecodeError::Trailing(1)));
    let limit = MAX_TRANSACTION_BYTES;
    let error = too_long("action", usize::try_from(u32::MAX).unwrap(), limit);
    assert_eq!(changed(ACTION_LENGTH, &[0xff; 4]), Err(error));
}

#[test]
fn limits_of_transactions_are_exact() {
    let memo = |bytes| TransactionBody { memo: vec![1; bytes], ..body() };
    let past = MAX_MEMO_BYTES + 1;
    let decoded = |body: TransactionBody| TransactionBody::from_bytes(&body.to_bytes());
    assert!(decoded(memo(MAX_MEMO_BYTES)).is_ok());
    assert_eq!(decoded(memo(past)), Err(too_long("memo", past, MAX_MEMO_BYTES)));
    assert!(changed(MEMO, &[1, 1]).is_err());

    let actions = |count| TransactionBody { actions: vec![transfer(2, 1); count], ..body() };
    assert!(decoded(actions(MAX_ACTIONS)).is_ok());
    let past = MAX_ACTIONS + 1;
    assert_eq!(decoded(actions(past)), Err(too_long("actions", past, MAX_ACTIONS)));
    assert_eq!(changed(ACTIONS, &[0xff; 2]), Err(too_long("actions", 65_535, MAX_ACTIONS)));

    let record = |key: usize, value: usize| {
        let mut bytes = Action::PutRecord {
            key: RecordKey::new(vec![1]).unwrap(),
            value: RecordValue::new(Vec::new()).unwrap(),
        }
        .to_bytes();
        bytes.truncate(2);
        bytes.extend(u32::try_from(2 + key + 4 + value).unwrap().to_be_bytes());
        bytes.extend(u16::try_from(key).unwrap().to_be_bytes());
        bytes.extend(vec![7; key]);
        bytes.extend(u32::try_from(value).unwrap().to_be_bytes());
        bytes.extend(vec![8; value]);
        Action::from_bytes(&bytes).map(|_| ())
    };
    assert_eq!(record(MAX_RECORD_KEY_BYTES, MAX_RECORD_VALUE_BYTES), Ok(()));
    assert_eq!(record(1, 0), Ok(()));
    assert_eq!(record(0, 0), Err(DecodeError::Invalid("record key: empty")));
    let past = MAX_RECORD_KEY_BYTES + 1;
    assert_eq!(record(past, 0), Err(too_long("record key", past, MAX_RECORD_KEY_BYTES)));
    let past = MAX_RECORD_VALUE_BYTES + 1;
    assert_eq!(record(1, past), Err(too_long("record value", past, MAX_RECORD_VALUE_BYTES)));

    let key = AccountSecretKey::from_seed([1; 32]).public();
    let signers = |count| TransactionBody { signers: vec![key; count], ..body() };
    assert!(decoded(signers(MAX_SIGNERS)).is_ok());
    let past = MAX_SIGNERS + 1;
    assert_eq!(decoded(signers(past)), Err(too_long("signers", past, MAX_SIGNERS)));

    let (limit, past) = (MAX_TRANSACTION_BYTES, MAX_TRANSACTION_BYTES + 1);
    let padded = |length| {
        let mut bytes = sign(body(), &[1]).bytes().to_vec();
        bytes.resize(length, 0);
        Transaction::from_slice(&bytes)
    };
    let short = sign(body(), &[1]).bytes().len();
    assert_eq!(padded(limit), Err(DecodeError::Trailing(limit - short)));
    assert_eq!(padded(past), Err(too_long("transaction", past, limit)));
    let error = TransactionError::from(padded(past).unwrap_err());
    assert_eq!(error, TransactionError::TooLarge { found: past, limit });
}

#[test]
fn unknown_steps_tags_and_kinds_of_consensus() {
    let statements = samples::statements();
    let with = |index: usize, position: usize, byte: u8| {
        let mut bytes = statements[index].1.statement.to_bytes();
        bytes[position] = byte;
        Statement::from_bytes(&bytes)
    };
    assert_eq!(with(0, 0, 4), Err(unknown("step", 4)));
    assert_eq!(with(0, 17, 2), Err(unknown("prepared", 2)));
    let mut certificate = samples::certificates()[0].1.to_bytes();
    for kind in [0, 1, 4, 255] {
        certificate[0] = kind;
        let error = unknown("certificate kind", u64::from(kind));
        assert_eq!(Certificate::from_bytes(&certificate), Err(error));
    }
    let mut payload = samples::payloads()[2].1.to_bytes();
    payload[0] = 2;
    let again = quorate_types::BlockPayload::from_bytes(&payload);
    assert_eq!(again, Err(unknown("block payload", 2)));
    let mut receipt = samples::receipts()[0].1.to_bytes();
    receipt[33] = 200;
    assert_eq!(Receipt::from_bytes(&receipt), Err(unknown("outcome", 200)));
    receipt[33] = 0;
    receipt[47] = 200;
    assert_eq!(Receipt::from_bytes(&receipt), Err(unknown("event", 200)));
}

#[test]
fn options_have_two_tags() {
    let mut view_change = samples::view_changes()[0].1.to_bytes();
    *view_change.last_mut().unwrap() = 2;
    let error = unknown("prepared certificate", 2);
    assert_eq!(ViewChange::from_bytes(&view_change), Err(error));
    let mut record = SignRecord::default().to_bytes();
    record[0] = 2;
    assert_eq!(SignRecord::from_bytes(&record), Err(unknown("guard", 2)));
    let mut record = SignRecord::default().to_bytes();
    *record.last_mut().unwrap() = 2;
    assert_eq!(SignRecord::from_bytes(&record), Err(unknown("observing", 2)));
    let mut pre_prepare =
        samples::pre_prepare(0, samples::payloads().remove(0).1, Justification::default());
    pre_prepare.justification.certificate = None;
    let mut bytes = pre_prepare.to_bytes();
    *bytes.last_mut().unwrap() = 9;
    assert_eq!(PrePrepare::from_bytes(&bytes), Err(unknown("prepared certificate", 9)));
}

#[test]
fn an_own_message_has_the_step_of_its_statement() {
    let signed = samples::statements()[4].1;
    let mut bytes = OwnMessage::Prepare(signed).to_bytes();
    assert!(OwnMessage::from_bytes(&bytes).is_ok());
    bytes[0] = 3;
    let error = DecodeError::Invalid("own message: step");
    assert_eq!(OwnMessage::from_bytes(&bytes), Err(error));
}

#[test]
fn limits_of_lists_are_exact() {
    let vote = Validators::of(&[1]).sign(0, prepare(1, 0, digest(1)));
    let of = |count| Justification { view_changes: vec![vote; count], certificate: None };
    let decoded = |count| Justification::from_bytes(&of(count).to_bytes());
    assert!(decoded(MAX_VALIDATORS).is_ok());
    let past = MAX_VALIDATORS + 1;
    assert_eq!(decoded(past), Err(too_long("view changes", past, MAX_VALIDATORS)));

    let own = OwnMessage::Prepare(vote);
    let of = |count| SignRecord { messages: vec![own.clone(); count], ..SignRecord::default() };
    let decoded = |count| SignRecord::from_bytes(&of(count).to_bytes());
    assert!(decoded(MAX_OWN_MESSAGES).is_ok());
    let past = MAX_OWN_MESSAGES + 1;
    assert_eq!(decoded(past), Err(too_long("own messages", past, MAX_OWN_MESSAGES)));

    let success = samples::receipts().remove(0).1;
    let event = &success.events[0];
    let decoded = |count| {
        let receipt = Receipt { events: vec![event.clone(); count], ..success.clone() };
        Receipt::from_bytes(&receipt.to_bytes())
    };
    assert!(decoded(MAX_EVENTS).is_ok());
    let past = MAX_EVENTS + 1;
    assert_eq!(decoded(past), Err(too_long("events", past, MAX_EVENTS)));

    let compact = samples::blocks()[1].compact();
    let decoded = |count| {
        let transactions = vec![TransactionId::default(); count];
        CompactBlock::from_bytes(&CompactBlock { transactions, ..compact.clone() }.to_bytes())
    };
    let evidence = samples::evidence().remove(0).1;
    let entries = |count, rejoins: usize| {
        let evidence = vec![evidence.clone(); count];
        let rejoins = vec![samples::rejoins().remove(0).1; rejoins];
        CompactBlock::from_bytes(&CompactBlock { evidence, rejoins, ..compact.clone() }.to_bytes())
    };
    assert!(entries(MAX_BLOCK_EVIDENCE, MAX_BLOCK_REJOINS).is_ok());
    let past = MAX_BLOCK_EVIDENCE + 1;
    assert_eq!(entries(past, 0), Err(too_long("evidence", past, MAX_BLOCK_EVIDENCE)));
    let past = MAX_BLOCK_REJOINS + 1;
    assert_eq!(entries(0, past), Err(too_long("rejoins", past, MAX_BLOCK_REJOINS)));
    assert!(decoded(5_000).is_ok());
    assert_eq!(decoded(5_001), Err(too_long("transaction ids", 5_001, 5_000)));
}

#[test]
fn a_count_is_judged_before_anything_is_read_for_it() {
    let error = too_long("view changes", usize::try_from(u32::MAX).unwrap(), MAX_VALIDATORS);
    assert_eq!(Justification::from_bytes(&[0xff; 4]), Err(error));
    let size = too_long("signer set", 201, MAX_VALIDATORS);
    assert_eq!(SignerSet::from_bytes(&[0, 201]), Err(size));
    assert!(SignerSet::from_bytes(&[vec![0, 200], vec![0; 25]].concat()).is_ok());
}

#[test]
fn a_validator_set_is_listed_in_order_once() {
    let set = Validators::four().set;
    let encode = |validators: &[&Validator]| {
        let mut bytes = u32::try_from(validators.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(validators.iter().flat_map(|validator| validator.to_bytes()));
        ValidatorSet::from_bytes(&bytes)
    };
    let [a, b, ..] = set.validators() else { panic!("four") };
    assert!(encode(&[a, b]).is_ok());
    let order = DecodeError::Invalid("validator set: order");
    assert_eq!(encode(&[b, a]), Err(order));
    let invalid = DecodeError::Invalid("validator set");
    assert_eq!(encode(&[a, a]), Err(invalid.clone()));
    assert_eq!(encode(&[]), Err(invalid.clone()));
    let powerless = Validator { power: quorate_types::Power(0), ..a.clone() };
    assert_eq!(encode(&[&powerless]), Err(invalid));
    let mut bytes = a.to_bytes();
    bytes[20..52].copy_from_slice(&[0; 32]);
    let key = DecodeError::Invalid("validator key");
    assert_eq!(Validator::from_bytes(&bytes), Err(key));
}

#[test]
fn chain_ids_follow_their_rule() {
    let longest = "a".repeat(MAX_CHAIN_ID_BYTES);
    for name in ["a", "local-1", "main-net-2", &longest] {
        let id: ChainId = name.parse().unwrap();
        assert_eq!(ChainId::from_bytes(&id.to_bytes()), Ok(id));
    }
    let past = "a".repeat(MAX_CHAIN_ID_BYTES + 1);
    for name in ["", "1a", "-a", "A", "a_b", "a b", "\u{e4}", "a\n", &past] {
        assert!(name.parse::<ChainId>().is_err(), "{name:?}");
    }
    let invalid = DecodeError::Invalid("chain id");
    assert_eq!(ChainId::from_bytes(&[0]), Err(invalid.clone()));
    assert_eq!(ChainId::from_bytes(&[1, 0xff]), Err(invalid.clone()));
    assert_eq!(ChainId::from_bytes(&[1, b'A']), Err(invalid));
    let error = too_long("chain id", 49, MAX_CHAIN_ID_BYTES);
    assert_eq!(ChainId::from_bytes(&[&[49][..], past.as_bytes()].concat()), Err(error));
    assert!("local-x".parse::<ChainId>().unwrap().is_local());
    assert!(!"localhost".parse::<ChainId>().unwrap().is_local());
}

#[test]
fn numbers_keep_their_width() {
    assert_eq!(Amount(1).to_bytes(), [0, 0, 0, 0, 0, 0, 0, 1], "big-endian");
    let statement = SignedStatement::from_bytes(&[]);
    assert_eq!(statement, Err(DecodeError::Truncated { wanted: 1, left: 0 }));
}
