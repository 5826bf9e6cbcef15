//! One seed is one run, to the last event.

use quorate_sim::{Options, run};

#[test]
fn fifty_seeds_run_twice_leave_the_same_trace() {
    let options = Options::default();
    let mut traces = Vec::new();
    for seed in 0..50 {
        let (first, second) = (run(&options, seed), run(&options, seed));
        assert_eq!(first, second, "two runs of seed {seed} differ");
        traces.push(first.trace);
    }
    traces.sort_unstable();
    traces.dedup();
    assert_eq!(traces.len(), 50, "two seeds are one run");
}
