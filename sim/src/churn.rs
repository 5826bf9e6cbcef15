//! How stake moves in a run: not at all, so little that who has which part of the power stays, or so
//! that sets really change. With it the bonds that a run begins with. Drawn apart from all else.

use std::fmt;
use std::str::FromStr;

use crate::byzantine::Byzantine;
use crate::faults::{Fault, Faults};
use crate::options::{MAX_FULL_NODES, Options};
use crate::plan::Plan;
use crate::random::Random;

/// Keeps the draws for stake apart from the others.
pub(crate) const SALT: u64 = 0x7374_616b_655f_6d6f;
/// Base units of one unit of drawn power, where stake moves.
const UNIT: u64 = 1_000_000;
/// Runs of unequal power whose bonds have a shape, of a thousand.
const SHAPED: u64 = 350;
/// Faults that cost a validator its vote, or its word, for long: who may be without is counted by the
/// power of today, which is not that of tomorrow where sets change.
const OF_VOTES: [Fault; 4] = [Fault::Records, Fault::BitRot, Fault::LyingSync, Fault::Signer];

/// What clients do with stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Churn {
    /// Nothing: powers are what the plan draws.
    #[default]
    None,
    /// Small amounts come and go: each epoch has another set, and no vote weighs noticeably more.
    Power,
    /// Validators join, leave, rotate keys and are jailed; nodes beside the first validators hold
    /// keys, too.
    Sets,
}

/// A word that names no churn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown churn {0:?}: none, power or sets")]
pub struct UnknownChurn(pub String);

impl Churn {
    /// Every kind.
    pub const ALL: [Churn; 3] = [Churn::None, Churn::Power, Churn::Sets];

    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Churn::None => "none",
            Churn::Power => "power",
            Churn::Sets => "sets",
        }
    }
}

impl fmt::Display for Churn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Churn {
    type Err = UnknownChurn;

    fn from_str(text: &str) -> Result<Self, UnknownChurn> {
        let named = Churn::ALL.into_iter().find(|churn| churn.name() == text);
        named.ok_or_else(|| UnknownChurn(text.to_owned()))
    }
}

/// What the bonds of unequal validators look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As they are drawn, one by one.
    #[default]
    Drawn,
    /// 33, 33, and the others share 34.
    Thirds,
    /// One has just less than a third.
    JustBelow,
    /// The k-th has the k-th part of the first's.
    Zipf,
    /// One has nearly everything.
    Dust,
    /// All together have nearly as much as there can be.
    Huge,
}

const SHAPES: [Shape; 5] = [Shape::Thirds, Shape::JustBelow, Shape::Zipf, Shape::Dust, Shape::Huge];

impl Shape {
    /// In a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::Drawn => "drawn",
            Shape::Thirds => "33/33/34",
            Shape::JustBelow => "just-below-a-third",
            Shape::Zipf => "zipf",
            Shape::Dust => "dust",
            Shape::Huge => "huge",
        }
    }

    /// The power of each of so many validators; none where it is drawn.
    pub(crate) fn powers(self, count: u64) -> Option<Vec<u64>> {
        let others = count.saturating_sub(1).max(1);
        let power = |number: u64| match self {
            Shape::Drawn => 0,
            Shape::Thirds if number < 2 => 3_300,
            Shape::Thirds => 3_400 / count.saturating_sub(2).max(1),
            Shape::JustBelow if number == 0 && count > 1 => (others * 100).div_ceil(2) - 1,
            Shape::JustBelow => 100,
            Shape::Zipf => 5_040 / (number + 1),
            Shape::Dust if number == 0 => 1_000_000,
            Shape::Dust => 1,
            // What is left is money of accounts, and what may still be issued.
            Shape::Huge => ((1 << 63) - (1 << 40)) / count.max(1) - number,
        };
        (self != Shape::Drawn).then(|| (0..count).map(power).collect())
    }
}

impl Plan {
    /// Draws how stake moves, and what bonds look like.
    pub(crate) fn draw_stake(&mut self, options: &Options, random: &mut Random) {
        let drawn = match random.below(4) {
            0 | 1 => Churn::None,
            2 => Churn::Power,
            _ => Churn::Sets,
        };
        // Who is told to be Byzantine, or to lose its vote, counts by the power of today.
        let costs_votes = |fault: &Fault| options.faults.contains(*fault);
        let is_told = options.faults != Faults::all() && OF_VOTES.iter().any(costs_votes);
        let is_bound = is_told || options.byzantine != Byzantine::None;
        let fitting = match drawn {
            // One alone decides faster than others over slow links can follow until sets rest.
            Churn::Sets if is_bound || self.validators == 1 => Churn::Power,
            Churn::None | Churn::Power | Churn::Sets => drawn,
        };
        let fitting = if options.workload { fitting } else { Churn::None };
        self.churn = options.churn.unwrap_or(fitting);
        let is_shaped = random.chance(SHAPED) && options.equal_power.is_none();
        let shape = random.pick(&SHAPES).filter(|_| is_shaped && !self.equal_power);
        self.shape = shape.unwrap_or_default();
        let (epoch_length, spares) = (random.between(3, 8), random.between(1, 4));
        self.is_capped = random.chance(500);
        self.room = u16::try_from(random.below(3)).unwrap_or(0);
        if self.churn == Churn::Sets {
            // Over narrow links who joins may catch up for longer than a height is due in.
            let unfit = |fault: &Fault| OF_VOTES.contains(fault) || *fault == Fault::Bandwidth;
            let faults: Faults = self.faults.iter().filter(|fault| !unfit(fault)).collect();
            self.faults = faults;
            self.epoch_length = epoch_length;
            let spares = u16::try_from(spares).unwrap_or(1);
            self.full_nodes = options.full_nodes.unwrap_or(spares).min(MAX_FULL_NODES);
        }
    }

    /// Base units of one unit of power.
    pub(crate) fn unit(&self) -> u64 {
        match (self.churn, self.shape) {
            (Churn::None, _) | (_, Shape::Huge) => 1,
            (Churn::Power | Churn::Sets, _) => UNIT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_round_trips() {
        for churn in Churn::ALL {
            assert_eq!(churn.to_string().parse(), Ok(churn));
        }
        assert_eq!("all".parse::<Churn>(), Err(UnknownChurn("all".to_owned())));
    }

    #[test]
    fn shapes_are_what_they_are_called() {
        let of = |shape: Shape, count| shape.powers(count).unwrap();
        assert_eq!(of(Shape::Thirds, 3), [3_300, 3_300, 3_400]);
        for count in 4..=31 {
            let powers = of(Shape::JustBelow, count);
            let (largest, all) = (powers[0], powers.iter().sum::<u64>());
            assert!(3 * largest < all && 3 * (largest + 1) >= all, "{largest} of {all}");
        }
        assert_eq!(of(Shape::Zipf, 4), [5_040, 2_520, 1_680, 1_260]);
        assert_eq!(of(Shape::Dust, 4), [1_000_000, 1, 1, 1]);
        let most: u64 = of(Shape::Huge, 31).iter().sum();
        assert!(most > (1 << 63) - (1 << 41) && most < 1 << 63, "{most}");
        assert_eq!(Shape::Drawn.powers(4), None);
    }
}
