//! The order of primaries (T-4) and the seeds of epochs (T-5). The vectors are those of
//! docs/protocol.md, section 7.1.

use quorate_consensus::{epoch_seed, primaries};
use quorate_crypto::Hash;
use quorate_types::{Epoch, Height};

use crate::world::World;

fn order(seed: &Hash, powers: &[u64], height: u64) -> Vec<u16> {
    let set = World::with_powers(powers).set;
    primaries(seed, &set, Height(height)).iter().map(|index| index.0).collect()
}

#[test]
fn vectors() {
    let seed = epoch_seed(&Hash::ZERO, Epoch(0));
    let hex = "0x6026963bec229530585d06acee930c2f796e14d7bd6527586dd0010ccb49a765";
    assert_eq!(seed.to_string(), hex);
    let hex = "0x7fea838517a30a4317b890972c7c1038125ee8d79cbc12cabf3d88f9cd252039";
    assert_eq!(epoch_seed(&Hash::ZERO, Epoch(1)).to_string(), hex);
    assert_eq!(order(&seed, &[1; 4], 1), [2, 1, 0, 3]);
    assert_eq!(order(&seed, &[1; 4], 2), [1, 0, 3, 2]);
    assert_eq!(order(&seed, &[1; 4], 3), [0, 1, 3, 2]);
    assert_eq!(order(&seed, &[1, 2, 3, 4, 5, 6, 7], 1), [1, 3, 0, 4, 5, 2, 6]);
    assert_eq!(order(&seed, &[1, 2, 3, 4, 5, 6, 7], 2), [5, 4, 1, 6, 2, 3, 0]);
    assert_eq!(order(&seed, &[u64::MAX - 2, 1, 1], 9), [0, 2, 1]);
    // A quarter of the stream's numbers is passed over.
    assert_eq!(order(&seed, &[(1 << 63) - 1, 1 << 62, 1], 10), [1, 0, 2]);
}

#[test]
fn every_validator_has_one_turn_in_n_views() {
    let seed = epoch_seed(&Hash::ZERO, Epoch(0));
    for n in [1, 2, 7, 200] {
        for height in 1..=5 {
            let mut turns = order(&seed, &vec![1; n], height);
            turns.sort_unstable();
            assert!(turns.iter().copied().eq(0..u16::try_from(n).unwrap()));
        }
    }
}

/// First turns are drawn by power: 10 000 heights, one validator with half of it.
#[test]
fn the_first_turn_falls_by_power() {
    let seed = epoch_seed(&Hash::ZERO, Epoch(0));
    let powers = [500, 200, 200, 100];
    let set = World::with_powers(&powers).set;
    let mut firsts = [0_u64; 4];
    for height in 0..10_000 {
        firsts[primaries(&seed, &set, Height(height))[0].position()] += 1;
    }
    for (power, first) in powers.iter().zip(firsts) {
        let expected = power * 10;
        assert!(first.abs_diff(expected) < 200, "{first} first turns for {power} of 1 000");
    }
}
