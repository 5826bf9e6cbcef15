//! Why bytes are not a public key, and the check that both kinds of key share (B-4).

use thiserror::Error;

/// Why 32 bytes are not a public key of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The encoded y coordinate is not below the field's prime.
    #[error("the key is not canonically encoded")]
    NonCanonical,
    /// Validator keys only: no point of the curve has this y coordinate.
    #[error("the key is not a point of the curve")]
    NotOnCurve,
    /// The point is the identity or another of the eight points of small order.
    #[error("the key is of small order")]
    SmallOrder,
    /// The point has a part of small order, so that several encodings act as one key.
    #[error("the key is not in the prime-order subgroup")]
    Torsion,
}

/// The field's prime, 2^255 - 19, in little-endian bytes.
const PRIME: [u8; 32] = ends(0xed, 0xff, 0x7f);

/// The y coordinates of the eight points of small order, in little-endian bytes: of order 1, 2 and
/// 4, then the two of order 8.
const SMALL_ORDER: [[u8; 32]; 5] = [
    ends(1, 0, 0),
    ends(0xec, 0xff, 0x7f),
    ends(0, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// Checks by comparing bytes alone that a key's y coordinate is below the field's prime and not
/// that of a point of small order. That leaves one encoding for each point: the other kind of
/// non-canonical encoding, a sign bit on x = 0, exists only for two points of small order.
pub(crate) fn check_encoding(bytes: &[u8; 32]) -> Result<(), KeyError> {
    let mut y = *bytes;
    let [.., highest] = &mut y;
    *highest &= 0x7f;
    if y.iter().rev().ge(PRIME.iter().rev()) {
        return Err(KeyError::NonCanonical);
    }
    if SMALL_ORDER.contains(&y) {
        return Err(KeyError::SmallOrder);
    }
    Ok(())
}
