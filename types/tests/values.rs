//! Addresses as text, a transaction's static rules, parameters, roots of lists.
#![allow(clippy::unwrap_used)]

mod common;

use bech32::{Bech32, Bech32m, Hrp};
use common::{account_key, address, body, context, hash, samples, sign, transfer};
use proptest::prelude::*;
use quorate_crypto::merkle;
use quorate_types::limits::MAX_ACTIONS;
use quorate_types::verify;
use quorate_types::{
    Address, AddressError, Amount, ChainContext, ChainParams, Epoch, Height, Receipt, Transaction,
    TransactionBody, TransactionError, receipts_root, transactions_root,
};

fn text<C: bech32::Checksum>(prefix: &str, bytes: &[u8]) -> String {
    bech32::encode::<C>(Hrp::parse(prefix).unwrap(), bytes).unwrap()
}

#[test]
fn an_address_is_20_bytes_of_bech32m_after_quo() {
    let own = address(1);
    let shown = own.to_string();
    assert_eq!((shown.len(), &shown[..4]), (42, "quo1"));
    assert_eq!(shown, text::<Bech32m>("quo", &own.0));
    assert_eq!(shown.parse(), Ok(own));
    assert_eq!(shown.to_uppercase().parse(), Ok(own), "as bech32 allows");
    assert_eq!(format!("{own:?}"), shown);
}

#[test]
fn what_is_no_address() {
    let own = address(1);
    let shown = own.to_string();
    let parse = |text: &str| text.parse::<Address>();
    assert_eq!(parse(&text::<Bech32m>("quo", &[0; 19])), Err(AddressError::Length(19)));
    assert_eq!(parse(&text::<Bech32m>("quo", &[0; 21])), Err(AddressError::Length(21)));
    assert_eq!(parse(&text::<Bech32m>("quo", &[])), Err(AddressError::Length(0)));
    let prefix = AddressError::Prefix("quu".to_owned());
    assert_eq!(parse(&text::<Bech32m>("quu", &own.0)), Err(prefix));
    let encoding = |text: &str| matches!(parse(text), Err(AddressError::Encoding(_)));
    assert!(encoding(&text::<Bech32>("quo", &own.0)), "bech32, not bech32m");
    assert!(encoding("") && encoding("quo1") && encoding("0x00") && encoding(&shown[..41]));
    let mixed = shown.replacen('q', "Q", 1);
    assert!(encoding(&mixed) && encoding(&format!(" {shown}")));
    for position in 4..shown.len() {
        let mut other = shown.clone().into_bytes();
        other[position] = if other[position] == b'q' { b'p' } else { b'q' };
        assert!(encoding(&String::from_utf8(other).unwrap()), "typo at {position}");
    }
}

/// 33 characters of data hold the same 20 bytes and five bits over.
#[test]
fn an_address_has_one_length_of_text() {
    let fes = |bytes: &[u8]| {
        use bech32::primitives::iter::ByteIterExt;
        bytes.iter().copied().bytes_to_fes().collect::<Vec<_>>()
    };
    let mut data = fes(&address(1).0);
    data.push(bech32::Fe32::Q);
    let hrp = Hrp::parse("quo").unwrap();
    use bech32::primitives::iter::Fe32IterExt;
    let longer: String = data.into_iter().with_checksum::<Bech32m>(&hrp).chars().collect();
    assert!(matches!(longer.parse::<Address>(), Err(AddressError::Encoding(_))), "{longer}");
}

fn check(transaction: &Transaction) -> Result<(), TransactionError> {
    transaction.validate_static(&context(), &ChainParams::default())
}

