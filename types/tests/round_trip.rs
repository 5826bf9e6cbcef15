//! decode(encode(x)) == x for values of every shape.
#![allow(clippy::unwrap_used)]

mod common;

use common::{account_key, address, body, stake_samples, transfer};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use quorate_crypto::{Hash, Signature};
use quorate_types::wire::{decode_message, decode_status, encode_message, encode_status};
use quorate_types::{
    Action, Amount, Canonical, Certificate, CertificateKind, ChainParams, CommitMark, Digest,
    Event, FailureCode, Guard, Header, Height, Justification, Message, Nonce, Outcome, OwnMessage,
    PreparedMark, Receipt, RecordKey, RecordValue, SignRecord, SignedStatement, SignerSet,
    StakingParams, Statement, StatementBody, Status, Timestamp, Transaction, TransactionBody,
    TransactionId, ValidatorIndex, ValidatorSetId, View, ViewChange,
};

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn digest() -> impl Strategy<Value = Digest> {
    hash().prop_map(Digest)
}

fn signature() -> impl Strategy<Value = Signature> {
    vec(any::<u8>(), 64).prop_map(|bytes| Signature::from_bytes(bytes.try_into().unwrap()))
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), 1..300_u64, any::<u64>()]
}

fn statement() -> impl Strategy<Value = Statement> {
    let prepared = option::of((number().prop_map(View), digest()));
    let body = prop_oneof![
        prepared.prop_map(|prepared| StatementBody::ViewChange { prepared }),
        (digest(), hash()).prop_map(|(digest, justification)| StatementBody::PrePrepare {
            digest,
            justification
        }),
        digest().prop_map(|digest| StatementBody::Prepare { digest }),
        digest().prop_map(|digest| StatementBody::Commit { digest }),
    ];
    (number(), number(), body).prop_map(|(height, view, body)| Statement {
        height: Height(height),
        view: View(view),
        body,
    })
}

fn signed() -> impl Strategy<Value = SignedStatement> {
    (statement(), any::<u16>(), signature()).prop_map(|(statement, signer, signature)| {
        SignedStatement { statement, signer: ValidatorIndex(signer), signature }
    })
}

fn certificate() -> impl Strategy<Value = Certificate> {
    let kind = prop_oneof![Just(CertificateKind::Prepared), Just(CertificateKind::Commit)];
    let signers = vec(any::<bool>(), 0..=200);
    (kind, number(), number(), digest(), signers, signature()).prop_map(
        |(kind, height, view, digest, bits, signature)| {
            let mut signers = SignerSet::none_of(bits.len());
            for (index, _) in (0..).map(ValidatorIndex).zip(&bits).filter(|(_, bit)| **bit) {
                signers.insert(index);
            }
            let signatures = vec![signature; signers.count()];
            let (height, view) = (Height(height), View(view));
            Certificate { kind, height, view, digest, signers, signatures }
        },
    )
}

fn justification() -> impl Strategy<Value = Justification> {
    (vec(signed(), 0..5), option::of(certificate()))
        .prop_map(|(view_changes, certificate)| Justification { view_changes, certificate })
}

fn view_change() -> impl Strategy<Value = ViewChange> {
    (signed(), option::of(certificate()))
        .prop_map(|(signed, certificate)| ViewChange { signed, certificate })
}

/// A message of the signed statement's own step.
fn own_message() -> impl Strategy<Value = OwnMessage> {
    (signed(), justification(), option::of(certificate())).prop_map(
        |(signed, justification, certificate)| match signed.statement.body {
            StatementBody::ViewChange { .. } => {
                OwnMessage::ViewChange(ViewChange { signed, certificate })
            }
            StatementBody::PrePrepare { .. } => OwnMessage::PrePrepare { signed, justification },
            StatementBody::Prepare { .. } => OwnMessage::Prepare(signed),
            StatementBody::Commit { .. } => OwnMessage::Commit(signed),
        },
    )
}

fn sign_record() -> impl Strategy<Value = SignRecord> {
    let at = || (number().prop_map(Height), number().prop_map(View));
    let guard = (at(), statement(), hash()).prop_map(|((height, view), statement, body)| Guard {
        height,
        view,
        step: statement.step(),
        body,
    });
    let mark =
        (at(), digest()).prop_map(|((height, view), digest)| CommitMark { height, view, digest });
    let prepared = (number(), digest(), certificate()).prop_map(|(view, digest, certificate)| {
        PreparedMark { view: View(view), digest, certificate }
    });
    let marks = (option::of(guard), option::of(mark), option::of(prepared));
    let certificates = option::of(certificate());
    let rest = (option::of(digest()), vec(own_message(), 0..4), certificates, any::<bool>());
    (at(), marks, rest).prop_map(|((height, view), marks, rest)| {
        let ((guard, last_commit, prepared), rest) = (marks, rest);
        let (accepted, messages, parent_certificate, observing) = rest;
        SignRecord {
            guard,
            last_commit,
            height,
            view,
            accepted,
            prepared,
            messages,
            parent_certificate,
            observing,
        }
    })
}

fn record_key() -> impl Strategy<Value = RecordKey> {
    vec(any::<u8>(), 1..=128).prop_map(|bytes| RecordKey::new(bytes).unwrap())
}

fn action() -> impl Strategy<Value = Action> {
    let value = vec(any::<u8>(), 0..300).prop_map(|bytes| RecordValue::new(bytes).unwrap());
    let record = || (record_key(), value.clone());
    prop_oneof![
        (any::<u8>(), number()).prop_map(|(to, amount)| transfer(to, amount)),
        record().prop_map(|(key, value)| Action::PutRecord { key, value }),
        record().prop_map(|(key, value)| Action::UpdateRecord { key, value }),
        record_key().prop_map(|key| Action::DeleteRecord { key }),
        select(stake_samples::actions()),
    ]
}

