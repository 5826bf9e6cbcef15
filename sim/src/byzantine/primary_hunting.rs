//! The primary of the moment is cut off, as the schedule of primaries lets everybody know who it is
//! (BZ26, T-4). While the network is still faulty only: afterwards the quorum is connected.

use super::Behaviour;
use super::hand::Hand;
use crate::plan::{MS, Span};

/// How long a primary is cut off, in microseconds.
const CUT: Span = Span::new(50 * MS, 1_500 * MS);
/// Ticks on which it strikes, of a thousand.
const STRIKES: u64 = 250;

/// Has primaries cut off.
#[derive(Debug)]
pub(super) struct PrimaryHunting;

impl Behaviour for PrimaryHunting {
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let primary = hand.standing.primary.filter(|of| *of != hand.identity.index);
        let victim = primary.and_then(|index| hand.identity.nodes.get(&index)).copied();
        if let Some(victim) = victim
            && hand.random.chance(STRIKES)
        {
            let lasts_us = CUT.draw(hand.random);
            hand.deviate();
            hand.deeds.cuts.push((victim, lasts_us));
        }
    }
}
