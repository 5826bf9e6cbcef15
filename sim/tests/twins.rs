//! Twins, exhaustively: every script of four validators, one of them twice, of three views with two
//! groups, two views with three, and two views with any; and samples of unequal power, and of lies
//! with a power cut. The rows of a release are longer: `make twins`.
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

use quorate_sim::twins::{Cut, Row, Shape, Tally};

#[path = "twins/release.rs"]
mod release;

/// Four validators, one of them twice.
fn four(groups: u8) -> Shape {
    Shape { validators: 4, twins: 1, groups }
}

/// The cases of part `part` of `parts`, all of which hold.
fn play(row: &Row, part: u64, parts: u64) -> Tally {
    let cases = row.cases();
    let range = cases * part / parts..cases * (part + 1) / parts;
    assert!(!range.is_empty());
    let tally = row.play(range.clone()).unwrap_or_else(|found| {
        let (number, violation) = *found;
        panic!("case {number}: {violation}\n{}", row.scenario(number).unwrap())
    });
    assert_eq!(tally.cases, range.end - range.start);
    // A twin that contradicts itself before nobody would test little.
    assert!(tally.convicting > 0 && tally.deciding > 0, "{tally}");
    tally
}

/// Whether blocks are carried over depends on the script: in the first part of each row some are.
fn carry_over_in_the_first(part: u64, tally: &Tally) {
    assert!(tally.carrying_over > 0 || part > 0, "{tally}");
}

/// Three views of two groups, Commits crossing into the next view: 25 740 cases.
fn three_views(part: u64) {
    let row = Row::all(four(2), 3, &[Cut::Commits]);
    assert_eq!(row.cases(), 25_740);
    carry_over_in_the_first(part, &play(&row, part, 12));
}

/// Two views of up to three groups, under every cut: 4 times 2 853 cases.
fn three_groups(part: u64) {
    let row = Row::all(four(3), 2, &Cut::ALL);
    assert_eq!(row.cases(), 4 * 2_853);
    carry_over_in_the_first(part, &play(&row, part, 3));
}

/// Two views of any groups, under every cut: 4 times 4 695 cases.
fn any_groups(part: u64) {
    let row = Row::all(four(5), 2, &Cut::ALL);
    assert_eq!(row.cases(), 4 * 4_695);
    carry_over_in_the_first(part, &play(&row, part, 4));
}

#[test]
fn three_views_of_two_groups_part_1() {
    three_views(0);
}

#[test]
fn three_views_of_two_groups_part_2() {
    three_views(1);
}

#[test]
fn three_views_of_two_groups_part_3() {
    three_views(2);
}

#[test]
fn three_views_of_two_groups_part_4() {
    three_views(3);
}

#[test]
fn three_views_of_two_groups_part_5() {
    three_views(4);
}

#[test]
fn three_views_of_two_groups_part_6() {
    three_views(5);
}

#[test]
fn three_views_of_two_groups_part_7() {
    three_views(6);
}

#[test]
fn three_views_of_two_groups_part_8() {
    three_views(7);
}

#[test]
fn three_views_of_two_groups_part_9() {
    three_views(8);
}

#[test]
fn three_views_of_two_groups_part_10() {
    three_views(9);
}

#[test]
fn three_views_of_two_groups_part_11() {
    three_views(10);
}

#[test]
fn three_views_of_two_groups_part_12() {
    three_views(11);
}

#[test]
fn two_views_of_three_groups_part_1() {
    three_groups(0);
}

#[test]
fn two_views_of_three_groups_part_2() {
    three_groups(1);
}

#[test]
fn two_views_of_three_groups_part_3() {
    three_groups(2);
}

#[test]
fn two_views_of_any_groups_part_1() {
    any_groups(0);
}

#[test]
fn two_views_of_any_groups_part_2() {
    any_groups(1);
}

#[test]
fn two_views_of_any_groups_part_3() {
    any_groups(2);
}

#[test]
fn two_views_of_any_groups_part_4() {
    any_groups(3);
}

#[test]
fn seven_validators_with_two_twins() {
    let shape = Shape { validators: 7, twins: 2, groups: 2 };
    play(&Row::all(shape, 2, &[Cut::Commits]), 40, 80);
}

#[test]
fn unequal_power() {
    play(&Row::unequal(200), 0, 1);
}

#[test]
fn lies_and_a_power_cut() {
    play(&Row::hostile(200), 0, 1);
}
