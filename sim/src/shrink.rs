//! From a seed that fails to a run that is easier to read: less of everything, as long as the same
//! oracle fires. What a run is told less of draws otherwise, so a few seeds are tried each time.

use std::collections::BTreeSet;

use crate::byzantine::Byzantine;
use crate::churn::Churn;
use crate::options::{MAX_VALIDATORS, Options};
use crate::report::Report;
use crate::run::run;

/// Runs that are tried at most.
const MAX_RUNS: usize = 600;
/// Seeds that are tried with the same options: the one that failed, and those after it.
const SEEDS: u64 = 8;
/// Heights of shorter runs: the last ten of a run are those after healing.
const HEIGHTS: [u64; 6] = [1, 11, 12, 14, 18, 25];

/// The smallest options found, and the report of a run with them, in which the oracle fires that
/// fires in the run of this seed. Its [`Report::replay`] is the command that shows it. Where no
/// oracle fires, the options stay as they are.
#[must_use]
pub fn shrink(options: &Options, seed: u64) -> (Options, Report) {
    shrink_by(options, seed, run)
}

/// The same, over a way to run a seed.
fn shrink_by(
    options: &Options,
    seed: u64,
    play: impl Fn(&Options, u64) -> Report,
) -> (Options, Report) {
    let mut best = (options.clone(), play(options, seed));
    let Some(oracle) = best.1.violation.as_ref().map(|violation| violation.oracle) else {
        return best;
    };
    let mut tried = BTreeSet::new();
    let mut runs = 0;
    while runs < MAX_RUNS {
        let fresh = |options: &Options| tried.insert(options.to_string());
        let Some(candidate) = simpler(&best.0).into_iter().find(fresh) else { break };
        let seed = best.1.seed;
        for seed in seed..seed.saturating_add(SEEDS) {
            runs += 1;
            let report = play(&candidate, seed);
            if report.violation.as_ref().is_some_and(|violation| violation.oracle == oracle) {
                best = (candidate, report);
                break;
            }
        }
    }
    best
}

/// Every way to tell a run one thing less, the greatest relief first.
fn simpler(options: &Options) -> Vec<Options> {
    let mut found = Vec::new();
    if options.faults.iter().count() > 2 {
        let alone = |fault| Options { faults: [fault].into_iter().collect(), ..options.clone() };
        found.extend(options.faults.iter().map(alone));
    }
    for fault in options.faults.iter() {
        let faults = options.faults.iter().filter(|other| *other != fault).collect();
        found.push(Options { faults, ..options.clone() });
    }
    if options.byzantine != Byzantine::None {
        found.push(Options { byzantine: Byzantine::None, ..options.clone() });
    }
    if let Byzantine::Named(named) = &options.byzantine {
        for one in named.iter().filter(|_| named.len() > 1) {
            let rest = named.iter().copied().filter(|other| other != one).collect();
            found.push(Options { byzantine: Byzantine::Named(rest), ..options.clone() });
        }
    }
    if options.workload {
        found.push(Options { workload: false, ..options.clone() });
    }
    if options.churn != Some(Churn::None) {
        found.push(Options { churn: Some(Churn::None), ..options.clone() });
    }
    if options.full_nodes != Some(0) {
        found.push(Options { full_nodes: Some(0), ..options.clone() });
    }
    if options.equal_power != Some(true) {
        found.push(Options { equal_power: Some(true), ..options.clone() });
    }
    for count in 1..options.validators.unwrap_or(MAX_VALIDATORS).min(8) {
        found.push(Options { validators: Some(count), ..options.clone() });
    }
    for heights in HEIGHTS.into_iter().filter(|heights| *heights < options.heights) {
        found.push(Options { heights, ..options.clone() });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, FaultPlace, Faults};
    use crate::world::{Sabotage, World};

    fn broken(sabotage: Sabotage) -> impl Fn(&Options, u64) -> Report {
        move |options, seed| {
            let mut world = World::new(options, seed);
            world.sabotage(sabotage);
            world.run()
        }
    }

    #[test]
    fn a_run_that_signs_twice_needs_no_fault() {
        let play = broken(Sabotage::SignTwice);
        let (options, report) = shrink_by(&Options::default(), 5, play);
        assert_eq!(report.violation.unwrap().oracle, "double signature");
        let least = "--validators 1 --full-nodes 0 --heights 1 --faults none \
                     --equal-power true --churn none --no-workload";
        assert_eq!(options.to_string(), least);
    }

    #[test]
    fn a_run_that_forgets_its_records_keeps_what_crashes_it() {
        let play = broken(Sabotage::LoseStore);
        let kinds = [Fault::Crash, Fault::PowerLoss, Fault::Delay, Fault::Duplication, Fault::Slow];
        let all = Options { faults: kinds.into_iter().collect(), ..Options::default() };
        let first = (0..).find(|seed| !play(&all, *seed).is_ok()).unwrap();
        let oracle = play(&all, first).violation.unwrap().oracle;
        let (options, report) = shrink_by(&all, first, &play);
        assert_eq!(report.violation.as_ref().unwrap().oracle, oracle);
        let faults: Vec<Fault> = options.faults.iter().collect();
        let ends_a_process = |fault: &Fault| {
            let crashes = [Fault::Crash, Fault::PowerLoss, Fault::Records];
            fault.place() == FaultPlace::Disks || crashes.contains(fault)
        };
        assert!(faults.len() == 1 && faults.iter().all(ends_a_process), "{options}");
        assert_eq!(play(&options, report.seed), report, "the command shows it again");
    }

    #[test]
    fn a_run_that_holds_stays_as_it_is() {
        let options = Options { faults: Faults::none(), ..Options::default() };
        let (same, report) = shrink(&options, 1);
        assert!(report.is_ok() && same == options);
    }
}
