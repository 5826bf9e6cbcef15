//! Blocks that nobody may accept: with evidence that does not count, with a transaction that may not
//! stand where it stands. Each is refused for its own reason, before the block goes without it.

use quorate_ledger::{BlockError, EvidenceError, InclusionError, LedgerError, check_evidence};
use quorate_types::{
    Address, Amount, Evidence, Height, Nonce, TransactionBody, TransactionError, ValidatorIndex,
};

use crate::drive::{Draft, Drive};
use crate::model;
use crate::plan::BlockPlan;
use crate::support::chain::accusation;
use crate::support::unsigned;

impl Drive {
    /// The pieces that may stand in the block; those that may not are refused first.
    pub fn evidence(&mut self, plan: &BlockPlan, plain: &mut model::Block) -> Vec<Evidence> {
        let mut accepted = Vec::new();
        for (who, back) in &plan.evidence {
            let height = self.model.height.saturating_sub(u64::from(*back)).max(1);
            let epoch = usize::try_from(self.model.epoch_of(height)).unwrap();
            let set = &self.model.sets[epoch];
            let place = usize::from(*who) % (set.len() + usize::from(*who > 240));
            let index = ValidatorIndex(u16::try_from(place).unwrap());
            let accused = set.keys().nth(place).copied();
            let piece = accusation(index, height);
            let known = |one: &Address| {
                self.model.validators[one].is_tombstoned
                    || plain.evidence.iter().any(|(_, other)| other == one)
            };
            let wrong = if !self.model.may_come(height) {
                Some(EvidenceError::EpochGone(Height(height)))
            } else if let Some(accused) = accused {
                known(&accused).then_some(EvidenceError::Tombstoned(accused))
            } else {
                Some(EvidenceError::NobodyAccused(index))
            };
            accepted.push(piece);
            let checked = check_evidence(&accepted, &self.state.view(), &self.epochs.next);
            if let Some(error) = wrong {
                let index = accepted.len() - 1;
                let error = LedgerError::Block(BlockError::Evidence { index, error });
                assert_eq!(checked, Err(error));
                accepted.pop();
                self.model.count("refused: evidence");
            } else {
                assert_eq!(checked, Ok(()));
                plain.evidence.push((height, accused.expect("it is somebody")));
            }
        }
        accepted
    }

    /// A block with the transaction spoiled in one way is no block.
    pub fn refuse(
        &mut self,
        draft: &Draft,
        body: &TransactionBody,
        (balance, required): (u128, Amount),
        spoil: u8,
    ) {
        let next = Height(self.model.height + 1);
        let mut spoiled = body.clone();
        let (error, counted) = match spoil {
            0..4 => {
                spoiled.nonce = Nonce(body.nonce.0 ^ 1);
                let (expected, found) = (body.nonce, spoiled.nonce);
                (InclusionError::WrongNonce { expected, found }, "refused: nonce")
            }
            4..8 if next.0 > 1 => {
                let expiry = Height(next.0 - 1);
                spoiled.expiry = expiry;
                (TransactionError::Expired { expiry, next }.into(), "refused: expired")
            }
            8..12 if required.0 > 0 => {
                let found = Amount(required.0 - 1);
                spoiled.fee = found;
                (TransactionError::FeeTooLow { found, required }.into(), "refused: low fee")
            }
            12..16 if balance >= u128::from(required.0) => {
                let balance = Amount(u64::try_from(balance).unwrap());
                let fee = Amount(balance.0 + 1);
                spoiled.fee = fee;
                (InclusionError::FeeNotCovered { balance, fee }, "refused: fee not covered")
            }
            _ => return,
        };
        let index = draft.signed.len();
        let mut transactions = draft.signed.clone();
        transactions.push(unsigned(spoiled));
        let error = LedgerError::Block(BlockError::Transaction { index, error });
        assert_eq!(self.check(&transactions), Err(error));
        self.model.count(counted);
    }
}
