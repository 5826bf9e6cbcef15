//! The runs reach what is rare: a simulator that never gets there finds nothing there.

use quorate_sim::{Counts, Options, World, run};

#[test]
fn a_hundred_seeds_reach_every_rare_state() {
    let mut sum = Counts::default();
    let mut highest_view = 0;
    for seed in 10_000..10_100 {
        let report = run(&Options::default(), seed);
        assert!(report.is_ok(), "{report}");
        highest_view = report.highest_view.max(highest_view);
        sum.carried_over += report.counts.carried_over;
        sum.compact += report.counts.compact;
        sum.fetched += report.counts.fetched;
        sum.synced += report.counts.synced;
        sum.lost_writes += report.counts.lost_writes;
        sum.unsent_votes += report.counts.unsent_votes;
        sum.lost_records += report.counts.lost_records;
        sum.rejoined += report.counts.rejoined;
        sum.answers += report.counts.answers;
        sum.dropped += report.counts.dropped;
        sum.unheard_signatures += report.counts.unheard_signatures;
        sum.restored += report.counts.restored;
        sum.torn_records += report.counts.torn_records;
        sum.failed_syncs += report.counts.failed_syncs;
        sum.full_disks += report.counts.full_disks;
        sum.refused_damage += report.counts.refused_damage;
        sum.damaged_records += report.counts.damaged_records;
        sum.broken_words += report.counts.broken_words;
        sum.noticed_lies += report.counts.noticed_lies;
        sum.moves += report.counts.moves;
        sum.other_members += report.counts.other_members;
        sum.jailed += report.counts.jailed;
    }
    let reached = [
        ("proposals carried over", sum.carried_over),
        ("compact proposals", sum.compact),
        ("blocks fetched by digest", sum.fetched),
        ("decided blocks synced", sum.synced),
        ("writes lost in a crash", sum.lost_writes),
        ("votes written and not sent", sum.unsent_votes),
        ("records lost", sum.lost_records),
        ("validators that rejoined", sum.rejoined),
        ("questions answered", sum.answers),
        ("transactions given up", sum.dropped),
        ("signatures that no node has heard of", sum.unheard_signatures),
        ("nodes set back while their signer went on", sum.restored),
        ("records torn by a crash", sum.torn_records),
        ("failed syncs", sum.failed_syncs),
        ("full disks", sum.full_disks),
        ("damaged stores refused", sum.refused_damage),
        ("damaged sign-states refused", sum.damaged_records),
        ("acknowledged records lost", sum.broken_words),
        ("such losses noticed", sum.noticed_lies),
        ("actions on stake", sum.moves),
        ("epochs with other validators", sum.other_members),
        ("validators jailed", sum.jailed),
    ];
    for (what, times) in reached {
        assert!(times >= 1, "{what}: {times}");
    }
    assert!(highest_view >= 4, "views up to {highest_view}");
}

/// What stake can look like, and what can become of it, in the words of a plan (VS8).
const STAKES: [&str; 10] = [
    "of equal power",
    "of drawn power",
    "of 33/33/34 power",
    "of just-below-a-third power",
    "of zipf power",
    "of dust power",
    "of huge power",
    "churn: none",
    "churn: power",
    "churn: sets",
];

#[test]
fn seeds_draw_every_kind_of_stake() {
    let plan = |seed| World::new(&Options::default(), seed).report().plan;
    let plans: Vec<String> = (0..400).map(plan).collect();
    for words in STAKES {
        let times = plans.iter().filter(|plan| plan.contains(words)).count();
        assert!(times >= 4, "{words}: {times} of 400");
    }
}
