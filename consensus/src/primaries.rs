//! Whose turn it is: the seed of an epoch (T-5) and the stake-weighted permutation of a height
//! (T-4). Exact algorithm and vectors: docs/protocol.md, section 7.1.

use quorate_crypto::museum;
use quorate_crypto::{Hash, Xof};
use quorate_types::{Epoch, Height, ValidatorIndex, ValidatorSet, domains};

/// The seed of an epoch: the genesis hash, hashed once and then once more per epoch (T-5).
#[must_use]
pub fn epoch_seed(genesis_hash: &Hash, epoch: Epoch) -> Hash {
    let first = domains::EPOCH_SEED.hash(genesis_hash.as_bytes());
    (0..epoch.0).fold(first, |seed, _| domains::EPOCH_SEED.hash(seed.as_bytes()))
}

/// The primaries of a height in order of view; view v belongs to entry v mod n (T-4).
///
/// Drawn without replacement, each with the chance of its power among those that remain, so that k
/// silent validators cost at most k views.
#[must_use]
pub fn primaries(seed: &Hash, set: &ValidatorSet, height: Height) -> Vec<ValidatorIndex> {
    let mut key = [0; 40];
    let (front, back) = key.split_at_mut(32);
    front.copy_from_slice(seed.as_bytes());
    if museum!(OtherSeed) {
        front.reverse();
    }
    back.copy_from_slice(&height.0.to_le_bytes());
    let mut stream = domains::PRIMARIES.xof(&key);
    let mut remaining: Vec<_> = set.iter().map(|(index, v)| (index, v.power.0)).collect();
    let mut power = set.total_power().0;
    let mut order = Vec::with_capacity(remaining.len());
    while !remaining.is_empty() {
        let (index, drawn) = remaining.remove(position_of(draw(&mut stream, power), &remaining));
        power -= drawn;
        order.push(index);
    }
    order
}

/// A number below `limit`, every one equally likely: streamed numbers of the last, incomplete run
/// of `limit` numbers are passed over.
fn draw(stream: &mut Xof, limit: u64) -> u64 {
    let incomplete = limit.wrapping_neg() % limit;
    loop {
        let number = stream.next_u64();
        if number <= u64::MAX - incomplete {
            return number % limit;
        }
    }
}

/// Which validator's stretch of power, laid end to end in order of index, `point` falls into.
fn position_of(mut point: u64, remaining: &[(ValidatorIndex, u64)]) -> usize {
    if museum!(PrimariesByIndex) {
        return 0;
    }
    for (position, (_, power)) in remaining.iter().enumerate() {
        if point < *power {
            return position;
        }
        point -= power;
    }
    unreachable!("a number below the power of all falls into one of them")
}
