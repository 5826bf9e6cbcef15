//! Keys and signatures that no honest signer makes, and the rules they are judged by, written
//! from the equations alone.

#![allow(dead_code, reason = "each test file that includes this uses a part of it")]

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use sha2::Sha512;

/// The group order L, in little-endian bytes.
pub const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The canonical encodings of the eight points of small order.
pub fn small_order() -> Vec<[u8; 32]> {
    EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).collect()
}

/// The non-canonical encodings of points of small order: y = p (order 4) and p + 1 (identity) with
/// both signs, and x = 0 with its sign bit set.
pub fn small_order_non_canonical() -> Vec<[u8; 32]> {
    let ends = |first, middle, last| {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    vec![
        ends(0xed, 0xff, 0x7f),
        ends(0xed, 0xff, 0xff),
        ends(0xee, 0xff, 0x7f),
        ends(0xee, 0xff, 0xff),
        ends(0x01, 0x00, 0x80),
        ends(0xec, 0xff, 0xff),
    ]
}

/// How a signature is to be bent.
#[derive(Clone, Copy, Debug)]
pub struct Bend {
    /// Which torsion point is added to the key (0: none).
    pub key_torsion: usize,
    /// Which torsion point is added to R (0: none).
    pub r_torsion: usize,
    /// R is that torsion point alone, in this encoding where one is given.
    pub only_torsion: Option<[u8; 32]>,
    /// L is added to S.
    pub high_s: bool,
    /// This bit of the signature is flipped.
    pub flip: Option<usize>,
}

/// No bend: an ordinary signature.
pub const STRAIGHT: Bend =
    Bend { key_torsion: 0, r_torsion: 0, only_torsion: None, high_s: false, flip: None };

/// A key and its signature of a message.
#[derive(Clone, Copy, Debug)]
pub struct Forged {
    pub key: [u8; 32],
    pub signature: [u8; 64],
}

/// Signs `message` as the holder of the secret scalar that `seed` gives, with a bend.
pub fn sign(seed: u64, message: &[u8], bend: Bend) -> Forged {
    let secret = Scalar::hash_from_bytes::<Sha512>(&seed.to_le_bytes());
    let nonce = Scalar::hash_from_bytes::<Sha512>(&[&seed.to_le_bytes(), message].concat());
    let key = (EdwardsPoint::mul_base(&secret) + EIGHT_TORSION[bend.key_torsion]).compress().0;
    let (nonce, r) = match bend.only_torsion {
        Some(encoding) => (Scalar::ZERO, encoding),
        None => {
            let point = EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[bend.r_torsion];
            (nonce, point.compress().0)
        }
    };
    let mut s = (nonce + challenge(&r, &key, message) * secret).to_bytes();
    if bend.high_s {
        s = plus_order(&s);
    }
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s);
    if let Some(bit) = bend.flip {
        signature[bit / 8] ^= 1 << (bit % 8);
    }
    Forged { key, signature }
}

/// ZIP-215: S below L, any encoding of A and R, and 8 S B = 8 R + 8 k A.
pub fn zip215(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (Some(parts), Some(key_point)) = (split(signature), CompressedEdwardsY(*key).decompress())
    else {
        return false;
    };
    let (r, r_point, s) = parts;
    let k = challenge(&r, key, message);
    (s * ED25519_BASEPOINT_POINT - k * key_point - r_point).mul_by_cofactor().is_identity()
}

/// Strict, for a key that is a validator key: R canonical and not of small order, S below L, and
/// S B = R + k A.
pub fn strict(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (Some(parts), Some(key_point)) = (split(signature), CompressedEdwardsY(*key).decompress())
    else {
        return false;
    };
    let (r, r_point, s) = parts;
    let k = challenge(&r, key, message);
    r_point.compress().0 == r
        && !r_point.is_small_order()
        && s * ED25519_BASEPOINT_POINT == r_point + k * key_point
}

fn split(signature: &[u8; 64]) -> Option<([u8; 32], EdwardsPoint, Scalar)> {
    let r: [u8; 32] = signature[..32].try_into().unwrap();
    let s: [u8; 32] = signature[32..].try_into().unwrap();
    let s = Option::from(Scalar::from_canonical_bytes(s))?;
    Some((r, CompressedEdwardsY(r).decompress()?, s))
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    Scalar::hash_from_bytes::<Sha512>(&[r, key.as_slice(), message].concat())
}

fn plus_order(s: &[u8; 32]) -> [u8; 32] {
    let mut sum = [0; 32];
    let mut carry = 0;
    for (digit, (a, b)) in sum.iter_mut().zip(s.iter().zip(ORDER)) {
        let total = u16::from(*a) + u16::from(b) + carry;
        *digit = total.to_le_bytes()[0];
        carry = total >> 8;
    }
    sum
}
