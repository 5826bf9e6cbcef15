//! Which signatures verify strictly and which under ZIP-215, alone and in a batch (B-4, BZ25).

#![allow(clippy::unwrap_used)]

mod forge;

use forge::{Bend, Forged, STRAIGHT, sign, small_order, small_order_non_canonical, strict, zip215};
use proptest::prelude::*;
use quorate_crypto::{
    AccountPublicKey, BATCH_LIMIT, BatchItem, EmptyBatch, KeyError, Signature, ValidatorPublicKey,
    verify_batch,
};

const MESSAGE: &[u8] = b"a message";

fn item<'a>(forged: &Forged, message: &'a [u8]) -> BatchItem<'a> {
    BatchItem {
        key: AccountPublicKey::from_bytes(forged.key).unwrap(),
        message,
        signature: Signature::from_bytes(forged.signature),
    }
}

fn single(item: &BatchItem<'_>) -> bool {
    item.key.verify(item.message, &item.signature).is_ok()
}

/// The one verdict of ZIP-215: by the equation, alone, and in batches with good and bad others.
fn transaction_verdict(forged: &Forged) -> bool {
    let verdict = zip215(&forged.key, MESSAGE, &forged.signature);
    let item = item(forged, MESSAGE);
    assert_eq!(single(&item), verdict);
    let (good, bad) = (sign(1000, MESSAGE, STRAIGHT), sign(1001, b"another", STRAIGHT));
    let (good, bad) = (self::item(&good, MESSAGE), self::item(&bad, MESSAGE));
    assert_eq!(verify_batch(&[item]), Ok(vec![verdict]));
    assert_eq!(verify_batch(&[good, item]), Ok(vec![true, verdict]));
    assert_eq!(verify_batch(&[item, item, good]), Ok(vec![verdict, verdict, true]));
    assert_eq!(verify_batch(&[bad, item, good]), Ok(vec![false, verdict, true]));
    verdict
}

fn consensus_verdict(forged: &Forged) -> bool {
    let key = ValidatorPublicKey::from_bytes(forged.key).unwrap();
    let verdict = key.verify(MESSAGE, &Signature::from_bytes(forged.signature)).is_ok();
    assert_eq!(verdict, strict(&forged.key, MESSAGE, &forged.signature));
    verdict
}

#[test]
fn an_honest_signature_verifies_by_both_rules_and_no_changed_bit_by_either() {
    let forged = sign(1, MESSAGE, STRAIGHT);
    assert!(consensus_verdict(&forged) && transaction_verdict(&forged));
    for bit in 0..512 {
        let forged = sign(1, MESSAGE, Bend { flip: Some(bit), ..STRAIGHT });
        assert!(!consensus_verdict(&forged) && !transaction_verdict(&forged), "bit {bit}");
    }
}

#[test]
fn a_torsion_part_in_r_is_refused_strictly_and_harmless_under_zip_215() {
    for r_torsion in 1..8 {
        let forged = sign(2, MESSAGE, Bend { r_torsion, ..STRAIGHT });
        assert!(!consensus_verdict(&forged), "{r_torsion}");
        assert!(transaction_verdict(&forged), "{r_torsion}");
    }
}

#[test]
fn an_r_of_small_order_is_refused_strictly_in_every_encoding() {
    for encoding in small_order().into_iter().chain(small_order_non_canonical()) {
        let forged = sign(3, MESSAGE, Bend { only_torsion: Some(encoding), ..STRAIGHT });
        assert!(!consensus_verdict(&forged), "{encoding:x?}");
        assert!(transaction_verdict(&forged), "{encoding:x?}");
    }
}

#[test]
fn a_torsion_part_in_the_key_is_harmless_under_zip_215() {
    for key_torsion in 1..8 {
        for r_torsion in 0..8 {
            let forged = sign(4, MESSAGE, Bend { key_torsion, r_torsion, ..STRAIGHT });
            assert!(transaction_verdict(&forged), "{key_torsion} {r_torsion}");
        }
    }
}

#[test]
fn an_s_that_is_not_reduced_is_refused_by_both() {
    for seed in 0..16 {
        let forged = sign(seed, MESSAGE, Bend { high_s: true, ..STRAIGHT });
        assert!(!consensus_verdict(&forged) && !transaction_verdict(&forged));
    }
    let mut forged = sign(5, MESSAGE, STRAIGHT);
    forged.signature[32..].copy_from_slice(&forge::ORDER);
    assert!(!consensus_verdict(&forged) && !transaction_verdict(&forged));
}

