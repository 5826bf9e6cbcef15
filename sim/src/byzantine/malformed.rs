//! Bytes that are no message (BZ14, B-2): cut off anywhere, with flipped bits, with bytes before or
//! behind, under another field's tag, with lengths that lie. No node may take one for a message.

use quorate_types::Message;

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
    let mangled = mangle(hand.random, &bytes);
    if mangled != bytes {
        let to = hand.one_peer();
        hand.forge_refusable(&to, Content::Bytes(mangled));
    }
}

/// The bytes with one thing wrong.
fn mangle(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut mangled = bytes.to_vec();
    let place = random.position(mangled.len());
    match random.below(7) {
        0 => mangled.truncate(place),
        1 => flip(&mut mangled, place, random),
        2 => mangled.push(0),
        3 => mangled.insert(0, 0),
        // The tag of the message's field.
        4 => flip(&mut mangled, 0, random),
        // The length of the message's field.
        5 => flip(&mut mangled, 1, random),
        // A length far beyond what follows.
        _ => {
            mangled.truncate(1);
            mangled.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
        }
    }
    mangled
}

fn flip(bytes: &mut [u8], place: usize, random: &mut Random) {
    let bit = u32::try_from(random.below(8)).unwrap_or(0);
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1_u8.rotate_left(bit);
    }
}
