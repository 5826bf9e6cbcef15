//! Each Byzantine behaviour alone, over twenty seeds with all the faults: the honest agree, lose
//! nothing and, once a quorum of them is connected, go on within the bound of section 10 (M-2, I-8,
//! I-12), while the behaviour goes on too.

use quorate_sim::{Byzantine, Misbehaviour, Options, run};

const SEEDS: u64 = 20;

/// What signs against itself, so that honest nodes come to hold evidence.
const OFFENCES: [&str; 7] = [
    "equivocating-proposer",
    "equivocating-prepare",
    "equivocating-commit",
    "amnesia",
    "lying-new-view",
    "vote-flood",
    "whispered-vote",
];

/// Runs with validators that do one thing, by its name.
fn honest_go_on(name: &str) {
    let byzantine: Byzantine = name.parse().expect("a name of a misbehaviour");
    let mut deeds = 0;
    let (mut convicted, mut tombstoned) = (0, 0);
    for seed in 0..SEEDS {
        let options = Options {
            validators: Some(if seed % 4 == 3 { 7 } else { 4 }),
            heights: 20,
            byzantine: byzantine.clone(),
            ..Options::default()
        };
        let report = run(&options, seed);
        assert!(report.is_ok(), "{report}");
        assert!(report.height >= options.heights, "{report}");
        convicted += usize::from(report.accused > 0);
        tombstoned += usize::from(report.tombstoned > 0);
        deeds += report.deeds.get(name).copied().unwrap_or_default();
    }
    assert!(deeds >= SEEDS, "{name} does something: {deeds}");
    let offends = OFFENCES.contains(&name);
    assert!(!offends || convicted >= 10, "{name} is convicted in {convicted} of {SEEDS} runs");
    assert!(!offends || tombstoned >= 10, "{name} is put out in {tombstoned} of {SEEDS} runs");
}

macro_rules! each_alone {
    ($($test:ident = $name:literal,)+) => {
        $(#[test]
        fn $test() {
            honest_go_on($name);
        })+

        #[test]
        fn every_behaviour_has_its_test() {
            let tested = [$($name),+];
            let every: Vec<&str> = Misbehaviour::ALL.iter().map(|kind| kind.name()).collect();
            assert_eq!(tested.as_slice(), every.as_slice());
        }
    };
}

each_alone! {
    equivocating_proposer = "equivocating-proposer",
    equivocating_prepare = "equivocating-prepare",
    equivocating_commit = "equivocating-commit",
    amnesia = "amnesia",
    silent = "silent",
    silent_proposer = "silent-proposer",
    silent_phase = "silent-phase",
    selective_send = "selective-send",
    delayed = "delayed",
    delayed_phase = "delayed-phase",
    invalid_block = "invalid-block",
    wrong_roots = "wrong-roots",
    bodiless = "bodiless",
    stale_votes = "stale-votes",
    replay = "replay",
    malformed = "malformed",
    forged_certificates = "forged-certificates",
    lying_view_change = "lying-view-change",
    lying_new_view = "lying-new-view",
    view_change_spam = "view-change-spam",
    far_future = "far-future",
    invalid_signatures = "invalid-signatures",
    vote_flood = "vote-flood",
    vote_withdrawal = "vote-withdrawal",
    lying_peer = "lying-peer",
    bad_transactions = "bad-transactions",
    odd_signatures = "odd-signatures",
    primary_hunting = "primary-hunting",
    partial_relay = "partial-relay",
    delayed_relay = "delayed-relay",
    gossip_spam = "gossip-spam",
    false_evidence = "false-evidence",
    false_accusation = "false-accusation",
    whispered_vote = "whispered-vote",
    mutator = "mutator",
}
