//! B-2 on the wire: protobuf has many encodings of a message; one is accepted.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Validators, body, commit, digest, prepare, samples, sign, wire_samples};
use quorate_types::limits::{
    MAX_CONSENSUS_MESSAGE_BYTES, MAX_FETCH_ANSWER_BYTES, MAX_FETCH_BLOCKS, MAX_FETCH_STATEMENTS,
    MAX_SMALL_MESSAGE_BYTES, MAX_TRANSACTION_BATCH, MAX_TRANSACTION_BATCH_BYTES,
};
use quorate_types::wire::{
    FetchAnswer, FetchRequest, decode_answer, decode_message, decode_request, decode_status,
    decode_transactions, encode_answer, encode_message, encode_request, encode_status,
    encode_transactions,
};
use quorate_types::{Canonical, DecodeError, Height, Message, Status, Transaction, View};

const STATUS: Status = Status {
    height: Height(5),
    view: View(2),
    prepared: Some(View(0)),
    decided: Height(4),
    first_stored: Height(1),
};

fn is_protobuf<T: std::fmt::Debug>(verdict: Result<T, DecodeError>) -> bool {
    matches!(verdict, Err(DecodeError::Protobuf(_)))
}

/// A field of type `bytes`.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 1 << 14);
    let (low, high) = (bytes.len() % 128, bytes.len() / 128);
    let length = [u8::try_from(low).unwrap() | 0x80, u8::try_from(high).unwrap()];
    let length = if high == 0 { vec![length[0] & 0x7f] } else { length.to_vec() };
    [vec![tag << 3 | 2], length, bytes.to_vec()].concat()
}

#[test]
fn every_sample_decodes_to_what_was_encoded() {
    for (name, message) in wire_samples::messages() {
        assert_eq!(decode_message(&encode_message(&message)), Ok(message), "{name}");
    }
    for (name, status) in wire_samples::statuses() {
        assert_eq!(decode_status(&encode_status(&status)), Ok(status), "{name}");
    }
    for (name, request) in wire_samples::requests() {
        assert_eq!(decode_request(&encode_request(&request)), Ok(request), "{name}");
    }
    for (name, answer) in wire_samples::answers() {
        assert_eq!(decode_answer(&encode_answer(&answer)), Ok(answer), "{name}");
    }
}

#[test]
fn the_one_encoding_of_a_status() {
    // height 5, view 2, prepared view 0 (present), decided 4, first stored 1.
    let bytes = [0x08, 5, 0x10, 2, 0x18, 0, 0x20, 4, 0x28, 1];
    assert_eq!(encode_status(&STATUS), bytes);
    let others: [(&str, &[u8]); 7] = [
        ("reordered", &[0x10, 2, 0x08, 5, 0x18, 0, 0x20, 4, 0x28, 1]),
        ("twice", &[0x08, 5, 0x08, 5, 0x10, 2, 0x18, 0, 0x20, 4, 0x28, 1]),
        ("long varint", &[0x08, 0x85, 0x00, 0x10, 2, 0x18, 0, 0x20, 4, 0x28, 1]),
        ("long key", &[0x88, 0x00, 5, 0x10, 2, 0x18, 0, 0x20, 4, 0x28, 1]),
        ("unknown field", &[0x08, 5, 0x10, 2, 0x18, 0, 0x20, 4, 0x28, 1, 0x30, 1]),
        ("wrong type", &[0x0a, 1, 5, 0x10, 2, 0x18, 0, 0x20, 4, 0x28, 1]),
        ("past 64 bits", &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 127]),
    ];
    for (name, bytes) in others {
        assert!(is_protobuf(decode_status(bytes)), "{name}");
    }
}

#[test]
fn explicit_defaults_are_refused() {
    let view_0 = Status { view: View(0), ..STATUS };
    assert_eq!(encode_status(&view_0), [0x08, 5, 0x18, 0, 0x20, 4, 0x28, 1]);
    assert!(is_protobuf(decode_status(&[0x08, 5, 0x10, 0, 0x18, 0, 0x20, 4, 0x28, 1])));
    let none = Status { prepared: None, ..STATUS };
    assert_ne!(encode_status(&none), encode_status(&STATUS), "absent and 0 differ");
    let from_0 = FetchRequest::Range { from: Height(0), count: 1 };
    assert_eq!(encode_request(&from_0), [0x12, 2, 0x10, 1]);
    assert!(is_protobuf(decode_request(&[0x12, 4, 0x08, 0, 0x10, 1])));
}

#[test]
fn a_consensus_message_is_exactly_one() {
    let empty = DecodeError::Invalid("consensus message: empty");
    assert_eq!(decode_message(&[]), Err(empty));
    let vote = Validators::four().sign(0, prepare(5, 0, digest(1)));
    let one = encode_message(&Message::Prepare(vote));
    assert!(decode_message(&one).is_ok());
    assert!(is_protobuf(decode_message(&[one.clone(), one].concat())));
}

#[test]
fn a_statement_is_of_its_message_s_step() {
    let validators = Validators::four();
    let votes = [prepare(5, 0, digest(1)), commit(5, 0, digest(1))];
    let [prepare, commit] = votes.map(|statement| validators.sign(0, statement).to_bytes());
    assert!(decode_message(&field(3, &prepare)).is_ok());
    assert!(decode_message(&field(4, &commit)).is_ok());
    let step = Err(DecodeError::Invalid("consensus message: step"));
    assert_eq!(decode_message(&field(3, &commit)), step);
    assert_eq!(decode_message(&field(4, &prepare)), step);
    let with_option = [commit, vec![0]].concat();
    assert_eq!(decode_message(&field(1, &with_option)), step);
    assert!(decode_message(&field(7, &prepare)).is_err(), "a vote in the place of evidence");
    assert!(is_protobuf(decode_message(&field(8, &prepare))), "an unknown kind");
}

