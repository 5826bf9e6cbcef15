//! Divisions of the instances into groups, and the relabellings under which two scripts are one:
//! honest validators among each other, twins among each other, and the two halves of a twin.
//!
//! Instances 0..n are the validators, those of the twins first; instance n + i is the second half
//! of twin i.

/// All divisions of `size` instances into at most `most` groups, in ascending order. A division
/// names the group of each instance; groups are numbered in order of their first member.
pub(super) fn partitions(size: usize, most: u8) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for _ in 0..size {
        let longer = all.iter().flat_map(|division| {
            let used = division.iter().max().map_or(0, |last| last + 1);
            let groups = 0..=used.min(most.saturating_sub(1));
            groups.map(|group| [&division[..], &[group]].concat())
        });
        all = longer.collect();
    }
    all
}

/// The same division, its groups numbered in order of their first member.
fn numbered_anew(division: &[u8]) -> Vec<u8> {
    let mut order: Vec<u8> = Vec::new();
    let mut groups = Vec::with_capacity(division.len());
    for group in division {
        let place = order.iter().position(|other| other == group).unwrap_or_else(|| {
            order.push(*group);
            order.len() - 1
        });
        groups.push(u8::try_from(place).expect("no more groups than before"));
    }
    groups
}

/// One relabelling: the new number of each instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relabelling {
    instances: Vec<usize>,
    validators: usize,
}

impl Relabelling {
    /// The division that the relabelled instances are in.
    pub(super) fn of_division(&self, division: &[u8]) -> Vec<u8> {
        let mut moved: Vec<(usize, u8)> =
            self.instances.iter().copied().zip(division.iter().copied()).collect();
        moved.sort_unstable();
        numbered_anew(&moved.into_iter().map(|(_, group)| group).collect::<Vec<_>>())
    }

    /// The new number of a validator: that of its instances, whichever half they became.
    pub(super) fn of_validator(&self, validator: usize) -> usize {
        let instance = self.instances.get(validator).copied().unwrap_or(validator);
        if instance < self.validators { instance } else { instance - self.validators }
    }
}

/// Every relabelling of `validators` validators of which the first `twins` have a twin: a group,
/// the identity first.
pub(super) fn relabellings(validators: usize, twins: usize) -> Vec<Relabelling> {
    let halves = permutations(&(0..twins).collect::<Vec<_>>());
    let honest = permutations(&(twins..validators).collect::<Vec<_>>());
    let mut all = Vec::new();
    for flips in 0..1_usize << twins {
        for twin in &halves {
            let first = halves_of(twin, flips, validators);
            let second = halves_of(twin, !flips, validators);
            let around = |others: &Vec<usize>| [&first[..], others, &second].concat();
            all.extend(
                honest.iter().map(around).map(|to| Relabelling { instances: to, validators }),
            );
        }
    }
    all
}

/// Where the first halves of the twins go, each flipped if its bit is set.
fn halves_of(twin: &[usize], flips: usize, validators: usize) -> Vec<usize> {
    let flipped = |i: usize| flips >> i & 1 == 1;
    twin.iter().enumerate().map(|(i, to)| if flipped(i) { validators + to } else { *to }).collect()
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in items {
        let rest: Vec<usize> = items.iter().copied().filter(|item| item != first).collect();
        for tail in permutations(&rest) {
            all.push([&[*first][..], &tail].concat());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_are_counted_by_stirling_and_bell() {
        let counts = |most| (1..=6).map(|size| partitions(size, most).len()).collect::<Vec<_>>();
        assert_eq!(counts(2), [1, 2, 4, 8, 16, 32]);
        assert_eq!(counts(6), [1, 2, 5, 15, 52, 203]);
        assert!(partitions(5, 5).is_sorted());
    }

    #[test]
    fn relabelling_moves_instances_and_keeps_halves_together() {
        let all = relabellings(4, 1);
        assert_eq!(all.len(), 12);
        assert_eq!(relabellings(7, 2).len(), 960);
        let identity = all.first().unwrap();
        assert_eq!(identity.instances, [0, 1, 2, 3, 4]);
        let flip = all.iter().find(|r| r.instances == [4, 1, 2, 3, 0]).unwrap();
        assert_eq!(flip.of_division(&[0, 0, 1, 1, 1]), [0, 1, 0, 0, 1]);
        assert_eq!(flip.of_validator(0), 0, "the halves are one validator");
    }
}