#[test]
fn the_lowest_fee_is_flat_plus_per_byte_plus_per_action() {
    let length = sign(body(), &[1]).bytes().len();
    assert_eq!((length, body().fee), (169, Amount(1_000 + 10 * 169 + 2 * 100)));
    assert_eq!(check(&sign(body(), &[1])), Ok(()));
    let (found, required) = (Amount(2_889), Amount(2_890));
    let low = sign(TransactionBody { fee: found, ..body() }, &[1]);
    assert_eq!(check(&low), Err(TransactionError::FeeTooLow { found, required }));
    let extreme = ChainParams { flat_fee: Amount(u64::MAX), ..ChainParams::default() };
    assert_eq!(extreme.min_fee(usize::MAX, &body().actions), Amount(u64::MAX), "saturates");
}

#[test]
fn this_chain_takes_one_signer_and_at_least_one_action() {
    let actions = |count| {
        let body = TransactionBody { fee: Amount(1 << 40), ..body() };
        sign(TransactionBody { actions: vec![transfer(2, 1); count], ..body }, &[1])
    };
    assert_eq!(check(&actions(1)), Ok(()));
    assert!(matches!(check(&actions(0)), Err(TransactionError::Unsupported(_))));
    assert_eq!(check(&actions(MAX_ACTIONS)), Ok(()));
    let two = sign(TransactionBody { fee: Amount(1 << 40), ..body() }, &[1, 2]);
    assert_eq!(check(&two), Err(TransactionError::SeveralSigners(2)));
}

#[test]
fn a_transaction_is_of_one_chain() {
    let other = ChainContext { genesis_hash: hash(9), ..context() };
    let params = ChainParams::default();
    let transaction = sign(body(), &[1]);
    assert_eq!(transaction.validate_static(&other, &params), Err(TransactionError::WrongChain));
    let chain_id = "local-other".parse().unwrap();
    for other in [
        other,
        ChainContext { chain_id, ..context() },
        ChainContext { protocol_version: 2, ..context() },
    ] {
        let verdicts = verify::transactions(std::slice::from_ref(&transaction), &other);
        assert_eq!(verdicts, [None], "{other:?}");
    }
}

#[test]
fn an_expiry_height_is_the_last_that_may_include() {
    let expiring = |expiry| sign(TransactionBody { expiry: Height(expiry), ..body() }, &[1]);
    assert_eq!(expiring(5).validate_expiry(Height(5)), Ok(()));
    let (expiry, next) = (Height(5), Height(6));
    let error = TransactionError::Expired { expiry, next };
    assert_eq!(expiring(5).validate_expiry(next), Err(error));
    assert_eq!(expiring(0).validate_expiry(Height(u64::MAX)), Ok(()), "0 is none");
}

#[test]
fn each_transaction_of_a_batch_has_its_own_verdict() {
    let mut batch: Vec<Transaction> = samples::transactions().into_iter().map(|t| t.2).collect();
    let mut forged = batch[0].bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    batch.insert(1, Transaction::from_slice(&forged).unwrap());
    let two = batch.last().unwrap();
    let swapped = two.signatures().iter().rev().copied().collect();
    batch.push(Transaction::new(two.body().clone(), swapped));
    let verdicts = verify::transactions(&batch, &context());
    let valid: Vec<bool> = verdicts.iter().map(Option::is_some).collect();
    assert_eq!(valid, [true, false, true, true, true, true, true, true, false]);
    assert_eq!(verdicts[0].as_ref().unwrap().transaction(), &batch[0]);
    assert_eq!(verify::transactions(&[], &context()), []);
}

#[test]
#[should_panic(expected = "one signature per signer")]
fn signatures_without_signers_are_no_transaction() {
    let _ = Transaction::new(body(), Vec::new());
}

#[test]
fn a_transaction_belongs_to_its_sender_and_recipients_once() {
    assert_eq!(sign(body(), &[1]).accounts(), [address(1), address(2)]);
    let own = TransactionBody { actions: vec![transfer(1, 5)], ..body() };
    assert_eq!(sign(own, &[1]).accounts(), [address(1)]);
    assert_eq!(sign(body(), &[1, 2]).accounts(), [address(1), address(2)]);
    assert_eq!(sign(body(), &[1]).sender(), Address::of(&account_key(1).public()));
}

