//! The rows of a release: hours. `make twins` runs them, in shards if there are several machines.
//! How far a run has come is kept in a file, so that it can be ended and continued at any time.
#![expect(clippy::disallowed_methods, reason = "a test is the host: it reads its own settings")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use quorate_sim::twins::{Row, Tally};

/// Names of rows, separated by spaces.
const ROWS: &str = "QUORATE_TWINS_ROWS";
/// "k/n": the k-th of n equal parts of every row.
const SHARD: &str = "QUORATE_TWINS_SHARD";
/// The file that tells how far it is. Each shard needs its own.
const STATE: &str = "QUORATE_TWINS_STATE";
/// Cases between two writes of that file.
const CHUNK: u64 = 2_000;

/// How far a row is: the number of the next case, and the tally so far.
type Done = (u64, Tally);

/// The file, and what is in it.
struct State {
    path: PathBuf,
    shard: String,
    rows: BTreeMap<String, Done>,
}

#[test]
#[ignore = "hours; run by `make twins`"]
fn rows_of_a_release() {
    let setting = |name: &str| {
        std::env::var_os(name).and_then(|value: OsString| value.into_string().ok()).expect(name)
    };
    let shard = setting(SHARD);
    let (k, n) = shard.split_once('/').expect("a shard is k/n");
    let (k, n): (u64, u64) = (k.parse().unwrap(), n.parse().unwrap());
    assert!((1..=n).contains(&k), "shard {k} of {n}");
    let mut state = State::read(setting(STATE).into(), shard.clone());
    for name in setting(ROWS).split_whitespace() {
        let row = Row::named(name).unwrap_or_else(|| panic!("there is no row {name}"));
        let range = row.cases() * (k - 1) / n..row.cases() * k / n;
        let (mut next, mut tally) =
            state.rows.get(name).copied().unwrap_or((range.start, Tally::default()));
        while next < range.end {
            let until = range.end.min(next + CHUNK);
            tally.merge(&row.play(next..until).unwrap_or_else(|found| {
                let (number, violation) = *found;
                panic!("{name}, case {number}: {violation}\n{}", row.scenario(number).unwrap())
            }));
            next = until;
            state.rows.insert(name.to_owned(), (next, tally));
            state.write();
            eprintln!("{name} {shard}: {next} of {}..{}", range.start, range.end);
        }
        eprintln!("{name} {shard}: {tally}");
    }
}

impl State {
    /// An empty one if there is no file yet.
    fn read(path: PathBuf, shard: String) -> State {
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => panic!("{}: {error}", path.display()),
        };
        let mut rows = BTreeMap::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let [name, of, numbers @ ..] = &words[..] else { panic!("{line}") };
            assert_eq!(*of, shard, "{} is of another shard", path.display());
            let numbers: Vec<u64> = numbers.iter().map(|word| word.parse().unwrap()).collect();
            let [
                next,
                cases,
                deciding,
                carrying_over,
                convicting,
                highest_view,
                slowest_ms,
                events,
            ] = numbers[..]
            else {
                panic!("{line}")
            };
            let tally = Tally {
                cases,
                deciding,
                carrying_over,
                convicting,
                highest_view,
                slowest_ms,
                events,
            };
            rows.insert((*name).to_owned(), (next, tally));
        }
        State { path, shard, rows }
    }

    /// Written beside and renamed, so that a kill leaves the old or the new one.
    fn write(&self) {
        let line = |(name, (next, tally)): (&String, &Done)| {
            let Tally { cases, deciding, carrying_over, convicting, .. } = tally;
            let Tally { highest_view, slowest_ms, events, .. } = tally;
            format!(
                "{name} {} {next} {cases} {deciding} {carrying_over} {convicting} {highest_view} \
                 {slowest_ms} {events}\n",
                self.shard
            )
        };
        let beside = self.path.with_extension("new");
        std::fs::write(&beside, self.rows.iter().map(line).collect::<String>()).unwrap();
        std::fs::rename(&beside, &self.path).unwrap();
    }
}
