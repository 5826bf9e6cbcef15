//! Whose turn it is, restated from section 7.1 of the protocol: the seed of an epoch (T-5) and the
//! order of the primaries of a height (T-4).

use std::collections::BTreeMap;

use quorate_crypto::{Domain, Hash};
use quorate_types::{Height, View};

use super::stakes::Stakes;

const EPOCH_SEED: Domain = Domain::new("quorate v1 epoch seed");
const PRIMARIES: Domain = Domain::new("quorate v1 primaries");
/// Heights whose order is remembered.
const REMEMBERED: usize = 64;

/// The orders of one chain.
#[derive(Debug)]
pub(crate) struct Turns {
    genesis_hash: Hash,
    epoch_length: u64,
    orders: BTreeMap<Height, Vec<u16>>,
}

impl Turns {
    pub(crate) fn new(genesis_hash: Hash, epoch_length: u64) -> Turns {
        Turns { genesis_hash, epoch_length, orders: BTreeMap::new() }
    }

    /// The index of the primary of a view; none where there is no validator.
    pub(crate) fn primary(&mut self, height: Height, view: View, stakes: &Stakes) -> Option<u16> {
        let Turns { genesis_hash, epoch_length, orders } = self;
        if orders.len() > REMEMBERED {
            orders.pop_first();
        }
        let order = orders.entry(height).or_insert_with(|| {
            // Heights 1 to L are epoch 0.
            let epoch = height.0.saturating_sub(1) / (*epoch_length).max(1);
            order(&seed(genesis_hash, epoch), stakes.powers().collect(), height)
        });
        let size = u64::try_from(order.len()).ok().filter(|size| *size > 0)?;
        order.get(usize::try_from(view.0 % size).ok()?).copied()
    }
}

/// T-5: the genesis hash, hashed once more than there were epochs before.
fn seed(genesis_hash: &Hash, epoch: u64) -> Hash {
    let mut seed = *genesis_hash;
    for _ in 0..=epoch {
        seed = EPOCH_SEED.hash(seed.as_bytes());
    }
    seed
}

/// Steps 1 to 5 of section 7.1.
fn order(seed: &Hash, powers: Vec<u128>, height: Height) -> Vec<u16> {
    let mut stream = PRIMARIES.xof(&[&seed.as_bytes()[..], &height.0.to_le_bytes()].concat());
    let mut remaining: Vec<(u16, u128)> = (0..).zip(powers).collect();
    let mut order = Vec::new();
    while !remaining.is_empty() {
        let all: u128 = remaining.iter().map(|(_, power)| power).sum();
        let whole = (1 << 64) / all * all;
        let mut drawn = u128::from(stream.next_u64());
        while drawn >= whole {
            drawn = u128::from(stream.next_u64());
        }
        let point = drawn % all;
        let mut end = 0;
        let place = remaining.iter().position(|(_, power)| {
            end += power;
            point < end
        });
        let (index, _) = remaining.remove(place.unwrap_or(0));
        order.push(index);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_those_of_section_7_1() {
        let first = seed(&Hash::ZERO, 0);
        let of = |powers: &[u128], height| order(&first, powers.to_vec(), Height(height));
        assert_eq!(of(&[1, 1, 1, 1], 1), [2, 1, 0, 3]);
        assert_eq!(of(&[1, 1, 1, 1], 3), [0, 1, 3, 2]);
        assert_eq!(of(&[1, 2, 3, 4, 5, 6, 7], 2), [5, 4, 1, 6, 2, 3, 0]);
        assert_eq!(of(&[(1 << 64) - 3, 1, 1], 9), [0, 2, 1]);
        assert_eq!(of(&[(1 << 63) - 1, 1 << 62, 1], 10), [1, 0, 2]);
        let second = "0x7fea838517a30a4317b890972c7c1038125ee8d79cbc12cabf3d88f9cd252039";
        assert_eq!(seed(&Hash::ZERO, 1), second.parse().unwrap());
    }
}
