//! Which 32 bytes are a validator key and which an account key (B-4, BZ25).

#![allow(clippy::unwrap_used)]

mod forge;

use curve25519_dalek::edwards::CompressedEdwardsY;
use forge::{Bend, STRAIGHT, sign, small_order, small_order_non_canonical};
use quorate_crypto::{
    AccountPublicKey, AccountSecretKey, KeyError, ValidatorPublicKey, ValidatorSecretKey,
};

fn assert_both_refuse(bytes: [u8; 32], error: KeyError) {
    assert_eq!(ValidatorPublicKey::from_bytes(bytes).unwrap_err(), error, "{bytes:x?}");
    assert_eq!(AccountPublicKey::from_bytes(bytes).unwrap_err(), error, "{bytes:x?}");
}

#[test]
fn no_point_of_small_order_is_a_key() {
    let points = small_order();
    assert_eq!(points.len(), 8);
    for bytes in points {
        assert_both_refuse(bytes, KeyError::SmallOrder);
    }
}

#[test]
fn no_second_encoding_of_a_small_order_point_is_a_key() {
    for bytes in small_order_non_canonical() {
        let y_is_reduced = bytes[0] < 0xed;
        let error = if y_is_reduced { KeyError::SmallOrder } else { KeyError::NonCanonical };
        assert_both_refuse(bytes, error);
    }
}

#[test]
fn no_y_from_the_prime_upwards_is_a_key() {
    for sign in [0x7f, 0xff] {
        for lowest in 0xed..=0xff {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (lowest, sign);
            assert_both_refuse(bytes, KeyError::NonCanonical);
        }
    }
}

#[test]
fn below_the_prime_the_point_decides_about_a_validator_key() {
    let mut seen = [0; 3];
    for lowest in 0..=0xeb {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (lowest, 0x7f);
        assert!(AccountPublicKey::from_bytes(bytes).is_ok());
        let verdict = ValidatorPublicKey::from_bytes(bytes).map(|key| *key.as_bytes());
        let (kind, expected) = match CompressedEdwardsY(bytes).decompress() {
            None => (0, Err(KeyError::NotOnCurve)),
            Some(point) if !point.is_torsion_free() => (1, Err(KeyError::Torsion)),
            Some(_) => (2, Ok(bytes)),
        };
        assert_eq!(verdict, expected);
        seen[kind] += 1;
    }
    assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
}

#[test]
fn only_a_validator_key_must_be_torsion_free() {
    for torsion in 1..8 {
        let forged = sign(7, b"", Bend { key_torsion: torsion, ..STRAIGHT });
        assert_eq!(ValidatorPublicKey::from_bytes(forged.key).unwrap_err(), KeyError::Torsion);
        assert_eq!(AccountPublicKey::from_bytes(forged.key).unwrap().as_bytes(), &forged.key);
    }
    let straight = sign(7, b"", STRAIGHT).key;
    assert_eq!(ValidatorPublicKey::from_bytes(straight).unwrap().as_bytes(), &straight);
}

#[test]
fn the_keys_that_seeds_make_pass_their_own_checks() {
    for seed in 0..=255 {
        let validator = ValidatorSecretKey::from_seed([seed; 32]);
        let account = AccountSecretKey::from_seed([seed; 32]);
        assert_eq!((validator.seed(), account.seed()), (&[seed; 32], &[seed; 32]));
        let (validator, account) = (validator.public(), account.public());
        assert_eq!(ValidatorPublicKey::from_bytes(*validator.as_bytes()), Ok(validator));
        assert_eq!(AccountPublicKey::from_bytes(*account.as_bytes()), Ok(account));
    }
}

#[test]
fn keys_are_equal_and_ordered_by_their_bytes() {
    let mut keys: Vec<_> =
        (0..32).map(|seed| ValidatorSecretKey::from_seed([seed; 32]).public()).collect();
    keys.sort_unstable();
    assert!(keys.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
}

#[test]
fn a_log_shows_the_head_of_a_public_key_and_nothing_of_a_secret_one() {
    let validator = ValidatorSecretKey::from_seed([1; 32]);
    let account = AccountSecretKey::from_seed([1; 32]);
    assert_eq!(format!("{validator:?}"), "ValidatorSecretKey(redacted)");
    assert_eq!(format!("{account:?}"), "AccountSecretKey(redacted)");
    assert_eq!(format!("{:?}", validator.public()), "ValidatorPublicKey(0x8a88e3dd)");
    assert_eq!(format!("{:?}", account.public()), "AccountPublicKey(0x8a88e3dd)");
}
