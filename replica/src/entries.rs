//! What a block carries beside transactions: evidence (E-1 to E-6) and rejoin entries (S-5). What is
//! chosen for an own block is what is accepted in another's.

use std::collections::BTreeSet;

use quorate_consensus::judge;
use quorate_ledger::LedgerError;
use quorate_types::limits::MAX_BLOCK_EVIDENCE;
use quorate_types::{
    Address, Block, Epochs, Evidence, Height, Rejoin, Standing, StateReader, Store, ValidatorSet,
    verify,
};

use crate::application::{Application, OpenError};
use crate::evidence_pool::EvidencePool;

impl Application {
    /// What is stored and can still be brought, and who has been punished.
    pub(crate) fn open_evidence(&self, store: &dyn Store) -> Result<EvidencePool, OpenError> {
        let tip = self.tip().height;
        let mut pool = EvidencePool::default();
        for evidence in store.evidence()? {
            if self.validate_evidence(std::slice::from_ref(&evidence), tip.next(), store)?.is_err()
            {
                continue;
            }
            let epoch = self.ledger().epoch_of_offence(evidence.height(), tip.next(), store)?;
            let accused = epoch.and_then(|epoch| {
                epoch.validators.get(evidence.accused()).map(|accused| accused.address)
            });
            if let Some(accused) = accused {
                let known = |height| self.epochs().of(height).is_some();
                pool.insert(accused, evidence, tip, known);
            }
        }
        pool.convict(self.tombstoned(store)?);
        Ok(pool)
    }

    /// Who of the sets that are known at the tip is out for ever.
    fn tombstoned(&self, store: &dyn Store) -> Result<BTreeSet<Address>, OpenError> {
        let state = self.ledger().state(self.tip().height, store)?;
        let Epochs { executed, next, after } = self.epochs();
        let mut out = BTreeSet::new();
        for validator in [executed, next, after].iter().flat_map(|of| of.validators.validators()) {
            let entry = state.validator(&validator.address)?;
            if entry.is_some_and(|entry| entry.standing == Standing::Tombstoned) {
                out.insert(validator.address);
            }
        }
        Ok(out)
    }

    /// Of the evidence that waits, what a block of this height may carry, in order.
    pub(crate) fn select_evidence(
        &self,
        waiting: Vec<Evidence>,
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Vec<Evidence>, LedgerError> {
        let mut selected = Vec::new();
        for evidence in waiting {
            if selected.len() == MAX_BLOCK_EVIDENCE {
                break;
            }
            let judged = selected.len();
            selected.push(evidence);
            if self.may_carry(&selected, judged, height, store)?.is_err() {
                selected.pop();
            }
        }
        Ok(selected)
    }

    /// Each piece convicts a validator of its height, which is recent enough, and convicts it now.
    fn validate_evidence(
        &self,
        evidence: &[Evidence],
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Result<(), String>, LedgerError> {
        self.may_carry(evidence, 0, height, store)
    }

    /// As [`Application::validate_evidence`], the first `judged` pieces being known to convict.
    fn may_carry(
        &self,
        evidence: &[Evidence],
        judged: usize,
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Result<(), String>, LedgerError> {
        match self.ledger().check_evidence(evidence, height, store) {
            Ok(()) => {}
            Err(LedgerError::Block(error)) => return Ok(Err(error.to_string())),
            Err(error) => return Err(error),
        }
        for piece in evidence.iter().skip(judged) {
            let epoch = self.ledger().epoch_of_offence(piece.height(), height, store)?;
            let Some(epoch) = epoch else {
                return Ok(Err("evidence of an epoch that is not known".to_owned()));
            };
            if let Err(error) = judge(piece, self.context(), &epoch.validators) {
                return Ok(Err(format!("evidence that convicts nobody: {error}")));
            }
        }
        Ok(Ok(()))
    }

    /// The evidence convicts; each rejoin entry is of a validator, signed, and within its window
    /// (S-5): the shape has shown that there is one per validator. `set` is V of the block's height.
    pub(crate) fn validate_entries(
        &self,
        block: &Block,
        set: &ValidatorSet,
        store: &dyn StateReader,
    ) -> Result<Result<(), String>, LedgerError> {
        let convicting = self.validate_evidence(&block.evidence, block.height(), store)?;
        let mut rejoins = block.rejoins.iter();
        let rejoining =
            |()| rejoins.try_for_each(|rejoin| self.validate_rejoin(rejoin, block, set));
        Ok(convicting.and_then(rejoining))
    }

    fn validate_rejoin(
        &self,
        rejoin: &Rejoin,
        block: &Block,
        set: &ValidatorSet,
    ) -> Result<(), String> {
        if !rejoin.body.is_for(block.height()) {
            let validator = rejoin.body.validator;
            return Err(format!("the rejoin entry of {validator} is of another window"));
        }
        let verified = verify::rejoin(*rejoin, self.context(), set);
        verified.map(|_| ()).map_err(|error| error.to_string())
    }
}