#[test]
fn parameters_have_ranges() {
    let verdict = |change: fn(&mut ChainParams)| {
        let mut params = ChainParams::default();
        change(&mut params);
        params.validate().map_err(|error| error.field)
    };
    assert_eq!(verdict(|_| ()), Ok(()));
    assert_eq!(verdict(|p| p.protocol_version = 2), Err("protocol_version"));
    assert_eq!(verdict(|p| p.epoch_length = 1), Err("epoch_length"));
    assert_eq!(verdict(|p| p.max_block_bytes = 65_536), Ok(()));
    assert_eq!(verdict(|p| p.max_block_bytes = 65_535), Err("max_block_bytes"));
    assert_eq!(verdict(|p| p.max_block_bytes = 1_048_577), Err("max_block_bytes"));
    assert_eq!(verdict(|p| p.max_block_transactions = 0), Err("max_block_transactions"));
    assert_eq!(verdict(|p| p.max_block_transactions = 5_001), Err("max_block_transactions"));
    assert_eq!(verdict(|p| p.min_block_interval_ms = 60_001), Err("min_block_interval_ms"));
    let idle = Err("idle_block_interval_ms");
    assert_eq!(verdict(|p| p.idle_block_interval_ms = 0), idle);
    assert_eq!(verdict(|p| p.idle_block_interval_ms = 4), idle, "below the other interval");
    assert_eq!(verdict(|p| p.idle_block_interval_ms = 5), Ok(()));
    assert_eq!(verdict(|p| p.flat_fee = Amount(u64::MAX)), Err("flat_fee"));
    assert_eq!(verdict(|p| p.fee_per_byte = Amount(u64::MAX)), Err("fee_per_byte"));
    assert_eq!(verdict(|p| p.action_fee = Amount(u64::MAX)), Err("action_fee"));
}

#[test]
fn roots_are_over_ids_and_receipt_hashes_in_order() {
    let transactions: Vec<Transaction> = samples::transactions().into_iter().map(|t| t.2).collect();
    let ids: Vec<_> = transactions.iter().map(|transaction| transaction.id().0).collect();
    assert_eq!(transactions_root(&transactions), merkle::root(&ids));
    let receipts: Vec<Receipt> = samples::receipts().into_iter().map(|r| r.1).collect();
    let hashes: Vec<_> = receipts.iter().map(Receipt::hash).collect();
    assert_eq!(receipts_root(&receipts), merkle::root(&hashes));
    assert_eq!(receipts_root(&[]), merkle::root(&[]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_address_survives_its_text(bytes in any::<[u8; 20]>()) {
        prop_assert_eq!(Address(bytes).to_string().parse(), Ok(Address(bytes)));
    }

    #[test]
    fn any_text_is_an_address_in_one_way_or_none(text in "quo1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{30,45}") {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string(), text);
        }
    }
}

#[test]
fn heights_1_to_the_epochs_length_are_epoch_0() {
    let epochs = |length| [0, 1, 2, 3, 4, 5, 6, 7].map(|h| Epoch::of(Height(h), length).0);
    let ends = |length| [0, 1, 2, 3, 4, 5, 6, 7].map(|h| Epoch::ends_at(Height(h), length));
    let (no, yes) = (false, true);
    assert_eq!(epochs(3), [0, 0, 0, 0, 1, 1, 1, 2]);
    assert_eq!(ends(3), [no, no, no, yes, no, no, yes, no]);
    assert_eq!(epochs(1), [0, 0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(ends(1), [no, yes, yes, yes, yes, yes, yes, yes]);
    assert_eq!(epochs(0), [0; 8]);
    assert_eq!(ends(0), [no; 8]);
    assert_eq!(Epoch::of(Height(u64::MAX), 2), Epoch(u64::MAX / 2));
    assert!(!Epoch::ends_at(Height(u64::MAX), 2));
    assert_eq!((Epoch(4).next(), Epoch(u64::MAX).next()), (Epoch(5), Epoch(u64::MAX)));
}
