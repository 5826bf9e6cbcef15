//! Evidence, absence and what they cost: the section *Punishment* of docs/economics.md.

use quorate_types::{Address, Amount, Epoch, Notice};

use super::Model;
use super::stake::part;

impl Model {
    /// Whether evidence of a height may come in the next block.
    pub fn may_come(&self, height: u64) -> bool {
        let epoch = self.epoch_of(self.height + 1);
        let period = self.params.staking.evidence_epochs;
        height > 0 && self.epoch_of(height) <= epoch && self.epoch_of(height) + period >= epoch
    }

    /// Evidence of an offence at a height.
    pub fn convict(&mut self, height: u64, offender: Address) {
        let epoch = self.epoch_of(height);
        let power = self.sets[usize::try_from(epoch).unwrap()][&offender].0;
        self.slash(offender, epoch, part(power, self.params.staking.slash_double_sign_bps), true);
        self.validator(offender).is_tombstoned = true;
        self.review();
        self.notices.push(Notice::Tombstoned { validator: offender });
        self.count("a conviction");
    }

    /// Absence from too much of an epoch.
    pub fn jail(&mut self, validator: Address, epoch: u64, power: u128) {
        self.slash(validator, epoch, part(power, self.params.staking.slash_downtime_bps), false);
        let until = epoch + self.params.staking.jail_epochs + 2;
        if self.validators[&validator].jailed_until.is_some() {
            self.count("a jailed one is jailed again");
        }
        self.validator(validator).jailed_until = Some(until);
        self.notices.push(Notice::Jailed { validator, until: Epoch(until) });
        self.count("a jailing");
    }

    /// Takes `limit` base units at most: of pools, of redelegations, of what is bonded.
    fn slash(&mut self, validator: Address, epoch: u64, limit: u128, is_double: bool) {
        let params = self.params.staking;
        let bps = if is_double { params.slash_double_sign_bps } else { params.slash_downtime_bps };
        let mut left = limit;
        for ((whose, last), pool) in &mut self.pools {
            if *whose == validator && *last >= epoch && pool.amount > 0 {
                let taken = part(pool.amount, bps).min(left).min(pool.amount - 1);
                pool.amount -= taken;
                left -= taken;
                if taken > 0 {
                    *self.counts.entry("a slash of unbonding stake").or_default() += 1;
                }
            }
        }
        for place in 0..self.redelegations.len() {
            let one = &self.redelegations[place];
            if one.from == validator && one.last >= epoch {
                let wanted = part(one.amount, bps).min(left);
                left -= self.slash_redelegated(place, wanted);
            }
        }
        let bonded = self.validators[&validator].bonded;
        let taken = left.min(bonded.saturating_sub(1));
        self.validator(validator).bonded -= taken;
        self.review();
        left -= taken;
        self.burnt += limit - left;
        if taken > 0 {
            self.count("a slash of bonded stake");
        }
        if limit > left {
            let amount = Amount(u64::try_from(limit - left).unwrap());
            self.notices.push(Notice::Slashed { validator, epoch: Epoch(epoch), amount });
        }
    }

    /// What of `wanted` a redelegation gives; its delegation is settled as with any change.
    fn slash_redelegated(&mut self, place: usize, wanted: u128) -> u128 {
        let (delegator, to) = (self.redelegations[place].delegator, self.redelegations[place].to);
        if wanted == 0 {
            return 0;
        }
        self.settle(delegator, to);
        let taken = wanted.min(self.worth(delegator, to));
        if taken > 0 {
            self.burn(delegator, to, taken);
            self.review();
            self.redelegations[place].amount -= taken;
            self.count("a slash of redelegated stake");
        }
        taken
    }
}
