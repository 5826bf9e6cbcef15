//! The museum of seeded bugs: each is put into the production code, and what guards against it must
//! say so: an oracle of the simulator, the twins, an assertion of the code, or a rule that is asked
//! directly. The same detector is silent without the bug. `make museum` prints the table.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "seconds are printed for people; nothing depends on them"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use quorate_crypto::museum::{Bug, seed};
use quorate_sim::twins::{Cut, Row, Shape};
use quorate_sim::{Fault, Faults, Options, run};

mod common;

#[path = "museum/certified.rs"]
mod certified;
#[path = "museum/chain.rs"]
mod chain;
#[path = "museum/executed.rs"]
mod executed;
#[path = "museum/exhibits.rs"]
mod exhibits;
#[path = "museum/proposed.rs"]
mod proposed;
#[path = "museum/rules.rs"]
mod rules;
#[path = "museum/signed.rs"]
mod signed;

/// Seeds of which half have to convict.
const SEEDS: u64 = 20;

/// What may notice a bug.
#[derive(Clone, Copy)]
enum Detector {
    /// A rule, asked directly: it panics when broken.
    Rule(&'static str, fn()),
    /// What a whole world is put through: it panics when something goes wrong.
    World(&'static str, fn()),
    /// So many seeds with all faults.
    Seeds(u64),
    /// So many seeds without any fault.
    Calm(u64),
    /// So many seeds with this fault at most.
    Faulty(Fault, u64),
    /// So many seeds with Byzantine validators that do this, and all faults.
    Byzantine(&'static str, u64),
    /// Of twenty seeds with Byzantine validators that offend so, half have them convicted.
    Convicted(&'static str),
    /// So many seeds in which no flood of this kind makes a core remember more than it may.
    Bounded(&'static str, u64),
    /// The first cases of twins of four validators: three views of two groups.
    Twins(u64),
}

/// What a detector found: who says so, and after how many seeds or cases.
struct Found {
    by: String,
    after: u64,
}

impl Detector {
    fn name(self) -> String {
        match self {
            Detector::Rule(name, _) => format!("rule: {name}"),
            Detector::World(name, _) => name.to_owned(),
            Detector::Seeds(_) => "seeds".to_owned(),
            Detector::Calm(_) => "seeds without faults".to_owned(),
            Detector::Faulty(fault, _) => format!("seeds with {}", fault.name()),
            Detector::Byzantine(kinds, _) => format!("Byzantine seeds: {kinds}"),
            Detector::Convicted(kinds) => format!("Byzantine seeds: {kinds}"),
            Detector::Bounded(kind, _) => format!("floods: {kind}"),
            Detector::Twins(_) => "twins".to_owned(),
        }
    }

    /// Searches; `most` bounds the seeds or cases below the detector's own number.
    fn search(self, most: u64) -> Option<Found> {
        match self {
            Detector::Rule(_, rule) | Detector::World(_, rule) => {
                panic_of(rule).err().map(|message| Found { by: message, after: 1 })
            }
            Detector::Seeds(count) => seeds(count.min(most), |_| Options::default()),
            Detector::Calm(count) => {
                seeds(count.min(most), |_| Options { faults: Faults::none(), ..Options::default() })
            }
            Detector::Faulty(fault, count) => seeds(count.min(most), |_| Options {
                faults: [fault].into_iter().collect(),
                ..Options::default()
            }),
            Detector::Byzantine(kinds, count) => {
                seeds(count.min(most), |number| with_byzantine(kinds, number))
            }
            Detector::Convicted(kinds) => convicted(kinds),
            Detector::Bounded(kind, count) => bounded(kind, count.min(most)),
            Detector::Twins(count) => twins(count.min(most)),
        }
    }
}

fn with_byzantine(kinds: &str, number: u64) -> Options {
    Options {
        validators: Some(if number % 4 == 3 { 7 } else { 4 }),
        heights: 20,
        byzantine: kinds.parse().expect("names of misbehaviours"),
        faults: if number.is_multiple_of(2) { Faults::all() } else { mild() },
        ..Options::default()
    }
}

fn convicted(kinds: &str) -> Option<Found> {
    let accused = |number: &u64| run(&with_byzantine(kinds, *number), *number).accused > 0;
    let convicted = (0..SEEDS).filter(accused).count();
    (convicted < 10).then(|| Found { by: "conviction".to_owned(), after: SEEDS })
}

fn bounded(kind: &str, count: u64) -> Option<Found> {
    let of = |kind: &str, number: u64| common::footprint_of_a_height(kind, number);
    let grows = |number: &u64| of(kind, *number) >= of("silent", *number) + common::FLOODED;
    let number = (0..count).find(grows)?;
    Some(Found { by: "memory".to_owned(), after: number + 1 })
}

fn mild() -> Faults {
    [Fault::Delay, Fault::Loss, Fault::Partition].into_iter().collect()
}

fn seeds(count: u64, options: impl Fn(u64) -> Options) -> Option<Found> {
    (0..count).find_map(|number| {
        let outcome = panic_of(|| run(&options(number), number).violation);
        let by = match outcome {
            Ok(violation) => violation?.oracle.to_owned(),
            Err(message) => message,
        };
        Some(Found { by, after: number + 1 })
    })
}

fn twins(count: u64) -> Option<Found> {
    let shape = Shape { validators: 4, twins: 1, groups: 2 };
    let row = Row::all(shape, 3, &[Cut::Commits]);
    let (mut from, step) = (0, 50);
    while from < count {
        let to = count.min(from + step);
        let found = panic_of(|| row.play(from..to).err());
        let by = match found {
            Ok(None) => None,
            Ok(Some(found)) => Some((found.0 + 1, found.1.oracle.to_owned())),
            Err(message) => Some((to, message)),
        };
        if let Some((after, by)) = by {
            return Some(Found { by, after });
        }
        from = to;
    }
    None
}

/// What a part of the code says when it panics: an assertion of its own is a detector too.
fn panic_of<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let text = text.unwrap_or_default();
        format!("assertion: {}", text.lines().next().unwrap_or_default())
    })
}

/// Seeds a bug, finds it with the first of its detectors that can, and takes it out again.
fn is_caught(bug: Bug, detectors: &[Detector]) {
    let started = Instant::now();
    seed(Some(bug));
    let found = detectors.iter().find_map(|detector| Some((*detector, detector.search(u64::MAX)?)));
    seed(None);
    let seconds = started.elapsed().as_secs_f32();
    let Some((detector, found)) = found else {
        println!("| {bug:?} | ESCAPED | | {seconds:.1} |");
        panic!("{bug:?} escapes: {}", bug.what());
    };
    let Found { by, after } = found;
    println!("| {bug:?} | {} | {by} | {after} | {seconds:.1} |", detector.name());
    let without = detector.search(after);
    assert!(without.is_none(), "{bug:?}: {} fires without the bug", detector.name());
}
