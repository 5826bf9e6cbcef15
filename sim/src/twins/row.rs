//! The rows of cases, each by its name. A row numbers its cases, so that ranges of it can be played
//! one after the other, or side by side.

use std::fmt;

use super::lab::Lab;
use super::play::{Outcome, play};
use super::scenario::{Crash, CrashPoint, Cut, Scenario};
use super::space::{Shape, Space};
use crate::oracles::Violation;
use crate::random::Random;

/// Powers by validator with how many of them, the first ones, have a twin; the twins have less than
/// a third: close to it, among large and small ones, and one honest validator close to two thirds.
const UNEQUAL: [(&[u64], usize); 8] = [
    (&[32, 33, 33, 1], 1),
    (&[32, 23, 22, 22], 1),
    (&[32, 65, 1, 1], 1),
    (&[33, 34, 33], 1),
    (&[1, 33, 33, 33], 1),
    (&[4, 5, 3, 2, 1], 1),
    (&[16, 16, 34, 33], 2),
    (&[32, 12, 11, 11, 11, 11, 11], 1),
];

/// What a row is made of.
#[derive(Debug)]
enum Kind {
    /// Every script of a space, under every one of the cuts.
    All { space: Space, views: u32, cuts: Vec<Cut> },
    /// Drawn scripts for unequal powers.
    Unequal { spaces: Vec<Space>, cases: u64 },
    /// Drawn scripts with a power cut and statements that no honest code signs.
    Hostile { space: Space, cases: u64 },
}

/// A numbered set of cases.
#[derive(Debug)]
pub struct Row {
    kind: Kind,
}

/// What a range of cases came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases.
    pub cases: u64,
    /// Cases in which a height was decided under attack.
    pub deciding: u64,
    /// Cases in which a block was carried over to another view.
    pub carrying_over: u64,
    /// Cases in which an honest instance could convict a twin.
    pub convicting: u64,
    /// The highest view.
    pub highest_view: u64,
    /// The longest that a height took after the attack, in milliseconds.
    pub slowest_ms: u64,
    /// Events.
    pub events: u64,
}

impl Tally {
    /// Takes another range's tally in.
    pub fn merge(&mut self, other: &Tally) {
        self.cases += other.cases;
        self.deciding += other.deciding;
        self.carrying_over += other.carrying_over;
        self.convicting += other.convicting;
        self.highest_view = self.highest_view.max(other.highest_view);
        self.slowest_ms = self.slowest_ms.max(other.slowest_ms);
        self.events += other.events;
    }

    fn add(&mut self, outcome: &Outcome) {
        self.cases += 1;
        self.deciding += u64::from(outcome.decided_under_attack > 0);
        self.carrying_over += u64::from(outcome.carried_over > 0);
        self.convicting += u64::from(outcome.convicting > 0);
        self.highest_view = self.highest_view.max(outcome.highest_view);
        self.slowest_ms = self.slowest_ms.max(outcome.slowest_ms);
        self.events += outcome.events;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { cases, deciding, carrying_over, convicting, .. } = self;
        write!(
            formatter,
            "{cases} cases: {deciding} decide under attack, {carrying_over} carry a block over, \
             {convicting} convict a twin; highest view {}, slowest height after the attack {} ms",
            self.highest_view, self.slowest_ms
        )
    }
}

impl Row {
    /// Every script of a shape and number of views, under every one of the cuts.
    #[must_use]
    pub fn all(shape: Shape, views: u32, cuts: &[Cut]) -> Row {
        Row { kind: Kind::All { space: Space::new(shape), views, cuts: cuts.to_vec() } }
    }

    /// Scripts for unequal powers, drawn.
    #[must_use]
    pub fn unequal(cases: u64) -> Row {
        let shape = |(powers, twins): &(&[u64], usize)| {
            Space::new(Shape { validators: powers.len(), twins: *twins, groups: 3 })
        };
        Row { kind: Kind::Unequal { spaces: UNEQUAL.iter().map(shape).collect(), cases } }
    }

    /// Scripts of four validators and a twin, drawn, with a power cut of an honest instance and
    /// second halves that sign what no honest code would.
    #[must_use]
    pub fn hostile(cases: u64) -> Row {
        let space = Space::new(Shape { validators: 4, twins: 1, groups: 5 });
        Row { kind: Kind::Hostile { space, cases } }
    }

