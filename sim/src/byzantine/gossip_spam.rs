//! A flood of gossip (BZ24): bytes that have passed before, under one new id after the other, so that
//! all would pass them on for ever, and bytes that are no message. Who is flooded passes the same bytes
//! on once a second and nothing of a height that is over.

use quorate_crypto::Hash;

use super::Behaviour;
use super::hand::{Content, Hand, Letter};
use crate::parcel::{PARCEL, Parcel};

/// Parcels remembered: the first ones for ever, for each place a newer one.
const REMEMBERED: usize = 32;
/// Times that the same bytes are published in one go.
const BURST: u64 = 4;
/// Bytes of what is no message, at most.
const GARBAGE: u64 = 2_000;

/// Publishes again what has passed.
#[derive(Debug, Default)]
pub(super) struct GossipSpam {
    first: Vec<Parcel>,
    latest: Vec<Parcel>,
}

impl Behaviour for GossipSpam {
    fn on_relay(&mut self, hand: &mut Hand<'_>, letter: &Letter) {
        let Content::Gossip(_, parcel) = &letter.content else { return };
        if self.first.len() < REMEMBERED {
            return self.first.push(parcel.clone());
        }
        if self.latest.len() >= REMEMBERED {
            self.latest.swap_remove(hand.random.position(REMEMBERED));
        }
        self.latest.push(parcel.clone());
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let to = hand.peers.to_vec();
        let again = [hand.random.pick(&self.first), hand.random.pick(&self.latest)];
        for parcel in again.into_iter().flatten() {
            for _ in 0..BURST {
                let id = new_id(hand);
                hand.forge(&to, Content::Gossip(id, parcel.clone()));
            }
        }
        let length = usize::try_from(hand.random.below(GARBAGE)).unwrap_or(0);
        let bytes: Vec<u8> = hand.random.bytes().into_iter().cycle().take(length).collect();
        let hash = PARCEL.hash(&bytes);
        for parcel in
            [Parcel::Message(bytes.clone().into(), hash), Parcel::Transactions(bytes.into(), hash)]
        {
            let id = new_id(hand);
            hand.forge_refusable(&to, Content::Gossip(id, parcel));
        }
    }
}

/// An id that nobody has seen.
fn new_id(hand: &mut Hand<'_>) -> Hash {
    Hash::from_bytes(hand.random.bytes())
}
