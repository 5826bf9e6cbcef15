//! Who took part, and what follows when an epoch is over: rewards, jail, what takes force
//! (docs/economics.md, Participation and Rewards).

use std::collections::BTreeSet;

use quorate_types::{
    Address, Amount, Block, EpochEntry, Notice, Participation, Standing, StateKind, Validator,
    WHOLE_BPS,
};

use crate::draft::Draft;
use crate::error::LedgerError;
use crate::pools::quotient;
use crate::register::take_over;
use crate::rewards::reward;
use crate::slash::Offence;

impl Draft<'_> {
    /// Counts the certificate that a block carries and its proposer; closes the former epoch where
    /// the block is the first of another.
    pub(crate) fn attend(&mut self, block: &Block) -> Result<(), LedgerError> {
        let below = &self.epochs().executed;
        let kind = StateKind::Participation;
        let mut counted: Participation = self.single(kind, "participation")?;
        if let Some(certificate) = &block.last_commit {
            certificate.signers.iter().for_each(|signer| counted.see(signer));
            counted.count_height(below.params.staking.presence_window);
        }
        let epoch = self.epoch();
        if epoch.number != below.number {
            counted.close(below.params.staking.presence_window);
            self.close_epoch(below, &counted)?;
            counted = Participation::new(epoch.validators.len());
        }
        if let Some(proposer) = epoch.validators.index_of_address(&block.header.proposer) {
            counted.see(proposer);
        }
        self.put_single(kind, &counted)
    }

    fn close_epoch(
        &mut self,
        closed: &EpochEntry,
        counted: &Participation,
    ) -> Result<(), LedgerError> {
        // First: what is liable below depends on it.
        self.forget_epochs()?;
        self.share_out(closed, counted)?;
        self.jail_absent(closed, counted)?;
        self.take_force(closed)?;
        self.raise_self_bond(closed)
    }

    /// Rewards everybody for the windows in which it was present.
    fn share_out(
        &mut self,
        closed: &EpochEntry,
        counted: &Participation,
    ) -> Result<(), LedgerError> {
        let pot = self.issue(closed)?;
        let total = closed.validators.total_power().0;
        let mut left = pot;
        for (chosen, present) in closed.validators.validators().iter().zip(&counted.present) {
            let mut validator = self.chosen_validator(&chosen.address)?;
            if validator.shares == 0 || validator.standing == Standing::Tombstoned {
                continue;
            }
            let base = quotient(pot, chosen.power.0, total);
            let share = quotient(base, (*present).into(), counted.windows.into());
            left = left.checked_sub(share).ok_or(LedgerError::Unsound("rewards"))?;
            reward(&mut validator, share)?;
            self.put_validator(&chosen.address, &validator)?;
        }
        self.put_fee_pool(Amount(left))
    }

    /// Makes what an epoch issues, as far as the supply allows; returns the pot.
    fn issue(&mut self, closed: &EpochEntry) -> Result<u64, LedgerError> {
        let supply: Amount = self.single(StateKind::Supply, "supply")?;
        let room = Amount::MAX_SUPPLY.0.saturating_sub(supply.0);
        let issued = closed.params.staking.issuance_per_epoch.0.min(room);
        let pot = self.fee_pool()?.0.checked_add(issued);
        self.issued = self.issued.saturating_add(issued);
        pot.ok_or(LedgerError::Unsound("fee pool"))
    }

    /// Slashes and jails those who were absent from too many windows.
    fn jail_absent(
        &mut self,
        closed: &EpochEntry,
        counted: &Participation,
    ) -> Result<(), LedgerError> {
        let params = closed.params.staking;
        for (chosen, present) in closed.validators.validators().iter().zip(&counted.present) {
            let missed = counted.windows.saturating_sub(*present);
            let missed_bps = u64::from(missed) * u64::from(WHOLE_BPS);
            if missed_bps <= u64::from(counted.windows) * u64::from(params.max_missed_bps) {
                continue;
            }
            let standing = self.chosen_validator(&chosen.address)?.standing;
            if standing != Standing::Tombstoned {
                self.jail(closed, chosen)?;
            }
        }
        Ok(())
    }

    fn jail(&mut self, closed: &EpochEntry, chosen: &Validator) -> Result<(), LedgerError> {
        let params = &closed.params.staking;
        let (operator, epoch) = (chosen.address, closed.number);
        let until = self.epoch().number.plus(params.jail_epochs).next();
        let bps = params.slash_downtime_bps;
        self.slash(Offence { operator, epoch, power: chosen.power, bps })?;
        let mut validator = self.chosen_validator(&operator)?;
        validator.standing = Standing::Jailed { until };
        self.put_validator(&operator, &validator)?;
        self.notices.push(Notice::Jailed { validator: operator, until });
        Ok(())
    }

    /// What operators asked for in the closed epoch takes force: commissions and keys. Those in
    /// neither set have no use of either.
    fn take_force(&mut self, closed: &EpochEntry) -> Result<(), LedgerError> {
        let epoch = self.epoch();
        let both = [&closed.validators, &epoch.validators];
        let operators: BTreeSet<Address> =
            both.iter().flat_map(|set| set.validators()).map(|chosen| chosen.address).collect();
        for operator in operators {
            let mut validator = self.chosen_validator(&operator)?;
            validator.commission_bps = validator.next_commission_bps;
            take_over(&mut validator, epoch.number);
            self.put_validator(&operator, &validator)?;
        }
        Ok(())
    }
}
