//! What a seed makes of the options: which faults this run has, how often and how bad. Each allowed
//! fault is in half of the runs, so that every combination comes up (swarm testing).

use std::fmt;

use quorate_types::Height;

use crate::churn::{Churn, Shape};
use crate::faults::{Fault, FaultPlace, Faults};
use crate::options::{MAX_FULL_NODES, MAX_VALIDATORS, Options};
use crate::random::Random;
use crate::run::HEALED_HEIGHTS;
use crate::setup::BATCHES;

/// Microseconds in a millisecond.
pub(crate) const MS: u64 = 1_000;
/// Microseconds in a second.
pub(crate) const SECOND: u64 = 1_000 * MS;

/// A span of microseconds to draw from, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Span {
    pub(crate) const fn new(low: u64, high: u64) -> Span {
        Span { low, high }
    }

    pub(crate) fn draw(self, random: &mut Random) -> u64 {
        random.between(self.low, self.high)
    }
}

/// How links behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkPlan {
    /// What a message takes.
    pub(crate) delay: Span,
    /// Messages lost, of a thousand.
    pub(crate) loss: u64,
    /// Messages that arrive twice, of a thousand.
    pub(crate) duplication: u64,
}

/// What a run has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) validators: u16,
    pub(crate) full_nodes: u16,
    /// Whether the validators' power is equal.
    pub(crate) equal_power: bool,
    /// The faults that happen.
    pub(crate) faults: Faults,
    pub(crate) links: LinkPlan,
    /// The longest delay after the network heals: delta.
    pub(crate) delta_us: u64,
    /// The time between two faults of one kind.
    pub(crate) calm: Span,
    /// What a write of the chain database takes.
    pub(crate) store: Span,
    /// What a write of the sign-state takes.
    pub(crate) record: Span,
    /// What a job takes.
    pub(crate) job: Span,
    /// How far clocks may differ, in milliseconds.
    pub(crate) clock_ms: u64,
    /// Crashes between two steps of one vote, of a thousand votes.
    pub(crate) crash_in_vote: u64,
    /// The time between two submissions of a client.
    pub(crate) submit: Span,
    /// Transactions submitted at once, at most.
    pub(crate) batch: u64,
    /// Bytes of their memos.
    pub(crate) memo: usize,
    pub(crate) epoch_length: u64,
    pub(crate) min_interval_ms: u32,
    /// What clients do with stake.
    pub(crate) churn: Churn,
    /// What unequal bonds look like.
    pub(crate) shape: Shape,
    /// Whether power is held below a third, where sets change.
    pub(crate) is_capped: bool,
    /// Validators for whom a set has room beside the first ones, where sets change.
    pub(crate) room: u16,
}

impl Plan {
    /// `disks` and `links` draw the faults of disks and links, apart from all else.
    pub(crate) fn draw(
        options: &Options,
        random: &mut Random,
        disks: &mut Random,
        links: &mut Random,
    ) -> Plan {
        // Each is drawn, allowed or not: a run that is allowed less draws the same of the rest.
        let drawn = Fault::ALL.into_iter().filter(|fault| match fault.place() {
            FaultPlace::Disks => disks.chance(500),
            FaultPlace::Links => links.chance(500),
            FaultPlace::Rest => random.chance(500),
        });
        let faults: Faults = drawn.filter(|fault| options.faults.contains(*fault)).collect();
        let validators = options.validators.unwrap_or_else(|| draw_validators(random));
        let full_nodes = random.below(3);
        let drawn = u16::try_from(full_nodes).unwrap_or(0);
        let equal_power = random.chance(500);
        // Blocks too large to travel whole, now and then.
        let bulk = random.chance(40);
        let crash = faults.contains(Fault::Crash);
        let slow = faults.contains(Fault::Slow);
        Plan {
            validators: validators.clamp(1, MAX_VALIDATORS),
            full_nodes: options.full_nodes.unwrap_or(drawn).min(MAX_FULL_NODES),
            equal_power: options.equal_power.unwrap_or(equal_power),
            links: draw_links(&faults, random),
            delta_us: random.between(MS, 60 * MS),
            calm: Span::new(200 * MS, random.between(1, 8) * SECOND),
            store: if slow { Span::new(MS, random.between(20, 800) * MS) } else { FAST_STORE },
            record: if slow { Span::new(MS, random.between(5, 100) * MS) } else { FAST_RECORD },
            job: if slow { Span::new(100, random.between(5, 300) * MS) } else { FAST_JOB },
            clock_ms: if faults.contains(Fault::Clock) { 500 } else { 0 },
            crash_in_vote: if crash { random.below(20) } else { 0 },
            submit: Span::new(5 * MS, random.between(50, 1_500) * MS),
            batch: if bulk { 50 } else { 6 },
            memo: if bulk { 256 } else { 0 },
            epoch_length: random.between(2, 20),
            min_interval_ms: if random.chance(500) { 5 } else { 50 },
            churn: Churn::None,
            shape: Shape::Drawn,
            is_capped: false,
            room: 0,
            faults,
        }
    }