#[test]
fn lengths_of_messages_are_exact() {
    let (limit, past) = (MAX_CONSENSUS_MESSAGE_BYTES, MAX_CONSENSUS_MESSAGE_BYTES + 1);
    let error = |found, limit| DecodeError::TooLong { what: "message", found, limit };
    assert_eq!(decode_message(&vec![0; past]), Err(error(past, limit)));
    assert!(is_protobuf(decode_message(&vec![0; limit])));
    let (limit, past) = (MAX_SMALL_MESSAGE_BYTES, MAX_SMALL_MESSAGE_BYTES + 1);
    assert_eq!(decode_status(&vec![0; past]), Err(error(past, limit)));
    assert_eq!(decode_request(&vec![0; past]), Err(error(past, limit)));
    assert!(is_protobuf(decode_status(&vec![0; limit])));
    let (limit, past) = (MAX_FETCH_ANSWER_BYTES, MAX_FETCH_ANSWER_BYTES + 1);
    assert_eq!(decode_answer(&vec![0; past]), Err(error(past, limit)));
    let (limit, past) = (MAX_TRANSACTION_BATCH_BYTES, MAX_TRANSACTION_BATCH_BYTES + 1);
    assert_eq!(decode_transactions(&vec![0; past]), Err(error(past, limit)));
}

#[test]
fn a_batch_has_one_transaction_to_the_limit() {
    let empty = DecodeError::Invalid("transaction batch: empty");
    assert_eq!(decode_transactions(&[]), Err(empty));
    let one = sign(body(), &[1]);
    let batch = |count| vec![one.clone(); count];
    let decoded = |count: usize| decode_transactions(&encode_transactions(&batch(count)));
    assert_eq!(decoded(MAX_TRANSACTION_BATCH), Ok(batch(MAX_TRANSACTION_BATCH)));
    let (found, limit) = (MAX_TRANSACTION_BATCH + 1, MAX_TRANSACTION_BATCH);
    let error = DecodeError::TooLong { what: "transaction batch", found, limit };
    assert_eq!(decoded(found), Err(error));
    let malformed = [field(1, one.bytes()), field(1, &[])].concat();
    assert_eq!(decode_transactions(&malformed), Err(Transaction::from_slice(&[]).unwrap_err()));
}

#[test]
fn a_range_asks_for_one_block_to_the_limit() {
    let request = |count| encode_request(&FetchRequest::Range { from: Height(1), count });
    let limit = u32::try_from(MAX_FETCH_BLOCKS).unwrap();
    assert!(decode_request(&request(1)).is_ok());
    assert!(decode_request(&request(limit)).is_ok());
    let none = DecodeError::Invalid("request: no block asked for");
    assert_eq!(decode_request(&request(0)), Err(none));
    assert!(matches!(decode_request(&request(limit + 1)), Err(DecodeError::TooLong { .. })));
    assert!(matches!(decode_request(&request(u32::MAX)), Err(DecodeError::TooLong { .. })));
    assert_eq!(decode_request(&[]), Err(DecodeError::Invalid("request: empty")));
    let short = DecodeError::Truncated { wanted: 32, left: 31 };
    assert_eq!(decode_request(&field(1, &[0; 31])), Err(short));
    assert_eq!(decode_request(&field(1, &[0; 33])), Err(DecodeError::Trailing(1)));
}

#[test]
fn an_answer_has_at_most_the_limit_of_statements() {
    let said = Validators::four().sign(0, commit(5, 0, digest(1)));
    let answer = |count| FetchAnswer::Statements(vec![said; count]);
    let full = answer(MAX_FETCH_STATEMENTS);
    assert_eq!(decode_answer(&encode_answer(&full)), Ok(full));
    let past = encode_answer(&answer(MAX_FETCH_STATEMENTS + 1));
    assert!(matches!(decode_answer(&past), Err(DecodeError::TooLong { .. })));
    assert_eq!(decode_answer(&field(3, &[0, 0, 0, 0, 7])), Err(DecodeError::Trailing(1)));
    let short = DecodeError::Truncated { wanted: 20, left: 19 };
    assert_eq!(decode_request(&field(3, &[0; 19])), Err(short));
}

#[test]
fn an_answer_has_at_most_the_limit_of_blocks() {
    assert_eq!(decode_answer(&[]), Err(DecodeError::Invalid("answer: empty")));
    let [first, second] = samples::blocks().map(std::sync::Arc::new);
    let decided = (first, second.last_commit.clone().unwrap());
    let answer = |count| FetchAnswer::Range(vec![decided.clone(); count]);
    let full = answer(MAX_FETCH_BLOCKS);
    assert_eq!(decode_answer(&encode_answer(&full)), Ok(full));
    let past = encode_answer(&answer(MAX_FETCH_BLOCKS + 1));
    assert!(matches!(decode_answer(&past), Err(DecodeError::TooLong { .. })));
    let count_alone = DecodeError::Truncated { wanted: 4, left: 0 };
    assert_eq!(decode_answer(&field(2, &[0, 0, 0, 1])), Err(count_alone));
    assert_eq!(decode_answer(&field(2, &[0, 0, 0, 0, 7])), Err(DecodeError::Trailing(1)));
}
