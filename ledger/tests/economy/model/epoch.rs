//! Sets, power, participation and rewards: the sections *Epochs and sets*, *Participation* and
//! *Rewards* of docs/economics.md.

use std::cmp::Reverse;

use quorate_types::{Address, Epoch, Notice};

use super::stake::part;
use super::{MOST, Model, Set, WHOLE};

/// A smaller set tolerates no fault.
const FEW: usize = 4;

impl Model {
    /// Who is in the set of an epoch, with which power.
    pub fn choose(&mut self, next: u64) {
        let params = self.params.staking;
        let (mut jailed, mut chosen): (Vec<Address>, Vec<Address>) = self
            .candidates
            .iter()
            .copied()
            .partition(|one| self.validators[one].jailed_until.is_some());
        jailed.sort_by_key(|one| (Reverse(self.validators[one].bonded), *one));
        chosen.sort_by_key(|one| (Reverse(self.validators[one].bonded), *one));
        chosen.truncate(params.max_validators.into());
        for one in jailed {
            if params.keep_four && chosen.len() < FEW.min(params.max_validators.into()) {
                chosen.push(one);
                self.count("a jailed one is chosen");
            }
        }
        if chosen.is_empty() {
            self.notices.push(Notice::NobodyChosen { epoch: Epoch(next) });
            self.count("the former set stays");
            let former = self.sets.last().expect("epoch 0").clone();
            self.remark(&former, next);
            self.sets.push(former);
            return;
        }
        chosen.sort_by_key(|one| (Reverse(self.validators[one].bonded), *one));
        let set = self.capped(&chosen, next);
        self.remark(&set, next);
        self.sets.push(set);
    }

    /// Power by stake in descending order, held down to the cap.
    fn capped(&mut self, chosen: &[Address], epoch: u64) -> Set {
        let stakes: Vec<u128> = chosen.iter().map(|one| self.validators[one].bonded).collect();
        let bound = u128::from(self.params.staking.max_power_bps);
        let cap = |first: usize| {
            let rest: u128 = stakes[first..].iter().sum();
            let parts = u128::try_from(first).unwrap() * bound;
            let cap = bound * rest / WHOLE.checked_sub(parts).filter(|left| *left > 0)?;
            (cap >= stakes[first]).then_some((first, cap))
        };
        let (first, cap) = (0..stakes.len()).find_map(cap).unwrap_or_default();
        if first > 0 {
            self.count("power is held down");
        }
        let power = |place| if place < first { cap } else { stakes[place] };
        let member =
            |(place, one): (usize, &Address)| (*one, (power(place), self.key(*one, epoch)));
        chosen.iter().enumerate().map(member).collect()
    }

    fn remark(&mut self, set: &Set, epoch: u64) {
        let total: u128 = set.values().map(|(power, _)| power).sum();
        if set.len() < FEW {
            self.notices.push(Notice::FewValidators { epoch: Epoch(epoch), count: set.len() });
        }
        let most = set.values().map(|(power, _)| *power).max().expect("a validator");
        if 3 * most >= total {
            self.count("somebody has a third");
        }
    }

    /// The consensus key of a validator in an epoch.
    fn key(&self, operator: Address, epoch: u64) -> super::Key {
        let validator = &self.validators[&operator];
        match validator.rotation {
            Some((from, key)) if from <= epoch => key,
            Some(_) | None => validator.key,
        }
    }

    /// Rotations take place with the first height of the epoch that they name.
    pub fn rotate_due(&mut self) {
        let epoch = self.epoch();
        let due: Vec<Address> = self.validators.keys().copied().collect();
        for operator in due {
            let key = self.key(operator, epoch);
            let validator = self.validator(operator);
            if validator.rotation.take_if(|(from, _)| *from <= epoch).is_some() {
                validator.key = key;
                self.count("a key takes over");
            }
        }
    }

    /// Of an epoch's windows: how many, and in how many each of its set was present.
    fn windows(&self, epoch: u64) -> (u128, Vec<(Address, u128)>) {
        let length = self.params.epoch_length;
        let heights: Vec<u64> = (epoch * length + 1..=(epoch + 1) * length).collect();
        let window = usize::try_from(self.params.staking.presence_window).unwrap();
        let windows: Vec<&[u64]> = heights.chunks(window).collect();
        let is_in =
            |window: &&&[u64], one: &Address| window.iter().any(|h| self.present[h].contains(one));
        let count = |one: &Address| windows.iter().filter(|window| is_in(window, one)).count();
        let one = |one: &Address| (*one, u128::try_from(count(one)).unwrap());
        let set = &self.sets[usize::try_from(epoch).unwrap()];
        (u128::try_from(windows.len()).unwrap(), set.keys().map(one).collect())
    }

    /// Rewards, and then what absence costs.
    pub fn close(&mut self, epoch: u64) {
        let (windows, presence) = self.windows(epoch);
        let set = self.sets[usize::try_from(epoch).unwrap()].clone();
        let issued = u128::from(self.params.staking.issuance_per_epoch.0);
        let room = MOST - self.supply();
        if issued > room {
            self.count("issuance ends at the limit");
        }
        self.issued += issued.min(room);
        let pot = self.fee_pool + issued.min(room);
        self.fee_pool = pot;
        let total: u128 = set.values().map(|(power, _)| power).sum();
        for (one, present) in &presence {
            if !self.validators[one].is_tombstoned && self.shares(*one) > 0 {
                let base = pot * set[one].0 / total;
                self.reward(*one, base * present / windows, epoch);
            }
        }
        for (one, present) in &presence {
            let missed = (windows - present) * WHOLE;
            let most = u128::from(self.params.staking.max_missed_bps) * windows;
            if missed > most && !self.validators[one].is_tombstoned {
                self.jail(*one, epoch, set[one].0);
            }
        }
        self.present.retain(|height, _| *height > (epoch + 1) * self.params.epoch_length);
    }

    fn reward(&mut self, validator: Address, reward: u128, epoch: u64) {
        let commissions = &self.validators[&validator].commissions;
        let in_force = commissions.iter().rfind(|(from, _)| *from <= epoch).expect("the first");
        let commission = part(reward, in_force.1);
        let rest = reward - commission;
        let rise = (rest << 64) / self.shares(validator);
        self.fee_pool -= reward;
        self.validator(validator).commission_owed += commission;
        self.validator(validator).rewards += rest;
        for ((_, with), stake) in &mut self.stakes {
            if *with == validator {
                stake.accrued += rise * stake.shares;
            }
        }
        if reward > 0 {
            self.count("a reward");
        }
    }
}
