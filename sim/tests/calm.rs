//! Runs without faults, from one validator upwards (M-6).

use quorate_sim::{Faults, Options, run};

#[test]
fn sets_of_every_small_size_finalise_transfers() {
    for validators in 1..=10 {
        for seed in 0..3 {
            let options = Options {
                validators: Some(validators),
                faults: Faults::none(),
                ..Options::default()
            };
            let report = run(&options, seed);
            assert!(report.is_ok(), "{report}");
            assert!(report.height >= 30 && report.transactions > 0, "{report}");
        }
    }
}
