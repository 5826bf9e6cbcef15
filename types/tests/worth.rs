//! What shares are worth: the formulas of docs/economics.md with their rounding.

use quorate_types::worth::{Whole, index_rise, rewards_owed};
use quorate_types::{Amount, Delegation, Moniker, Standing, ValidatorEntry};

fn whole(amount: u64, shares: u64) -> Whole {
    Whole { amount: Amount(amount), shares }
}

#[test]
fn shares_are_worth_their_part_rounded_down() {
    assert_eq!(whole(100, 100).worth(7), Amount(7));
    assert_eq!(whole(99, 100).worth(50), Amount(49), "49.5");
    assert_eq!(whole(1, 3).worth(2), Amount(0));
    assert_eq!(whole(0, 0).worth(5), Amount(0), "nothing is held in shares");
    let most = i64::MAX.unsigned_abs();
    assert_eq!(whole(most, u64::MAX).worth(u64::MAX), Amount(most), "products are wide");
    assert_eq!(whole(10, 5).worth(6), Amount(10), "never more than there is");
}

#[test]
fn buying_rounds_down_and_taking_out_rounds_up() {
    assert_eq!(whole(0, 0).bought(Amount(5)), Some(5), "the first shares are worth one each");
    assert_eq!(whole(90, 100).bought(Amount(10)), Some(11), "11.1");
    assert_eq!(whole(90, 100).burnt(Amount(10)), Some(12), "11.1");
    assert_eq!(whole(90, 100).burnt(Amount(90)), Some(100));
    assert_eq!(whole(1, u64::MAX).bought(Amount(2)), None, "beyond u64");
    assert_eq!(whole(1, u64::MAX).burnt(Amount(2)), None, "beyond u64");
    assert_eq!((whole(0, 9).bought(Amount(1)), whole(0, 9).burnt(Amount(1))), (None, None));
}

/// Whoever comes and goes at once takes nothing from those who stay.
#[test]
fn nobody_gains_by_coming_and_going() {
    for (amount, shares) in [(90, 100), (100, 90), (1, 1_000), (1_000, 1), (7, 7)] {
        for given in 1..200 {
            let Some(bought) = whole(amount, shares).bought(Amount(given)) else { continue };
            let after = whole(amount + given, shares + bought);
            assert!(after.worth(bought) <= Amount(given), "{given} into {amount}/{shares}");
            assert!(after.worth(shares) >= Amount(amount), "{given} into {amount}/{shares}");
        }
    }
}

fn validator(index: u128) -> ValidatorEntry {
    ValidatorEntry {
        key: [0; 32],
        rotation: None,
        moniker: Moniker::default(),
        commission_bps: 0,
        next_commission_bps: 0,
        standing: Standing::Good,
        bonded: Amount(1),
        shares: 1,
        self_shares: 0,
        index,
        rewards: Amount(0),
        commission: Amount(0),
        first_redelegation: 0,
        next_redelegation: 0,
    }
}

#[test]
fn rewards_are_shared_out_by_shares() {
    let rise = index_rise(Amount(100), 3).unwrap();
    let owed = |shares, since, index| {
        rewards_owed(
            &validator(index),
            &Delegation { shares, index: since, ..Delegation::default() },
        )
    };
    assert_eq!(owed(1, 0, rise), Amount(33));
    assert_eq!(owed(2, 0, rise), Amount(66));
    assert_eq!(owed(3, 0, rise), Amount(99), "the index was rounded down");
    assert_eq!(owed(3, rise, 2 * rise), Amount(99), "only what came since");
    assert_eq!(owed(3, rise, rise), Amount(0));
    assert_eq!(owed(3, 0_u128.wrapping_sub(rise), 0), Amount(99), "indices count modulo 2^128");
    assert_eq!(index_rise(Amount(100), 0), None);
    let most = Amount::MAX_SUPPLY;
    assert_eq!(owed(1, 0, index_rise(most, 1).unwrap()), most, "the widest product fits");
}