#[test]
fn nothing_verifies_under_a_key_that_is_no_point() {
    let mut forged = sign(6, MESSAGE, STRAIGHT);
    let no_point = (0..=255).find(|lowest| {
        forged.key[0] = *lowest;
        ValidatorPublicKey::from_bytes(forged.key) == Err(KeyError::NotOnCurve)
    });
    assert!(no_point.is_some());
    assert!(!transaction_verdict(&forged));
    forged.signature = [0; 64];
    assert!(!transaction_verdict(&forged));
}

#[test]
fn an_empty_batch_is_an_error() {
    assert_eq!(verify_batch(&[]), Err(EmptyBatch));
}

#[test]
fn verdicts_keep_their_places_where_a_batch_is_cut() {
    let bad_places = [BATCH_LIMIT - 1, BATCH_LIMIT + 3, 2 * BATCH_LIMIT];
    let places = 0..=2 * BATCH_LIMIT;
    let forged: Vec<Forged> = places
        .clone()
        .map(|place| {
            let flip = bad_places.contains(&place).then_some(300);
            sign(place.try_into().unwrap(), MESSAGE, Bend { flip, ..STRAIGHT })
        })
        .collect();
    let items: Vec<_> = forged.iter().map(|forged| item(forged, MESSAGE)).collect();
    let expected: Vec<bool> = places.map(|place| !bad_places.contains(&place)).collect();
    assert_eq!(verify_batch(&items), Ok(expected));
}

#[test]
fn errors_that_cancel_out_in_a_plain_sum_do_not_pass() {
    let mut low = sign(8, MESSAGE, STRAIGHT);
    let mut high = sign(9, MESSAGE, STRAIGHT);
    low.signature[40] = low.signature[40].checked_add(1).expect("no carry in this one");
    high.signature[40] = high.signature[40].checked_sub(1).expect("no borrow in this one");
    let items = [item(&low, MESSAGE), item(&high, MESSAGE)];
    assert_eq!(verify_batch(&items), Ok(vec![false, false]));
}

fn bends() -> impl Strategy<Value = Bend> {
    let encodings: Vec<_> = small_order().into_iter().chain(small_order_non_canonical()).collect();
    let only_torsion = proptest::option::weighted(0.2, proptest::sample::select(encodings));
    let flip = proptest::option::weighted(0.1, 0_usize..512);
    (0_usize..8, 0_usize..8, only_torsion, prop::bool::weighted(0.1), flip).prop_map(
        |(key_torsion, r_torsion, only_torsion, high_s, flip)| Bend {
            key_torsion,
            r_torsion,
            only_torsion,
            high_s,
            flip,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn single_and_batch_follow_the_equation(
        bends in prop::collection::vec((0_u64..6, bends(), any::<[u8; 4]>()), 1..24)
    ) {
        let forged: Vec<_> =
            bends.iter().map(|(seed, bend, message)| sign(*seed, message, *bend)).collect();
        let items: Vec<_> =
            forged.iter().zip(&bends).map(|(forged, bent)| item(forged, &bent.2)).collect();
        let expected: Vec<bool> = items
            .iter()
            .map(|item| zip215(item.key.as_bytes(), item.message, item.signature.as_bytes()))
            .collect();
        prop_assert_eq!(&items.iter().map(single).collect::<Vec<_>>(), &expected);
        prop_assert_eq!(&verify_batch(&items).unwrap(), &expected);
        let valid: Vec<_> = items.iter().copied().filter(single).collect();
        if !valid.is_empty() {
            prop_assert!(verify_batch(&valid).unwrap().into_iter().all(|verdict| verdict));
        }
    }

    #[test]
    fn strict_follows_the_equation(seed in any::<u64>(), bend in bends()) {
        let forged = sign(seed, MESSAGE, Bend { key_torsion: 0, ..bend });
        let verdict = consensus_verdict(&forged);
        prop_assert!(!verdict || zip215(&forged.key, MESSAGE, &forged.signature));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_verify(
        key in any::<[u8; 32]>(), signature in any::<[u8; 64]>()
    ) {
        let signature = Signature::from_bytes(signature);
        if let Ok(key) = ValidatorPublicKey::from_bytes(key) {
            prop_assert!(key.verify(MESSAGE, &signature).is_err());
        }
        if let Ok(key) = AccountPublicKey::from_bytes(key) {
            let item = BatchItem { key, message: MESSAGE, signature };
            prop_assert_eq!(verify_batch(&[item, item]), Ok(vec![false, false]));
        }
    }
}