fn transaction_body() -> impl Strategy<Value = TransactionBody> {
    let actions = vec(action(), 0..4);
    let memo = vec(any::<u8>(), 0..=256);
    (vec(any::<u8>(), 1..4), number(), number(), number(), memo, actions).prop_map(
        |(signers, nonce, expiry, fee, memo, actions)| TransactionBody {
            signers: signers.into_iter().map(|seed| account_key(seed).public()).collect(),
            nonce: Nonce(nonce),
            expiry: Height(expiry),
            fee: Amount(fee),
            memo,
            actions,
            ..body()
        },
    )
}

fn receipt() -> impl Strategy<Value = Receipt> {
    let failed = (select(&FailureCode::ALL[..]), any::<u16>())
        .prop_map(|(code, action)| Outcome::Failed { code, action });
    let outcome = prop_oneof![Just(Outcome::Success), failed];
    let event = prop_oneof![
        (any::<u8>(), any::<u8>(), number()).prop_map(|(from, to, amount)| {
            Event::Transfer { from: address(from), to: address(to), amount: Amount(amount) }
        }),
        (any::<u8>(), record_key())
            .prop_map(|(owner, key)| Event::RecordPut { owner: address(owner), key }),
        (any::<u8>(), record_key())
            .prop_map(|(owner, key)| Event::RecordDeleted { owner: address(owner), key }),
        select(stake_samples::events()),
    ];
    (hash(), outcome, number(), vec(event, 0..4)).prop_map(|(id, outcome, fee, events)| Receipt {
        transaction: TransactionId(id),
        outcome,
        fee: Amount(fee),
        events,
    })
}

fn header() -> impl Strategy<Value = Header> {
    let numbers = (any::<u32>(), number(), number(), any::<u32>(), any::<u32>());
    (numbers, vec(hash(), 8), any::<u8>()).prop_map(|(numbers, hashes, seed)| Header {
        version: numbers.0,
        height: Height(numbers.1),
        parent: Digest(hashes[0]),
        time: Timestamp(numbers.2),
        proposer: address(seed),
        transactions_root: hashes[1],
        transaction_count: numbers.3,
        body_bytes: numbers.4,
        parent_state_root: hashes[2],
        parent_receipts_root: hashes[3],
        validators_hash: ValidatorSetId(hashes[4]),
        next_validators_hash: ValidatorSetId(hashes[5]),
        last_commit_hash: hashes[6],
        evidence_root: hashes[7],
    })
}

fn params() -> impl Strategy<Value = ChainParams> {
    (any::<[u32; 5]>(), any::<[u64; 4]>()).prop_map(|(small, large)| ChainParams {
        protocol_version: small[0],
        epoch_length: large[0],
        max_block_bytes: small[1],
        max_block_transactions: small[2],
        min_block_interval_ms: small[3],
        idle_block_interval_ms: small[4],
        flat_fee: Amount(large[1]),
        fee_per_byte: Amount(large[2]),
        action_fee: Amount(large[3]),
        staking: StakingParams {
            max_validators: u16::try_from(small[0] % 65_536).unwrap(),
            min_self_bond: Amount(large[0]),
            keep_four: small[1] % 2 == 0,
            unbonding_epochs: large[1],
            issuance_per_epoch: Amount(large[3]),
            ..StakingParams::default()
        },
    })
}

fn check<T: Canonical + PartialEq + std::fmt::Debug>(value: &T) -> Result<(), TestCaseError> {
    let decoded = T::from_bytes(&value.to_bytes());
    prop_assert_eq!(decoded.as_ref(), Ok(value));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn values_survive_their_bytes(
        signed in signed(),
        justification in justification(),
        record in sign_record(),
        receipt in receipt(),
        header in header(),
        params in params(),
    ) {
        check(&signed)?;
        check(&signed.statement)?;
        check(&justification)?;
        check(&record)?;
        check(&receipt)?;
        check(&header)?;
        check(&params)?;
    }

    #[test]
    fn transactions_survive_their_bytes(body in transaction_body(), signature in signature()) {
        check(&body)?;
        let signatures = vec![signature; body.signers.len()];
        let transaction = Transaction::new(body, signatures);
        check(&transaction)?;
        prop_assert_eq!(Transaction::from_slice(transaction.bytes()), Ok(transaction));
    }

    #[test]
    fn messages_survive_the_wire(
        own in own_message(),
        view_change in view_change(),
        certificate in certificate(),
        numbers in any::<[u64; 4]>(),
        prepared in option::of(number()),
    ) {
        check(&view_change)?;
        let mut messages = vec![Message::Certificate(certificate)];
        match own {
            OwnMessage::ViewChange(value) => messages.push(Message::ViewChange(value)),
            OwnMessage::Prepare(signed) => messages.push(Message::Prepare(signed)),
            OwnMessage::Commit(signed) => messages.push(Message::Commit(signed)),
            OwnMessage::PrePrepare { .. } => {}
        }
        for message in messages {
            prop_assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
        let [height, view, decided, first_stored] = numbers;
        let status = Status {
            height: Height(height),
            view: View(view),
            prepared: prepared.map(View),
            decided: Height(decided),
            first_stored: Height(first_stored),
        };
        prop_assert_eq!(decode_status(&encode_status(&status)), Ok(status));
    }
}
