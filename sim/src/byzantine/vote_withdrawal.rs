//! Each message once more with a signature that does not hold (BZ22), or with points of small order
//! and scalars that are not reduced (BZ25, B-4): before it, or after it. The valid one counts, and no
//! node may take the other.

use quorate_crypto::Signature;

use super::Behaviour;
use super::floods::with_signed;
use super::hand::{Content, Hand, Letter};

/// The order of the group, 2^252 + 27742317777372353535851937790883648493, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Signs once more, badly.
#[derive(Debug)]
pub(super) struct VoteWithdrawal {
    /// With what only a lax verifier takes.
    is_odd: bool,
}

impl VoteWithdrawal {
    pub(super) fn invalid() -> VoteWithdrawal {
        VoteWithdrawal { is_odd: false }
    }

    pub(super) fn odd() -> VoteWithdrawal {
        VoteWithdrawal { is_odd: true }
    }

    fn spoil(&self, hand: &mut Hand<'_>, signature: Signature) -> Signature {
        let bytes = *signature.as_bytes();
        let (point, scalar) = bytes.split_first_chunk::<32>().expect("64 bytes hold 32");
        let scalar = *scalar.first_chunk::<32>().expect("64 bytes hold twice 32");
        let (point, scalar) = if self.is_odd {
            match hand.random.below(4) {
                0 => (*point, not_reduced(scalar)),
                1 => (identity(), scalar),
                2 => ([0; 32], scalar),
                _ => (identity(), [0; 32]),
            }
        } else {
            (hand.random.bytes(), scalar)
        };
        let mut spoiled = [0; 64];
        for (to, from) in spoiled.iter_mut().zip(point.iter().chain(&scalar)) {
            *to = *from;
        }
        Signature::from_bytes(spoiled)
    }
}

/// The point of order one.
fn identity() -> [u8; 32] {
    let mut point = [0; 32];
    if let Some(first) = point.first_mut() {
        *first = 1;
    }
    point
}

/// The same scalar plus the order of the group: the same to a verifier that reduces.
fn not_reduced(scalar: [u8; 32]) -> [u8; 32] {
    let mut sum = [0; 32];
    let mut carry = 0_u16;
    for ((to, a), b) in sum.iter_mut().zip(scalar).zip(ORDER) {
        let [low, high] = carry.wrapping_add(a.into()).wrapping_add(b.into()).to_le_bytes();
        *to = low;
        carry = high.into();
    }
    sum
}

impl Behaviour for VoteWithdrawal {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        let signature = letter.message().and_then(|m| m.signed()).map(|signed| signed.signature);
        let (Some(signature), Some(message)) = (signature, letter.message()) else {
            return hand.pass(letter);
        };
        let spoiled = self.spoil(hand, signature);
        let message = with_signed(message.clone(), |signed| signed.signature = spoiled);
        let bytes = Content::Bytes(Letter::bytes_of(&message));
        let to = letter.to.clone();
        if hand.random.chance(500) {
            hand.forge_refusable(&to, bytes);
            hand.pass(letter);
        } else {
            hand.pass(letter);
            hand.forge_refusable(&to, bytes);
        }
    }
}
