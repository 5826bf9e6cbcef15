//! Bytes that are no message (BZ14, B-2): cut off anywhere, with flipped bits, with bytes before or
//! behind, under another field's tag, with lengths that lie, with signers beyond the last. No node
//! may take one for a message.

use quorate_types::{Certificate, Message};

use super::Behaviour;
use super::hand::{Content, Hand, Letter};
use crate::random::Random;

/// Messages beside which a mangled one goes, of a thousand.
const BESIDE: u64 = 500;

/// Mangles.
#[derive(Debug)]
pub(super) struct Malformed;

impl Behaviour for Malformed {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        if let Some(message) = letter.message()
            && hand.random.chance(BESIDE)
        {
            say_mangled(hand, message);
        }
        hand.pass(letter);
    }

    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        if hand.random.chance(BESIDE / 5) {
            say_mangled(hand, message);
        }
    }
}

/// Sends mangled bytes of a message to somebody.
pub(super) fn say_mangled(hand: &mut Hand<'_>, message: &Message) {
    let bytes = Letter::bytes_of(message);
    let mangled = match message {
        Message::Certificate(certificate) if hand.random.chance(BESIDE) => {
            with_another_signer(certificate, bytes.clone())
        }
        Message::ViewChange(_)
        | Message::PrePrepare(_)
        | Message::Prepare(_)
        | Message::Commit(_)
        | Message::Certificate(_)
        | Message::Rejoin(_)
        | Message::Evidence(_) => mangle(hand.random, &bytes),
    };
    if mangled != bytes {
        let to = hand.one_peer();
        hand.forge_refusable(&to, Content::Bytes(mangled));
    }
}

/// The bytes with one thing wrong.
fn mangle(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut mangled = bytes.to_vec();
    let place = random.position(mangled.len());
    match random.below(8) {
        0 => mangled.truncate(place),
        1 => flip(&mut mangled, place, random),
        2 => mangled.push(0),
        3 => mangled.insert(0, 0),
        // The tag of the message's field.
        4 => flip(&mut mangled, 0, random),
        // The length of the message's field.
        5 => flip(&mut mangled, 1, random),
        // A byte behind, within the length of the message's field.
        6 => {
            mangled.push(0);
            if let Some(length) = mangled.get_mut(1).filter(|length| **length & 0x7f != 0x7f) {
                *length += 1;
            }
        }
        // A length far beyond what follows.
        _ => {
            mangled.truncate(1);
            mangled.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
        }
    }
    mangled
}

/// The highest bit of the signers set, where their number leaves it free: behind the digest stand
/// their number, in two bytes, and the bits.
fn with_another_signer(certificate: &Certificate, mut bytes: Vec<u8>) -> Vec<u8> {
    let digest = certificate.digest.0.as_bytes();
    let size = certificate.signers.size();
    let place = bytes.windows(digest.len()).position(|window| window == digest);
    let last = place.map(|at| at + digest.len() + 1 + size.div_ceil(8));
    if let Some(byte) = last.and_then(|at| bytes.get_mut(at)).filter(|_| !size.is_multiple_of(8)) {
        *byte |= 0x80;
    }
    bytes
}

fn flip(bytes: &mut [u8], place: usize, random: &mut Random) {
    let bit = u32::try_from(random.below(8)).unwrap_or(0);
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1_u8.rotate_left(bit);
    }
}