    /// What the blocks up to a height can take at most, and those of the heights that are due after
    /// healing, in bytes.
    pub(crate) fn bytes_of_blocks(&self, highest: Height) -> u64 {
        let heights = highest.0.saturating_add(HEALED_HEIGHTS);
        let memo = u64::try_from(self.memo).unwrap_or(u64::MAX);
        let transactions = self.batch.saturating_mul(BATCHES).saturating_mul(heights);
        transactions.saturating_mul(memo.saturating_add(TRANSACTION_BYTES))
    }

    /// The network heals, disks and workers are fast: GST.
    pub(crate) fn heal(&mut self) {
        self.links = LinkPlan { delay: Span::new(MS / 2, self.delta_us), loss: 0, duplication: 0 };
        (self.store, self.record, self.job) = (FAST_STORE, FAST_RECORD, FAST_JOB);
        self.crash_in_vote = 0;
    }
}

/// What a transaction of the clients takes beside its memo, at most.
const TRANSACTION_BYTES: u64 = 500;
const FAST_STORE: Span = Span::new(200, 3 * MS);
const FAST_RECORD: Span = Span::new(50, MS);
const FAST_JOB: Span = Span::new(20, MS);

/// Mostly 4 to 7; the smallest sets and larger ones now and then (M-6), up to the largest.
fn draw_validators(random: &mut Random) -> u16 {
    let count = match random.below(200) {
        0..10 => random.between(1, 3),
        10 => random.between(11, MAX_VALIDATORS.into()),
        11..20 => random.between(8, 10),
        20..80 => 4,
        _ => random.between(4, 7),
    };
    u16::try_from(count).unwrap_or(4)
}

fn draw_links(faults: &Faults, random: &mut Random) -> LinkPlan {
    let delay = if faults.contains(Fault::Delay) {
        Span::new(MS, random.between(20, 1_500) * MS)
    } else {
        Span::new(MS / 2, random.between(1, 30) * MS)
    };
    let loss = if faults.contains(Fault::Loss) { random.between(5, 250) } else { 0 };
    let duplicates = faults.contains(Fault::Duplication);
    let duplication = if duplicates { random.between(10, 300) } else { 0 };
    LinkPlan { delay, loss, duplication }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = if self.equal_power { "equal" } else { self.shape.name() };
        let load = if self.memo > 0 { ", large blocks" } else { "" };
        let LinkPlan { delay, loss, duplication } = self.links;
        write!(
            formatter,
            "{} validators of {power} power, {} full nodes{load}; churn: {}; faults: {}; \
             links {} to {} us, {loss} lost and {duplication} doubled of 1000",
            self.validators, self.full_nodes, self.churn, self.faults, delay.low, delay.high
        )
    }
}