    /// A row by name, as long as it is for a release.
    #[must_use]
    pub fn named(name: &str) -> Option<Row> {
        let four = |groups| Shape { validators: 4, twins: 1, groups };
        match name {
            "TW1" => Some(Row::all(four(2), 4, &Cut::ALL)),
            "TW2" => Some(Row::all(four(3), 3, &Cut::ALL)),
            "TW3" => Some(Row::all(four(5), 3, &Cut::ALL)),
            "TW4" => {
                let seven = Shape { validators: 7, twins: 2, groups: 2 };
                Some(Row::all(seven, 2, &Cut::ALL))
            }
            "TW5" => Some(Row::unequal(20_000)),
            "TW6" => Some(Row::hostile(50_000)),
            _ => None,
        }
    }

    /// How many cases.
    #[must_use]
    pub fn cases(&self) -> u64 {
        match &self.kind {
            Kind::All { space, views, cuts } => space.count(*views).saturating_mul(count(cuts)),
            Kind::Unequal { cases, .. } | Kind::Hostile { cases, .. } => *cases,
        }
    }

    /// The case of a number below [`Row::cases`].
    #[must_use]
    pub fn scenario(&self, number: u64) -> Option<Scenario> {
        match &self.kind {
            Kind::All { space, views, cuts } => {
                let script = number.checked_div(count(cuts))?;
                let cut = number.checked_rem(count(cuts))?;
                Some(Scenario {
                    powers: vec![1; space.shape().validators],
                    twins: space.shape().twins,
                    views: space.script(*views, script)?,
                    cut: cuts.get(usize::try_from(cut).ok()?).copied()?,
                    twins_stay: (script + cut) % 2 == 1,
                    crash: None,
                    mutations: None,
                })
            }
            Kind::Unequal { spaces, cases } if number < *cases => {
                let mut random = Random::of_seed(number);
                let place = random.position(UNEQUAL.len());
                let (powers, _) = UNEQUAL.get(place)?;
                Some(draw(&mut random, spaces.get(place)?, powers))
            }
            Kind::Hostile { space, cases } if number < *cases => {
                let mut random = Random::of_seed(number);
                let mut scenario = draw(&mut random, space, &[1; 4]);
                scenario.crash = Some(draw_crash(&mut random));
                scenario.mutations = Some(number);
                Some(scenario)
            }
            Kind::Unequal { .. } | Kind::Hostile { .. } => None,
        }
    }

    /// Plays the cases of a range.
    ///
    /// # Errors
    /// The first case in which an oracle found something or the machine's own assertions failed,
    /// and what.
    pub fn play(&self, range: std::ops::Range<u64>) -> Result<Tally, Box<(u64, Violation)>> {
        let mut labs: Vec<Lab> = Vec::new();
        let mut tally = Tally::default();
        for number in range {
            let Some(scenario) = self.scenario(number) else { break };
            let place = labs.iter().position(|lab| lab.powers == scenario.powers);
            let place = place.unwrap_or_else(|| {
                labs.push(Lab::new(&scenario.powers));
                labs.len() - 1
            });
            let Some(lab) = labs.get_mut(place) else { break };
            let outcome = play_to_the_end(lab, &scenario);
            tally.add(&outcome.map_err(|found| Box::new((number, found)))?);
        }
        Ok(tally)
    }
}

/// A panic of the machine is a violation too, and its case has to be known.
fn play_to_the_end(lab: &mut Lab, scenario: &Scenario) -> Result<Outcome, Violation> {
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(lab, scenario)));
    played.unwrap_or_else(|_| {
        let detail = "the machine panics".to_owned();
        Err(Violation { oracle: "assertion", time_us: 0, node: None, detail })
    })
}

fn count(cuts: &[Cut]) -> u64 {
    u64::try_from(cuts.len()).unwrap_or(1)
}

fn draw(random: &mut Random, space: &Space, powers: &[u64]) -> Scenario {
    let views = u32::try_from(random.between(2, 5)).unwrap_or(2);
    Scenario {
        powers: powers.to_vec(),
        twins: space.shape().twins,
        views: space.any_script(views, |limit| random.below(limit)),
        cut: random.pick(&Cut::ALL).unwrap_or(Cut::None),
        twins_stay: random.chance(500),
        crash: None,
        mutations: None,
    }
}

/// A power cut of one of the three honest instances of four.
fn draw_crash(random: &mut Random) -> Crash {
    let points = [CrashPoint::Write, CrashPoint::Send, CrashPoint::Answer];
    Crash {
        instance: 1 + random.position(3),
        after_votes: random.below(12),
        point: random.pick(&points).unwrap_or(CrashPoint::Write),
        down_ms: random.between(1, 5_000),
    }
}
