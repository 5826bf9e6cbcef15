//! Who is chosen, and the cap on power (EP-2): each row of figures worked out by hand from the
//! formula in docs/economics.md.
#![allow(clippy::unwrap_used)]

use quorate_ledger::{Candidate, choose};
use quorate_types::{Address, StakingParams};

fn candidates(bonds: &[u64], jailed: &[u8]) -> Vec<Candidate> {
    let candidate = |(name, bonded): (u8, &u64)| Candidate {
        operator: Address([name; 20]),
        bonded: *bonded,
        is_jailed: jailed.contains(&name),
    };
    (0..).zip(bonds).map(candidate).collect()
}

fn chosen(bonds: &[u64], jailed: &[u8], params: &StakingParams) -> Vec<(u8, u64)> {
    let mut candidates = candidates(bonds, jailed);
    let chosen = choose(candidates.clone(), params);
    candidates.reverse();
    assert_eq!(choose(candidates, params), chosen, "the order of the candidates is no matter");
    chosen.iter().map(|(address, power)| (address.0[0], power.0)).collect()
}

#[test]
fn power_is_held_down_to_the_cap() {
    const MAX: u64 = i64::MAX.unsigned_abs();
    let rows: &[(u16, &[u64], &[u64])] = &[
        // All equal, or below the cap: no cap. 3 333 * 40 / 10 000 = 13.
        (3_333, &[10, 10, 10, 10], &[10, 10, 10, 10]),
        (3_333, &[13, 9, 9, 9], &[13, 9, 9, 9]),
        // 3 333 * 41 / 10 000 = 13 < 14; 3 333 * 27 / 6 667 = 13 >= 9.
        (3_333, &[14, 9, 9, 9], &[13, 9, 9, 9]),
        // 3 333 * 30 / 6 667 = 14.
        (3_333, &[1_000, 10, 10, 10], &[14, 10, 10, 10]),
        // k = 1: 3 333 * 1 020 / 6 667 = 509 < 1 000; k = 2: 3 333 * 20 / 3 334 = 19 >= 10.
        (3_333, &[1_000, 1_000, 10, 10], &[19, 19, 10, 10]),
        // Three can never be below a third of the whole: too few for a cap.
        (3_333, &[1_000, 10, 10], &[1_000, 10, 10]),
        (3_333, &[5, 5, 5], &[5, 5, 5]),
        (3_333, &[7], &[7]),
        // k = 3 divides by 1: 3 333 * 1 = 3 333.
        (3_333, &[9_999, 9_999, 9_999, 1], &[3_333, 3_333, 3_333, 1]),
        (3_333, &[1, 1, 1, 1], &[1, 1, 1, 1]),
        // The whole: never a cap.
        (10_000, &[1_000, 1], &[1_000, 1]),
        // A half: 5 000 * 101 / 10 000 = 50; 5 000 * 1 / 5 000 = 1.
        (5_000, &[100, 1], &[1, 1]),
        (5_000, &[100, 1, 1], &[2, 1, 1]),
        // Nobody may have a ten thousandth of less than ten thousand validators.
        (1, &[5, 4, 3], &[5, 4, 3]),
        (3_333, &[MAX - 3, 1, 1, 1], &[1, 1, 1, 1]),
        (3_333, &[MAX / 4, MAX / 4, MAX / 4, MAX / 4], &[MAX / 4, MAX / 4, MAX / 4, MAX / 4]),
    ];
    for (max_power_bps, stakes, powers) in rows {
        let params = StakingParams { max_power_bps: *max_power_bps, ..StakingParams::default() };
        let found: Vec<u64> =
            chosen(stakes, &[], &params).iter().map(|(_, power)| *power).collect();
        assert_eq!(found, *powers, "{max_power_bps} of {stakes:?}");
    }
}

#[test]
fn the_most_bonded_are_chosen_and_equal_ones_by_address() {
    let params = StakingParams { max_validators: 3, max_power_bps: 10_000, ..Default::default() };
    assert_eq!(chosen(&[5, 7, 5, 9, 5], &[], &params), [(3, 9), (1, 7), (0, 5)]);
    assert_eq!(chosen(&[5, 5, 5, 5, 5], &[], &params), [(0, 5), (1, 5), (2, 5)]);
    assert_eq!(chosen(&[], &[], &params), []);
}

#[test]
fn jailed_ones_are_chosen_only_to_keep_four() {
    let keep = StakingParams { max_power_bps: 10_000, ..Default::default() };
    let bonds = [5, 4, 9, 8, 7, 6];
    assert_eq!(chosen(&bonds, &[2], &keep), [(3, 8), (4, 7), (5, 6), (0, 5), (1, 4)]);
    assert_eq!(chosen(&bonds, &[2, 3, 4], &keep), [(2, 9), (5, 6), (0, 5), (1, 4)]);
    assert_eq!(chosen(&bonds, &[2, 3, 4, 5], &keep), [(2, 9), (3, 8), (0, 5), (1, 4)]);
    assert_eq!(chosen(&[5, 4], &[0, 1], &keep), [(0, 5), (1, 4)]);
    let three = StakingParams { max_validators: 3, ..keep };
    assert_eq!(chosen(&bonds, &[2, 3, 4, 5], &three), [(2, 9), (0, 5), (1, 4)]);
    let not = StakingParams { keep_four: false, ..keep };
    assert_eq!(chosen(&bonds, &[2, 3, 4], &not), [(5, 6), (0, 5), (1, 4)]);
    assert_eq!(chosen(&[5, 4], &[0, 1], &not), []);
}
